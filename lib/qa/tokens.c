/* See tokens.h. The published way is Python's, quirks and all, since a vocabulary that
 * others trained with must give the same numbers: split(' ') keeps empty words,
 * rstrip() takes Unicode's white space, the last word loses a code point even if it is
 * no question mark (or is a full-width one), and only then markers are looked for. */
#include "qa/tokens.h"
#include "base/mem.h"
#include "base/text.h"
#include "qa/template.h"

#include <stdlib.h>
#include <string.h>

static const char *const names[] = {
    [AVQA_TOKENS_MUSIC_AVQA] = "music-avqa", [AVQA_TOKENS_UNICODE] = "unicode"};
enum { N_WAYS = sizeof names / sizeof *names };

const char *avqa_tokens_way_name(enum avqa_tokens_way way)
{
    return names[way];
}

enum avqa_status avqa_tokens_way_find(enum avqa_tokens_way *out, const char *name)
{
    for (size_t i = 0; i < N_WAYS; i++) {
        if (strcmp(names[i], name) == 0) {
            *out = (enum avqa_tokens_way)i;
            return AVQA_OK;
        }
    }
    return avqa_fail(AVQA_EINVAL,
                     "no way \"%s\" to cut questions into words; there are %s, %s",
                     name, names[0], names[1]);
}

static enum avqa_status too_few(const char *text, size_t n_values)
{
    return avqa_fail(AVQA_EFORMAT, "\"%s\" has more markers than values (%zu)", text,
                     n_values);
}

/* ---- as published ---------------------------------------------------------------- */

/* Length without white space at the end. */
static size_t stripped(const char *text)
{
    size_t len = 0;
    for (const char *s = text; *s;) {
        if (!avqa_text_is_space(avqa_text_next(&s)))
            len = (size_t)(s - text);
    }
    return len;
}

/* Length of a word without its last letter. */
static size_t shortened(const char *word, size_t len)
{
    size_t last = 0;
    for (const char *s = word; s < word + len;) {
        last = (size_t)(s - word);
        (void)avqa_text_next(&s);
    }
    return last;
}

static enum avqa_status cut_published(const char ***words, size_t *n_words,
                                      struct avqa_arena *arena, const char *text,
                                      const char *const *values, size_t n_values)
{
    const size_t len = stripped(text);
    size_t n = 1;
    size_t used = 0;
    for (size_t i = 0; i < len; i++)
        n += text[i] == ' ';
    const char **list = avqa_arena_alloc(arena, n * sizeof *list);
    const char *word = text;
    for (size_t i = 0; i < n; i++) {
        const bool is_last = i + 1 == n;
        const char *end = is_last ? text + len : strchr(word, ' ');
        const size_t size =
            is_last ? shortened(word, (size_t)(end - word)) : (size_t)(end - word);
        list[i] = avqa_arena_strndup(arena, word, size);
        if (strchr(list[i], '<')) {
            if (used == n_values)
                return too_few(text, n_values);
            list[i] = avqa_arena_strdup(arena, values[used++]);
        }
        word = end + 1;
    }
    *words = list;
    *n_words = n;
    return AVQA_OK;
}

/* ---- by Unicode ------------------------------------------------------------------ */

/* Markers as avqa_template_fill finds them. */
static size_t count_markers(const char *text)
{
    size_t n = 0;
    for (const char *s = text; (s = strchr(s, '<')) && (s = strchr(s, '>'));)
        n++;
    return n;
}

static enum avqa_status cut_unicode(const char ***words, size_t *n_words,
                                    struct avqa_arena *arena, const char *text,
                                    const char *const *values, size_t n_values)
{
    struct avqa_buf filled = AVQA_BUF_INIT;
    struct avqa_buf normal = AVQA_BUF_INIT;
    struct avqa_buf lower = AVQA_BUF_INIT;
    struct avqa_word *found = NULL;
    size_t n = 0;
    if (count_markers(text) > n_values)
        return too_few(text, n_values);
    enum avqa_status rc = avqa_template_fill(&filled, text, values, n_values);
    if (rc == AVQA_OK)
        rc = avqa_text_normal(&normal, avqa_buf_str(&filled));
    if (rc == AVQA_OK)
        rc = avqa_text_lower(&lower, avqa_buf_str(&normal));
    if (rc == AVQA_OK)
        rc = avqa_text_words(&found, &n, avqa_buf_str(&lower));
    const char **list = avqa_arena_alloc(arena, (n + 1) * sizeof *list);
    for (size_t i = 0; rc == AVQA_OK && i < n; i++)
        list[i] = avqa_arena_strndup(arena, avqa_buf_str(&lower) + found[i].start,
                                     found[i].len);
    *words = list;
    *n_words = n;
    free(found);
    avqa_buf_release(&filled);
    avqa_buf_release(&normal);
    avqa_buf_release(&lower);
    return rc;
}

enum avqa_status avqa_tokens_cut(const char *const **words, size_t *n_words,
                                 struct avqa_arena *arena, enum avqa_tokens_way way,
                                 const char *text, const char *const *values,
                                 size_t n_values)
{
    const char **list = NULL;
    enum avqa_status rc =
        way == AVQA_TOKENS_MUSIC_AVQA
            ? cut_published(&list, n_words, arena, text, values, n_values)
            : cut_unicode(&list, n_words, arena, text, values, n_values);
    *words = list;
    return rc;
}
