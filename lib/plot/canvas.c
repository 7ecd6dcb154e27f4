/* Recording: every call appends one shape to a growing list. Nothing is drawn here (see
 * surface.c and svg.c); text is shaped at once, because the figures ask for its size.
 * A failure to record is kept and reported by avqa_canvas_write. */
#include "plot/canvas.h"

#include <math.h>
#include <stdlib.h>

#include "base/io.h"
#include "base/mem.h"
#include "plot/shape.h"
#include "plot/surface.h"

struct avqa_canvas {
    struct avqa_fonts *fonts;
    double width_pt;
    double height_pt;
    struct avqa_shape *shapes;
    size_t n_shapes;
    size_t cap_shapes;
    enum avqa_status status; /* the first failure to record */
};

enum avqa_status avqa_canvas_new(struct avqa_canvas **out, struct avqa_fonts *fonts)
{
    struct avqa_canvas *canvas = avqa_mem_new(sizeof *canvas);

    canvas->fonts = fonts;
    *out = canvas;
    return AVQA_OK;
}

static void release_shape(const struct avqa_shape *shape)
{
    avqa_layout_unref(shape->layout);
    avqa_pixels_free(shape->pixels);
}

void avqa_canvas_clear(struct avqa_canvas *canvas)
{
    for (size_t i = 0; i < canvas->n_shapes; i++)
        release_shape(&canvas->shapes[i]);
    canvas->n_shapes = 0;
    canvas->width_pt = canvas->height_pt = 0;
    canvas->status = AVQA_OK;
}

void avqa_canvas_free(struct avqa_canvas *canvas)
{
    if (!canvas)
        return;
    avqa_canvas_clear(canvas);
    free(canvas->shapes);
    free(canvas);
}

void avqa_canvas_set_size(struct avqa_canvas *canvas, double width_pt, double height_pt)
{
    canvas->width_pt = width_pt;
    canvas->height_pt = height_pt;
}

double avqa_canvas_width(const struct avqa_canvas *canvas)
{
    return canvas->width_pt;
}

double avqa_canvas_height(const struct avqa_canvas *canvas)
{
    return canvas->height_pt;
}

static bool sane(double v)
{
    return isfinite(v) && fabs(v) < 1e6;
}

static bool sane_point(struct avqa_point p)
{
    return sane(p.x_pt) && sane(p.y_pt);
}

static bool sane_rect(struct avqa_rect r)
{
    return sane(r.x_pt) && sane(r.y_pt) && sane(r.width_pt) && sane(r.height_pt) &&
           r.width_pt > 0 && r.height_pt > 0;
}

static void remember_failure(struct avqa_canvas *canvas, enum avqa_status status)
{
    if (canvas->status == AVQA_OK)
        canvas->status = status;
}

static void record(struct avqa_canvas *canvas, const struct avqa_shape *shape)
{
    enum avqa_status status = avqa_mem_grow(&canvas->shapes, &canvas->cap_shapes,
                                            canvas->n_shapes + 1, sizeof *shape);

    if (status == AVQA_OK) {
        canvas->shapes[canvas->n_shapes++] = *shape;
    } else {
        release_shape(shape);
        remember_failure(canvas, status);
    }
}

void avqa_canvas_rect(struct avqa_canvas *canvas, struct avqa_rect rect,
                      struct avqa_color fill)
{
    struct avqa_shape shape = {.kind = AVQA_SHAPE_RECT, .rect = rect, .fill = fill};

    if (sane_rect(rect))
        record(canvas, &shape);
}

void avqa_canvas_outline(struct avqa_canvas *canvas, struct avqa_rect rect,
                         struct avqa_stroke stroke)
{
    struct avqa_shape shape = {
        .kind = AVQA_SHAPE_OUTLINE, .rect = rect, .stroke = stroke};

    if (sane_rect(rect))
        record(canvas, &shape);
}

void avqa_canvas_hatch(struct avqa_canvas *canvas, struct avqa_rect rect,
                       struct avqa_stroke stroke, double gap_pt)
{
    struct avqa_shape shape = {
        .kind = AVQA_SHAPE_HATCH, .rect = rect, .stroke = stroke, .gap_pt = gap_pt};

    if (sane_rect(rect) && gap_pt > 0)
        record(canvas, &shape);
}

void avqa_canvas_line(struct avqa_canvas *canvas, struct avqa_point from,
                      struct avqa_point to, struct avqa_stroke stroke)
{
    struct avqa_shape shape = {
        .kind = AVQA_SHAPE_LINE, .points = {from, to}, .stroke = stroke};

