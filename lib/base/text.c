/* The only user of libunistring. */
#include "base/text.h"
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

#include <unicase.h>
#include <unictype.h>
#include <uninorm.h>
#include <unistr.h>
#include <uniwbrk.h>

/* How many bytes at the front are ASCII, eight at a time. */
static size_t ascii_prefix(const char *text, size_t len)
{
    size_t n = 0;
    for (uint64_t word; n + sizeof word <= len; n += sizeof word) {
        memcpy(&word, text + n, sizeof word);
        if (word & 0x8080808080808080u)
            break;
    }
    while (n < len && (unsigned char)text[n] < 0x80)
        n++;
    return n;
}

bool avqa_text_valid(const char *text, size_t len, size_t *bad)
{
    size_t ascii = ascii_prefix(text, len);
    const uint8_t *from = (const uint8_t *)text + ascii;
    const uint8_t *wrong = len > ascii ? u8_check(from, len - ascii) : NULL;
    if (wrong && bad)
        *bad = (size_t)(wrong - (const uint8_t *)text);
    return !wrong;
}

uint32_t avqa_text_next(const char **s)
{
    ucs4_t c;
    int n = u8_strmbtouc(&c, (const uint8_t *)*s);
    if (n <= 0) {
        *s += 1;
        return 0xfffd;
    }
    *s += n;
    return c;
}

static bool is_ascii(const char *text)
{
    for (; *text; text++) {
        if ((unsigned char)*text >= 0x80)
            return false;
    }
    return true;
}

/* Runs of white space to one space; none at the ends. */
static void add_collapsed(struct avqa_buf *out, const char *text)
{
    bool pending = false;
    bool any = false;
    for (const char *s = text; *s;) {
        const char *from = s;
        uint32_t c = avqa_text_next(&s);
        if (c <= ' ' || (c >= 0x80 && uc_is_property_white_space(c))) {
            pending = any;
            continue;
        }
        if (pending)
            avqa_buf_addc(out, ' ');
        avqa_buf_add(out, from, (size_t)(s - from));
        pending = false;
        any = true;
    }
}

enum avqa_status avqa_text_normal(struct avqa_buf *out, const char *text)
{
    if (is_ascii(text)) {
        add_collapsed(out, text);
        return avqa_buf_status(out);
    }
    size_t len = 0;
    uint8_t *nfkc =
        u8_normalize(UNINORM_NFKC, (const uint8_t *)text, strlen(text) + 1, NULL, &len);
    if (!nfkc)
        return avqa_fail(AVQA_EFORMAT, "text cannot be normalised");
    add_collapsed(out, (const char *)nfkc);
    free(nfkc);
    return avqa_buf_status(out);
}

enum avqa_status avqa_text_lower(struct avqa_buf *out, const char *text)
{
    size_t len = 0;
    uint8_t *lower = u8_tolower((const uint8_t *)text, strlen(text) + 1, NULL,
                                UNINORM_NFC, NULL, &len);
    if (!lower)
        return avqa_fail(AVQA_EFORMAT, "text cannot be put into lower case");
    avqa_buf_adds(out, (const char *)lower);
    free(lower);
    return avqa_buf_status(out);
}

/* White space, and the four separators of ASCII. */
bool avqa_text_is_space(uint32_t c)
{
    return (c >= 0x1c && c <= 0x1f) || uc_is_property_white_space(c);
}

/* Length of a slot marker "<Name>" at s, or 0: no spaces or brackets inside. */
static size_t marker_len(const char *s)
{
    if (*s != '<')
        return 0;
    size_t n = 1 + strcspn(s + 1, "<> \t\n");
    return n > 1 && s[n] == '>' ? n + 1 : 0;
}

struct word_list {
    struct avqa_word *words;
    size_t n;
    size_t cap;
};

static enum avqa_status add_word(struct word_list *list, size_t start, size_t len)
{
    enum avqa_status rc =
        avqa_mem_grow(&list->words, &list->cap, list->n + 1, sizeof *list->words);
    if (rc == AVQA_OK)
        list->words[list->n++] = (struct avqa_word){start, len};
    return rc;
}

/* A segment counts as a word if it has a letter or a digit in it. */
static bool is_word(const char *s, size_t len)
{
    for (const char *end = s + len; s < end;) {
        uint32_t c = avqa_text_next(&s);
        if (uc_is_property_alphabetic(c) || uc_is_property_numeric(c))
            return true;
    }
    return false;
}

/* Words of a piece of text without markers; `base` is where the piece starts. */
static enum avqa_status plain_words(struct word_list *list, const char *text,
                                    size_t base, size_t len)
{
    enum avqa_status rc = AVQA_OK;
    char *breaks = avqa_mem_new(len + 1);
    u8_wordbreaks((const uint8_t *)text + base, len, breaks);
    for (size_t i = 0; rc == AVQA_OK && i < len;) {
        size_t end = i + 1;
        while (end < len && !breaks[end])
            end++;
        const char *s = text + base + i;
        if (is_word(s, end - i))
            rc = add_word(list, base + i, end - i);
        i = end;
    }
    free(breaks);
    return rc;
}

enum avqa_status avqa_text_words(struct avqa_word **words, size_t *n, const char *text)
{
    struct word_list list = {0};
    enum avqa_status rc = AVQA_OK;
    for (size_t at = 0; rc == AVQA_OK && text[at];) {
        size_t len = marker_len(text + at);
        if (len) {
            rc = add_word(&list, at, len);
        } else {
            for (len = 1; text[at + len] && !marker_len(text + at + len);)
                len++;
            rc = plain_words(&list, text, at, len);
        }
        at += len;
    }
    *words = list.words;
    *n = list.n;
    return rc;
}

const char *avqa_text_plural(int64_t n)
{
    return n == 1 ? "" : "s";
}
