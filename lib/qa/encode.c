/* The walk of evaluate.c once more, with a literal wherever that has a fact. Everything
 * in the searched scene is known but the place of one near both ends; a question that
 * any other unknown fact leaves well-posed is so whatever the fact is.
 *
 * What makes a question ill-posed is gathered in `posed`, under the condition that the
 * branch it stands in is taken. Functions of sets are encode_set.c, others
 * encode_value.c. */
#include "qa/encode.h"
#include "qa/encode_run.h"

#include <string.h>

/* ---- the walk -------------------------------------------------------------------- */

/* Declared ahead because a call holds expressions. */
static struct avqa_encode_value encode(struct avqa_encode_run *r,
                                       const struct avqa_program_node *n);

static void add_texts(struct avqa_encode_run *r, struct avqa_encode_value *out,
                      const struct avqa_encode_value *from, int when, size_t width)
{
    for (size_t t = 0; t < from->n_texts; t++) {
        if (out->n_texts == AVQA_ENCODE_MAX_TEXTS) {
            r->out->is_known = false;
            return;
        }
        out->texts[out->n_texts].when =
            avqa_sat_and2(r->sat, when, from->texts[t].when);
        out->texts[out->n_texts].if_used =
            avqa_encode_add_widths(from->texts[t].if_used, width);
        out->texts[out->n_texts++].word = from->texts[t].word;
    }
}

/* One branch of an if that depends on the scene: *width is what it alone rests on. */
static struct avqa_encode_value branch(struct avqa_encode_run *r,
                                       const struct avqa_program_node *n, int when,
                                       size_t *width)
{
    int path = r->path;
    size_t before = r->out->width;
    r->path = avqa_sat_and2(r->sat, path, when);
    r->out->width = *width;
    struct avqa_encode_value v = encode(r, n);
    *width = r->out->width;
    r->out->width = before;
    r->path = path;
    return v;
}

/* Whether an expression depends on the question's words alone. One that depends on the
 * scene may be a constant, too, where a scene is searched that is too small for it; its
 * other branch counts nevertheless. */
static bool is_of_words(const struct avqa_program_node *n)
{
    bool is = n->n_args > 0 || n->op == AVQA_OP_SLOT || n->op == AVQA_OP_NUMBER ||
              n->op == AVQA_OP_STRING;
    for (size_t i = 0; is && i < n->n_args; i++)
        is = is_of_words(n->args[i]);
    return is;
}

static struct avqa_encode_value encode_if(struct avqa_encode_run *r,
                                          const struct avqa_program_node *n)
{
    struct avqa_encode_value choice = encode(r, n->args[0]);
    int c = choice.literals[0];
    if (is_of_words(n->args[0]) && r->out->is_known)
        return encode(r, n->args[c == AVQA_SAT_TRUE ? 1 : 2]);
    size_t a_width = choice.if_true;
    size_t b_width = choice.if_not;
    struct avqa_encode_value a = branch(r, n->args[1], c, &a_width);
    struct avqa_encode_value b = branch(r, n->args[2], -c, &b_width);
    struct avqa_encode_value out = avqa_encode_nothing();
    if (n->type == AVQA_TYPE_WORD)
        return avqa_encode_unknown(r);
    for (size_t i = 0; i < avqa_encode_size(r, n->type); i++)
        out.literals[i] = avqa_sat_if(r->sat, c, a.literals[i], b.literals[i]);
    for (size_t i = 0; n->type == AVQA_TYPE_SET && i < r->s->n; i++)
        out.maybe[i] = avqa_sat_if(r->sat, c, a.maybe[i], b.maybe[i]);
    out.unit = a.unit;
    out.is_kept = a.is_kept && b.is_kept;
    out.if_true = avqa_encode_more_of(a.if_true, b.if_true);
    out.if_not = avqa_encode_more_of(a.if_not, b.if_not);
    if (n->args[1]->op != AVQA_OP_STRING)
        out.if_used = avqa_encode_add_widths(a_width, a.if_used);
    if (n->args[2]->op != AVQA_OP_STRING)
        out.if_used = avqa_encode_more_of(out.if_used,
                                          avqa_encode_add_widths(b_width, b.if_used));
    add_texts(r, &out, &a, c, a_width);
    add_texts(r, &out, &b, -c, b_width);
    return out;
}

static struct avqa_encode_value encode(struct avqa_encode_run *r,
                                       const struct avqa_program_node *n)
{
    struct avqa_encode_value a;
    struct avqa_encode_value b = avqa_encode_nothing();
    if (!r->out->is_known)
        return b;
    if (n->n_args == 0)
        return avqa_encode_leaf(r, n);
    if (n->op == AVQA_OP_IF)
        return encode_if(r, n);
    a = encode(r, n->args[0]);
    if (n->n_args > 1 && n->op != AVQA_OP_NTH)
        b = encode(r, n->args[1]);
    if (!r->out->is_known)
        return b;
    avqa_encode_widen(r, a.if_used);
    if (n->op != AVQA_OP_GIVEN)
        avqa_encode_widen(r, b.if_used);
    if (n->type == AVQA_TYPE_SET && n->op != AVQA_OP_GIVEN)
        return avqa_encode_set(r, n, &a, &b);
    return n->n_args > 1 ? avqa_encode_pair(r, n, &a, &b)
                         : avqa_encode_single(r, n, &a);
}

/* ---- the answer ------------------------------------------------------------------ */

