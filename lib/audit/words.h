/* The words of questions: how they begin, how many different ones there are. Words are
 * split as Unicode's UAX 29 says; a slot marker is one word. */
#ifndef AVQA_AUDIT_WORDS_H
#define AVQA_AUDIT_WORDS_H

#include "audit/audit.h"

/* A distinct question of a template with its slots filled in. */
struct avqa_wording {
    uint16_t template;
    uint32_t slots;        /* into the table's slots */
    uint32_t n;            /* rows that ask it */
    size_t first, n_words; /* its words, in `word_ids` of the list */
};

struct avqa_wordings {
    struct avqa_wording *items;
    size_t n, cap;
    uint32_t *word_ids; /* into words */
    size_t n_word_ids, cap_word_ids;
    struct avqa_intern words; /* case-sensitive */
    struct avqa_intern texts; /* distinct filled questions */
};

/* The wordings behind a tally of AVQA_GROUP_SLOTS. `*list` starts zero; release it. */
AVQA_CHECK enum avqa_status avqa_wordings_collect(struct avqa_wordings *list,
                                                  const struct avqa_audit_table *t,
                                                  const struct avqa_tally *tally);
void avqa_wordings_release(struct avqa_wordings *list);

/* How often questions begin with the same words, raw (with slot markers) or filled in.
 */
struct avqa_beginning {
    const char *words[8]; /* n_words of them */
    size_t n_words;
    uint32_t n;
};

struct avqa_beginnings {
    struct avqa_arena arena;
    struct avqa_beginning *items; /* from the most frequent down */
    size_t n, cap;
};

AVQA_CHECK enum avqa_status avqa_beginnings_collect(struct avqa_beginnings *list,
                                                    const struct avqa_audit *a,
                                                    bool filled);
void avqa_beginnings_release(struct avqa_beginnings *list);

/* Adds first_words, filled_questions and words to the counts of the report. */
AVQA_CHECK enum avqa_status avqa_words_json(const struct avqa_audit *a,
                                            struct avqa_json *counts);

#endif
