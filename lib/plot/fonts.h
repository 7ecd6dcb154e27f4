/* The fonts a process draws with, and the text it has already shaped.
 *
 * Finding fonts costs more than drawing a figure, so one object is made per process (or
 * per thread: it is not locked) and shared by all canvases. Shaped text is kept,
 * because every label is measured, placed and then drawn on two or three surfaces. Text
 * may come from anywhere: what is not UTF-8 or not printable is replaced, and what is
 * absurdly long is cut before it is shaped.
 *
 * fontconfig keeps a few hundred bytes until exit: its FcFini is not called, because it
 * asserts that nothing is in use, which Pango's own thread may still be. */
#ifndef AVQA_PLOT_FONTS_H
#define AVQA_PLOT_FONTS_H

#include "base/status.h"
#include "plot/geometry.h"
#include "plot/text.h"

#include <stdbool.h>

struct avqa_fonts;

/* `families` is a comma-separated list, first choice first; NULL takes
 * AVQA_FONTS_FAMILIES. A font that is missing is replaced by the next one, per glyph.
 */
#define AVQA_FONTS_FAMILIES                                                            \
    "DejaVu Sans, Noto Sans CJK SC, WenQuanYi Micro Hei, Droid Sans Fallback, "        \
    "sans-serif"

AVQA_CHECK enum avqa_status avqa_fonts_new(struct avqa_fonts **out,
                                           const char *families);

/* After the canvases that use it. avqa_fonts_free(NULL) is legal. */
void avqa_fonts_free(struct avqa_fonts *fonts);

/* False if the system has no font at all: figures are then drawn without text (sizes
 * are estimated), which the caller should tell the user. */
bool avqa_fonts_available(const struct avqa_fonts *fonts);

/* Whether every character of `text` has a glyph in some installed font. */
bool avqa_fonts_covers(struct avqa_fonts *fonts, const char *text);

/* Shaped text, ready to be drawn as often as wanted. Its alignment, angle and colour
 * are not part of it: those of `text` are ignored. Never NULL; give it back with
 * avqa_layout_unref, before the fonts are freed. */
struct avqa_layout;
struct avqa_layout *avqa_fonts_shape(struct avqa_fonts *fonts,
                                     const struct avqa_text *text);
struct avqa_layout *avqa_layout_ref(struct avqa_layout *layout);
void avqa_layout_unref(struct avqa_layout *layout);

struct avqa_extent avqa_layout_extent(const struct avqa_layout *layout);

/* The cleaned text. Borrowed. */
const char *avqa_layout_text(const struct avqa_layout *layout);

/* Draws with the top of the block at the origin and each line aligned to x = 0. `cairo`
 * is a cairo_t, which this header does not name so that nobody needs to know it. */
void avqa_layout_show(const struct avqa_layout *layout, void *cairo,
                      enum avqa_align align);

/* Calls `visit` for every visible letter: its outline as SVG path data (borrowed; equal
 * pointers mean equal outlines) and where its origin is, placed as avqa_layout_show
 * places it. */
typedef void avqa_layout_visit_fn(void *closure, const char *outline,
                                  struct avqa_point at);
void avqa_layout_visit(const struct avqa_layout *layout, enum avqa_align align,
                       avqa_layout_visit_fn *visit, void *closure);

#endif
