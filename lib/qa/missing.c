/* See missing.h. */
#include "qa/missing.h"

#include <math.h>
#include <stdbool.h>

enum { BIT_SOUNDING = 1 << AVQA_FACT_SOUNDING, BIT_X = 1 << AVQA_FACT_X };

const char *avqa_fact_name(enum avqa_fact fact)
{
    static const char *const names[] = {
        "instances",   "instrument",  "visible",  "x",     "sounding",
        "loudness_db", "rhythmicity", "duration", "scene", "voiceover"};
    return names[fact];
}

static avqa_facts_mask asked_by(enum avqa_program_op op)
{
    switch (op) {
    case AVQA_OP_ALL:
        return 1 << AVQA_FACT_INSTANCES;
    case AVQA_OP_IS:
    case AVQA_OP_KIND:
    case AVQA_OP_TYPES:
        return 1 << AVQA_FACT_INSTRUMENT;
    case AVQA_OP_VISIBLE:
        return 1 << AVQA_FACT_VISIBLE;
    case AVQA_OP_OFFSCREEN:
        return BIT_SOUNDING | 1 << AVQA_FACT_VISIBLE;
    case AVQA_OP_AT:
    case AVQA_OP_PLACE:
    case AVQA_OP_NEIGHBOUR:
    case AVQA_OP_LEFTMOST:
    case AVQA_OP_RIGHTMOST:
        return BIT_X | 1 << AVQA_FACT_VISIBLE;
    case AVQA_OP_SOUNDING:
    case AVQA_OP_SILENT:
    case AVQA_OP_FIRST:
    case AVQA_OP_LAST:
    case AVQA_OP_NTH:
    case AVQA_OP_OVERLAPPING:
    case AVQA_OP_PRECEDING:
    case AVQA_OP_FOLLOWING:
    case AVQA_OP_DURATION:
    case AVQA_OP_ONSET:
        return BIT_SOUNDING;
    case AVQA_OP_LOUDEST:
    case AVQA_OP_QUIETEST:
    case AVQA_OP_LOUDNESS:
        return BIT_SOUNDING | 1 << AVQA_FACT_LOUDNESS;
    case AVQA_OP_RHYTHM:
        return BIT_SOUNDING | 1 << AVQA_FACT_RHYTHM;
    case AVQA_OP_COVERS:
        return BIT_SOUNDING | 1 << AVQA_FACT_DURATION;
    case AVQA_OP_SCENE:
        return 1 << AVQA_FACT_SCENE;
    case AVQA_OP_VOICEOVER:
        return 1 << AVQA_FACT_VOICEOVER;
    default:
        return 0;
    }
}

avqa_facts_mask avqa_facts_asked(const struct avqa_program_node *program)
{
    avqa_facts_mask mask = asked_by(program->op);
    for (size_t i = 0; i < program->n_args; i++)
        mask |= avqa_facts_asked(program->args[i]);
    return mask;
}

static avqa_facts_mask missing_of(const struct avqa_instance *in)
{
    bool may_sound = !in->sounding.known || in->sounding.n > 0;
    bool may_be_seen = in->visible != AVQA_NO;
    return (avqa_facts_mask)((!in->instrument) << AVQA_FACT_INSTRUMENT |
                             (in->visible == AVQA_UNKNOWN) << AVQA_FACT_VISIBLE |
                             (may_be_seen && isnan(in->x)) << AVQA_FACT_X |
                             (!in->sounding.known) << AVQA_FACT_SOUNDING |
                             (may_sound && isnan(in->loudness_db))
                                 << AVQA_FACT_LOUDNESS |
                             (may_sound && isnan(in->rhythmicity)) << AVQA_FACT_RHYTHM);
}

avqa_facts_mask avqa_facts_missing(const struct avqa_scene *scene)
{
    avqa_facts_mask mask =
        (avqa_facts_mask)((!scene->instances_known) << AVQA_FACT_INSTANCES |
                          (scene->duration_us == AVQA_FACTS_UNKNOWN)
                              << AVQA_FACT_DURATION |
                          (!scene->place) << AVQA_FACT_SCENE |
                          (!scene->voiceover.known) << AVQA_FACT_VOICEOVER);
    for (size_t i = 0; i < scene->n_instances; i++)
        mask |= missing_of(&scene->instances[i]);
    return mask;
}
