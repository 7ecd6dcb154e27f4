/* See place.h. Places are compared in whole steps, so that rounding cannot move anybody
 * from one to another. */
#include "qa/place.h"

#include <math.h>
#include <stdlib.h>

enum { X_STEPS = 1000000 };

int64_t avqa_x_steps(double x)
{
    return (int64_t)llround(x * X_STEPS);
}

static int64_t same_x(void)
{
    return avqa_x_steps(AVQA_FACTS_SAME_X);
}

bool avqa_scene_order_known(const struct avqa_scene *scene)
{
    for (size_t i = 0; i < scene->n_instances; i++) {
        const struct avqa_instance *in = &scene->instances[i];
        if (in->visible == AVQA_UNKNOWN || (in->visible == AVQA_YES && isnan(in->x)))
            return false;
    }
    return scene->instances_known;
}

static bool can_be_placed(const struct avqa_scene *scene, size_t i)
{
    return i < scene->n_instances && scene->instances[i].visible == AVQA_YES &&
           avqa_scene_order_known(scene);
}

/* Which third of the picture; unknown close to a border of two. */
static enum avqa_place third_of(int64_t x)
{
    if (llabs(3 * x - X_STEPS) <= 3 * same_x() ||
        llabs(3 * x - 2 * X_STEPS) <= 3 * same_x())
        return AVQA_PLACE_UNKNOWN;
    if (3 * x < X_STEPS)
        return AVQA_PLACE_LEFT;
    return 3 * x > 2 * X_STEPS ? AVQA_PLACE_RIGHT : AVQA_PLACE_MIDDLE;
}

enum avqa_place avqa_scene_place(const struct avqa_scene *scene, size_t i)
{
    if (!can_be_placed(scene, i))
        return AVQA_PLACE_UNKNOWN;
    int64_t x = avqa_x_steps(scene->instances[i].x);
    int64_t low = x;
    int64_t high = x;
    for (size_t k = 0; k < scene->n_instances; k++) {
        if (scene->instances[k].visible != AVQA_YES)
            continue;
        int64_t other = avqa_x_steps(scene->instances[k].x);
        low = other < low ? other : low;
        high = other > high ? other : high;
    }
    if (high - low <= same_x())
        return third_of(x);
    bool left = x - low <= same_x();
    bool right = high - x <= same_x();
    if (left && right)
        return AVQA_PLACE_UNKNOWN;
    return left ? AVQA_PLACE_LEFT : right ? AVQA_PLACE_RIGHT : AVQA_PLACE_MIDDLE;
}

size_t avqa_scene_rank(const struct avqa_scene *scene, size_t i)
{
    size_t rank = 0;
    if (!can_be_placed(scene, i))
        return AVQA_RANK_UNKNOWN;
    int64_t x = avqa_x_steps(scene->instances[i].x);
    for (size_t k = 0; k < scene->n_instances; k++) {
        if (k == i || scene->instances[k].visible != AVQA_YES)
            continue;
        int64_t other = avqa_x_steps(scene->instances[k].x);
        if (llabs(other - x) <= same_x())
            return AVQA_RANK_UNKNOWN;
        rank += other < x;
    }
    return rank;
}
