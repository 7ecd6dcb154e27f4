/* See explain_strip.h. As many pictures stand in a line as leave each an area that can
 * be read; a picture keeps its shape and the map is stretched with it, since what the
 * model saw was the picture squashed. */
#include "plot/explain_strip.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "plot/scale.h"

#define GAP_PT 6.0
#define LABEL_PT 10.0 /* the second, above a picture */
#define BAND_PT 23.0  /* from a picture to the ground of its bars */
#define VALUES_PT 9.0 /* below the ground */
#define BAR_PT 19.0   /* the highest bar */
#define BAR_WIDTH_PT 15.0
#define BARS_APART_PT 27.0 /* middles of the two */
#define LINE_GAP_PT 9.0
#define MAX_FRAME_PT 140.0 /* height */
#define MIN_AREA_PT2 4200.0
#define MIN_PITCH_PT 40.0
#define BARS_PITCH_PT 56.0 /* where there are only bars */
#define MAX_PITCH_PT 250.0

enum { CHANNELS = 3, GREY = 128, CELL_PX = 16, MAX_CELLS = 128 };

struct avqa_color avqa_explain_heard(void)
{
    return avqa_palette_hex(0xEE9A3A);
}

struct avqa_color avqa_explain_seen(void)
{
    return avqa_palette_hex(0x2F5E97);
}

/* ---- plan ------------------------------------------------------------------------ */

static void look_at_places(struct avqa_explain_strip *s, const float *places)
{
    size_t n = s->panel->rows * s->panel->cols;

    for (size_t i = 0; i < n; i++) {
        double weight = (double)places[i];

        if (!isfinite(weight))
            continue;
        s->least = s->has_maps ? fmin(s->least, weight) : weight;
        s->most = s->has_maps ? fmax(s->most, weight) : weight;
        s->has_maps = true;
    }
}

/* What the seconds have; the shape of the pictures is that of the first one. */
static double look_at_frames(struct avqa_explain_strip *s)
{
    double shape = 0;

    for (size_t i = 0; i < s->panel->n_frames; i++) {
        const struct avqa_explain_frame *f = &s->panel->frames[i];

        if (f->picture.rgb && !s->has_pictures) {
            s->has_pictures = true;
            shape = (double)f->picture.width / f->picture.height;
        }
        if (f->places)
            look_at_places(s, f->places);
        s->has_boxes = s->has_boxes || f->n_boxes;
        s->has_heard = s->has_heard || isfinite(f->heard);
        s->has_seen = s->has_seen || isfinite(f->seen);
        s->most_time = fmax(s->most_time, isfinite(f->heard) ? f->heard : 0);
        s->most_time = fmax(s->most_time, isfinite(f->seen) ? f->seen : 0);
    }
    if (s->has_pictures)
        return shape;
    return s->has_maps ? (double)s->panel->cols / (double)s->panel->rows : 0;
}

static void place_frames(struct avqa_explain_strip *s, size_t columns, double shape)
{
    s->columns = columns;
    s->pitch_pt = fmin((s->width_pt + GAP_PT) / (double)columns, MAX_PITCH_PT);
    s->frame_w_pt = s->pitch_pt - GAP_PT;
    if (!(shape > 0))
        return;
    s->frame_h_pt = fmax(s->frame_w_pt / shape, 2);
    if (s->frame_h_pt > MAX_FRAME_PT) {
        s->frame_h_pt = MAX_FRAME_PT;
        s->frame_w_pt = fmax(MAX_FRAME_PT * shape, 2);
    }
}