/* How many instances keep an answer other than the one at `position`. */
static size_t width_of_other(enum avqa_program_type type,
                             const struct avqa_encode_value *v, size_t position)
{
    switch (type) {
    case AVQA_TYPE_TRUTH:
        return position == 0 ? v->if_not : v->if_true;
    case AVQA_TYPE_COUNT:
        return position + 1;
    default:
        return 0;
    }
}

/* The value is the one that stands at a place of the domain. */
static int stands_at(struct avqa_encode_run *r, enum avqa_program_type type,
                     const struct avqa_encode_value *v, const struct avqa_domain *d,
                     size_t position)
{
    struct avqa_encode_value word;
    size_t kind;
    switch (type) {
    case AVQA_TYPE_TRUTH:
        avqa_encode_widen(r, position == 0 ? v->if_true : v->if_not);
        return position == 0 ? v->literals[0] : -v->literals[0];
    case AVQA_TYPE_COUNT:
        avqa_encode_widen(r, position);
        if (position >= AVQA_ENCODE_LEVELS)
            return AVQA_SAT_FALSE;
        return avqa_sat_and2(
            r->sat, position ? v->literals[position - 1] : AVQA_SAT_TRUE,
            position + 1 == d->n_values ? AVQA_SAT_TRUE : -v->literals[position]);
    case AVQA_TYPE_SCENE:
        word = avqa_encode_scenes_of(r, d, position);
        return avqa_encode_some_both(r, v->literals, word.literals,
                                     r->s->words->n_scenes);
    case AVQA_TYPE_PLACE:
        return position < 3 ? v->literals[position] : AVQA_SAT_FALSE;
    default:
        kind = avqa_encode_find_word(r->s->words->kinds, r->s->words->n_kinds,
                                     d->values[position]);
        return v->literals[kind];
    }
}

struct avqa_encoded avqa_encode(struct avqa_symbolic *s,
                                const struct avqa_answered *question)
{
    const struct avqa_template *t = question->template;
    struct avqa_encoded out = {.posed = AVQA_SAT_TRUE,
                               .answer = AVQA_SAT_FALSE,
                               .alone = AVQA_SAT_TRUE,
                               .is_known = true};
    struct avqa_program_scope scope = avqa_template_scope(t);
    struct avqa_encode_run r = {s,   s->sat, &scope, question->values, AVQA_SAT_TRUE,
                                &out};
    struct avqa_encode_value v = encode(&r, t->answer);
    const struct avqa_domain *d = avqa_program_answers(&scope, t->answer->type);
    if (!out.is_known)
        return out;
    size_t position = avqa_domain_find(d, question->answer);
    int computed = AVQA_SAT_TRUE; /* the answer is no text */
    size_t width = 0;
    size_t most = v.if_used; /* of any answer */
    out.answer = AVQA_SAT_FALSE;
    for (size_t i = 0; i < v.n_texts; i++) {
        computed = avqa_sat_and2(s->sat, computed, -v.texts[i].when);
        most = avqa_encode_more_of(most, v.texts[i].if_used);
        if (strcmp(v.texts[i].word, question->answer) != 0)
            continue;
        out.answer = avqa_sat_or2(s->sat, out.answer, v.texts[i].when);
        width = avqa_encode_more_of(width, v.texts[i].if_used);
    }
    out.width_other = avqa_encode_add_widths(
        avqa_encode_add_widths(out.width, most),
        width_of_other(t->answer->type, &v,
                       position < d->n_values ? position : d->n_values - 1));
    if (position < d->n_values) {
        int said = stands_at(&r, t->answer->type, &v, d, position);
        out.answer =
            avqa_sat_or2(s->sat, out.answer, avqa_sat_and2(s->sat, computed, said));
        width = avqa_encode_more_of(width, v.if_used);
    }
    avqa_encode_widen(&r, width);
    return out;
}

/* ---- words ----------------------------------------------------------------------- */

static bool add_word(const char **words, size_t *n, size_t max, const char *word)
{
    if (avqa_encode_find_word(words, *n, word) < *n)
        return true;
    if (*n == max)
        return false;
    words[(*n)++] = word;
    return true;
}

static bool add_words(struct avqa_symbolic_words *words, const struct avqa_domain *d,
                      const char *word)
{
    bool fits = true;
    if (d->kind == AVQA_DOMAIN_OBJECT)
        words->objects = d;
    if (d->kind == AVQA_DOMAIN_OBJECT && avqa_domain_find(d, word) < d->n_values)
        return add_word(words->kinds, &words->n_kinds, AVQA_SYMBOLIC_MAX_KINDS, word);
    for (size_t i = 0; d->kind == AVQA_DOMAIN_SCENE && fits && i < d->n_values; i++)
        fits = add_word(words->scenes, &words->n_scenes, AVQA_SYMBOLIC_MAX_SCENES,
                        d->values[i]);
    return fits;
}

bool avqa_encode_words(struct avqa_symbolic_words *words,
                       const struct avqa_answered *question)
{
    const struct avqa_template *t = question->template;
    bool fits = true;
    if (words->n_scenes == 0) { /* what facts may say, whatever the domain */
        fits = add_word(words->scenes, &words->n_scenes, AVQA_SYMBOLIC_MAX_SCENES,
                        "indoor") &&
               add_word(words->scenes, &words->n_scenes, AVQA_SYMBOLIC_MAX_SCENES,
                        "outdoor");
    }
    for (size_t i = 0; fits && i < t->n_slots; i++)
        fits = add_words(words, t->slots[i], question->values[i]);
    for (size_t i = 0; fits && i < t->n_answers; i++)
        fits = add_words(words, t->answers[i], question->answer);
    return fits;
}
