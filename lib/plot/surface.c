/* The only file that draws (with pixels.c and fonts.c for what they own): shapes onto a
 * cairo surface, the surface into bytes.
 *
 * What would make two runs differ is taken out here: the date cairo puts into a PDF is
 * a fixed one, and the ids of an SVG are renumbered. */
#include "plot/surface.h"

#include <math.h>

#include <cairo-pdf.h>
#include <cairo.h>

#include "plot/svg.h"

#define DEFAULT_DPI 144.0
#define MAX_PIXELS 20000.0
#define PDF_DATE "2000-01-01T00:00:00Z"

static cairo_status_t append(void *closure, const unsigned char *data, unsigned len)
{
    struct avqa_buf *buf = closure;

    avqa_buf_add(buf, data, len);
    return buf->failed ? CAIRO_STATUS_WRITE_ERROR : CAIRO_STATUS_SUCCESS;
}

static void use_color(cairo_t *cr, struct avqa_color color)
{
    cairo_set_source_rgb(cr, color.r, color.g, color.b);
}

static void stroke_path(cairo_t *cr, const struct avqa_stroke *stroke)
{
    use_color(cr, stroke->color);
    cairo_set_line_width(cr, stroke->width_pt);
    cairo_set_dash(cr, &stroke->dash_pt, stroke->dash_pt > 0 ? 1 : 0, 0);
    cairo_stroke(cr);
}

static void rect_path(cairo_t *cr, const struct avqa_rect *rect)
{
    cairo_rectangle(cr, rect->x_pt, rect->y_pt, rect->width_pt, rect->height_pt);
}

static void hatch_line(void *cr, struct avqa_point from, struct avqa_point to)
{
    cairo_move_to(cr, from.x_pt, from.y_pt);
    cairo_line_to(cr, to.x_pt, to.y_pt);
}

static void wedge_path(cairo_t *cr, const struct avqa_wedge *w)
{
    double a0 = w->a0_rad - M_PI / 2, a1 = w->a1_rad - M_PI / 2;
    bool ring = w->a1_rad - w->a0_rad >= 2 * M_PI - 1e-9;

    cairo_new_sub_path(cr);
    cairo_arc(cr, w->center.x_pt, w->center.y_pt, w->r1_pt, a0, a1);
    if (ring) {
        cairo_close_path(cr);
        cairo_new_sub_path(cr);
    }
    if (w->r0_pt > 0)
        cairo_arc_negative(cr, w->center.x_pt, w->center.y_pt, w->r0_pt, a1, a0);
    else if (!ring)
        cairo_line_to(cr, w->center.x_pt, w->center.y_pt);
    if (!ring || w->r0_pt > 0)
        cairo_close_path(cr);
}

static void show_text(cairo_t *cr, const struct avqa_shape *shape)
{
    cairo_save(cr);
    cairo_translate(cr, shape->points[0].x_pt, shape->points[0].y_pt);
    if (shape->angle_deg < 0 || shape->angle_deg > 0)
        cairo_rotate(cr, shape->angle_deg * M_PI / 180);
    cairo_translate(cr, 0, -shape->rise_pt);
    use_color(cr, shape->fill);
    avqa_layout_show(shape->layout, cr, shape->align);
    cairo_restore(cr);
    cairo_new_path(cr);
}

static void fill_path(cairo_t *cr, struct avqa_color color)
{
    use_color(cr, color);
    cairo_fill(cr);
}

static void polygon_path(cairo_t *cr, const struct avqa_point *points, size_t n)
{
    for (size_t i = 0; i < n; i++)
        cairo_line_to(cr, points[i].x_pt, points[i].y_pt);
}

static void replay_shape(cairo_t *cr, const struct avqa_shape *shape)
{
    switch (shape->kind) {
    case AVQA_SHAPE_RECT:
        rect_path(cr, &shape->rect);
        fill_path(cr, shape->fill);
        break;
    case AVQA_SHAPE_OUTLINE:
        rect_path(cr, &shape->rect);
        stroke_path(cr, &shape->stroke);
        break;
    case AVQA_SHAPE_HATCH:
        avqa_shape_hatch(shape, hatch_line, cr);
        stroke_path(cr, &shape->stroke);
        break;
    case AVQA_SHAPE_LINE:
        polygon_path(cr, shape->points, 2);
        stroke_path(cr, &shape->stroke);
        break;
    case AVQA_SHAPE_DISC:
        cairo_arc(cr, shape->points[0].x_pt, shape->points[0].y_pt, shape->gap_pt, 0,
                  2 * M_PI);
        fill_path(cr, shape->fill);
        break;
    case AVQA_SHAPE_TRIANGLE:
        polygon_path(cr, shape->points, 3);
        fill_path(cr, shape->fill);
        break;
    case AVQA_SHAPE_WEDGE:
        wedge_path(cr, &shape->wedge);
        use_color(cr, shape->fill);
        cairo_fill_preserve(cr);
        if (shape->stroke.width_pt > 0)
            stroke_path(cr, &shape->stroke);
        cairo_new_path(cr);
        break;
    case AVQA_SHAPE_PICTURE:
        avqa_pixels_show(shape->pixels, cr, &shape->rect);
        break;
    case AVQA_SHAPE_TEXT:
        show_text(cr, shape);
        break;
    }
}

