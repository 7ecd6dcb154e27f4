/* A question as words: its text with the slots filled, cut the way a vocabulary was
 * made. */
#ifndef AVQA_QA_TOKENS_H
#define AVQA_QA_TOKENS_H

#include "base/arena.h"
#include "base/status.h"

#include <stddef.h>

enum avqa_tokens_way {
    /* As published (MUSIC-AVQA, AVQADataset): cut at single spaces, the last word loses
     * its last letter whatever it is, a word with '<' in it is replaced whole by the
     * next slot value; case and multi-word values stay as they are. */
    AVQA_TOKENS_MUSIC_AVQA,
    /* For other datasets: slots filled, words by Unicode's word boundaries (UAX 29),
     * lower case, without what is neither letter nor digit. */
    AVQA_TOKENS_UNICODE,
};

/* The name of a way, "music-avqa" or "unicode", and back; AVQA_EINVAL lists them. */
const char *avqa_tokens_way_name(enum avqa_tokens_way way);
AVQA_CHECK enum avqa_status avqa_tokens_way_find(enum avqa_tokens_way *out,
                                                 const char *name);

/* The words of a question, kept by `arena`. AVQA_EFORMAT if there are more markers than
 * values. */
AVQA_CHECK enum avqa_status avqa_tokens_cut(const char *const **words, size_t *n_words,
                                            struct avqa_arena *arena,
                                            enum avqa_tokens_way way, const char *text,
                                            const char *const *values, size_t n_values);

#endif
