/* Which facts a program asks for, and which of them a clip does not have: why so many
 * of a template's questions are refused as unknown. */
#ifndef AVQA_QA_MISSING_H
#define AVQA_QA_MISSING_H

#include "qa/program.h"
#include "qa/scene.h"

#include <stdint.h>

enum avqa_fact {
    AVQA_FACT_INSTANCES,
    AVQA_FACT_INSTRUMENT,
    AVQA_FACT_VISIBLE,
    AVQA_FACT_X,
    AVQA_FACT_SOUNDING,
    AVQA_FACT_LOUDNESS,
    AVQA_FACT_RHYTHM,
    AVQA_FACT_DURATION,
    AVQA_FACT_SCENE,
    AVQA_FACT_VOICEOVER,
    AVQA_N_FACTS
};

typedef uint16_t avqa_facts_mask; /* bits by fact */

/* What it is called in the facts of a clip. */
const char *avqa_fact_name(enum avqa_fact fact);

/* What a program may ask of some clip. */
avqa_facts_mask avqa_facts_asked(const struct avqa_program_node *program);

/* What is not known of the clip, or of an instance of it that has it: the place of one
 * that is not seen is not missing, nor how loud one is that does not sound. */
avqa_facts_mask avqa_facts_missing(const struct avqa_scene *scene);

#endif
