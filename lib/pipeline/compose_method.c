/* See compose_method.h. */
#include "pipeline/compose_method.h"

#include <stddef.h>
#include <string.h>

static const char *const names[] = {[AVQA_COMPOSE_OVERLAY] = "overlay",
                                    [AVQA_COMPOSE_STITCH] = "stitch",
                                    [AVQA_COMPOSE_MATCH] = "match"};

const char *avqa_compose_method(enum avqa_compose_kind kind)
{
    return names[kind];
}

bool avqa_compose_method_is(const char *method)
{
    bool is = method && strcmp(method, AVQA_COMPOSE_METHOD_ELSEWHERE) == 0;
    for (size_t i = 0; method && i < sizeof names / sizeof *names; i++)
        is = is || strcmp(method, names[i]) == 0;
    return is;
}
