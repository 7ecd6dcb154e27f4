/* See schedule.h. */
#include "nn/schedule.h"

#include <math.h>

double avqa_schedule_rate(const struct avqa_schedule *s, double at)
{
    if (at < s->warm_up)
        return s->rate * at / s->warm_up;
    double after = at - s->warm_up;
    double length = s->total - s->warm_up;
    switch (s->kind) {
    case AVQA_STEP:
        return s->rate * pow(s->factor, floor(after / s->every));
    case AVQA_COSINE:
        if (after >= length)
            return 0;
        return s->rate * (1 + cos(3.14159265358979323846 * after / length)) / 2;
    case AVQA_CONSTANT:
        break;
    }
    return s->rate;
}
