/* See remarks.h. */
#include "pipeline/remarks.h"
#include "base/mem.h"

#include <stdlib.h>

void avqa_remarks_add(struct avqa_remarks *remarks, const char *item,
                      const char *reason, const char *detail)
{
    if (remarks->n < AVQA_REMARKS_MAX)
        remarks->list[remarks->n++] = (struct avqa_remark){
            avqa_mem_strdup(item), avqa_mem_strdup(reason), avqa_mem_strdup(detail)};
}

void avqa_remarks_warn(struct avqa_remarks *remarks, const struct avqa_log *log,
                       const char *const what[3])
{
    avqa_remarks_add(remarks, what[0], what[1], what[2]);
    if (remarks->n <= AVQA_REMARKS_WARNED)
        avqa_log_write(log, AVQA_LOG_WARNING, "%s: %s", what[0], what[2]);
}

void avqa_remarks_release(struct avqa_remarks *remarks)
{
    for (size_t i = 0; i < remarks->n; i++) {
        free(remarks->list[i].item);
        free(remarks->list[i].reason);
        free(remarks->list[i].detail);
    }
    remarks->n = 0;
}

void avqa_remarks_put(const struct avqa_remarks *remarks, struct avqa_json *out,
                      const char *key, const char *item)
{
    struct avqa_json *list = avqa_json_put_array(out, key);
    for (size_t i = 0; i < remarks->n; i++) {
        struct avqa_json *r = avqa_json_put_object(list, NULL);
        avqa_json_put_string(r, item, remarks->list[i].item);
        avqa_json_put_string(r, "reason", remarks->list[i].reason);
        avqa_json_put_string(r, "detail", remarks->list[i].detail);
    }
}
