/* Question templates: the file that says which questions a dataset asks. Domains hold
 * the words that slots and answers may take; nothing of a dataset is compiled in.
 *
 * A template is found by its text after Unicode and space normalisation, because
 * published files differ by a trailing space or a full-width question mark; texts are
 * kept verbatim. */
#ifndef AVQA_QA_TEMPLATE_H
#define AVQA_QA_TEMPLATE_H

#include "base/buf.h"
#include "base/status.h"
#include "qa/domain.h"
#include "qa/program.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define AVQA_TEMPLATE_MAX_SLOTS 8
#define AVQA_TEMPLATES_MAX 1024
#define AVQA_TEMPLATES_MAX_BYTES ((size_t)4 << 20)
#define AVQA_TEMPLATE_NONE SIZE_MAX

/* A slot value that makes a template's question senseless, and what to call it. */
struct avqa_senseless {
    size_t slot;
    const char *value;
    const char *reason;
};

/* Slots that together name one thing: {object} or {object, place}. */
struct avqa_referent {
    size_t slots[AVQA_TEMPLATE_MAX_SLOTS];
    size_t n_slots;
};

/* A slot that must be needed: without what it narrows, a question must have another
 * answer or none. */
struct avqa_needed {
    size_t slot;
    const struct avqa_program_node *without; /* the program without it */
};

struct avqa_template {
    const char *code;     /* "A01" */
    const char *modality; /* "Audio" */
    const char *type;     /* "Comparative" */
    const char *label;    /* "Audio/Comparative" */
    const char *text;     /* verbatim, with its <Slot> markers */
    const char *program;  /* in the answer language; NULL if not given */
    const struct avqa_program_node *answer; /* the same, checked, or NULL */
    const struct avqa_domain *slots[AVQA_TEMPLATE_MAX_SLOTS];
    const char *slot_names[AVQA_TEMPLATE_MAX_SLOTS];
    size_t n_slots;
    const struct avqa_domain *answers[AVQA_TEMPLATE_MAX_SLOTS]; /* any of these */
    size_t n_answers;
    struct avqa_referent referents[AVQA_TEMPLATE_MAX_SLOTS];
    size_t n_referents;
    struct avqa_senseless senseless[AVQA_TEMPLATE_MAX_SLOTS];
    size_t n_senseless;
    struct avqa_needed needed[AVQA_TEMPLATE_MAX_SLOTS];
    size_t n_needed;
};

/* A dataset that was published with these templates, to compare with. */
struct avqa_published {
    const char *name; /* "MUSIC-AVQA (CVPR 2022)" */
    int64_t questions, videos, templates, types, answers;
};

#define AVQA_PUBLISHED_MAX 64

struct avqa_templates {
    const char *name;
    const char *language;
    struct avqa_domain *domains;
    size_t n_domains;
    const char *const *answers; /* the vocabulary, in the file's order */
    size_t n_answers;
    struct avqa_template *items;
    size_t n;
    struct avqa_published *published;
    size_t n_published;
    struct avqa_rules *rules; /* qa/rule.h; NULL if the file has none */
    struct avqa_templates_index *index;
};

/* Reads templates out of JSON text (schema/templates.schema.json). AVQA_EFORMAT names
 * the template and what is wrong, for a program with its column. `*out` is yours. */
AVQA_CHECK enum avqa_status avqa_templates_parse(struct avqa_templates **out,
                                                 const char *json, size_t len);
void avqa_templates_free(struct avqa_templates *templates); /* NULL is legal */

/* The template whose text this is, by number, or AVQA_TEMPLATE_NONE. */
size_t avqa_templates_match(const struct avqa_templates *templates, const char *text);
/* The template with this code, or AVQA_TEMPLATE_NONE. */
size_t avqa_templates_find(const struct avqa_templates *templates, const char *code);

/* Whether a text has the template's markers, in their order. AVQA_EFORMAT says which it
 * has not. */
AVQA_CHECK enum avqa_status avqa_template_check_text(const struct avqa_template *t,
                                                     const char *text);

/* What the template's program may refer to. Borrows from the template. */
struct avqa_program_scope avqa_template_scope(const struct avqa_template *t);

/* The answer domain of a template that has this word, or NULL. */
const struct avqa_domain *avqa_template_answer_domain(const struct avqa_template *t,
                                                      const char *answer);
/* Whether the vocabulary has this answer. */
bool avqa_templates_has_answer(const struct avqa_templates *templates,
                               const char *answer);

/* Appends `text` with its markers replaced by the values in order; a marker without a
 * value stays. AVQA_ENOMEM if the buffer does not hold all of it. */
AVQA_CHECK enum avqa_status avqa_template_fill(struct avqa_buf *out, const char *text,
                                               const char *const *values,
                                               size_t n_values);

#endif