/* The fewest lines in which pictures are large enough, and equally long ones. */
static void choose_columns(struct avqa_explain_strip *s, double shape)
{
    size_t n = s->panel->n_frames;

    for (size_t lines = 1;; lines++) {
        size_t columns = (n + lines - 1) / lines;

        place_frames(s, columns, shape);
        if (columns == 1 || (!(shape > 0) && s->pitch_pt >= BARS_PITCH_PT) ||
            (shape > 0 && s->pitch_pt >= MIN_PITCH_PT &&
             s->frame_w_pt * s->frame_h_pt >= MIN_AREA_PT2))
            return;
        /* A picture of an odd shape never gets that area: as wide as a line then. */
        if (s->pitch_pt >= MAX_PITCH_PT || s->frame_h_pt >= MAX_FRAME_PT)
            return;
    }
}

void avqa_explain_strip_plan(struct avqa_explain_strip *strip,
                             const struct avqa_explain_panel *panel,
                             struct avqa_rect room, size_t columns)
{
    *strip = (struct avqa_explain_strip){
        .panel = panel, .left_pt = room.x_pt, .width_pt = room.width_pt};
    if (panel->n_frames == 0)
        return;
    double shape = look_at_frames(strip);
    if (panel->rows * panel->cols > 0)
        strip->even = 1 / (double)(panel->rows * panel->cols);
    strip->scale =
        (struct avqa_heat_scale){fmin(strip->least, strip->even / AVQA_EXPLAIN_TIMES),
                                 fmax(strip->most, strip->even * AVQA_EXPLAIN_TIMES)};
    strip->even_time = 1 / (double)panel->n_frames;
    if (columns == 0)
        choose_columns(strip, shape);
    else
        place_frames(strip, columns < panel->n_frames ? columns : panel->n_frames,
                     shape);
}

/* ---- pictures -------------------------------------------------------------------- */

static struct avqa_heat_map map_of(const struct avqa_explain_strip *s,
                                   const struct avqa_explain_frame *frame)
{
    return (struct avqa_heat_map){s->panel->rows, s->panel->cols, frame->places};
}

static enum avqa_status paint(struct avqa_canvas *canvas,
                              const struct avqa_explain_strip *s,
                              const struct avqa_explain_frame *frame,
                              struct avqa_rect rect)
{
    struct avqa_heat_map map = map_of(s, frame);
    const struct avqa_pixels *picture = &frame->picture;
    uint8_t *rgb;
    enum avqa_status status = avqa_mem_array(
        &rgb, (size_t)picture->width * (size_t)picture->height, CHANNELS);

    if (status != AVQA_OK)
        return status;
    avqa_heat_paint(rgb, picture, &map, &s->scale, &s->panel->region);
    struct avqa_pixels painted = {picture->width, picture->height, rgb};
    avqa_canvas_picture(canvas, rect, &painted);
    free(rgb);
    return AVQA_OK;
}

/* The map alone, over the grey that the legend has. */
static enum avqa_status paint_alone(struct avqa_canvas *canvas,
                                    const struct avqa_explain_strip *s,
                                    const struct avqa_explain_frame *frame,
                                    struct avqa_rect rect)
{
    struct avqa_explain_frame grey = *frame;
    size_t rows = s->panel->rows < MAX_CELLS ? s->panel->rows : MAX_CELLS;
    size_t cols = s->panel->cols < MAX_CELLS ? s->panel->cols : MAX_CELLS;
    size_t bytes = rows * cols * CELL_PX * CELL_PX * CHANNELS;
    uint8_t *rgb;
    enum avqa_status status = avqa_mem_array(&rgb, bytes, 1);

    if (status != AVQA_OK)
        return status;
    memset(rgb, GREY, bytes);
    grey.picture = (struct avqa_pixels){(int)cols * CELL_PX, (int)rows * CELL_PX, rgb};
    status = paint(canvas, s, &grey, rect);
    free(rgb);
    return status;
}

