/* Text as people write it: UTF-8 checks, normal form for comparing, and words.
 *
 * Words follow Unicode's UAX 29 (by libunistring); ideographs count one by one, since
 * Chinese has no spaces. A slot marker such as <Object> is one word. */
#ifndef AVQA_BASE_TEXT_H
#define AVQA_BASE_TEXT_H

#include "base/buf.h"
#include "base/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Whether the bytes are UTF-8; if not, *bad (may be NULL) is the first wrong byte. */
bool avqa_text_valid(const char *text, size_t len, size_t *bad);

/* The code point at *s, which moves behind it; U+FFFD and one byte where it is not
 * UTF-8. The text ends with NUL. */
uint32_t avqa_text_next(const char **s);

/* Appends the form in which texts are compared: NFKC, runs of white space as one space,
 * none at the ends. (So a full-width question mark equals a plain one.) */
AVQA_CHECK enum avqa_status avqa_text_normal(struct avqa_buf *out, const char *text);

/* Appends the text in lower case (of no language in particular), as NFC. */
AVQA_CHECK enum avqa_status avqa_text_lower(struct avqa_buf *out, const char *text);

/* Whether Python's str.isspace says so, which published programs strip by. */
bool avqa_text_is_space(uint32_t c);

/* The ending of an English noun that is counted: "" for 1, else "s". */
const char *avqa_text_plural(int64_t n);

/* One word of a text: `len` bytes at `start`. */
struct avqa_word {
    size_t start;
    size_t len;
};

/* The words of `text` in order, into a growing array that the caller frees; punctuation
 * and space are left out. */
AVQA_CHECK enum avqa_status avqa_text_words(struct avqa_word **words, size_t *n,
                                            const char *text);

#endif
