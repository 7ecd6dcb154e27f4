/* Cleaning of labels, and where a block of text lies relative to its anchor.
 *
 * The decoder is strict (no overlong forms, no surrogates), because what passes here is
 * handed to a shaping library as valid. Characters that reorder or hide others are
 * dropped: a label must not be able to turn its neighbours around. */
#include "plot/text.h"

#include <stdint.h>
#include <string.h>

#define REPLACEMENT 0xFFFDu

/* Decodes one character at `s` (never past a NUL); *len gets the bytes it took. */
static uint32_t decode(const unsigned char *s, size_t *len)
{
    static const uint32_t smallest[5] = {0, 0, 0x80, 0x800, 0x10000};
    size_t need = s[0] < 0x80             ? 1
                  : (s[0] & 0xE0) == 0xC0 ? 2
                  : (s[0] & 0xF0) == 0xE0 ? 3
                  : (s[0] & 0xF8) == 0xF0 ? 4
                                          : 0;

    *len = 1;
    if (need == 0)
        return REPLACEMENT;
    if (need == 1)
        return s[0];

    uint32_t c = s[0] & (0xFFu >> (need + 1));
    for (size_t i = 1; i < need; i++) {
        if ((s[i] & 0xC0) != 0x80)
            return REPLACEMENT;
        c = (c << 6) | (s[i] & 0x3Fu);
    }
    if (c < smallest[need] || c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF))
        return REPLACEMENT;
    *len = need;
    return c;
}

static bool is_space(uint32_t c)
{
    return c <= 0x20 || (c >= 0x7F && c <= 0xA0) || c == 0x2028 || c == 0x2029;
}

/* Marks of direction and joining that show nothing themselves. */
static bool is_hidden(uint32_t c)
{
    return (c >= 0x200B && c <= 0x200F) || (c >= 0x202A && c <= 0x202E) ||
           (c >= 0x2060 && c <= 0x206F) || c == 0xFEFF || c == 0xAD ||
           (c >= 0xFFF9 && c <= 0xFFFB) || (c >= 0xE0000 && c <= 0xE0FFF);
}

void avqa_text_clean(struct avqa_buf *out, const char *text)
{
    const unsigned char *s = (const unsigned char *)(text ? text : "");
    bool space = false;
    size_t n_chars = 0;

    while (*s) {
        size_t len;
        uint32_t c = decode(s, &len);

        if (is_space(c)) {
            space = n_chars > 0;
        } else if (!is_hidden(c)) {
            if (n_chars >= AVQA_TEXT_MAX_CHARS) {
                avqa_buf_adds(out, "…");
                return;
            }
            if (space)
                avqa_buf_addc(out, ' ');
            space = false;
            if (c == REPLACEMENT)
                avqa_buf_adds(out, "\xEF\xBF\xBD");
            else
                avqa_buf_add(out, s, len);
            n_chars++;
        }
        s += len;
    }
}

double avqa_text_rise(const struct avqa_text *text, const struct avqa_extent *extent)
{
    double block = (extent->n_lines - 1) * AVQA_TEXT_PITCH * text->size_pt;

    if (text->valign == AVQA_VALIGN_TOP)
        return 0;
    if (text->valign == AVQA_VALIGN_BASELINE)
        return extent->baseline_pt;
    return extent->baseline_pt + (block - AVQA_TEXT_CAPS * text->size_pt) / 2;
}
