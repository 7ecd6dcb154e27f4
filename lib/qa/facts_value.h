/* Single members of a facts object. A member that is missing or null is unknown; one of
 * another type is an error that names where it stands. */
#ifndef AVQA_QA_FACTS_VALUE_H
#define AVQA_QA_FACTS_VALUE_H

#include "base/arena.h"
#include "base/json.h"
#include "base/status.h"
#include "qa/scene.h"

#include <stdbool.h>
#include <stddef.h>

enum { AVQA_FACTS_WHERE_MAX = 32 };

struct avqa_facts_reader {
    struct avqa_arena *arena;
    struct avqa_scene *scene;
    /* "", "media." or "instances[3].", in front of a key */
    char where[AVQA_FACTS_WHERE_MAX];
};

/* Names that become parts of file names may hold no space and no slash; words (an
 * instrument, the id of an instance) may hold spaces inside. */
enum avqa_facts_name { AVQA_FACTS_NAME, AVQA_FACTS_WORD };

/* The member, or NULL if it is missing or null: both are unknown. */
const struct avqa_json *avqa_facts_member(const struct avqa_json *object,
                                          const char *key);

/* AVQA_EFORMAT: the member is not what is wanted ("a string"). */
enum avqa_status avqa_facts_wrong_type(const struct avqa_facts_reader *r,
                                       const char *key, const struct avqa_json *node,
                                       const char *wanted);

/* Fails if the text cannot be such a name. */
AVQA_CHECK enum avqa_status avqa_facts_check_name(const struct avqa_facts_reader *r,
                                                  const char *key, const char *text,
                                                  enum avqa_facts_name kind);

/* A name or word, or NULL if it is unknown. */
AVQA_CHECK enum avqa_status avqa_facts_text(const struct avqa_facts_reader *r,
                                            const struct avqa_json *object,
                                            const char *key, enum avqa_facts_name kind,
                                            const char **out);

/* As avqa_facts_text, for what must be there. */
AVQA_CHECK enum avqa_status
avqa_facts_needed(const struct avqa_facts_reader *r, const struct avqa_json *object,
                  const char *key, enum avqa_facts_name kind, const char **out);

/* A number, or NaN if it is unknown. */
AVQA_CHECK enum avqa_status avqa_facts_number(const struct avqa_facts_reader *r,
                                              const struct avqa_json *object,
                                              const char *key, double *out);

/* A truth, or AVQA_UNKNOWN. */
AVQA_CHECK enum avqa_status avqa_facts_truth(const struct avqa_facts_reader *r,
                                             const struct avqa_json *object,
                                             const char *key, enum avqa_truth *out);

/* The numbers of a list of exactly `n`. */
bool avqa_facts_numbers(const struct avqa_json *list, double *out, size_t n);

/* A key that stands twice is ambiguous; of the known ones none may. */
AVQA_CHECK enum avqa_status avqa_facts_check_keys(const struct avqa_facts_reader *r,
                                                  const struct avqa_json *object,
                                                  const char *const *keys, size_t n);

/* A list of ranges under `key`, in order of time; not known if it is NULL (facts.c). */
AVQA_CHECK enum avqa_status avqa_facts_ranges(const struct avqa_facts_reader *r,
                                              const char *key,
                                              const struct avqa_json *list,
                                              struct avqa_ranges *out);

#endif
