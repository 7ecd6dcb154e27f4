/* Files behind sources: where they are, how large, what is in them. */
#ifndef AVQA_CATALOG_FILE_H
#define AVQA_CATALOG_FILE_H

#include "catalog/catalog.h"

#include <stdbool.h>
#include <stdint.h>

struct avqa_file {
    int64_t id;         /* of the source; given by find */
    const char *source; /* the source's name */
    const char *path;   /* relative to the dataset's folder, or absolute */
    const char *sha256;
    int64_t bytes, mtime_us, duration_us;
    bool measured; /* and what was measured is of these bytes; given by find */
};

struct avqa_file_store;
AVQA_CHECK enum avqa_status avqa_file_store_open(struct avqa_file_store **out,
                                                 struct avqa_catalog *cat);
void avqa_file_store_close(struct avqa_file_store *store); /* NULL is legal */

/* What is recorded of a source's file. Its texts are borrowed until the next call; a
 * source without a file has a NULL path. *found tells whether the source is known. */
AVQA_CHECK enum avqa_status avqa_file_find(struct avqa_file_store *store,
                                           const char *source, struct avqa_file *file,
                                           bool *found);

/* Another source with the same bytes: its name, borrowed until the next call, or NULL.
 */
AVQA_CHECK enum avqa_status avqa_file_twin(struct avqa_file_store *store,
                                           const struct avqa_file *file,
                                           const char **name);

/* Records a source's file; the source is made if it is not there. */
AVQA_CHECK enum avqa_status avqa_file_put(struct avqa_file_store *store,
                                          const struct avqa_file *file,
                                          int64_t *source_id);

#endif
