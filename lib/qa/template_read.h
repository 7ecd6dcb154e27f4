/* Reading the templates of a template file, and what its other parts need for that,
 * too. Private to qa: others ask avqa_templates_parse. */
#ifndef AVQA_QA_TEMPLATE_READ_H
#define AVQA_QA_TEMPLATE_READ_H

#include "base/arena.h"
#include "base/intern.h"
#include "base/json.h"
#include "base/status.h"
#include "qa/template.h"

#include <stddef.h>

struct avqa_templates_index {
    struct avqa_arena arena;
    struct avqa_intern texts; /* normal form; the id is the template's number */
    struct avqa_intern codes;
    struct avqa_intern answers;
    struct avqa_intern shapes;     /* of programs */
    struct avqa_intern *words;     /* by domain */
    const struct avqa_json *slots; /* of the file, while it is read */
};

/* A member that must be a string; it is the file's. */
AVQA_CHECK enum avqa_status avqa_templates_string(const struct avqa_json *node,
                                                  const char *key, const char **out);

/* A member that must be a list of at most `max`. */
AVQA_CHECK enum avqa_status avqa_templates_list(const struct avqa_json *node,
                                                const char *key,
                                                const struct avqa_json **out,
                                                size_t max);

/* A member that may be left out, but is a list or an object (AVQA_JSON_ARRAY,
 * AVQA_JSON_OBJECT) if it is there. */
AVQA_CHECK enum avqa_status avqa_templates_optional(const struct avqa_json *node,
                                                    const char *key,
                                                    enum avqa_json_type type);

/* The place of a "kind" among the names of kinds. */
AVQA_CHECK enum avqa_status avqa_templates_kind(size_t *out, const char *kind,
                                                const char *const *names, size_t n);

/* Copies a list of words, none of them empty. */
AVQA_CHECK enum avqa_status avqa_templates_words(struct avqa_templates *t,
                                                 const struct avqa_json *list,
                                                 const char *const **out, size_t *n);

/* Reads "templates" of a file whose domains are read already. AVQA_EFORMAT names the
 * template and what is wrong with it. */
AVQA_CHECK enum avqa_status avqa_templates_read_items(struct avqa_templates *t,
                                                      const struct avqa_json *root);

#endif
