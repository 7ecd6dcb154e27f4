/* Which questions are to be explained: those that were named, or those of a split that
 * fit, in an order by chance. */
#ifndef AVQA_PIPELINE_EXPLAIN_LIST_H
#define AVQA_PIPELINE_EXPLAIN_LIST_H

#include "base/arena.h"
#include "base/status.h"
#include "catalog/catalog.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct avqa_explain_question {
    int64_t id, clip_id; /* of the catalog */
    const char *split, *code;
    const char *type; /* "Audio-Visual/Counting"; "" if the template has none */
    const char *text; /* with its slots filled */
    const char *truth;
    const char *reference; /* "test#17", and the published number if it has one */
};

/* Zero is valid: empty. */
struct avqa_explain_list {
    struct avqa_arena arena; /* has the texts */
    struct avqa_explain_question *items;
    size_t n, cap;
};

struct avqa_explain_wanted {
    /* SPLIT#ROW as an audit names them, or published numbers; NULL: those that fit */
    const char *const *references;
    size_t n_references;
    const char *split;       /* NULL: any; must be given without references */
    const char *code, *type; /* a template, a type; or NULL */
    uint64_t seed;           /* of the order */
};

/* Named ones are in the order of their names. AVQA_ENOENT if one is not there or none
 * fits, AVQA_EINVAL if a number means several. `*out` starts zero; release it in any
 * case. */
AVQA_CHECK enum avqa_status avqa_explain_list_make(struct avqa_explain_list *out,
                                                   struct avqa_catalog *cat,
                                                   const struct avqa_explain_wanted *w);
void avqa_explain_list_release(struct avqa_explain_list *list);

#endif