    if (sane_point(from) && sane_point(to))
        record(canvas, &shape);
}

void avqa_canvas_disc(struct avqa_canvas *canvas, struct avqa_point center, double r_pt,
                      struct avqa_color fill)
{
    struct avqa_shape shape = {
        .kind = AVQA_SHAPE_DISC, .points = {center}, .gap_pt = r_pt, .fill = fill};

    if (sane_point(center) && sane(r_pt) && r_pt > 0)
        record(canvas, &shape);
}

void avqa_canvas_triangle(struct avqa_canvas *canvas, struct avqa_point a,
                          struct avqa_point b, struct avqa_point c,
                          struct avqa_color fill)
{
    struct avqa_shape shape = {
        .kind = AVQA_SHAPE_TRIANGLE, .points = {a, b, c}, .fill = fill};

    if (sane_point(a) && sane_point(b) && sane_point(c))
        record(canvas, &shape);
}

void avqa_canvas_wedge(struct avqa_canvas *canvas, const struct avqa_wedge *wedge,
                       struct avqa_color fill, struct avqa_stroke edge)
{
    struct avqa_shape shape = {
        .kind = AVQA_SHAPE_WEDGE, .wedge = *wedge, .fill = fill, .stroke = edge};

    if (sane_point(wedge->center) && sane(wedge->r0_pt) && sane(wedge->r1_pt) &&
        sane(wedge->a0_rad) && sane(wedge->a1_rad) && wedge->r1_pt > 0 &&
        wedge->a1_rad > wedge->a0_rad) {
        shape.wedge.a1_rad = fmin(wedge->a1_rad, wedge->a0_rad + 2 * M_PI);
        record(canvas, &shape);
    }
}

void avqa_canvas_picture(struct avqa_canvas *canvas, struct avqa_rect rect,
                         const struct avqa_pixels *pixels)
{
    struct avqa_shape shape = {.kind = AVQA_SHAPE_PICTURE, .rect = rect};
    enum avqa_status status = AVQA_OK;

    if (!sane_rect(rect))
        return;
    status = avqa_pixels_copy(&shape.pixels, pixels);
    if (status == AVQA_OK)
        record(canvas, &shape);
    else
        remember_failure(canvas, status);
}

/* Its layout is a new reference. */
static struct avqa_shape text_shape(const struct avqa_canvas *canvas,
                                    struct avqa_point at, const struct avqa_text *text)
{
    struct avqa_shape shape = {.kind = AVQA_SHAPE_TEXT,
                               .points = {at},
                               .fill = text->color,
                               .align = text->align,
                               .angle_deg = text->angle_deg};

    shape.layout = avqa_fonts_shape(canvas->fonts, text);
    struct avqa_extent extent = avqa_layout_extent(shape.layout);
    shape.rise_pt = avqa_text_rise(text, &extent);
    return shape;
}

void avqa_canvas_text(struct avqa_canvas *canvas, struct avqa_point at,
                      const struct avqa_text *text)
{
    if (!sane_point(at) || !sane(text->angle_deg) || !text->text || !*text->text)
        return;

    struct avqa_shape shape = text_shape(canvas, at, text);
    if (*avqa_layout_text(shape.layout))
        record(canvas, &shape);
    else
        avqa_layout_unref(shape.layout);
}

struct avqa_extent avqa_canvas_measure(const struct avqa_canvas *canvas,
                                       const struct avqa_text *text)
{
    struct avqa_layout *layout = avqa_fonts_shape(canvas->fonts, text);
    struct avqa_extent extent = avqa_layout_extent(layout);

    avqa_layout_unref(layout);
    return extent;
}

static struct avqa_quad quad_of(const struct avqa_shape *shape)
{
    struct avqa_extent extent = avqa_layout_extent(shape->layout);
    double angle = shape->angle_deg * M_PI / 180, c = cos(angle), s = sin(angle);
    double left = shape->align == AVQA_ALIGN_START    ? 0
                  : shape->align == AVQA_ALIGN_MIDDLE ? -extent.width_pt / 2
                                                      : -extent.width_pt;
    double x[4] = {left, left + extent.width_pt, left + extent.width_pt, left};
    double y[4] = {0, 0, extent.height_pt, extent.height_pt};
    struct avqa_quad quad;

    for (size_t i = 0; i < 4; i++) {
        double dy = y[i] - shape->rise_pt;
        quad.corner[i].x_pt = shape->points[0].x_pt + x[i] * c - dy * s;
        quad.corner[i].y_pt = shape->points[0].y_pt + x[i] * s + dy * c;
    }
    return quad;
}

