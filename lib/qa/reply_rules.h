/* The rules by which replies are read (reply.h), out of their file: words as numbers,
 * and phrases, lists of words that stand for an answer. */
#ifndef AVQA_QA_REPLY_RULES_H
#define AVQA_QA_REPLY_RULES_H

#include "base/arena.h"
#include "base/intern.h"
#include "qa/reply.h"

#include <stdbool.h>
#include <stdint.h>

/* Words of a text, by number; those that no phrase has are AVQA_INTERN_NONE. */
struct avqa_reply_words {
    uint32_t ids[AVQA_REPLY_MAX_WORDS];
    int64_t numbers[AVQA_REPLY_MAX_WORDS]; /* what digits or number words say, or -1 */
    bool doubts[AVQA_REPLY_MAX_WORDS];     /* a word of rules->doubts */
    size_t n;
};

struct avqa_reply_phrase {
    const uint32_t *ids;
    size_t n;
    uint32_t answer; /* into rules->answers */
    bool own;        /* it is the answer itself, not another word for it */
    bool letter;     /* another word of one letter: read only where it is all */
    bool foreign;    /* it has the answer's words and is something else */
};

/* Words before or behind a number with which it is none: at least, or so. */
struct avqa_reply_bound {
    const uint32_t *ids;
    size_t n;
    bool behind;
};

struct avqa_reply_rules {
    const struct avqa_templates *templates;
    struct avqa_arena arena;
    struct avqa_intern words;          /* of phrases and of numbers */
    struct avqa_intern dropped;        /* words that say nothing */
    struct avqa_intern doubts;         /* words that take back what is said */
    struct avqa_intern numbers;        /* words for 0, 1, ... */
    struct avqa_intern answers;        /* the vocabulary */
    struct avqa_reply_phrase *phrases; /* the longest first */
    size_t n_phrases, cap_phrases;
    struct avqa_reply_bound *bounds;
    size_t n_bounds, cap_bounds;
};

/* Cuts a text into words as rule 2 has them; `grow`, rules->words or NULL, takes in new
 * ones. */
AVQA_CHECK enum avqa_status avqa_reply_cut(struct avqa_reply_words *out,
                                           const struct avqa_reply_rules *rules,
                                           const char *text, struct avqa_intern *grow);

/* A word as the vocabulary has it, or NULL. Borrowed. */
const char *avqa_reply_answer(const struct avqa_reply_rules *rules, const char *word);

#endif
