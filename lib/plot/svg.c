/* Shapes as SVG elements. Coordinates have two decimals (a fiftieth of a printer's dot)
 * and are written without printf, whose decimal point follows the user's locale. The
 * body is written first, because only then is known which letters it needs. */
#include "plot/svg.h"

#include <ctype.h>
#include <math.h>
#include <stdint.h>

#include <glib.h>

struct writer {
    struct avqa_buf *out;    /* the body */
    struct avqa_buf *defs;   /* outlines of letters */
    GHashTable *numbers;     /* outline -> its number, from 1 */
    enum avqa_status status; /* of the pictures */
    char prefix[64];
};

static void set_prefix(struct writer *writer, const char *prefix)
{
    size_t n = 0;

    for (const char *p = prefix ? prefix : ""; *p && n + 1 < sizeof writer->prefix; p++)
        writer->prefix[n++] =
            isalnum((unsigned char)*p) || *p == '_' || *p == '.' ? *p : '-';
    writer->prefix[n] = '\0';
    if (n > 0 && !isalpha((unsigned char)writer->prefix[0]))
        writer->prefix[0] = 'p';
}

/* A number of at most two decimals, after `before`. */
static void number(struct writer *writer, const char *before, double value)
{
    char text[32];
    size_t at = sizeof text;
    long long hundredths = llround(value * 100);
    unsigned long long rest =
        (unsigned long long)(hundredths < 0 ? -hundredths : hundredths);

    for (int place = 0; place < 3 || rest > 0; place++) {
        bool skip = place < 2 && rest % 10 == 0 && at == sizeof text;

        if (place == 2 && at < sizeof text)
            text[--at] = '.';
        if (!skip)
            text[--at] = (char)('0' + rest % 10);
        rest /= 10;
    }
    avqa_buf_adds(writer->out, before);
    if (hundredths < 0)
        avqa_buf_addc(writer->out, '-');
    avqa_buf_add(writer->out, text + at, sizeof text - at);
}

static void point(struct writer *writer, const char *before, struct avqa_point p)
{
    number(writer, before, p.x_pt);
    number(writer, " ", p.y_pt);
}

static void color(struct writer *writer, const char *name, struct avqa_color c)
{
    avqa_buf_addf(writer->out, " %s=\"#%02x%02x%02x\"", name,
                  (unsigned)lround(c.r * 255), (unsigned)lround(c.g * 255),
                  (unsigned)lround(c.b * 255));
}

static void stroke(struct writer *writer, const struct avqa_stroke *s)
{
    color(writer, "stroke", s->color);
    number(writer, " stroke-width=\"", s->width_pt);
    avqa_buf_addc(writer->out, '"');
    if (s->dash_pt > 0) {
        number(writer, " stroke-dasharray=\"", s->dash_pt);
        avqa_buf_addc(writer->out, '"');
    }
}

static void rect(struct writer *writer, const struct avqa_rect *r)
{
    number(writer, "<rect x=\"", r->x_pt);
    number(writer, "\" y=\"", r->y_pt);
    number(writer, "\" width=\"", r->width_pt);
    number(writer, "\" height=\"", r->height_pt);
    avqa_buf_addc(writer->out, '"');
}

static void hatch_line(void *closure, struct avqa_point from, struct avqa_point to)
{
    point(closure, "M", from);
    point(closure, "L", to);
}

static void arc(struct writer *writer, double r_pt, bool large, bool clockwise,
                struct avqa_point to)
{
    number(writer, "A", r_pt);
    number(writer, " ", r_pt);
    avqa_buf_adds(writer->out, large ? " 0 1 " : " 0 0 ");
    point(writer, clockwise ? "1 " : "0 ", to);
}

/* A circle as two half arcs, the inner one the other way round. */
static void circle(struct writer *writer, struct avqa_point center, double r_pt,
                   bool clockwise)
{
    struct avqa_point top = avqa_wedge_point(center, r_pt, 0);
    struct avqa_point bottom = avqa_wedge_point(center, r_pt, M_PI);

    point(writer, "M", top);
    arc(writer, r_pt, false, clockwise, bottom);
    arc(writer, r_pt, false, clockwise, top);
    avqa_buf_addc(writer->out, 'Z');
}

