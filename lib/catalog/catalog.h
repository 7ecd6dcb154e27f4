/* The catalog of a dataset: one SQLite file that says what exists, where it came from
 * and what happened to it. Stages meet here and in the shards, nowhere else.
 *
 * A catalog is used by one thread at a time. Several processes may open it: readers see
 * the last committed state, a second writer waits, then fails with a plain sentence. */
#ifndef AVQA_CATALOG_CATALOG_H
#define AVQA_CATALOG_CATALOG_H

#include "base/status.h"

#include <stdbool.h>
#include <stdint.h>

struct avqa_catalog;

enum avqa_catalog_mode {
    AVQA_CATALOG_READ,  /* works in a folder that may not be written, too */
    AVQA_CATALOG_WRITE, /* migrates an older catalog when it opens */
};

/* Makes a new catalog at `path` for the dataset `name`. AVQA_EEXIST if it is there. */
AVQA_CHECK enum avqa_status avqa_catalog_create(const char *path, const char *name);

/* Opens an existing one. AVQA_EVERSION if a newer program made it; AVQA_EFORMAT if the
 * file is no catalog of ours. `*out` is yours. */
AVQA_CHECK enum avqa_status avqa_catalog_open(struct avqa_catalog **out,
                                              const char *path,
                                              enum avqa_catalog_mode mode);

void avqa_catalog_close(struct avqa_catalog *cat); /* NULL is legal; rolls back */

/* How long to wait for another writer, 5 s unless told. For stages whose transactions
 * come rarely, after work that would be lost. */
void avqa_catalog_set_patience(struct avqa_catalog *cat, int64_t patience_us);

/* A transaction: everything between begin and commit happens or nothing does. */
AVQA_CHECK enum avqa_status avqa_catalog_begin(struct avqa_catalog *cat);
/* The same for reading: what is read between this and the rollback or close is one
 * state, whatever others commit meanwhile. */
AVQA_CHECK enum avqa_status avqa_catalog_begin_read(struct avqa_catalog *cat);
AVQA_CHECK enum avqa_status avqa_catalog_commit(struct avqa_catalog *cat);
void avqa_catalog_rollback(struct avqa_catalog *cat);

/* The dataset's name. Borrowed, valid while the catalog is open. */
const char *avqa_catalog_name(const struct avqa_catalog *cat);

/* Version of the schema this program writes. */
int avqa_catalog_schema_version(void);

#endif