struct avqa_quad avqa_canvas_quad(const struct avqa_canvas *canvas,
                                  struct avqa_point at, const struct avqa_text *text)
{
    struct avqa_shape shape = text_shape(canvas, at, text);
    struct avqa_quad quad = quad_of(&shape);

    avqa_layout_unref(shape.layout);
    return quad;
}

enum avqa_status avqa_canvas_write(const struct avqa_canvas *canvas,
                                   const struct avqa_canvas_target *target,
                                   struct avqa_buf *out)
{
    struct avqa_surface_page page = {.width_pt = canvas->width_pt,
                                     .height_pt = canvas->height_pt,
                                     .shapes = canvas->shapes,
                                     .n_shapes = canvas->n_shapes};

    if (canvas->status != AVQA_OK)
        return canvas->status;
    return avqa_surface_write(&page, target, out);
}

enum avqa_status avqa_canvas_save(const struct avqa_canvas *canvas,
                                  const struct avqa_canvas_target *target,
                                  const char *path)
{
    struct avqa_buf bytes = AVQA_BUF_INIT;
    enum avqa_status rc = avqa_canvas_write(canvas, target, &bytes);
    if (rc == AVQA_OK)
        rc = avqa_io_write(path, bytes.data, bytes.len);
    avqa_buf_release(&bytes);
    return rc;
}

/* The i-th shape of a kind, or NULL. */
static const struct avqa_shape *nth(const struct avqa_canvas *canvas,
                                    enum avqa_shape_kind kind, size_t i)
{
    for (size_t k = 0; k < canvas->n_shapes; k++)
        if (canvas->shapes[k].kind == kind && i-- == 0)
            return &canvas->shapes[k];
    return NULL;
}

bool avqa_canvas_text_at(const struct avqa_canvas *canvas, size_t i, const char **text,
                         struct avqa_quad *quad)
{
    const struct avqa_shape *shape = nth(canvas, AVQA_SHAPE_TEXT, i);

    if (!shape)
        return false;
    *text = avqa_layout_text(shape->layout);
    *quad = quad_of(shape);
    return true;
}

bool avqa_canvas_wedge_at(const struct avqa_canvas *canvas, size_t i,
                          struct avqa_wedge *wedge, struct avqa_color *fill)
{
    const struct avqa_shape *shape = nth(canvas, AVQA_SHAPE_WEDGE, i);

    if (!shape)
        return false;
    *wedge = shape->wedge;
    *fill = shape->fill;
    return true;
}

bool avqa_canvas_rect_at(const struct avqa_canvas *canvas, size_t i,
                         struct avqa_rect *rect, struct avqa_color *fill)
{
    const struct avqa_shape *shape = nth(canvas, AVQA_SHAPE_RECT, i);

    if (!shape)
        return false;
    *rect = shape->rect;
    *fill = shape->fill;
    return true;
}

bool avqa_canvas_picture_at(const struct avqa_canvas *canvas, size_t i,
                            struct avqa_rect *rect, struct avqa_pixels *pixels)
{
    const struct avqa_shape *shape = nth(canvas, AVQA_SHAPE_PICTURE, i);

    if (!shape)
        return false;
    *rect = shape->rect;
    *pixels = *shape->pixels;
    return true;
}

static bool off_page(const struct avqa_canvas *canvas, const struct avqa_quad *quad,
                     double slack_pt)
{
    for (size_t i = 0; i < 4; i++) {
        struct avqa_point p = quad->corner[i];

        if (p.x_pt < -slack_pt || p.x_pt > canvas->width_pt + slack_pt ||
            p.y_pt < -slack_pt || p.y_pt > canvas->height_pt + slack_pt)
            return true;
    }
    return false;
}

size_t avqa_canvas_clashes(const struct avqa_canvas *canvas, double slack_pt)
{
    size_t n = 0;

    for (size_t i = 0; i < canvas->n_shapes; i++) {
        if (canvas->shapes[i].kind != AVQA_SHAPE_TEXT)
            continue;
        struct avqa_quad quad = quad_of(&canvas->shapes[i]);
        bool clash = off_page(canvas, &quad, slack_pt);

        for (size_t k = 0; k < i && !clash; k++) {
            if (canvas->shapes[k].kind != AVQA_SHAPE_TEXT)
                continue;
            struct avqa_quad other = quad_of(&canvas->shapes[k]);
            clash = avqa_quad_overlap(&quad, &other, slack_pt);
        }
        n += clash;
    }
    return n;
}
