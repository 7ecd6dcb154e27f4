/* See trial.h. The question in hand is a row behind the premises, and what it attests
 * stands behind what they attest, so it is taken away again in one step. */
#include "audit/trial.h"
#include "audit/clip_rows.h"
#include "audit/conflict.h"
#include "base/mem.h"

#include <assert.h>
#include <stdlib.h>

struct avqa_rule_trial {
    struct avqa_clip_rows clip;    /* the premises */
    size_t n_premised;             /* of what is attested; the question adds the rest */
    struct avqa_rule_break broken; /* by the question */
};

/* Whether the case would be broken without what the question in hand attests. */
static bool is_broken_without(struct avqa_rule_trial *t, const struct avqa_rule_case *c)
{
    avqa_clip_rows_count(&t->clip, t->n_premised, t->clip.n_attested, false);
    bool broken = avqa_conflict_is(&t->clip, c);
    avqa_clip_rows_count(&t->clip, t->n_premised, t->clip.n_attested, true);
    return broken;
}

/* The bound rows are complete: keeps the strongest rule that the question in hand
 * breaks, as one of them or by what it attests. */
static void try_case(void *user, const struct avqa_rule_case *c)
{
    struct avqa_rule_trial *t = user;
    const struct avqa_rule *rule = &t->clip.rules->rules[c->rule];
    bool bound = false;
    for (size_t b = 0; b < c->n_rows; b++)
        bound = bound || t->clip.bound[b] == t->clip.asked;
    if ((t->broken.rule && t->broken.kind <= rule->kind) || (!bound && !c->sets))
        return;
    if (avqa_conflict_is(&t->clip, c) && (bound || !is_broken_without(t, c)))
        t->broken = (struct avqa_rule_break){rule->id, rule->kind};
}

static bool is_over(const struct avqa_rule_case *c, size_t template)
{
    for (size_t i = 0; i < c->n_rows; i++) {
        if (c->templates[i] == template)
            return true;
    }
    return false;
}

/* C00: among the premises is the same question with another answer. */
static bool is_answered_otherwise(const struct avqa_rule_trial *t,
                                  const struct avqa_clip_row *asked)
{
    for (uint16_t i = asked->next; i != AVQA_CLIP_ROW_NONE; i = t->clip.rows[i].next) {
        const struct avqa_clip_row *row = &t->clip.rows[i];
        size_t s = 0;
        while (s < asked->template->n_slots &&
               row->slots[s].symbol == asked->slots[s].symbol)
            s++;
        if (s == asked->template->n_slots && row->answer.symbol != asked->answer.symbol)
            return true;
    }
    return false;
}

static bool is_hopeless(const struct avqa_rule_trial *t)
{
    return t->broken.rule && t->broken.kind == AVQA_RULE_LOGIC;
}

/* Every case that the question in hand takes part in, until a rule of logic is broken.
 */
static void try_cases(struct avqa_rule_trial *t)
{
    size_t template = avqa_clip_rows_template(&t->clip, t->clip.asked);
    for (size_t i = 0; i < t->clip.n_rows; i++) {
        size_t of = avqa_clip_rows_template(&t->clip, &t->clip.rows[i]);
        if (t->clip.first[of] != i)
            continue;
        for (size_t k = t->clip.rules->cases_at[of];
             k < t->clip.rules->cases_at[of + 1] && !is_hopeless(t); k++) {
            const struct avqa_rule_case *c = &t->clip.rules->cases[k];
            if (c->sets || is_over(c, template))
                avqa_clip_rows_bind(&t->clip, c, try_case, t);
        }
    }
}

struct avqa_rule_trial *avqa_rule_trial_new(const struct avqa_audit *a)
{
    struct avqa_rule_trial *t = avqa_mem_new(sizeof *t);
    avqa_clip_rows_init(&t->clip, a->t);
    return t;
}

void avqa_rule_trial_free(struct avqa_rule_trial *t)
{
    if (t)
        avqa_clip_rows_release(&t->clip);
    free(t);
}

enum avqa_status avqa_rule_trial_suppose(struct avqa_rule_trial *t,
                                         const uint32_t *rows, size_t n)
{
    assert(n <= AVQA_RULE_TRIAL_MAX_ROWS);
    avqa_clip_rows_forget(&t->clip);
    return avqa_clip_rows_load(&t->clip, rows, n);
}

bool avqa_rule_trial_ask(struct avqa_rule_trial *t, uint32_t row)
{
    return avqa_clip_rows_question(&t->clip, row, &t->clip.rows[t->clip.n_rows]);
}

enum avqa_status avqa_rule_trial_answer(struct avqa_rule_break *broken,
                                        struct avqa_rule_trial *t,
                                        const struct avqa_rule_word *answer)
{
    struct avqa_clip_row *asked = &t->clip.rows[t->clip.n_rows];
    uint16_t *first = &t->clip.first[avqa_clip_rows_template(&t->clip, asked)];
    asked->answer = *answer;
    asked->next = *first;
    *first = (uint16_t)t->clip.n_rows++;
    t->n_premised = t->clip.n_attested;
    t->clip.asked = asked;
    t->broken = (struct avqa_rule_break){0};
    enum avqa_status rc = avqa_clip_rows_attest(&t->clip, *first);
    if (is_answered_otherwise(t, asked))
        t->broken = (struct avqa_rule_break){"C00", AVQA_RULE_LOGIC};
    else if (rc == AVQA_OK)
        try_cases(t);
    *broken = t->broken;
    avqa_clip_rows_count(&t->clip, t->n_premised, t->clip.n_attested, false);
    t->clip.n_attested = t->n_premised;
    *first = asked->next;
    t->clip.n_rows--;
    return rc;
}
