/* The walk over the rows of a JSON file that imports take: each row is counted and
 * given to the import, a bad one is remembered, and the file becomes an input of the
 * run. */
#ifndef AVQA_PIPELINE_IMPORT_ROWS_H
#define AVQA_PIPELINE_IMPORT_ROWS_H

#include "base/json.h"
#include "base/status.h"
#include "catalog/catalog.h"
#include "pipeline/import.h"

#include <stdint.h>

/* Imports a row, whose number counts from 1 in its file. AVQA_EFORMAT: it is refused;
 * another failure ends the import. */
typedef enum avqa_status avqa_import_row_fn(void *user, const char *file,
                                            int64_t number,
                                            const struct avqa_json *row);

struct avqa_import_walk {
    const struct avqa_import_config *config;
    struct avqa_import_counts *counts;
    struct avqa_catalog *cat;
    int64_t run_id;
    avqa_import_row_fn *import_row;
    void *user;
};

AVQA_CHECK enum avqa_status avqa_import_rows(const struct avqa_import_walk *walk,
                                             const char *file);

#endif
