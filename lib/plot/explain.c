/* See explain.h. A panel is the question, a line of what is known of it, the seconds
 * (explain_strip.c), the legend and a note. */
#include "plot/explain.h"

#include <math.h>
#include <stdio.h>

#include "base/buf.h"
#include "plot/explain_strip.h"
#include "plot/scale.h"

#define QUESTION_PT 10.5
#define VALUE_PT 8.5
#define BETWEEN_PT 18.0
#define FACT_PT 23.0 /* height of a line of facts */
#define MARK_PT 6.0
#define MAX_VALUE_PT 230.0
#define PANEL_GAP_PT 14.0

/* Where a line of facts stands. */
struct pen {
    struct avqa_canvas *canvas;
    double left_pt, right_pt, x_pt, y_pt;
};

/* ---- the head -------------------------------------------------------------------- */

/* A paragraph; returns where it ends. */
static double draw_paragraph(const struct pen *pen, struct avqa_text text)
{
    text.max_width_pt = pen->right_pt - pen->left_pt;
    text.valign = AVQA_VALIGN_TOP;
    avqa_canvas_text(pen->canvas, (struct avqa_point){pen->left_pt, pen->y_pt}, &text);
    return pen->y_pt + avqa_canvas_measure(pen->canvas, &text).height_pt;
}

struct fact {
    const char *label, *value;
    bool bold;
    const char *mark; /* behind the value: "right", "wrong" or NULL */
    bool is_right;
};

/* A disc for right, a cross for wrong: told apart without colour. */
static void draw_mark(const struct pen *pen, struct avqa_point at, bool is_right)
{
    double r = MARK_PT / 2;
    struct avqa_stroke stroke = {avqa_palette_hex(0xB2182B), 1.4, 0};

    if (is_right) {
        avqa_canvas_disc(pen->canvas, at, r, avqa_palette_hex(0x117733));
        return;
    }
    avqa_canvas_line(pen->canvas, (struct avqa_point){at.x_pt - r, at.y_pt - r},
                     (struct avqa_point){at.x_pt + r, at.y_pt + r}, stroke);
    avqa_canvas_line(pen->canvas, (struct avqa_point){at.x_pt - r, at.y_pt + r},
                     (struct avqa_point){at.x_pt + r, at.y_pt - r}, stroke);
}

static void draw_fact(struct pen *pen, const struct fact *fact)
{
    struct avqa_text label = avqa_figure_text(fact->label, AVQA_FIGURE_SMALL_PT);
    struct avqa_text value = avqa_figure_text(fact->value, VALUE_PT);
    struct avqa_text mark = avqa_figure_text(fact->mark, VALUE_PT);
    double room_pt = pen->right_pt - pen->left_pt;

    if (!fact->value || !*fact->value)
        return;
    label.color = avqa_figure_soft();
    label.valign = value.valign = mark.valign = AVQA_VALIGN_TOP;
    label.max_width_pt = value.max_width_pt = fmin(MAX_VALUE_PT, room_pt / 2);
    value.bold = fact->bold;
    double value_pt = avqa_canvas_measure(pen->canvas, &value).width_pt;
    double mark_pt =
        fact->mark ? MARK_PT + 10 + avqa_canvas_measure(pen->canvas, &mark).width_pt
                   : 0;
    double width_pt =
        fmax(value_pt + mark_pt, avqa_canvas_measure(pen->canvas, &label).width_pt);
    if (pen->x_pt > pen->left_pt && pen->x_pt + width_pt > pen->right_pt) {
        pen->x_pt = pen->left_pt;
        pen->y_pt += FACT_PT;
    }
    struct avqa_point below = {pen->x_pt, pen->y_pt + 9};
    avqa_canvas_text(pen->canvas, (struct avqa_point){pen->x_pt, pen->y_pt}, &label);
    avqa_canvas_text(pen->canvas, below, &value);
    if (fact->mark) {
        below.x_pt += value_pt + 6 + MARK_PT / 2;
        draw_mark(pen, (struct avqa_point){below.x_pt, below.y_pt + 4.2},
                  fact->is_right);
        below.x_pt += MARK_PT / 2 + 4;
        avqa_canvas_text(pen->canvas, below, &mark);
    }
    pen->x_pt += width_pt + BETWEEN_PT;
}

static void add_choice(struct avqa_buf *out, const struct avqa_explain_choice *choice)
{
    char share[AVQA_SCALE_TEXT_LEN];

    avqa_scale_percent(share, choice->probability);
    avqa_buf_addf(out, "%s (%s)", choice->answer, share);
}

