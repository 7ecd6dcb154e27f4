/* Pictures side by side: a grid of cells of one size, each with the latest picture that
 * was put into it, scaled to fit with its shape kept and black around it. For the files
 * of this room. */
#ifndef AVQA_MEDIA_STACK_H
#define AVQA_MEDIA_STACK_H

#include "base/status.h"

#include <stddef.h>

struct AVFrame;
struct avqa_stack;

/* `columns` x `rows` cells of width x height, which are even. */
struct avqa_stack *avqa_stack_new(int columns, int rows, int width, int height);
void avqa_stack_free(struct avqa_stack *stack); /* NULL is legal */

/* Cells count from 0, row after row. The first picture of all says what colours mean;
 * the others are converted to that. One that fits as it is, is not changed. */
AVQA_CHECK enum avqa_status avqa_stack_put(struct avqa_stack *stack, size_t cell,
                                           const struct AVFrame *picture);

/* Where the picture of a cell is, as parts of the whole: x, y, width, height. */
void avqa_stack_place(const struct avqa_stack *stack, size_t cell, double place[4]);

/* All cells as one picture; borrowed until the next call. */
AVQA_CHECK enum avqa_status avqa_stack_picture(const struct AVFrame **out,
                                               struct avqa_stack *stack);

#endif
