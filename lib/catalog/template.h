/* The template file a dataset's questions refer to, kept whole in the catalog: an audit
 * years later does not depend on which files are installed. One dataset, one file. */
#ifndef AVQA_CATALOG_TEMPLATE_H
#define AVQA_CATALOG_TEMPLATE_H

#include "base/buf.h"
#include "catalog/catalog.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Appends the stored document; *found tells whether there is one. */
AVQA_CHECK enum avqa_status avqa_template_set_read(struct avqa_catalog *cat,
                                                   struct avqa_buf *document,
                                                   bool *found);

struct avqa_template_set {
    const char *name;
    const char *document; /* the file's text */
    const char *const *codes;
    size_t n_codes;
};

/* Stores the document and gives each code its id (ids: n_codes of them). A file of the
 * same name replaces the older text; one of another name is AVQA_EEXIST. */
AVQA_CHECK enum avqa_status avqa_template_set_put(struct avqa_catalog *cat,
                                                  const struct avqa_template_set *set,
                                                  int64_t *ids);

/* The id of every template by code; called in order of id. */
typedef enum avqa_status avqa_template_code_fn(void *user, int64_t id,
                                               const char *code);
AVQA_CHECK enum avqa_status avqa_template_codes(struct avqa_catalog *cat,
                                                avqa_template_code_fn *fn, void *user);

#endif
