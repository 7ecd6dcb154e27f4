/* See reply.h. Phrases are few, so they are walked, the longest first. All answers are
 * texts of one list, so that they compare by address. */
#include "qa/reply.h"
#include "qa/reply_rules.h"

#include <string.h>

/* What is looked for in a reply. */
struct search {
    const struct avqa_reply_rules *rules;
    const struct avqa_template *template;
    const char *const *values;
    const struct avqa_reply_words *words;
};

static bool stands_at(const struct avqa_reply_phrase *p,
                      const struct avqa_reply_words *words, size_t at)
{
    return p->n <= words->n - at &&
           memcmp(p->ids, words->ids + at, p->n * sizeof *p->ids) == 0;
}

static const char *answer_of(const struct search *s, const struct avqa_reply_phrase *p)
{
    return avqa_intern_text(&s->rules->answers, p->answer);
}

static bool is_possible(const struct search *s, const char *answer)
{
    return avqa_template_answer_domain(s->template, answer) != NULL;
}

/* The word that a number domain of the template has for a number; NULL without. */
static const char *number_word(const struct search *s, int64_t number)
{
    for (size_t i = 0; number >= 0 && i < s->template->n_answers; i++) {
        const struct avqa_domain *d = s->template->answers[i];
        if (d->kind != AVQA_DOMAIN_NUMBER || d->n_values == 0)
            continue;
        size_t last = d->n_values - 1;
        size_t place = (uint64_t)number < last ? (size_t)number : last;
        const char *word = avqa_reply_answer(s->rules, d->values[place]);
        if (word)
            return word;
    }
    return NULL;
}

/* The answer that all words together are: the answer itself before another word for
 * one, then what the template can have. So "No." is no, as "no" is, and not zero. */
static const char *whole(const struct search *s)
{
    const char *found = NULL;
    int best = -1;
    for (size_t i = 0; i < s->rules->n_phrases; i++) {
        const struct avqa_reply_phrase *p = &s->rules->phrases[i];
        if (p->foreign || p->n != s->words->n || !stands_at(p, s->words, 0))
            continue;
        int rank = 2 * p->own + is_possible(s, answer_of(s, p));
        if (rank > best)
            found = answer_of(s, p);
        best = rank > best ? rank : best;
    }
    if (!found && s->words->n == 1)
        found = number_word(s, s->words->numbers[0]);
    return found;
}

/* Whether a bound ends before the word `from`, or begins at the word `to`. */
static bool is_bounded(const struct search *s, size_t from, size_t to)
{
    const struct avqa_reply_words *w = s->words;
    for (size_t i = 0; i < s->rules->n_bounds; i++) {
        const struct avqa_reply_bound *b = &s->rules->bounds[i];
        if (b->n > (b->behind ? w->n - to : from))
            continue;
        const uint32_t *at = w->ids + (b->behind ? to : from - b->n);
        if (memcmp(b->ids, at, b->n * sizeof *b->ids) == 0)
            return true;
    }
    return false;
}

static bool is_number(const struct search *s, const char *answer)
{
    const struct avqa_domain *d = avqa_template_answer_domain(s->template, answer);
    return d && d->kind == AVQA_DOMAIN_NUMBER;
}

/* What begins at a word, and how many words it has (1 if nothing does). */
struct met {
    const char *answer; /* or NULL */
    bool foreign;       /* no answer, though an answer's words are in it */
    size_t n_words;
};

static struct met find_met(const struct search *s, size_t at)
{
    for (size_t i = 0; i < s->rules->n_phrases; i++) {
        const struct avqa_reply_phrase *p = &s->rules->phrases[i];
        if (p->letter || !stands_at(p, s->words, at) ||
            !is_possible(s, answer_of(s, p)))
            continue;
        return (struct met){p->foreign ? NULL : answer_of(s, p), p->foreign, p->n};
    }
    return (struct met){number_word(s, s->words->numbers[at]), false, 1};
}

/* At least three is no three. */
static struct met meet(const struct search *s, size_t at)
{
    struct met met = find_met(s, at);
    if (met.answer && is_number(s, met.answer) && is_bounded(s, at, at + met.n_words)) {
        met.answer = NULL;
        met.foreign = true;
    }
    return met;
}

static bool is_truth(const struct search *s, const char *answer)
{
    const struct avqa_domain *d = avqa_template_answer_domain(s->template, answer);
    return d && d->kind == AVQA_DOMAIN_TRUTH;
}

static bool is_named(const struct search *s, const char *answer)
{
    bool named = false;
    for (size_t v = 0; v < s->template->n_slots; v++)
        named = named || strcmp(s->values[v], answer) == 0;
    return named;
}

/* Different answers of a reply: the first of all, the first that the question does not
 * name, and the truth that the reply begins with; and words that take back what is
 * said, or are something else. */
struct found {
    const char *first, *fresh, *truth;
    bool several, several_fresh, several_truths;
    bool doubt, foreign;
};

static void note(struct found *f, const struct search *s, const char *answer)
{
    f->several = f->several || (f->first && f->first != answer);
    f->first = f->first ? f->first : answer;
    if (is_named(s, answer))
        return;
    f->several_fresh = f->several_fresh || (f->fresh && f->fresh != answer);
    f->fresh = f->fresh ? f->fresh : answer;
}

static struct found find_all(const struct search *s)
{
    struct found f = {0};
    struct met met;
    for (size_t at = 0; at < s->words->n; at += met.n_words) {
        met = meet(s, at);
        f.foreign = f.foreign || met.foreign;
        f.doubt = f.doubt || (!met.answer && !met.foreign && s->words->doubts[at]);
        if (met.answer && is_truth(s, met.answer)) {
            f.several_truths = f.several_truths || (f.truth && f.truth != met.answer);
            f.truth = f.truth || at > 0 ? f.truth : met.answer;
        }
        if (met.answer)
            note(&f, s, met.answer);
    }
    return f;
}

/* What takes back, or says two things, is not read: which of them holds, no rule can
 * say. */
static struct avqa_reply look_inside(const struct search *s)
{
    struct found f = find_all(s);
    if (!f.first || f.doubt)
        return (struct avqa_reply){AVQA_REPLY_NOTHING, NULL};
    if (f.truth && !f.several_truths)
        return (struct avqa_reply){AVQA_REPLY_FOUND, f.truth};
    if (!f.several && !f.foreign)
        return (struct avqa_reply){AVQA_REPLY_FOUND, f.first};
    if (f.fresh && !f.several_fresh && !f.foreign && !f.truth)
        return (struct avqa_reply){AVQA_REPLY_FOUND, f.fresh};
    return (struct avqa_reply){AVQA_REPLY_SEVERAL, NULL};
}

enum avqa_status avqa_reply_read(struct avqa_reply *out,
                                 const struct avqa_reply_rules *rules,
                                 const struct avqa_template *t,
                                 const char *const *values, const char *text)
{
    struct avqa_reply_words words;
    const struct search s = {rules, t, values, &words};
    const char *exact = avqa_reply_answer(rules, text);
    if (exact) {
        *out = (struct avqa_reply){AVQA_REPLY_EXACT, exact};
        return AVQA_OK;
    }
    enum avqa_status rc = avqa_reply_cut(&words, rules, text, NULL);
    if (rc != AVQA_OK)
        return rc;
    const char *answer = words.n ? whole(&s) : NULL;
    *out = answer ? (struct avqa_reply){AVQA_REPLY_WORDED, answer} : look_inside(&s);
    return AVQA_OK;
}
