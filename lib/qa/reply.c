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
        if (p->n != s->words->n || !stands_at(p, s->words, 0))
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

/* The answer that begins at a word, and how many words it has (1 if none does). */
static const char *answer_at(const struct search *s, size_t at, size_t *n_words)
{
    for (size_t i = 0; i < s->rules->n_phrases; i++) {
        const struct avqa_reply_phrase *p = &s->rules->phrases[i];
        if (!stands_at(p, s->words, at) || !is_possible(s, answer_of(s, p)))
            continue;
        *n_words = p->n;
        return answer_of(s, p);
    }
    *n_words = 1;
    return number_word(s, s->words->numbers[at]);
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

/* Different answers of a reply: the first of all, and the first that the question does
 * not name. */
struct found {
    const char *first, *fresh;
    bool several, several_fresh;
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

static struct avqa_reply look_inside(const struct search *s)
{
    struct found f = {0};
    size_t n;
    for (size_t at = 0; at < s->words->n; at += n) {
        const char *answer = answer_at(s, at, &n);
        if (answer && at == 0 && is_truth(s, answer))
            return (struct avqa_reply){AVQA_REPLY_FOUND, answer};
        if (answer)
            note(&f, s, answer);
    }
    if (!f.first)
        return (struct avqa_reply){AVQA_REPLY_NOTHING, NULL};
    if (!f.several)
        return (struct avqa_reply){AVQA_REPLY_FOUND, f.first};
    if (f.fresh && !f.several_fresh)
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
