/* See memo.h. A shape met for the first time in a clip takes as many cells as it has
 * fillings, at the end of those in use; a round tells what is of this clip. */
#include "qa/memo.h"
#include "base/intern.h"
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

/* More than two slots hardly come up twice with the same words. */
enum { MAX_CELLS = 4096, MAX_SHAPES = 4096, MAX_SLOTS = 2 };

#define NO_CELLS UINT32_MAX

struct place {
    uint32_t round, first;
};

struct avqa_memo {
    size_t size; /* of a cell */
    uint32_t round;
    uint32_t n_used;
    struct place places[MAX_SHAPES]; /* by shape */
    unsigned char *cells;
};

struct avqa_memo *avqa_memo_new(size_t size)
{
    struct avqa_memo *memo = avqa_mem_new(sizeof *memo);
    memo->size = size;
    memo->round = 1;
    memo->cells = avqa_mem_new(MAX_CELLS * size);
    return memo;
}

void avqa_memo_free(struct avqa_memo *memo)
{
    if (!memo)
        return;
    free(memo->cells);
    free(memo);
}

void avqa_memo_clear(struct avqa_memo *memo)
{
    memo->n_used = 0;
    if (++memo->round == 0) {
        memset(memo->places, 0, sizeof memo->places);
        memo->round = 1;
    }
}

/* Room for all fillings of a node. */
static uint32_t take_cells(struct avqa_memo *memo, const struct avqa_program_node *node,
                           const struct avqa_filling *filling)
{
    size_t n = 1;
    for (size_t s = 0; s < node->n_slots; s++)
        n *= filling->n_words[node->slots[s]];
    if (n > MAX_CELLS - memo->n_used)
        return NO_CELLS;
    uint32_t first = memo->n_used;
    memset(memo->cells + first * memo->size, 0, n * memo->size);
    memo->n_used += (uint32_t)n;
    return first;
}

void *avqa_memo_cell(struct avqa_memo *memo, const struct avqa_program_node *node,
                     const struct avqa_filling *filling)
{
    size_t at = 0;
    if (node->shape >= MAX_SHAPES || node->n_slots > MAX_SLOTS)
        return NULL;
    struct place *place = &memo->places[node->shape];
    if (place->round != memo->round)
        *place = (struct place){memo->round, take_cells(memo, node, filling)};
    if (place->first == NO_CELLS)
        return NULL;
    if (node->n_slots > 0)
        at = filling->at[node->slots[0]];
    if (node->n_slots > 1)
        at = at * filling->n_words[node->slots[1]] + filling->at[node->slots[1]];
    return memo->cells + (place->first + at) * memo->size;
}
