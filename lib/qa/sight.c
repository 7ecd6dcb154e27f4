/* See sight.h. */
#include "qa/sight.h"

#include <string.h>

static void note(struct avqa_sight_truth *out, size_t i, enum avqa_truth truth)
{
    out->yes |= (uint64_t)(truth == AVQA_YES) << i;
    out->unknown |= (uint64_t)(truth == AVQA_UNKNOWN) << i;
}

static enum avqa_truth opposite(enum avqa_truth t)
{
    return t == AVQA_UNKNOWN ? t : t == AVQA_YES ? AVQA_NO : AVQA_YES;
}

/* Who is not seen is nowhere; who may be seen, may be anywhere. */
static void note_place(struct avqa_sight *s, size_t i)
{
    enum avqa_place place = avqa_scene_place(s->scene, i);
    s->places[i] = place;
    for (int p = AVQA_PLACE_LEFT; p <= AVQA_PLACE_RIGHT; p++) {
        enum avqa_truth t = s->scene->instances[i].visible == AVQA_NO ? AVQA_NO
                            : place == AVQA_PLACE_UNKNOWN             ? AVQA_UNKNOWN
                            : place == (enum avqa_place)p             ? AVQA_YES
                                                                      : AVQA_NO;
        note(&s->at[p], i, t);
    }
}

static void note_kind(struct avqa_sight *s, size_t i)
{
    const char *name = s->scene->instances[i].instrument;
    s->kinds[i] = (uint8_t)i;
    if (!name)
        s->nameless |= UINT64_C(1) << i;
    for (size_t j = 0; name && j < i; j++) {
        const char *other = s->scene->instances[j].instrument;
        if (other && strcmp(other, name) == 0) {
            s->kinds[i] = (uint8_t)j;
            return;
        }
    }
}

bool avqa_sight_take(struct avqa_sight *out, const struct avqa_scene *scene)
{
    struct avqa_sight *s = out;
    if (scene->n_instances > AVQA_SIGHT_MAX)
        return false;
    s->scene = scene;
    s->all = s->nameless = 0;
    s->visible = s->sounding = s->silent = s->offscreen = (struct avqa_sight_truth){0};
    memset(s->at, 0, sizeof s->at);
    memset(s->measured, 0, sizeof s->measured);
    s->order_known = avqa_scene_order_known(scene);
    for (size_t i = 0; i < scene->n_instances; i++) {
        const struct avqa_instance *in = &scene->instances[i];
        enum avqa_truth sounds = avqa_instance_sounds(in);
        s->all |= UINT64_C(1) << i;
        note(&s->visible, i, in->visible);
        note(&s->sounding, i, sounds);
        note(&s->silent, i, opposite(sounds));
        note(&s->offscreen, i, avqa_instance_offscreen(in));
        note_place(s, i);
        note_kind(s, i);
    }
    return true;
}

void avqa_sight_measure(struct avqa_sight *sight, enum avqa_sight_measure m,
                        enum avqa_program_op op)
{
    for (size_t i = 0; i < sight->scene->n_instances; i++) {
        struct avqa_sight_number *number = &sight->numbers[m][i];
        number->reason = avqa_measure(&number->value, op, &sight->scene->instances[i]);
    }
    sight->measured[m] = true;
}
