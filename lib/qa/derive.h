/* The facts of a composed clip, out of its parents' facts and of what was taken of
 * each: whether its picture is shown, and where; whether its sound is heard, and how
 * loud. An overlay, clips side by side and an exchanged sound differ in nothing else,
 * so there is one rule for all of them. A pure function: no file, no catalog, no
 * chance.
 *
 * Nothing is guessed. What a parent does not know, the composed clip does not know;
 * where putting clips together makes something undecidable, it becomes unknown, too.
 * docs/composed.md has the rules with their reasons. */
#ifndef AVQA_QA_DERIVE_H
#define AVQA_QA_DERIVE_H

#include "base/json.h"
#include "base/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { AVQA_DERIVE_MAX_PARTS = 16 }; /* ids begin with a letter, a to p */

/* An instance keeps its loudness and rhythmicity if no more than this of its sounding
 * time was cut off with the end of its clip. */
#define AVQA_DERIVE_CUT 0.01

/* One parent. */
struct avqa_derive_part {
    const char *clip;              /* its name */
    const struct avqa_json *facts; /* its facts object, or NULL if it has none */
    bool shown;
    double x, y, width, height; /* of its picture, as parts of the whole; if shown */
    bool heard;
    double gain_db; /* by which its sound was changed; if heard */
};

struct avqa_derive_form {
    const char *clip;    /* name of the composed clip */
    int64_t duration_us; /* of it */
    const struct avqa_derive_part *parts;
    size_t n_parts;
};

/* *out is the facts object, the caller's. AVQA_EFORMAT where a parent's facts are not
 * valid or the clip would have more instances or ranges than a facts object may. */
AVQA_CHECK enum avqa_status avqa_derive_facts(struct avqa_json **out,
                                              const struct avqa_derive_form *form);

#endif
