/* Replies of other people's models, in whatever words, as answers of the vocabulary.
 * A reply is read by written rules and by nothing else, in this order; the first that
 * applies decides (docs/eval.md has them with examples):
 *
 *  1. It is an answer of the vocabulary, byte for byte.
 *  2. Both are compared as words: compatibility forms, lower case, underscores and
 *     hyphens as spaces, no punctuation, without the words that the rules drop
 *     (articles), digits as the words for them. The whole reply is an answer, its
 *     plural (template file), or one of the other words for it (rules).
 *  3. It is a number: the word of the template's number domain at that place, the last
 *     one for all above.
 *  4. Answers that the template can have are looked for in it, the longest first. It
 *     begins with a truth and has no other one; or there is one answer; or there is one
 *     beside those that the question itself names. Otherwise it is not mapped: nothing
 *     is guessed. So it is not where it has a word of doubt (rules: a negation) that
 *     belongs to no answer, or what only has an answer's words (an electric guitar), or
 *     a number that is only bounded (at least three). */
#ifndef AVQA_QA_REPLY_H
#define AVQA_QA_REPLY_H

#include "base/status.h"
#include "qa/template.h"

#include <stddef.h>

#define AVQA_REPLY_MAX_WORDS 256 /* of a reply; what is behind is not read */
#define AVQA_REPLY_RULES_MAX_BYTES ((size_t)4 << 20)

enum avqa_reply_way {
    AVQA_REPLY_EXACT,
    AVQA_REPLY_WORDED,  /* rules 2 and 3 */
    AVQA_REPLY_FOUND,   /* rule 4 */
    AVQA_REPLY_NOTHING, /* no answer is in it, or none that is sure */
    AVQA_REPLY_SEVERAL, /* more than one is */
    AVQA_REPLY_N_WAYS
};

struct avqa_reply {
    enum avqa_reply_way way;
    const char *answer; /* of the vocabulary; NULL if it is not mapped. Borrowed from
                           the rules */
};

struct avqa_reply_rules;

/* Reads {"schema": 1, "language", "drop": [...], "doubt": [...], "numbers": [...],
 * "bounds": {"before": [...], "behind": [...]}, "answers": {ANSWER: [...]},
 * "not_answers": {ANSWER: [...]}}
 * (schema/replies.schema.json) for a set of templates, which stays borrowed. Of answers
 * that the vocabulary does not have nothing is kept. AVQA_EFORMAT says what is wrong.
 * `*out` is yours. */
AVQA_CHECK enum avqa_status
avqa_reply_rules_parse(struct avqa_reply_rules **out, const char *json, size_t len,
                       const struct avqa_templates *templates);
void avqa_reply_rules_free(struct avqa_reply_rules *rules); /* NULL is legal */

/* The reply to a question of template `t` with `values` in its slots. AVQA_EFORMAT if
 * the text is not UTF-8. */
AVQA_CHECK enum avqa_status avqa_reply_read(struct avqa_reply *out,
                                            const struct avqa_reply_rules *rules,
                                            const struct avqa_template *t,
                                            const char *const *values,
                                            const char *text);

#endif
