/* What answer programs ask of the instances of a scene, looked at once and kept as bits
 * and numbers: who is seen, who sounds, who stands where, how loud. For scenes of at
 * most 64 instances, in which a set is one number; qa/sheet.h asks it about all
 * questions of a clip. What is not known is a bit of its own, never a guess. */
#ifndef AVQA_QA_SIGHT_H
#define AVQA_QA_SIGHT_H

#include "qa/facts.h"
#include "qa/ill_posed.h"
#include "qa/measure.h"
#include "qa/program.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { AVQA_SIGHT_MAX = 64 };

/* Of whom something holds, and of whom nobody knows; bits by instance. */
struct avqa_sight_truth {
    uint64_t yes, unknown;
};

enum avqa_sight_measure {
    AVQA_SIGHT_LOUDNESS,
    AVQA_SIGHT_RHYTHM,
    AVQA_SIGHT_DURATION,
    AVQA_SIGHT_ONSET,
    AVQA_SIGHT_END,
    AVQA_SIGHT_X,
    AVQA_SIGHT_N_MEASURES
};

/* A number of an instance, or why there is none. */
struct avqa_sight_number {
    double value;
    enum avqa_ill_posed reason;
};

struct avqa_sight {
    const struct avqa_scene *scene;
    uint64_t all;
    struct avqa_sight_truth visible, sounding, silent, offscreen;
    struct avqa_sight_truth at[AVQA_PLACE_RIGHT + 1]; /* by place */
    enum avqa_place places[AVQA_SIGHT_MAX];
    bool order_known;
    uint64_t nameless;             /* whose kind nobody knows */
    uint8_t kinds[AVQA_SIGHT_MAX]; /* by instance: the first one of its kind */
    /* By measure; filled in when one is asked for. */
    bool measured[AVQA_SIGHT_N_MEASURES];
    struct avqa_sight_number numbers[AVQA_SIGHT_N_MEASURES][AVQA_SIGHT_MAX];
};

/* Looks at a scene, which stays borrowed. False if it has too many instances. */
bool avqa_sight_take(struct avqa_sight *out, const struct avqa_scene *scene);

static inline enum avqa_sight_measure avqa_sight_measure_of(enum avqa_program_op op)
{
    switch (op) {
    case AVQA_OP_LOUDNESS:
    case AVQA_OP_LOUDEST:
    case AVQA_OP_QUIETEST:
        return AVQA_SIGHT_LOUDNESS;
    case AVQA_OP_RHYTHM:
        return AVQA_SIGHT_RHYTHM;
    case AVQA_OP_DURATION:
        return AVQA_SIGHT_DURATION;
    case AVQA_OP_LAST:
        return AVQA_SIGHT_END;
    case AVQA_OP_LEFTMOST:
    case AVQA_OP_RIGHTMOST:
    case AVQA_OP_NEIGHBOUR:
        return AVQA_SIGHT_X;
    default: /* first, nth, onset */
        return AVQA_SIGHT_ONSET;
    }
}

/* Fills in the numbers of a measure, as the operation asks for them. */
void avqa_sight_measure(struct avqa_sight *sight, enum avqa_sight_measure m,
                        enum avqa_program_op op);

/* What an operation compares of the instances: numbers by instance. Inline, because
 * most often they are there, and the operation is known. */
static inline const struct avqa_sight_number *
avqa_sight_numbers(struct avqa_sight *sight, enum avqa_program_op op)
{
    enum avqa_sight_measure m = avqa_sight_measure_of(op);
    if (!sight->measured[m])
        avqa_sight_measure(sight, m, op);
    return sight->numbers[m];
}

#endif
