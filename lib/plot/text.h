/* A piece of text to be measured or drawn, and the cleaning every text goes through.
 *
 * Labels come from datasets: they may hold broken UTF-8, control characters, or a page
 * of prose. Cleaning turns each into one harmless line of bounded length; what could
 * not be read stays visible as U+FFFD instead of vanishing. */
#ifndef AVQA_PLOT_TEXT_H
#define AVQA_PLOT_TEXT_H

#include "base/buf.h"
#include "plot/palette.h"

#include <stdbool.h>

enum avqa_align { AVQA_ALIGN_START = 0, AVQA_ALIGN_MIDDLE, AVQA_ALIGN_END };

/* What part of the text the y coordinate names. AVQA_VALIGN_MIDDLE is halfway between
 * the top of the capitals of the first line and the baseline of the last. */
enum avqa_valign { AVQA_VALIGN_MIDDLE = 0, AVQA_VALIGN_TOP, AVQA_VALIGN_BASELINE };

struct avqa_text {
    const char *text; /* NULL is "" */
    double size_pt;
    bool bold;
    bool italic;
    double max_width_pt; /* longer text is wrapped, then cut with "…"; 0 is no limit */
    int max_lines;       /* 0 is one line */
    enum avqa_align align;
    enum avqa_valign valign;
    double angle_deg; /* clockwise, about the anchor point */
    struct avqa_color color;
};

struct avqa_extent {
    double width_pt;
    double height_pt;   /* n_lines lines, from ascender to descender */
    double baseline_pt; /* of the first line, from the top */
    int n_lines;
    bool cut; /* it did not fit and ends with "…" */
};

/* Line pitch, ascent and height of capitals as parts of the type size. */
#define AVQA_TEXT_PITCH 1.25
#define AVQA_TEXT_ASCENT 0.78
#define AVQA_TEXT_CAPS 0.73

/* Characters kept of a text; what is longer ends with "…". */
#define AVQA_TEXT_MAX_CHARS 400

/* Appends `text` (NULL is "") as one line of valid UTF-8. */
void avqa_text_clean(struct avqa_buf *out, const char *text);

/* The distance from the anchor point up to the top of the block, by its valign. */
double avqa_text_rise(const struct avqa_text *text, const struct avqa_extent *extent);

#endif
