/* A file that says which clips to put together: CSV, TSV or JSON lines with a column
 * for each place, called a, b, c, ...; other columns are passed over. */
#ifndef AVQA_PIPELINE_COMPOSE_PAIRS_H
#define AVQA_PIPELINE_COMPOSE_PAIRS_H

#include "base/arena.h"
#include "base/status.h"

#include <stddef.h>

struct avqa_compose_pairs {
    struct avqa_arena arena;
    const char **names; /* n * size of them, row after row; "" where there is none */
    size_t n, size, cap;
};

/* Reads the file, `size` columns. AVQA_EFORMAT names file and line. Release it in any
 * case. */
AVQA_CHECK enum avqa_status avqa_compose_pairs_read(struct avqa_compose_pairs *out,
                                                    const char *path, size_t size);
void avqa_compose_pairs_release(struct avqa_compose_pairs *pairs);

#endif
