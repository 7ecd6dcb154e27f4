/* What came of cutting, as JSON. See segment.h. */
#include "pipeline/segment.h"

void avqa_segment_counts_release(struct avqa_segment_counts *counts)
{
    avqa_remarks_release(&counts->failures);
    avqa_remarks_release(&counts->remarks);
    avqa_remarks_release(&counts->fallbacks);
    avqa_remarks_release(&counts->refused);
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
    avqa_json_put_int(out, "divided", counts->divided);
    avqa_remarks_put(&counts->failures, out, "failures", "clip");
    avqa_remarks_put(&counts->remarks, out, "remarks", "clip");
    avqa_remarks_put(&counts->fallbacks, out, "fallbacks", "clip");
    avqa_remarks_put(&counts->refused, out, "refused", "source");
    return out;
}
