/* See loop_state.h. */
#include "train/loop_state.h"

#include <string.h>

enum { SCHEMA = 1 };

enum {
    EPOCH,
    STEP,
    N_STEPS,
    N_UPDATES,
    WALL_US,
    WAIT_US,
    BEST_EPOCH,
    BEST_CORRECT,
    N_FIELDS
};

static const char *const names[N_FIELDS] = {"epoch",      "step",        "n_steps",
                                            "n_updates",  "wall_us",     "wait_us",
                                            "best_epoch", "best_correct"};

void avqa_loop_state_init(struct avqa_loop_state *state, size_t n_groups)
{
    memset(state, 0, sizeof *state);
    avqa_metrics_init(&state->sums, n_groups);
    state->epochs = avqa_json_new_array();
}

void avqa_loop_state_release(struct avqa_loop_state *state)
{
    avqa_metrics_release(&state->sums);
    avqa_json_free(state->epochs);
    memset(state, 0, sizeof *state);
}

struct avqa_json *avqa_loop_state_json(const struct avqa_loop_state *s)
{
    const int64_t values[N_FIELDS] = {
        (int64_t)s->epoch,      (int64_t)s->step, (int64_t)s->n_steps,
        (int64_t)s->n_updates,  s->wall_us,       s->wait_us,
        (int64_t)s->best_epoch, s->best_correct,
    };
    struct avqa_json *json = avqa_json_new_object();
    avqa_json_put_int(json, "schema", SCHEMA);
    for (size_t i = 0; i < N_FIELDS; i++)
        avqa_json_put_int(json, names[i], values[i]);
    avqa_json_put(json, "sums", avqa_metrics_json(&s->sums));
    avqa_json_put_copy(json, "epochs", s->epochs);
    return json;
}

static enum avqa_status read_epochs(struct avqa_loop_state *s,
                                    const struct avqa_json *json)
{
    const struct avqa_json *list = avqa_json_get(json, "epochs");
    if (!list || avqa_json_type(list) != AVQA_JSON_ARRAY ||
        avqa_json_count(list) != s->epoch)
        return avqa_fail(AVQA_EFORMAT, "\"epochs\" is not a list of %llu",
                         (unsigned long long)s->epoch);
    avqa_json_free(s->epochs);
    s->epochs = avqa_json_new_array();
    for (list = avqa_json_first(list); list; list = avqa_json_next(list))
        avqa_json_put_copy(s->epochs, NULL, list);
    return AVQA_OK;
}

enum avqa_status avqa_loop_state_read(struct avqa_loop_state *s,
                                      const struct avqa_json *json)
{
    int64_t values[N_FIELDS];
    int64_t schema = 0;
    if (!avqa_json_int(avqa_json_get(json, "schema"), &schema) || schema != SCHEMA)
        return avqa_fail(schema > SCHEMA ? AVQA_EVERSION : AVQA_EFORMAT,
                         "schema %lld, not %d", (long long)schema, SCHEMA);
    for (size_t i = 0; i < N_FIELDS; i++)
        if (!avqa_json_int(avqa_json_get(json, names[i]), &values[i]) || values[i] < 0)
            return avqa_fail(AVQA_EFORMAT, "\"%s\" is no number", names[i]);
    s->epoch = (uint64_t)values[EPOCH];
    s->step = (uint64_t)values[STEP];
    s->n_steps = (uint64_t)values[N_STEPS];
    s->n_updates = (uint64_t)values[N_UPDATES];
    s->wall_us = values[WALL_US];
    s->wait_us = values[WAIT_US];
    s->best_epoch = (uint64_t)values[BEST_EPOCH];
    s->best_correct = values[BEST_CORRECT];
    if (s->best_epoch > s->epoch || (s->epoch > 0 && s->best_epoch == 0))
        return avqa_fail(AVQA_EFORMAT, "\"best_epoch\" is %llu of %llu",
                         (unsigned long long)s->best_epoch,
                         (unsigned long long)s->epoch);
    enum avqa_status rc = avqa_metrics_read(&s->sums, avqa_json_get(json, "sums"));
    if (rc != AVQA_OK)
        return avqa_fail_in(rc, "\"sums\"");
    return read_epochs(s, json);
}
