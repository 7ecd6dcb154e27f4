/* See measure.h. Times are whole microseconds, places whole steps, so that a margin is
 * met exactly or not. */
#include "qa/measure.h"

#include <math.h>

void avqa_margins_put(struct avqa_json *options, const struct avqa_margins *margins)
{
    avqa_json_put_double(options, "margin", margins->relative);
    avqa_json_put_int(options, "onset_margin_us", margins->onset_us);
    avqa_json_put_double(options, "always", margins->always);
}

struct avqa_margins avqa_margins_get(const struct avqa_json *options)
{
    struct avqa_margins m = AVQA_MARGINS_DEFAULTS;
    double relative, always;
    int64_t onset_us;
    if (avqa_json_double(avqa_json_get(options, "margin"), &relative) && relative > 0 &&
        relative < 1)
        m.relative = relative;
    if (avqa_json_int(avqa_json_get(options, "onset_margin_us"), &onset_us) &&
        onset_us > 0)
        m.onset_us = onset_us;
    if (avqa_json_double(avqa_json_get(options, "always"), &always) && always >= 0 &&
        always < 1)
        m.always = always;
    return m;
}

bool avqa_measure_is_place(enum avqa_program_op op)
{
    return op == AVQA_OP_LEFTMOST || op == AVQA_OP_RIGHTMOST || op == AVQA_OP_NEIGHBOUR;
}

static enum avqa_ill_posed place(double *out, const struct avqa_instance *in)
{
    *out = isnan(in->x) ? in->x : (double)avqa_x_steps(in->x);
    if (in->visible == AVQA_NO)
        return AVQA_ILL_OFF_SCREEN;
    return in->visible == AVQA_UNKNOWN || isnan(in->x) ? AVQA_ILL_UNKNOWN
                                                       : AVQA_WELL_POSED;
}

static double us_or_nan(int64_t us)
{
    return us == AVQA_FACTS_UNKNOWN ? (double)NAN : (double)us;
}

static double sound(enum avqa_program_op op, const struct avqa_instance *in)
{
    switch (op) {
    case AVQA_OP_LOUDNESS:
    case AVQA_OP_LOUDEST:
    case AVQA_OP_QUIETEST:
        return in->loudness_db;
    case AVQA_OP_RHYTHM:
        return in->rhythmicity;
    case AVQA_OP_DURATION:
        return us_or_nan(avqa_instance_total_us(in));
    case AVQA_OP_LAST:
        return us_or_nan(avqa_instance_offset_us(in));
    default: /* first, nth, onset */
        return us_or_nan(avqa_instance_onset_us(in));
    }
}

enum avqa_ill_posed avqa_measure(double *out, enum avqa_program_op op,
                                 const struct avqa_instance *in)
{
    enum avqa_truth sounds = avqa_instance_sounds(in);
    if (avqa_measure_is_place(op))
        return place(out, in);
    *out = sound(op, in);
    if (sounds == AVQA_NO)
        return AVQA_ILL_SILENT;
    return sounds == AVQA_UNKNOWN || isnan(*out) ? AVQA_ILL_UNKNOWN : AVQA_WELL_POSED;
}

double avqa_measure_louder_db(const struct avqa_margins *margins)
{
    return 20 * log10(1 + margins->relative); /* of that amplitude */
}

bool avqa_measure_alike(const struct avqa_margins *margins, enum avqa_program_op op,
                        double a, double b)
{
    double apart = fabs(a - b);
    switch (op) {
    case AVQA_OP_LOUDNESS:
    case AVQA_OP_LOUDEST:
    case AVQA_OP_QUIETEST:
        return apart < avqa_measure_louder_db(margins);
    case AVQA_OP_RHYTHM:
    case AVQA_OP_DURATION:
        /* 0.9 and 1.0 are 10 % apart, whatever binary fractions make of it */
        return apart <= 0 ||
               apart * (1 + 1e-9) < margins->relative * fmax(fabs(a), fabs(b));
    case AVQA_OP_LEFTMOST:
    case AVQA_OP_RIGHTMOST:
    case AVQA_OP_NEIGHBOUR:
        return apart <= (double)avqa_x_steps(AVQA_FACTS_SAME_X);
    default:
        return apart <= (double)margins->onset_us;
    }
}
