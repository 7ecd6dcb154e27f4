/* Numbers of 16 bits: IEEE half precision (fp16) and the upper half of a float
 * (bf16), to and from float, rounded to the nearest, ties to even. Values only: what
 * computes with them converts a row first. */
#ifndef AVQA_NN_HALF_H
#define AVQA_NN_HALF_H

#include <stddef.h>
#include <stdint.h>

/* Beyond the range of fp16 comes infinity; a NaN stays one. */
uint16_t avqa_half_from_float(float x);
float avqa_half_to_float(uint16_t h);
uint16_t avqa_bf16_from_float(float x);
float avqa_bf16_to_float(uint16_t h);

/* Rows of `n` numbers. */
void avqa_half_pack(uint16_t *out, const float *in, size_t n);
void avqa_half_unpack(float *out, const uint16_t *in, size_t n);
void avqa_bf16_pack(uint16_t *out, const float *in, size_t n);
void avqa_bf16_unpack(float *out, const uint16_t *in, size_t n);

#endif
