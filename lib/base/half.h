/* Numbers of 16 bits (IEEE 754 binary16) to and from 32 bits, rounding to nearest even,
 * with subnormals, infinities and the payloads of NaNs; a signalling NaN becomes quiet,
 * as the processor has it. The plain functions are the definition; the others choose at
 * run time what the processor can do, with the same bits as a result. */
#ifndef AVQA_BASE_HALF_H
#define AVQA_BASE_HALF_H

#include <stddef.h>
#include <stdint.h>

uint16_t avqa_half_from_float(float value);
float avqa_half_to_float(uint16_t half);

/* n values each; the arrays do not overlap. */
void avqa_halves_from_floats(uint16_t *out, const float *in, size_t n);
void avqa_halves_to_floats(float *out, const uint16_t *in, size_t n);

#endif
