/* See evidence.h. Of the sounds that were used only when they are is said, joined, not
 * whose is which: the instances are named beside it. */
#include "qa/evidence.h"

/* Whole microseconds as seconds, exact and without needless zeros. */
static void add_seconds(struct avqa_buf *out, int64_t us)
{
    char digits[6];
    size_t n = sizeof digits;
    int64_t fraction = us % 1000000;
    avqa_buf_addi(out, us / 1000000);
    if (fraction == 0)
        return;
    for (size_t i = sizeof digits; i-- > 0; fraction /= 10)
        digits[i] = (char)('0' + fraction % 10);
    while (digits[n - 1] == '0')
        n--;
    avqa_buf_addc(out, '.');
    avqa_buf_add(out, digits, n);
}

void avqa_evidence_text(struct avqa_buf *out, struct avqa_arena *scratch,
                        const struct avqa_evaluation *evaluation,
                        const struct avqa_scene *scene)
{
    const struct avqa_ranges *lists[AVQA_FACTS_MAX_INSTANCES];
    size_t n = 0;
    size_t n_ids = 0;
    avqa_buf_adds(out, "{\"instances\": [");
    for (size_t i = 0; i < scene->n_instances; i++) {
        if (!avqa_instance_set_has(&evaluation->evidence, i))
            continue;
        avqa_buf_adds(out, n_ids++ ? ", " : "");
        avqa_json_quote(out, scene->instances[i].id, false);
        if (scene->instances[i].sounding.known)
            lists[n++] = &scene->instances[i].sounding;
    }
    avqa_buf_adds(out, "], \"times\": [");
    struct avqa_ranges all = {0};
    if (evaluation->by_sound)
        all = avqa_ranges_union(scratch, lists, n);
    for (size_t i = 0; i < all.n; i++) {
        avqa_buf_adds(out, i ? ", [" : "[");
        add_seconds(out, all.items[i].start_us);
        avqa_buf_adds(out, ", ");
        add_seconds(out, all.items[i].end_us);
        avqa_buf_addc(out, ']');
    }
    avqa_buf_adds(out, "]}");
}