static void draw_facts(struct pen *pen, const struct avqa_explain_panel *panel)
{
    struct avqa_buf answer = AVQA_BUF_INIT, next = AVQA_BUF_INIT;
    char who[96];

    snprintf(who, sizeof who, "answer of %s",
             panel->model ? panel->model : "the model");
    for (size_t i = 0; i < panel->n_choices; i++) {
        avqa_buf_adds(&next, i > 1 ? ", " : "");
        add_choice(i ? &next : &answer, &panel->choices[i]);
    }
    const struct fact facts[] = {
        {who, avqa_buf_str(&answer), true,
         !panel->truth  ? NULL
         : panel->right ? "right"
                        : "wrong",
         panel->right},
        {"truth", panel->truth ? panel->truth : "not known", true, NULL, false},
        {"the model's next guesses", avqa_buf_str(&next), false, NULL, false},
        {"type", panel->type, false, NULL, false},
        {"question", panel->reference, false, NULL, false},
        {"clip", panel->clip, false, NULL, false},
    };

    for (size_t i = 0; i < sizeof facts / sizeof *facts; i++)
        draw_fact(pen, &facts[i]);
    avqa_buf_release(&answer);
    avqa_buf_release(&next);
    pen->y_pt += FACT_PT;
}

/* ---- the page -------------------------------------------------------------------- */

static enum avqa_status draw_panel(struct avqa_canvas *canvas, double *y_pt,
                                   const struct avqa_explain_figure *figure,
                                   const struct avqa_explain_panel *panel)
{
    double width_pt = avqa_canvas_width(canvas);
    struct pen pen = {canvas, AVQA_FIGURE_MARGIN_PT, width_pt - AVQA_FIGURE_MARGIN_PT,
                      AVQA_FIGURE_MARGIN_PT, *y_pt};
    struct avqa_text question = avqa_figure_text(panel->question, QUESTION_PT);
    struct avqa_text note = avqa_figure_text(panel->note, AVQA_FIGURE_TEXT_PT);
    struct avqa_explain_strip strip;

    question.bold = true;
    question.max_lines = 6;
    pen.y_pt = draw_paragraph(&pen, question) + 4;
    draw_facts(&pen, panel);
    avqa_explain_strip_plan(
        &strip, panel,
        (struct avqa_rect){pen.left_pt, pen.y_pt + 4, pen.right_pt - pen.left_pt, 0},
        figure->columns);
    enum avqa_status status =
        avqa_explain_strip_draw(canvas, &pen.y_pt, &strip, pen.y_pt + 4);
    pen.y_pt = avqa_explain_legend_draw(canvas, &strip, pen.y_pt + 7);
    if (panel->note && *panel->note) {
        note.color = avqa_figure_soft();
        note.italic = true;
        note.max_lines = 4;
        pen.y_pt += 2;
        pen.y_pt = draw_paragraph(&pen, note);
    }
    *y_pt = pen.y_pt;
    return status;
}

enum avqa_status avqa_explain_draw(struct avqa_canvas *canvas,
                                   const struct avqa_explain_figure *figure)
{
    struct avqa_figure head = figure->head;
    enum avqa_status status = AVQA_OK;

    if (!(head.width_pt > 0))
        head.width_pt = AVQA_EXPLAIN_WIDTH_PT;
    if (figure->n_panels == 0) {
        avqa_figure_no_data(canvas, &head);
        return AVQA_OK;
    }
    double width_pt = avqa_figure_width(&head);
    double y_pt = avqa_figure_begin(canvas, &head);
    avqa_canvas_set_size(canvas, width_pt, 0);
    for (size_t i = 0; status == AVQA_OK && i < figure->n_panels; i++) {
        struct avqa_stroke rule = {avqa_figure_grid(), 0.8, 0};

        if (i > 0) {
            y_pt += PANEL_GAP_PT;
            avqa_canvas_line(
                canvas, (struct avqa_point){AVQA_FIGURE_MARGIN_PT, y_pt},
                (struct avqa_point){width_pt - AVQA_FIGURE_MARGIN_PT, y_pt}, rule);
            y_pt += PANEL_GAP_PT - 4;
        }
        status = draw_panel(canvas, &y_pt, figure, &figure->panels[i]);
    }
    avqa_figure_end(canvas, width_pt, y_pt);
    return status;
}
