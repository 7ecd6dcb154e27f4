/* The learning rate over a run. */
#ifndef AVQA_NN_SCHEDULE_H
#define AVQA_NN_SCHEDULE_H

enum avqa_schedule_kind {
    AVQA_CONSTANT,
    AVQA_STEP,   /* times `factor` every `every` */
    AVQA_COSINE, /* half a wave from the rate to zero at `total` */
};

/* Times are in epochs or in steps, as the caller counts them. */
struct avqa_schedule {
    enum avqa_schedule_kind kind;
    double rate;
    double warm_up; /* rises in a straight line from 0; the rest comes after it */
    double factor, every;
    double total;
};

/* The rate at time `at` >= 0. torch's StepLR and CosineAnnealingLR without warm-up. */
double avqa_schedule_rate(const struct avqa_schedule *schedule, double at);

#endif