static void draw_absence(struct avqa_canvas *canvas, struct avqa_rect rect)
{
    struct avqa_stroke edge = {avqa_palette_other(), 0.6, 3};
    struct avqa_text text = avqa_figure_text("no picture", AVQA_FIGURE_SMALL_PT);
    struct avqa_point middle = {rect.x_pt + rect.width_pt / 2,
                                rect.y_pt + rect.height_pt / 2};

    text.align = AVQA_ALIGN_MIDDLE;
    text.color = avqa_figure_soft();
    text.max_width_pt = rect.width_pt;
    avqa_canvas_outline(canvas, rect, edge);
    if (rect.height_pt >= AVQA_FIGURE_SMALL_PT * AVQA_TEXT_PITCH)
        avqa_canvas_text(canvas, middle, &text);
}

/* The border of what the model saw, where that is not all of the picture. */
static void draw_region(struct avqa_canvas *canvas, const struct avqa_explain_strip *s,
                        struct avqa_rect rect)
{
    const struct avqa_heat_region *r = &s->panel->region;
    struct avqa_rect inside = {rect.x_pt + r->x * rect.width_pt,
                               rect.y_pt + r->y * rect.height_pt,
                               r->width * rect.width_pt, r->height * rect.height_pt};
    struct avqa_stroke edge = {avqa_palette_hex(0xFFFFFF), 0.5, 2};

    if (r->width < 1 || r->height < 1)
        avqa_canvas_outline(canvas, inside, edge);
}

static enum avqa_status draw_frame(struct avqa_canvas *canvas,
                                   const struct avqa_explain_strip *s,
                                   const struct avqa_explain_frame *frame,
                                   struct avqa_rect rect)
{
    enum avqa_status status = AVQA_OK;

    bool has_map = s->has_maps && frame->places;

    if (frame->picture.rgb && has_map)
        status = paint(canvas, s, frame, rect);
    else if (frame->picture.rgb)
        avqa_canvas_picture(canvas, rect, &frame->picture);
    else if (has_map)
        status = paint_alone(canvas, s, frame, rect);
    else
        draw_absence(canvas, rect);
    if (frame->picture.rgb && has_map)
        draw_region(canvas, s, rect);
    if (frame->picture.rgb || has_map)
        avqa_explain_boxes_draw(canvas, frame, rect);
    return status;
}

/* ---- bars ------------------------------------------------------------------------ */

struct bar {
    double value, middle_pt, base_pt;
    struct avqa_color color;
};

static void draw_bar(struct avqa_canvas *canvas, const struct avqa_explain_strip *s,
                     const struct bar *bar)
{
    char value[AVQA_SCALE_TEXT_LEN] = "";
    double squeeze = fmin(1, s->pitch_pt / BARS_PITCH_PT);
    double height_pt = s->most_time > 0 ? BAR_PT * bar->value / s->most_time : 0;
    struct avqa_rect rect = {bar->middle_pt - BAR_WIDTH_PT / 2 * squeeze,
                             bar->base_pt - height_pt, BAR_WIDTH_PT * squeeze,
                             height_pt};
    struct avqa_text text = avqa_figure_text(value, AVQA_FIGURE_SMALL_PT * squeeze);

    if (!isfinite(bar->value))
        return;
    avqa_scale_percent(value, bar->value);
    text.align = AVQA_ALIGN_MIDDLE;
    text.valign = AVQA_VALIGN_TOP;
    avqa_canvas_rect(canvas, rect, bar->color);
    avqa_canvas_text(canvas, (struct avqa_point){bar->middle_pt, bar->base_pt + 1},
                     &text);
}

static void draw_bars(struct avqa_canvas *canvas, const struct avqa_explain_strip *s,
                      const struct avqa_explain_frame *frame, struct avqa_point base)
{
    double apart_pt = s->has_heard && s->has_seen
                          ? BARS_APART_PT * fmin(1, s->pitch_pt / BARS_PITCH_PT)
                          : 0;
    struct bar heard = {frame->heard, base.x_pt - apart_pt / 2, base.y_pt,
                        avqa_explain_heard()};
    struct bar seen = {frame->seen, base.x_pt + apart_pt / 2, base.y_pt,
                       avqa_explain_seen()};

    if (s->has_heard)
        draw_bar(canvas, s, &heard);
    if (s->has_seen)
        draw_bar(canvas, s, &seen);
}

