/* Check 2. With the majority of each template alone, half of MUSIC-AVQA is right: every
 * table of results should have this line beside it. */
#include "audit/prior.h"

/* The same group, one grouping coarser. */
static uint64_t coarser(const struct avqa_audit *a, enum avqa_grouping by,
                        uint64_t group)
{
    struct avqa_audit_row row = {0};
    if (by == AVQA_GROUP_SLOTS)
        return group >> 32;
    if (by == AVQA_GROUP_TEMPLATE) {
        row.template = (uint16_t)group;
        return avqa_grouping_of(a->t, &row, AVQA_GROUP_TYPE);
    }
    return 0;
}

uint32_t avqa_prior_guess(const struct avqa_audit *a, enum avqa_grouping by,
                          uint64_t group)
{
    for (;;) {
        const struct avqa_tally_cell *c = avqa_tally_find(avqa_audit_fit(a, by), group);
        if (c)
            return c->answer;
        if (by == AVQA_GROUP_ALL)
            return AVQA_INTERN_NONE;
        group = coarser(a, by, group);
        by = (enum avqa_grouping)(by - 1);
    }
}

size_t avqa_prior_correct(const struct avqa_audit *a, enum avqa_grouping by)
{
    const struct avqa_tally *on = &a->tallies[by];
    size_t correct = 0;
    uint64_t n;
    for (size_t i = 0; i < on->n;) {
        uint32_t guess = avqa_prior_guess(a, by, on->cells[i].group);
        size_t end = avqa_tally_group_end(on, i, &n);
        for (; i < end; i++)
            correct += on->cells[i].answer == guess ? on->cells[i].n : 0;
    }
    return correct;
}

static void put_score(struct avqa_json *out, const char *key, size_t correct,
                      size_t total)
{
    struct avqa_json *o = avqa_json_put_object(out, key);
    avqa_json_put_int(o, "correct", (int64_t)correct);
    avqa_json_put_int(o, "total", (int64_t)total);
}

static void put_name(struct avqa_json *out, const char *key, const char *name)
{
    if (name)
        avqa_json_put_string(out, key, name);
    else
        avqa_json_put_null(out, key);
}

enum avqa_status avqa_check_priors(const struct avqa_audit *a,
                                   struct avqa_check_out *out)
{
    static const char *const names[] = {"global", "type", "template", "slots"};
    size_t total = a->on.to - a->on.from;
    size_t correct[AVQA_N_GROUPINGS];
    out->json = avqa_json_new_object();
    put_name(out->json, "fit", a->has_against ? a->opts.against : a->opts.split);
    put_name(out->json, "on", a->opts.split);
    for (int g = 0; g < AVQA_N_GROUPINGS; g++) {
        correct[g] = avqa_prior_correct(a, (enum avqa_grouping)g);
        put_score(out->json, names[g], correct[g], total);
    }
    if (total)
        avqa_finding_add(
            &out->findings, "priors", AVQA_NOTE,
            "a guesser who neither looks nor listens and knows only the "
            "template is right in %.2f %% (%zu of %zu); always the commonest "
            "answer: %.2f %%",
            100.0 * (double)correct[AVQA_GROUP_TEMPLATE] / (double)total,
            correct[AVQA_GROUP_TEMPLATE], total,
            100.0 * (double)correct[AVQA_GROUP_ALL] / (double)total);
    return AVQA_OK;
}
