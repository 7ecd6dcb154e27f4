/* A loop over a loader's fixture, with weights that begin the same each time. */
#ifndef AVQA_TESTS_LOOP_FIXTURE_H
#define AVQA_TESTS_LOOP_FIXTURE_H

#include "loader_fixture.h"
#include "train/loop.h"

static inline enum avqa_status loop_fixture_run(struct avqa_weights *w,
                                                const struct avqa_loop_options *o)
{
    memset(w, 0, sizeof *w);
    enum avqa_status rc = avqa_model_init(w, o->model, &o->size, 7);
    return rc == AVQA_OK ? avqa_loop_run(w, o) : rc;
}

#endif