/* The ground of a line of bars, and the height that all would have if they were even.
 */
static void draw_ground(struct avqa_canvas *canvas, const struct avqa_explain_strip *s,
                        double base_pt, size_t n)
{
    double right_pt = s->left_pt + (double)n * s->pitch_pt - GAP_PT;
    double even_pt = base_pt - BAR_PT * s->even_time / s->most_time;
    struct avqa_stroke rule = {avqa_figure_rule(), 0.5, 0};
    struct avqa_stroke even = {avqa_figure_soft(), 0.5, 2};

    avqa_canvas_line(canvas, (struct avqa_point){s->left_pt, base_pt},
                     (struct avqa_point){right_pt, base_pt}, rule);
    avqa_canvas_line(canvas, (struct avqa_point){s->left_pt, even_pt},
                     (struct avqa_point){right_pt, even_pt}, even);
}

/* ---- lines ----------------------------------------------------------------------- */

static bool has_bars(const struct avqa_explain_strip *s)
{
    return (s->has_heard || s->has_seen) && s->most_time > 0;
}

static void draw_second(struct avqa_canvas *canvas, double middle_pt, double y_pt,
                        double at_s)
{
    char label[AVQA_SCALE_TEXT_LEN + 4] = "";
    char number[AVQA_SCALE_TEXT_LEN];
    struct avqa_text text = avqa_figure_text(label, AVQA_FIGURE_SMALL_PT);

    avqa_scale_number(number, at_s);
    snprintf(label, sizeof label, "%s s", number);
    text.align = AVQA_ALIGN_MIDDLE;
    text.valign = AVQA_VALIGN_TOP;
    text.color = avqa_figure_soft();
    avqa_canvas_text(canvas, (struct avqa_point){middle_pt, y_pt}, &text);
}

static enum avqa_status draw_line(struct avqa_canvas *canvas, double *y_pt,
                                  const struct avqa_explain_strip *s, size_t from,
                                  size_t to)
{
    double base_pt = *y_pt + LABEL_PT + s->frame_h_pt + BAND_PT;
    enum avqa_status status = AVQA_OK;

    if (has_bars(s))
        draw_ground(canvas, s, base_pt, to - from);
    for (size_t i = from; status == AVQA_OK && i < to; i++) {
        const struct avqa_explain_frame *frame = &s->panel->frames[i];
        double middle_pt =
            s->left_pt + ((double)(i - from) + 0.5) * s->pitch_pt - GAP_PT / 2;
        struct avqa_rect rect = {middle_pt - s->frame_w_pt / 2, *y_pt + LABEL_PT,
                                 s->frame_w_pt, s->frame_h_pt};

        draw_second(canvas, middle_pt, *y_pt, frame->at_s);
        if (s->frame_h_pt > 0)
            status = draw_frame(canvas, s, frame, rect);
        if (has_bars(s))
            draw_bars(canvas, s, frame, (struct avqa_point){middle_pt, base_pt});
    }
    *y_pt = has_bars(s) ? base_pt + VALUES_PT : *y_pt + LABEL_PT + s->frame_h_pt;
    return status;
}

enum avqa_status avqa_explain_strip_draw(struct avqa_canvas *canvas, double *bottom_pt,
                                         const struct avqa_explain_strip *strip,
                                         double y_pt)
{
    size_t n = strip->panel->n_frames;
    enum avqa_status status = AVQA_OK;

    *bottom_pt = y_pt;
    if (!strip->has_pictures && !strip->has_maps && !has_bars(strip))
        return AVQA_OK;
    for (size_t from = 0; status == AVQA_OK && from < n; from += strip->columns) {
        size_t to = from + strip->columns < n ? from + strip->columns : n;

        *bottom_pt += from ? LINE_GAP_PT : 0;
        status = draw_line(canvas, bottom_pt, strip, from, to);
    }
    return status;
}
