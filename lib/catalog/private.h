/* What catalog.c and stmt.c share: the connection, untyped so that SQLite's header
 * stays in those two files, and the translation of its errors. */
#ifndef AVQA_CATALOG_PRIVATE_H
#define AVQA_CATALOG_PRIVATE_H

#include "base/status.h"
#include "catalog/catalog.h"

/* The sqlite3 connection. */
void *avqa_catalog_db(const struct avqa_catalog *cat);

/* A failure of SQLite as a status with a sentence that names the catalog's file. */
AVQA_CHECK enum avqa_status avqa_catalog_fail(const struct avqa_catalog *cat, int code);

#endif
