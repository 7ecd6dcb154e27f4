/* A page to draw on once and write as SVG, PDF and PNG.
 *
 * Drawing calls are recorded as a list of simple shapes; avqa_canvas_write replays the
 * list on a surface of the wanted kind. So a figure is computed and its text shaped
 * once, its size may be set when the drawing is done, text stays text in PDF, and a
 * test can look at what was drawn where. Equal shapes give equal bytes: no clock, no
 * counters that outlive the document. Shapes with coordinates that are not finite are
 * dropped.
 *
 * Points (1/72 inch), x to the right, y down. Angles of wedges are radians clockwise
 * from twelve o'clock; angles of text are degrees clockwise. */
#ifndef AVQA_PLOT_CANVAS_H
#define AVQA_PLOT_CANVAS_H

#include "base/buf.h"
#include "base/status.h"
#include "plot/fonts.h"
#include "plot/geometry.h"
#include "plot/palette.h"
#include "plot/pixels.h"
#include "plot/text.h"

#include <stdbool.h>
#include <stddef.h>

struct avqa_canvas;

struct avqa_stroke {
    struct avqa_color color;
    double width_pt;
    double dash_pt; /* length of dash and gap; 0 draws a solid line */
};

enum avqa_canvas_kind { AVQA_CANVAS_SVG, AVQA_CANVAS_PDF, AVQA_CANVAS_PNG };

struct avqa_canvas_target {
    enum avqa_canvas_kind kind;
    const char *id_prefix; /* SVG: put before every id, e.g. "fig3-"; NULL is none */
    bool embed;            /* SVG: no XML prolog, to be pasted into an HTML page */
    const char *title;     /* SVG: the accessible name; PDF: the document title */
    double dpi;            /* PNG; 0 is 144 */
};

/* `fonts` is borrowed and must live longer than the canvas. */
AVQA_CHECK enum avqa_status avqa_canvas_new(struct avqa_canvas **out,
                                            struct avqa_fonts *fonts);
void avqa_canvas_free(struct avqa_canvas *canvas);

/* Drops what was drawn, so that the canvas can be used for the next figure. */
void avqa_canvas_clear(struct avqa_canvas *canvas);

/* The page; the figure functions set it themselves. */
void avqa_canvas_set_size(struct avqa_canvas *canvas, double width_pt,
                          double height_pt);
double avqa_canvas_width(const struct avqa_canvas *canvas);
double avqa_canvas_height(const struct avqa_canvas *canvas);

void avqa_canvas_rect(struct avqa_canvas *canvas, struct avqa_rect rect,
                      struct avqa_color fill);
void avqa_canvas_outline(struct avqa_canvas *canvas, struct avqa_rect rect,
                         struct avqa_stroke stroke);
/* Diagonal lines inside `rect`, `gap_pt` apart. */
void avqa_canvas_hatch(struct avqa_canvas *canvas, struct avqa_rect rect,
                       struct avqa_stroke stroke, double gap_pt);
void avqa_canvas_line(struct avqa_canvas *canvas, struct avqa_point from,
                      struct avqa_point to, struct avqa_stroke stroke);
void avqa_canvas_disc(struct avqa_canvas *canvas, struct avqa_point center, double r_pt,
                      struct avqa_color fill);
void avqa_canvas_triangle(struct avqa_canvas *canvas, struct avqa_point a,
                          struct avqa_point b, struct avqa_point c,
                          struct avqa_color fill);
/* `edge` of width 0 draws no edge. */
void avqa_canvas_wedge(struct avqa_canvas *canvas, const struct avqa_wedge *wedge,
                       struct avqa_color fill, struct avqa_stroke edge);
/* A picture, stretched to `rect`; its pixels are copied. */
void avqa_canvas_picture(struct avqa_canvas *canvas, struct avqa_rect rect,
                         const struct avqa_pixels *pixels);
void avqa_canvas_text(struct avqa_canvas *canvas, struct avqa_point at,
                      const struct avqa_text *text);

/* The size `text` would take, unrotated. */
struct avqa_extent avqa_canvas_measure(const struct avqa_canvas *canvas,
                                       const struct avqa_text *text);

/* The corners that `text` would have if it were drawn at `at`. */
struct avqa_quad avqa_canvas_quad(const struct avqa_canvas *canvas,
                                  struct avqa_point at, const struct avqa_text *text);

/* Appends the picture to `out`; may be called any number of times. AVQA_EINVAL for a
 * page without size or larger than AVQA_CANVAS_MAX_PT. */
#define AVQA_CANVAS_MAX_PT 14400.0 /* the largest page PDF allows */
AVQA_CHECK enum avqa_status avqa_canvas_write(const struct avqa_canvas *canvas,
                                              const struct avqa_canvas_target *target,
                                              struct avqa_buf *out);
/* The same into a file, whole or not at all. */
AVQA_CHECK enum avqa_status avqa_canvas_save(const struct avqa_canvas *canvas,
                                             const struct avqa_canvas_target *target,
                                             const char *path);

/* What was drawn, for tests: the i-th text with its corners, the i-th wedge, the i-th
 * filled rectangle, the i-th picture. False past the last one. Pointers are borrowed
 * until the next call that draws. */
bool avqa_canvas_text_at(const struct avqa_canvas *canvas, size_t i, const char **text,
                         struct avqa_quad *quad);
bool avqa_canvas_wedge_at(const struct avqa_canvas *canvas, size_t i,
                          struct avqa_wedge *wedge, struct avqa_color *fill);
bool avqa_canvas_rect_at(const struct avqa_canvas *canvas, size_t i,
                         struct avqa_rect *rect, struct avqa_color *fill);

bool avqa_canvas_picture_at(const struct avqa_canvas *canvas, size_t i,
                            struct avqa_rect *rect, struct avqa_pixels *pixels);

/* How many texts run into another one (by more than `slack_pt`) or off the page. */
size_t avqa_canvas_clashes(const struct avqa_canvas *canvas, double slack_pt);

#endif
