/* Domains: the words that slots and answers may take, and what they stand for. Position
 * is meaning: a truth domain lists true, then false; a number domain counts from zero
 * and its last word is everything above; a place domain of three lists left, right,
 * middle. */
#ifndef AVQA_QA_DOMAIN_H
#define AVQA_QA_DOMAIN_H

#include <stddef.h>
#include <stdint.h>

#define AVQA_DOMAIN_NONE SIZE_MAX

/* What the words of a domain stand for. */
enum avqa_domain_kind {
    AVQA_DOMAIN_OBJECT,
    AVQA_DOMAIN_PLACE,
    AVQA_DOMAIN_SCENE,
    AVQA_DOMAIN_NUMBER,
    AVQA_DOMAIN_TRUTH,
    AVQA_DOMAIN_ORDER,
    AVQA_DOMAIN_TEXT,
};

struct avqa_intern;

struct avqa_domain {
    const char *name;
    enum avqa_domain_kind kind;
    const char *const *values;
    size_t n_values;
    const char *const *mirror;   /* by value: what it becomes in a flipped picture */
    const char *const *families; /* by value: its family's name or NULL; or NULL */
    const char *const *plurals;  /* by value: its form for any number but one */
    const struct avqa_intern *words; /* the values; ids are into places. Or NULL */
    const size_t *places;            /* where in values a word stands first */
};

/* Whether a word belongs to a domain; its place in it, or AVQA_DOMAIN_NONE. */
size_t avqa_domain_find(const struct avqa_domain *domain, const char *word);
/* Where a scene of the facts stands in a scene domain: as the word it is, if the domain
 * has it (street, park); otherwise the first of two words is indoor, the second
 * outdoor.
 */
size_t avqa_domain_scene(const struct avqa_domain *domain, const char *scene);
/* What a word becomes in a flipped picture; the word itself if nothing changes. */
const char *avqa_domain_mirror(const struct avqa_domain *domain, const char *word);

#endif