static void wedge(struct writer *writer, const struct avqa_shape *shape)
{
    const struct avqa_wedge *w = &shape->wedge;
    double span = w->a1_rad - w->a0_rad;

    avqa_buf_adds(writer->out, "<path d=\"");
    if (span >= 2 * M_PI - 1e-6) {
        circle(writer, w->center, w->r1_pt, true);
        if (w->r0_pt > 0)
            circle(writer, w->center, w->r0_pt, false);
    } else {
        point(writer, "M", avqa_wedge_point(w->center, w->r1_pt, w->a0_rad));
        arc(writer, w->r1_pt, span > M_PI, true,
            avqa_wedge_point(w->center, w->r1_pt, w->a1_rad));
        point(writer, "L", avqa_wedge_point(w->center, w->r0_pt, w->a1_rad));
        if (w->r0_pt > 0)
            arc(writer, w->r0_pt, span > M_PI, false,
                avqa_wedge_point(w->center, w->r0_pt, w->a0_rad));
        avqa_buf_addc(writer->out, 'Z');
    }
    avqa_buf_addc(writer->out, '"');
    color(writer, "fill", shape->fill);
    if (shape->stroke.width_pt > 0)
        stroke(writer, &shape->stroke);
    avqa_buf_adds(writer->out, "/>\n");
}

static void letter(void *closure, const char *outline, struct avqa_point at)
{
    struct writer *writer = closure;
    size_t n = GPOINTER_TO_SIZE(g_hash_table_lookup(writer->numbers, outline));

    if (n == 0) {
        n = g_hash_table_size(writer->numbers) + 1;
        g_hash_table_insert(writer->numbers, (void *)(uintptr_t)outline,
                            GSIZE_TO_POINTER(n));
        avqa_buf_addf(writer->defs, "<path id=\"%sg%zu\" d=\"", writer->prefix, n);
        avqa_buf_adds(writer->defs, outline);
        avqa_buf_adds(writer->defs, "\"/>\n");
    }
    avqa_buf_adds(writer->out, "<use xlink:href=\"#");
    avqa_buf_adds(writer->out, writer->prefix);
    number(writer, "g", (double)n);
    number(writer, "\" x=\"", at.x_pt);
    number(writer, "\" y=\"", at.y_pt);
    avqa_buf_adds(writer->out, "\"/>");
}

static void text(struct writer *writer, const struct avqa_shape *shape)
{
    double angle = shape->angle_deg * M_PI / 180;
    struct avqa_point top = {shape->points[0].x_pt + shape->rise_pt * sin(angle),
                             shape->points[0].y_pt - shape->rise_pt * cos(angle)};

    avqa_buf_adds(writer->out, "<g");
    color(writer, "fill", shape->fill);
    point(writer, " transform=\"translate(", top);
    avqa_buf_addc(writer->out, ')');
    if (shape->angle_deg < 0 || shape->angle_deg > 0) {
        number(writer, "rotate(", shape->angle_deg);
        avqa_buf_addc(writer->out, ')');
    }
    avqa_buf_adds(writer->out, "\">");
    avqa_layout_visit(shape->layout, shape->align, letter, writer);
    avqa_buf_adds(writer->out, "</g>\n");
}

static void picture(struct writer *writer, const struct avqa_shape *shape)
{
    number(writer, "<image x=\"", shape->rect.x_pt);
    number(writer, "\" y=\"", shape->rect.y_pt);
    number(writer, "\" width=\"", shape->rect.width_pt);
    number(writer, "\" height=\"", shape->rect.height_pt);
    avqa_buf_adds(writer->out, "\" preserveAspectRatio=\"none\" xlink:href=\"");
    if (writer->status == AVQA_OK)
        writer->status = avqa_pixels_data_url(writer->out, shape->pixels);
    avqa_buf_adds(writer->out, "\"/>\n");
}

static void stroked_path(struct writer *writer, const struct avqa_stroke *s)
{
    avqa_buf_addc(writer->out, '"');
    stroke(writer, s);
    avqa_buf_adds(writer->out, " fill=\"none\"/>\n");
}

static void filled(struct writer *writer, struct avqa_color fill)
{
    color(writer, "fill", fill);
    avqa_buf_adds(writer->out, "/>\n");
}

