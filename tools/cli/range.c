/* See range.h. */
#include "cli/range.h"

#include <math.h>

#define MANY 1e9       /* an end that nobody comes to is not told in help */
#define MAX_EXACT 1e15 /* larger ones are rounded */

/* 65536 and 0.05 as people write them. */
static void add_number(struct avqa_buf *out, double x)
{
    const bool is_whole = floor(x) >= x && fabs(x) < MAX_EXACT;
    avqa_buf_addf(out, is_whole ? "%.0f" : "%g", x);
}

static bool is_above_zero(const struct avqa_opt *opt)
{
    return opt->min > 0 && opt->min <= AVQA_OPT_ABOVE_ZERO;
}

void avqa_range_short(struct avqa_buf *out, const struct avqa_opt *opt)
{
    if (opt->type != AVQA_OPT_INT && opt->type != AVQA_OPT_REAL)
        return;
    if (is_above_zero(opt)) {
        avqa_buf_adds(out, "above 0");
        if (opt->max < MANY) {
            avqa_buf_adds(out, ", at most ");
            add_number(out, opt->max);
        }
        return;
    }
    add_number(out, opt->min);
    avqa_buf_adds(out, opt->max < MANY ? " to " : " or more");
    if (opt->max < MANY)
        add_number(out, opt->max);
}

void avqa_range_long(struct avqa_buf *out, const struct avqa_opt *opt)
{
    const bool above = is_above_zero(opt);
    avqa_buf_adds(out, opt->type == AVQA_OPT_INT ? "a whole number " : "a number ");
    avqa_buf_adds(out, above ? "above " : "from ");
    add_number(out, above ? 0 : opt->min);
    avqa_buf_adds(out, above ? " and at most " : " to ");
    add_number(out, opt->max);
}
