/* See compose_counts.h. */
#include "pipeline/compose_counts.h"
#include "base/mem.h"

#include <stdlib.h>

enum { MAX_WARNINGS = 20 };

static void release_remarks(struct avqa_compose_remark *remarks, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        free(remarks[i].clip);
        free(remarks[i].reason);
        free(remarks[i].detail);
    }
}

void avqa_compose_counts_release(struct avqa_compose_counts *counts)
{
    release_remarks(counts->failures, counts->n_failures);
    release_remarks(counts->remarks, counts->n_remarks);
    avqa_json_free(counts->instruments);
    avqa_json_free(counts->left_out);
    avqa_json_free(counts->pairs);
    counts->instruments = counts->left_out = counts->pairs = NULL;
    counts->n_failures = counts->n_remarks = 0;
}

static void put_remarks(struct avqa_json *out, const char *key,
                        const struct avqa_compose_remark *remarks, size_t n)
{
    struct avqa_json *list = avqa_json_put_array(out, key);
    for (size_t i = 0; i < n; i++) {
        struct avqa_json *r = avqa_json_put_object(list, NULL);
        avqa_json_put_string(r, "clip", remarks[i].clip);
        avqa_json_put_string(r, "reason", remarks[i].reason);
        avqa_json_put_string(r, "detail", remarks[i].detail);
    }
}

struct avqa_json *avqa_compose_counts_json(const struct avqa_compose_counts *counts)
{
    struct avqa_json *out = avqa_json_new_object();
    const struct avqa_json *const parts[] = {counts->instruments, counts->left_out,
                                             counts->pairs};
    static const char *const keys[] = {"instruments", "left_out", "pairs"};
    avqa_json_put_int(out, "clips", counts->clips);
    avqa_json_put_int(out, "missing", counts->missing);
    avqa_json_put_int(out, "composed", counts->composed);
    avqa_json_put_int(out, "unchanged", counts->unchanged);
    avqa_json_put_int(out, "failed", counts->failed);
    avqa_json_put_int(out, "lowered", counts->lowered);
    avqa_json_put_int(out, "refacted", counts->refacted);
    avqa_json_put_int(out, "pictures", counts->pictures);
    avqa_json_put_int(out, "samples", counts->samples);
    avqa_json_put_int(out, "bytes", counts->bytes);
    for (int i = 0; i < 3; i++) {
        if (parts[i])
            avqa_json_put_copy(out, keys[i], parts[i]);
    }
    put_remarks(out, "failures", counts->failures, counts->n_failures);
    put_remarks(out, "remarks", counts->remarks, counts->n_remarks);
    return out;
}

void avqa_compose_counts_add(struct avqa_compose_counts *counts,
                             const struct avqa_log *log, bool failed,
                             const char *const what[3])
{
    struct avqa_compose_remark *list = failed ? counts->failures : counts->remarks;
    size_t *n = failed ? &counts->n_failures : &counts->n_remarks;
    if (*n < AVQA_COMPOSE_MAX_REMARKS)
        list[(*n)++] = (struct avqa_compose_remark){avqa_mem_strdup(what[0]),
                                                    avqa_mem_strdup(what[1]),
                                                    avqa_mem_strdup(what[2])};
    if (*n <= MAX_WARNINGS)
        avqa_log_write(log, AVQA_LOG_WARNING, "%s: %s", what[0], what[2]);
}