/* Draws everything and destroys the surface's context; cairo's own error, if any. */
static enum avqa_status replay(cairo_surface_t *surface,
                               const struct avqa_surface_page *page, double scale)
{
    cairo_t *cr = cairo_create(surface);
    cairo_status_t status;

    cairo_scale(cr, scale, scale);
    for (size_t i = 0; i < page->n_shapes; i++)
        replay_shape(cr, &page->shapes[i]);
    status = cairo_status(cr);
    cairo_destroy(cr);
    if (status != CAIRO_STATUS_SUCCESS)
        return avqa_fail(AVQA_ENOMEM, "drawing: %s", cairo_status_to_string(status));
    return AVQA_OK;
}

/* Ends the document, so that its last bytes are written, and lets go of it. */
static enum avqa_status finish(cairo_surface_t *surface, enum avqa_status status)
{
    cairo_surface_finish(surface);
    if (status == AVQA_OK && cairo_surface_status(surface) != CAIRO_STATUS_SUCCESS)
        status = avqa_fail(AVQA_ENOMEM, "drawing: %s",
                           cairo_status_to_string(cairo_surface_status(surface)));
    cairo_surface_destroy(surface);
    return status;
}

static enum avqa_status write_pdf(const struct avqa_surface_page *page,
                                  const struct avqa_canvas_target *target,
                                  struct avqa_buf *out)
{
    struct avqa_buf title = AVQA_BUF_INIT;
    cairo_surface_t *surface = cairo_pdf_surface_create_for_stream(
        append, out, page->width_pt, page->height_pt);

    cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_CREATE_DATE, PDF_DATE);
    if (target->title) {
        avqa_text_clean(&title, target->title);
        cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_TITLE,
                                       avqa_buf_str(&title));
        avqa_buf_release(&title);
    }
    return finish(surface, replay(surface, page, 1));
}

static enum avqa_status write_png(const struct avqa_surface_page *page,
                                  const struct avqa_canvas_target *target,
                                  struct avqa_buf *out)
{
    double scale = (target->dpi > 0 ? target->dpi : DEFAULT_DPI) / 72;
    double width = ceil(page->width_pt * scale), height = ceil(page->height_pt * scale);

    if (!(width <= MAX_PIXELS && height <= MAX_PIXELS))
        return avqa_fail(AVQA_EINVAL, "a picture of %.0f x %.0f pixels is too large",
                         width, height);

    cairo_surface_t *surface =
        cairo_image_surface_create(CAIRO_FORMAT_RGB24, (int)width, (int)height);
    cairo_t *cr = cairo_create(surface);
    cairo_set_source_rgb(cr, 1, 1, 1);
    cairo_paint(cr);
    cairo_destroy(cr);

    enum avqa_status status = replay(surface, page, scale);
    if (status == AVQA_OK &&
        cairo_surface_write_to_png_stream(surface, append, out) != CAIRO_STATUS_SUCCESS)
        status = avqa_fail(AVQA_ENOMEM, "writing a PNG of %.0f x %.0f pixels failed",
                           width, height);
    return finish(surface, status);
}

enum avqa_status avqa_surface_write(const struct avqa_surface_page *page,
                                    const struct avqa_canvas_target *target,
                                    struct avqa_buf *out)
{
    enum avqa_status status = AVQA_OK;

    if (!(page->width_pt > 0 && page->height_pt > 0 &&
          page->width_pt <= AVQA_CANVAS_MAX_PT &&
          page->height_pt <= AVQA_CANVAS_MAX_PT))
        return avqa_fail(AVQA_EINVAL, "a page of %.0f x %.0f points cannot be written",
                         page->width_pt, page->height_pt);
    if (target->kind == AVQA_CANVAS_SVG)
        status = avqa_svg_write(page, target, out);
    else if (target->kind == AVQA_CANVAS_PDF)
        status = write_pdf(page, target, out);
    else
        status = write_png(page, target, out);
    return status == AVQA_OK ? avqa_buf_status(out) : status;
}
