/* What of an instance is compared: how loud, how rhythmic and how long it sounds, when
 * it comes in and ends, where it stands; and when two of these are too close to tell
 * apart. A measure is named by the operation of a program that asks for it. */
#ifndef AVQA_QA_MEASURE_H
#define AVQA_QA_MEASURE_H

#include "base/json.h"
#include "qa/facts.h"
#include "qa/ill_posed.h"
#include "qa/program.h"

#include <stdbool.h>
#include <stdint.h>

/* How far apart two values must be before they count as different. */
struct avqa_margins {
    double relative;  /* loudness (amplitude), rhythm, duration */
    int64_t onset_us; /* onsets and ends closer than this are at the same time */
    double always;    /* share of the clip that "always" leaves out at most */
};

#define AVQA_MARGINS_RELATIVE 0.1
#define AVQA_MARGINS_ONSET_S 0.5
#define AVQA_MARGINS_ALWAYS 0.05
#define AVQA_MARGINS_DEFAULTS                                                          \
    ((struct avqa_margins){AVQA_MARGINS_RELATIVE,                                      \
                           (int64_t)(AVQA_MARGINS_ONSET_S * 1000000),                  \
                           AVQA_MARGINS_ALWAYS})

/* The margins among the options of a run, as the catalog keeps them. What is not there,
 * or is no margin, is the usual one; so is everything of NULL. */
void avqa_margins_put(struct avqa_json *options, const struct avqa_margins *margins);
struct avqa_margins avqa_margins_get(const struct avqa_json *options);

/* Whether the operation compares places, all others compare sounds. */
bool avqa_measure_is_place(enum avqa_program_op op);

/* The number of an instance that the operation asks for. Otherwise why there is none,
 * and `out` may be NaN: it is silent, off screen, or nobody knows. */
enum avqa_ill_posed avqa_measure(double *out, enum avqa_program_op op,
                                 const struct avqa_instance *in);

/* How many decibels two loudnesses differ by at least. */
double avqa_measure_louder_db(const struct avqa_margins *margins);

/* Whether two values are too close to tell apart. Those with a relative margin are
 * apart from the margin on, times and places beyond it. */
bool avqa_measure_alike(const struct avqa_margins *margins, enum avqa_program_op op,
                        double a, double b);

#endif
