/* What came of cutting, as JSON. See segment.h. */
#include "base/mem.h"
#include "pipeline/segment.h"

#include <stdlib.h>

static void release_remarks(struct avqa_segment_remark *remarks, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        free(remarks[i].clip);
        free(remarks[i].reason);
        free(remarks[i].detail);
    }
}

void avqa_segment_counts_release(struct avqa_segment_counts *counts)
{
    release_remarks(counts->failures, counts->n_failures);
    release_remarks(counts->remarks, counts->n_remarks);
    release_remarks(counts->fallbacks, counts->n_fallbacks);
    counts->n_failures = counts->n_remarks = counts->n_fallbacks = 0;
}

static void put_remarks(struct avqa_json *out, const char *key,
                        const struct avqa_segment_remark *remarks, size_t n)
{
    struct avqa_json *list = avqa_json_put_array(out, key);
    for (size_t i = 0; i < n; i++) {
        struct avqa_json *r = avqa_json_put_object(list, NULL);
        avqa_json_put_string(r, "clip", remarks[i].clip);
        avqa_json_put_string(r, "reason", remarks[i].reason);
        avqa_json_put_string(r, "detail", remarks[i].detail);
    }
}

struct avqa_json *avqa_segment_counts_json(const struct avqa_segment_counts *counts)
{
    struct avqa_json *out = avqa_json_new_object();
    avqa_json_put_int(out, "clips", counts->clips);
    avqa_json_put_int(out, "made", counts->made);
    avqa_json_put_int(out, "cut", counts->cut);
    avqa_json_put_int(out, "unchanged", counts->unchanged);
    avqa_json_put_int(out, "flawed", counts->flawed);
    avqa_json_put_int(out, "failed", counts->failed);
    avqa_json_put_int(out, "pictures", counts->pictures);
    avqa_json_put_int(out, "samples", counts->samples);
    avqa_json_put_int(out, "bytes", counts->bytes);
    avqa_json_put_int(out, "copied", counts->copied);
    avqa_json_put_int(out, "fell_back", counts->fell_back);
    avqa_json_put_int(out, "no_scenes", counts->no_scenes);
    put_remarks(out, "failures", counts->failures, counts->n_failures);
    put_remarks(out, "remarks", counts->remarks, counts->n_remarks);
    put_remarks(out, "fallbacks", counts->fallbacks, counts->n_fallbacks);
    return out;
}
