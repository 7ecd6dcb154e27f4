/* See evaluate_run.h. */
#include "qa/evaluate_run.h"

const struct avqa_evaluate_value avqa_evaluate_nothing;

struct avqa_instance_set avqa_evaluate_seen(struct avqa_evaluate_run *r)
{
    struct avqa_instance_set all = {0};
    for (size_t i = 0; i < r->scene->n_instances; i++) {
        if (avqa_evaluate_instance(r, i)->visible == AVQA_YES)
            avqa_instance_set_add(&all, i);
    }
    return all;
}

void avqa_evaluate_add_seen(struct avqa_evaluate_run *r)
{
    struct avqa_instance_set set = avqa_evaluate_seen(r);
    avqa_evaluate_add_evidence(r, &set);
}

double avqa_evaluate_measure(struct avqa_evaluate_run *r, enum avqa_program_op op,
                             size_t i)
{
    double value;
    enum avqa_ill_posed reason = avqa_measure(&value, op, avqa_evaluate_instance(r, i));
    r->out->by_sound = r->out->by_sound || !avqa_measure_is_place(op);
    if (reason != AVQA_WELL_POSED)
        avqa_evaluate_ill(r, reason);
    return value;
}
