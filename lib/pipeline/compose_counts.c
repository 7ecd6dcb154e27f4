/* What came of composing, as JSON. See compose.h. */
#include "pipeline/compose.h"

void avqa_compose_counts_release(struct avqa_compose_counts *counts)
{
    avqa_remarks_release(&counts->failures);
    avqa_remarks_release(&counts->remarks);
    avqa_json_free(counts->instruments);
    avqa_json_free(counts->left_out);
    avqa_json_free(counts->pairs);
    counts->instruments = counts->left_out = counts->pairs = NULL;
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
    avqa_remarks_put(&counts->failures, out, "failures", "clip");
    avqa_remarks_put(&counts->remarks, out, "remarks", "clip");
    return out;
}
