/* Any bytes as the facts of a clip: refused with a message, or a scene whose ranges are
 * in order, whose numbers are in their bounds, and whose derived values can be asked.
 */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "qa/facts.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool good)
{
    if (!good)
        abort();
}

static void check_ranges(const struct avqa_ranges *r, int64_t duration_us)
{
    int64_t at = 0;
    check(r->known || r->n == 0);
    for (size_t i = 0; i < r->n; i++) {
        check(r->items[i].start_us >= at && r->items[i].end_us > r->items[i].start_us);
        at = r->items[i].end_us;
    }
    check(duration_us == AVQA_FACTS_UNKNOWN || at <= duration_us);
    check(avqa_ranges_overlap(r, r) == (!r->known ? AVQA_UNKNOWN
                                        : r->n    ? AVQA_YES
                                                  : AVQA_NO));
}

static void check_instance(struct avqa_arena *arena, const struct avqa_scene *s,
                           size_t i)
{
    const struct avqa_instance *in = &s->instances[i];
    const struct avqa_ranges *const lists[] = {&in->sounding, &s->voiceover};
    int64_t total = avqa_instance_total_us(in);
    size_t rank = avqa_scene_rank(s, i);
    check_ranges(&in->sounding, s->duration_us);
    check(in->id && *in->id);
    check(isnan(in->x) || (in->x >= 0 && in->x <= 1));
    check(!isinf(in->loudness_db) && !isinf(in->rhythmicity));
    check(total == AVQA_FACTS_UNKNOWN || total >= 0);
    check(rank == AVQA_RANK_UNKNOWN || rank < s->n_instances);
    check(rank == AVQA_RANK_UNKNOWN || in->visible == AVQA_YES);
    check(avqa_scene_place(s, i) == AVQA_PLACE_UNKNOWN || avqa_scene_order_known(s));
    check(avqa_instance_offscreen(in) != AVQA_YES || in->visible == AVQA_NO);
    struct avqa_ranges both = avqa_ranges_union(arena, lists, 2);
    check_ranges(&both, s->duration_us);
    check(!both.known || avqa_ranges_total_us(&both) >= total);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct avqa_arena arena = AVQA_ARENA_INIT;
    struct avqa_json *json = NULL;
    struct avqa_scene *scene = NULL;
    enum avqa_status rc = avqa_json_parse(&json, (const char *)data, size);
    if (rc == AVQA_OK) {
        rc = avqa_scene_read(&scene, &arena, json);
        avqa_json_free(json);
    }
    check(rc == AVQA_OK || *avqa_message());
    if (rc == AVQA_OK) {
        check(scene->clip && scene->n_instances <= AVQA_FACTS_MAX_INSTANCES);
        check_ranges(&scene->voiceover, scene->duration_us);
        for (size_t i = 0; i < scene->n_instances; i++)
            check_instance(&arena, scene, i);
    }
    avqa_arena_release(&arena);
    return 0;
}
