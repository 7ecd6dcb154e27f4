/* What a stage has to say of single items: the first thousand failures or warnings, for
 * --json. */
#ifndef AVQA_PIPELINE_REMARKS_H
#define AVQA_PIPELINE_REMARKS_H

#include "base/json.h"
#include "base/log.h"

#include <stddef.h>

enum { AVQA_REMARKS_MAX = 1000, AVQA_REMARKS_WARNED = 20 };

struct avqa_remark {
    char *item, *reason, *detail;
};

struct avqa_remarks {
    struct avqa_remark list[AVQA_REMARKS_MAX];
    size_t n;
};

/* Copies its texts. Those beyond the last place are left out. */
void avqa_remarks_add(struct avqa_remarks *remarks, const char *item,
                      const char *reason, const char *detail);
/* As avqa_remarks_add, and warns of the first twenty: "item: detail". */
void avqa_remarks_warn(struct avqa_remarks *remarks, const struct avqa_log *log,
                       const char *const what[3]);
void avqa_remarks_release(struct avqa_remarks *remarks); /* zero is legal */

/* As an array `key` of objects; `item` names the key of the item in them. */
void avqa_remarks_put(const struct avqa_remarks *remarks, struct avqa_json *out,
                      const char *key, const char *item);

#endif