static void write_shape(struct writer *writer, const struct avqa_shape *shape)
{
    switch (shape->kind) {
    case AVQA_SHAPE_RECT:
        rect(writer, &shape->rect);
        filled(writer, shape->fill);
        break;
    case AVQA_SHAPE_OUTLINE:
        rect(writer, &shape->rect);
        stroke(writer, &shape->stroke);
        avqa_buf_adds(writer->out, " fill=\"none\"/>\n");
        break;
    case AVQA_SHAPE_HATCH:
        avqa_buf_adds(writer->out, "<path d=\"");
        avqa_shape_hatch(shape, hatch_line, writer);
        stroked_path(writer, &shape->stroke);
        break;
    case AVQA_SHAPE_LINE:
        avqa_buf_adds(writer->out, "<path d=\"");
        hatch_line(writer, shape->points[0], shape->points[1]);
        stroked_path(writer, &shape->stroke);
        break;
    case AVQA_SHAPE_DISC:
        number(writer, "<circle cx=\"", shape->points[0].x_pt);
        number(writer, "\" cy=\"", shape->points[0].y_pt);
        number(writer, "\" r=\"", shape->gap_pt);
        avqa_buf_addc(writer->out, '"');
        filled(writer, shape->fill);
        break;
    case AVQA_SHAPE_TRIANGLE:
        point(writer, "<path d=\"M", shape->points[0]);
        point(writer, "L", shape->points[1]);
        point(writer, "L", shape->points[2]);
        avqa_buf_adds(writer->out, "Z\"");
        filled(writer, shape->fill);
        break;
    case AVQA_SHAPE_WEDGE:
        wedge(writer, shape);
        break;
    case AVQA_SHAPE_PICTURE:
        picture(writer, shape);
        break;
    case AVQA_SHAPE_TEXT:
        text(writer, shape);
        break;
    }
}

static void add_escaped(struct avqa_buf *out, const char *s)
{
    struct avqa_buf clean = AVQA_BUF_INIT;

    avqa_text_clean(&clean, s);
    for (s = avqa_buf_str(&clean); *s; s++) {
        if (*s == '&')
            avqa_buf_adds(out, "&amp;");
        else if (*s == '<')
            avqa_buf_adds(out, "&lt;");
        else if (*s == '>')
            avqa_buf_adds(out, "&gt;");
        else
            avqa_buf_addc(out, *s);
    }
    avqa_buf_release(&clean);
}

static void write_head(struct writer *writer, const struct avqa_surface_page *page,
                       const struct avqa_canvas_target *target)
{
    struct avqa_buf *out = writer->out;

    if (!target->embed)
        avqa_buf_adds(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    avqa_buf_adds(out, "<svg xmlns=\"http://www.w3.org/2000/svg\" "
                       "xmlns:xlink=\"http://www.w3.org/1999/xlink\" version=\"1.1\"");
    number(writer, " width=\"", page->width_pt);
    number(writer, "pt\" height=\"", page->height_pt);
    number(writer, "pt\" viewBox=\"0 0 ", page->width_pt);
    number(writer, " ", page->height_pt);
    avqa_buf_adds(out, "\" role=\"img\">\n");
    if (target->title && *target->title) {
        avqa_buf_adds(out, "<title>");
        add_escaped(out, target->title);
        avqa_buf_adds(out, "</title>\n");
    }
}

enum avqa_status avqa_svg_write(const struct avqa_surface_page *page,
                                const struct avqa_canvas_target *target,
                                struct avqa_buf *out)
{
    struct avqa_buf body = AVQA_BUF_INIT, defs = AVQA_BUF_INIT;
    struct writer writer = {.out = &body, .defs = &defs};

    writer.numbers = g_hash_table_new(NULL, NULL);
    set_prefix(&writer, target->id_prefix);
    for (size_t i = 0; i < page->n_shapes; i++)
        write_shape(&writer, &page->shapes[i]);

    writer.out = out;
    write_head(&writer, page, target);
    if (defs.len > 0) {
        avqa_buf_adds(out, "<defs>\n");
        avqa_buf_add(out, defs.data, defs.len);
        avqa_buf_adds(out, "</defs>\n");
    }
    avqa_buf_add(out, avqa_buf_str(&body), body.len);
    avqa_buf_adds(out, "</svg>\n");
    out->failed = out->failed || body.failed || defs.failed;
    g_hash_table_destroy(writer.numbers);
    avqa_buf_release(&body);
    avqa_buf_release(&defs);
    return writer.status;
}
