/* Numbers of 16 bits that are the upper half of a float (bf16), to and from float,
 * rounded to the nearest, ties to even. Values only: what computes with them converts a
 * row first. base/half.h has the other kind. */
#ifndef AVQA_NN_BF16_H
#define AVQA_NN_BF16_H

#include <stddef.h>
#include <stdint.h>

uint16_t avqa_bf16_from_float(float x);
float avqa_bf16_to_float(uint16_t h);

/* Rows of `n` numbers. */
void avqa_bf16_pack(uint16_t *out, const float *in, size_t n);
void avqa_bf16_unpack(float *out, const uint16_t *in, size_t n);

#endif
