/* See generate_report.h. */
#include "pipeline/generate_report.h"
#include "base/buf.h"
#include "base/text.h"
#include "qa/share.h"

/* The words behind answer bits, with how often each stands. */
static void put_answers(const struct avqa_template *t, const uint64_t *counts,
                        struct avqa_json *out)
{
    size_t at = 0;
    for (size_t d = 0; d < t->n_answers; d++) {
        for (size_t i = 0; i < t->answers[d]->n_values; i++, at++) {
            if (counts[at])
                avqa_json_put_int(out, t->answers[d]->values[i], (int64_t)counts[at]);
        }
    }
}

/* Which facts a template asks for are missing, in so many clips. */
static void put_missing(const struct avqa_generator_count *c, struct avqa_json *out)
{
    struct avqa_json *missing = avqa_json_put_object(out, "missing");
    for (size_t f = 0; f < AVQA_N_FACTS; f++) {
        if (c->missing[f])
            avqa_json_put_int(missing, avqa_fact_name((enum avqa_fact)f),
                              (int64_t)c->missing[f]);
    }
}

/* The fact that is missing most; where questions were refused for want of it, that is
 * what there should be more of. */
static void add_missing(struct avqa_buf *reason, const struct avqa_generator_count *c)
{
    size_t top = 0;
    for (size_t f = 1; f < AVQA_N_FACTS; f++)
        top = c->missing[f] > c->missing[top] ? f : top;
    if (c->refused[AVQA_ILL_UNKNOWN] && c->missing[top])
        avqa_buf_addf(reason, "; %s is missing in %llu clip%s",
                      avqa_fact_name((enum avqa_fact)top),
                      (unsigned long long)c->missing[top],
                      avqa_text_plural((int64_t)c->missing[top]));
}

/* Why no clip allows it: the commonest reason by which it was refused. */
static void add_impossible(struct avqa_buf *reason, const struct avqa_template *t,
                           const struct avqa_generator_count *c)
{
    size_t top = AVQA_WELL_POSED;
    for (size_t r = AVQA_WELL_POSED + 1; r < AVQA_N_ILL_POSED; r++)
        top = c->refused[r] > c->refused[top] ? r : top;
    avqa_buf_adds(reason, t->answer ? "no clip allows it" : "it has no program");
    if (top != AVQA_WELL_POSED)
        avqa_buf_addf(reason, ", mostly since %s",
                      avqa_ill_posed_sentence((enum avqa_ill_posed)top));
}

/* How the chosen answers are spread. */
struct spread {
    size_t possible, different; /* answers: that could be, that are */
    double share, ratio, entropy;
};

static struct spread spread_of(const struct avqa_generator_count *c)
{
    uint64_t top = 0;
    uint64_t rarest = UINT64_MAX;
    struct spread s = {.entropy =
                           avqa_share_entropy(c->after, AVQA_GENERATOR_MAX_ANSWERS)};
    for (size_t b = 0; b < AVQA_GENERATOR_MAX_ANSWERS; b++) {
        s.possible += c->before[b] > 0;
        s.different += c->after[b] > 0;
        top = c->after[b] > top ? c->after[b] : top;
        rarest = c->after[b] && c->after[b] < rarest ? c->after[b] : rarest;
    }
    if (c->chosen) {
        s.share = (double)top / (double)c->chosen;
        s.ratio = (double)top / (double)rarest;
    }
    return s;
}

/* What keeps answers that are possible from being among the chosen: other templates, or
 * chance among few clips. Where all are there, they are too few. */
static void add_uneven(struct avqa_buf *reason, const struct avqa_generator_count *c,
                       const struct spread *s)
{
    if (s->different == s->possible)
        avqa_buf_adds(reason, "too few different answers");
    else if (c->crowded)
        avqa_buf_addf(reason,
                      "too few questions: %llu of %llu clips %s asked other templates "
                      "(--per-clip)",
                      (unsigned long long)c->crowded, (unsigned long long)c->clips,
                      c->crowded == 1 ? "was" : "were");
    else
        avqa_buf_adds(reason, "too few clips allow it");
}

/* Why they are not spread better; nothing where they are. */
static void add_unbalanced(struct avqa_buf *reason, const struct avqa_template *t,
                           const struct avqa_generator_count *c, const struct spread *s,
                           const struct avqa_generator_opts *opts)
{
    if (s->possible == 0)
        add_impossible(reason, t, c);
    else if (c->chosen == 0)
        avqa_buf_adds(reason, "the clips that allow it were asked other templates "
                              "(--per-clip)");
    else if (s->possible == 1)
        avqa_buf_adds(reason, "one answer is possible");
    else if (s->share > opts->max_share + 1e-9 || s->entropy < opts->min_entropy - 1e-9)
        add_uneven(reason, c, s);
    if (reason->len && (c->chosen || s->possible == 0))
        add_missing(reason, c);
}

static void put_balance(const struct avqa_template *t,
                        const struct avqa_generator_count *c,
                        const struct avqa_generator_opts *opts, struct avqa_json *out)
{
    struct avqa_buf reason = AVQA_BUF_INIT;
    struct spread s = spread_of(c);
    avqa_json_put_double(out, "share", s.share);
    avqa_json_put_double(out, "ratio", s.ratio);
    avqa_json_put_double(out, "entropy", s.entropy);
    put_missing(c, out);
    add_unbalanced(&reason, t, c, &s, opts);
    if (reason.len)
        avqa_json_put_string(out, "unbalanced", avqa_buf_str(&reason));
    else
        avqa_json_put_null(out, "unbalanced");
    avqa_buf_release(&reason);
}

static void put_template(const struct avqa_template *t,
                         const struct avqa_generator_count *c,
                         const struct avqa_generator_opts *opts, struct avqa_json *out)
{
    avqa_json_put_string(out, "template", t->code);
    avqa_json_put_int(out, "clips", (int64_t)c->clips);
    avqa_json_put_int(out, "chosen", (int64_t)c->chosen);
    struct avqa_json *refused = avqa_json_put_object(out, "refused");
    for (size_t r = 1; r < AVQA_N_ILL_POSED; r++) {
        if (c->refused[r])
            avqa_json_put_int(refused, avqa_ill_posed_name((enum avqa_ill_posed)r),
                              (int64_t)c->refused[r]);
    }
    put_answers(t, c->before, avqa_json_put_object(out, "before"));
    put_answers(t, c->after, avqa_json_put_object(out, "after"));
    put_balance(t, c, opts, out);
}

struct avqa_json *avqa_generate_report(const struct avqa_generator *g,
                                       const struct avqa_entailments *entailments)
{
    struct avqa_json *out = avqa_json_new_object();
    avqa_json_put_int(out, "clips", (int64_t)g->n_scenes);
    avqa_json_put_int(out, "questions", (int64_t)g->n_questions);
    if (entailments) {
        avqa_json_put_int(out, "entailing_pairs", (int64_t)entailments->n_pairs);
        avqa_json_put_int(out, "pairs_not_decided",
                          (int64_t)entailments->n_not_decided);
    }
    struct avqa_json *list = avqa_json_put_array(out, "templates");
    for (size_t i = 0; i < g->templates->n; i++)
        put_template(&g->templates->items[i], &g->counts[i], &g->opts,
                     avqa_json_put_object(list, NULL));
    return out;
}
