/* Stacked shares. Two passes over the answers: one over all rows decides which answers
 * get a colour, one over each row sorts and gathers what is drawn. A label is left out
 * rather than cut or crossed by the threshold line. */
#include "plot/shares.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "plot/scale.h"

#define MAX_ROWS 600
#define TOP_K 6
#define MAX_TOP_K 16
#define N_COLORED 9
#define PITCH_PT 12.5
#define BAR_PT 9.5
#define GROUP_PITCH_PT 16.0
#define N_ROOM_PT 36.0
#define TOP_ROOM_PT 44.0
#define MARK 0xB3261E /* rows over the threshold: dark red, 6.5 to 1 on white */

/* An answer and how much of all rows it takes (each row counts as one). */
struct tally {
    const char *label;
    double weight;
};

/* One piece of a bar. */
struct piece {
    const char *label;
    double value;
    size_t n_gathered; /* 0: a single answer */
};

struct plan {
    struct avqa_canvas *canvas;
    const struct avqa_shares_figure *figure;
    struct tally *tallies;
    size_t n_tallies;
    size_t cap_tallies;
    struct piece *pieces; /* of the row at hand */
    size_t cap_pieces;
    size_t n_rows;
    size_t n_marked;
    size_t top_k;
    double threshold; /* 0 or less: none */
    double width_pt;
    double left_pt; /* of the bars */
    double bar_pt;  /* their length */
};

static const char *label_of(const char *label)
{
    return label && *label ? label : "(empty)";
}

static int by_label(const void *a, const void *b)
{
    const struct tally *x = a, *y = b;

    return strcmp(x->label, y->label);
}

static int by_weight(const void *a, const void *b)
{
    const struct tally *x = a, *y = b;

    if (x->weight > y->weight || x->weight < y->weight)
        return x->weight > y->weight ? -1 : 1;
    return strcmp(x->label, y->label);
}

static int by_value(const void *a, const void *b)
{
    const struct piece *x = a, *y = b;

    if (x->value > y->value || x->value < y->value)
        return x->value > y->value ? -1 : 1;
    return strcmp(x->label, y->label);
}

static double total_of(const struct avqa_shares_row *row)
{
    double total = 0;

    for (size_t i = 0; i < row->n_shares; i++)
        total += avqa_figure_clean(row->shares[i].value);
    return total;
}

/* All answers of all rows, merged by label, the weightiest first. */
static enum avqa_status tally(struct plan *plan)
{
    for (size_t r = 0; r < plan->n_rows; r++) {
        const struct avqa_shares_row *row = &plan->figure->rows[r];
        double total = total_of(row);
        enum avqa_status status =
            avqa_mem_grow(&plan->tallies, &plan->cap_tallies,
                          plan->n_tallies + row->n_shares, sizeof *plan->tallies);

        if (status != AVQA_OK)
            return status;
        for (size_t i = 0; i < row->n_shares && total > 0; i++)
            plan->tallies[plan->n_tallies++] =
                (struct tally){label_of(row->shares[i].label),
                               avqa_figure_clean(row->shares[i].value) / total};
    }
    if (plan->n_tallies == 0)
        return AVQA_OK;
    qsort(plan->tallies, plan->n_tallies, sizeof *plan->tallies, by_label);

    size_t n = 1;
    for (size_t i = 1; i < plan->n_tallies; i++) {
        if (strcmp(plan->tallies[i].label, plan->tallies[n - 1].label) == 0)
            plan->tallies[n - 1].weight += plan->tallies[i].weight;
        else
            plan->tallies[n++] = plan->tallies[i];
    }
    plan->n_tallies = n;
    qsort(plan->tallies, n, sizeof *plan->tallies, by_weight);
    return AVQA_OK;
}

static size_t n_colored(const struct plan *plan)
{
    return plan->n_tallies < N_COLORED ? plan->n_tallies : N_COLORED;
}

/* Greys alternate, so that neighbours without a colour stay apart. */
static struct avqa_color color_of(const struct plan *plan, const struct piece *piece,
                                  size_t position)
{
    for (size_t i = 0; i < n_colored(plan) && piece->n_gathered == 0; i++)
        if (strcmp(plan->tallies[i].label, piece->label) == 0)
            return avqa_palette_categorical(i);
    return avqa_palette_hex(piece->n_gathered ? 0xECECEC
                            : position % 2    ? 0xD9D9D9
                                              : 0xC4C4C4);
}

/* Sorts the answers of a row and gathers those beyond the top k; how many pieces. */
static enum avqa_status cut_pieces(struct plan *plan, const struct avqa_shares_row *row,
                                   size_t *n_pieces)
{
    size_t n = 0;
    enum avqa_status status = avqa_mem_grow(&plan->pieces, &plan->cap_pieces,
                                            row->n_shares + 1, sizeof *plan->pieces);

    if (status != AVQA_OK)
        return status;
    for (size_t i = 0; i < row->n_shares; i++) {
        double value = avqa_figure_clean(row->shares[i].value);
        if (value > 0)
            plan->pieces[n++] =
                (struct piece){label_of(row->shares[i].label), value, 0};
    }
    if (n > 1)
        qsort(plan->pieces, n, sizeof *plan->pieces, by_value);
    if (n > plan->top_k + 1) {
        struct piece *rest = &plan->pieces[plan->top_k];

        rest->n_gathered = n - plan->top_k;
        for (size_t i = plan->top_k + 1; i < n; i++)
            rest->value += plan->pieces[i].value;
        n = plan->top_k + 1;
    }
    *n_pieces = n;
    return AVQA_OK;
}

/* Where a text of this width can stand in a piece without touching the threshold line:
 * the x of its left end, or a negative number. */
static double find_room(const struct plan *plan, const struct avqa_rect *rect,
                        double width_pt)
{
    double line_pt = plan->left_pt + plan->threshold * plan->bar_pt;
    double from_pt = rect->x_pt + 3, to_pt = rect->x_pt + rect->width_pt - 2;

    if (from_pt + width_pt > to_pt)
        return -1;
    if (!(plan->threshold > 0) || from_pt + width_pt + 3 < line_pt || from_pt > line_pt)
        return from_pt;
    from_pt = fmax(from_pt, line_pt + 3);
    return from_pt + width_pt <= to_pt ? from_pt : -1;
}

/* "yes 74.4%" if it fits into the piece, else "yes", else nothing. */
static void draw_piece_label(const struct plan *plan, const struct piece *piece,
                             double share, struct avqa_rect rect,
                             struct avqa_color fill)
{
    char percent[AVQA_SCALE_TEXT_LEN];
    struct avqa_buf buf = AVQA_BUF_INIT;
    struct avqa_text style = avqa_figure_text(NULL, AVQA_FIGURE_SMALL_PT);
    double x_pt = -1;

    style.color = avqa_palette_label_on(fill);
    avqa_scale_percent(percent, share);
    for (int with_percent = 1; with_percent >= 0 && x_pt < 0; with_percent--) {
        avqa_buf_clear(&buf);
        if (piece->n_gathered > 0)
            avqa_buf_addf(&buf, "%zu others", piece->n_gathered);
        else
            avqa_buf_adds(&buf, piece->label);
        if (with_percent)
            avqa_buf_addf(&buf, " %s", percent);
        style.text = avqa_buf_str(&buf);
        x_pt =
            find_room(plan, &rect, avqa_canvas_measure(plan->canvas, &style).width_pt);
    }
    if (x_pt >= 0)
        avqa_canvas_text(plan->canvas,
                         (struct avqa_point){x_pt, rect.y_pt + rect.height_pt / 2},
                         &style);
    avqa_buf_release(&buf);
}

static void draw_numbers(const struct plan *plan, double total, double top_share,
                         double y_pt)
{
    bool marked = plan->threshold > 0 && top_share > plan->threshold;
    double right_pt = plan->left_pt + plan->bar_pt;
    char text[AVQA_SCALE_TEXT_LEN] = "";
    struct avqa_text style = avqa_figure_text(text, AVQA_FIGURE_SMALL_PT);

    style.align = AVQA_ALIGN_END;
    avqa_scale_number(text, total);
    avqa_canvas_text(plan->canvas,
                     (struct avqa_point){right_pt + TOP_ROOM_PT + N_ROOM_PT, y_pt},
                     &style);
    avqa_scale_percent(text, top_share);
    style.bold = marked;
    if (marked) {
        struct avqa_point tip = {right_pt + 3.5, y_pt};

        style.color = avqa_palette_hex(MARK);
        avqa_canvas_triangle(
            plan->canvas, tip, (struct avqa_point){tip.x_pt + 5, y_pt - 2.8},
            (struct avqa_point){tip.x_pt + 5, y_pt + 2.8}, avqa_palette_hex(MARK));
    }
    avqa_canvas_text(plan->canvas, (struct avqa_point){right_pt + TOP_ROOM_PT, y_pt},
                     &style);
}

static void draw_row_label(const struct plan *plan, const char *label, double y_pt)
{
    struct avqa_text style = avqa_figure_text(label, AVQA_FIGURE_TEXT_PT);

    style.max_width_pt = plan->left_pt - AVQA_FIGURE_MARGIN_PT - 6;
    avqa_canvas_text(plan->canvas, (struct avqa_point){AVQA_FIGURE_MARGIN_PT, y_pt},
                     &style);
}

/* One row with its middle at y. */
static enum avqa_status draw_row(struct plan *plan, const struct avqa_shares_row *row,
                                 double y_pt)
{
    double total = total_of(row), sum = 0;
    size_t n_pieces = 0;
    enum avqa_status status = cut_pieces(plan, row, &n_pieces);

    if (status != AVQA_OK)
        return status;
    draw_row_label(plan, row->label, y_pt);
    if (n_pieces == 0) {
        struct avqa_text style = avqa_figure_text("no answers", AVQA_FIGURE_SMALL_PT);
        style.color = avqa_figure_soft();
        avqa_canvas_text(plan->canvas, (struct avqa_point){plan->left_pt + 3, y_pt},
                         &style);
        return AVQA_OK;
    }
    for (size_t i = 0; i < n_pieces; i++) {
        const struct piece *piece = &plan->pieces[i];
        double share = piece->value / total;
        struct avqa_rect rect = {plan->left_pt + sum * plan->bar_pt, y_pt - BAR_PT / 2,
                                 share * plan->bar_pt, BAR_PT};
        struct avqa_color fill = color_of(plan, piece, i);
        struct avqa_rect inset = rect;

        inset.width_pt -= i + 1 < n_pieces && rect.width_pt > 1.2 ? 0.6 : 0;
        avqa_canvas_rect(plan->canvas, inset, fill);
        draw_piece_label(plan, piece, share, rect, fill);
        sum += share;
    }
    draw_numbers(plan, total, plan->pieces[0].value / total, y_pt);
    return AVQA_OK;
}

static void plan_columns(struct plan *plan)
{
    double widest_pt = 0, room_pt, margin_pt = AVQA_FIGURE_MARGIN_PT;
    double max_pt = plan->figure->label_width_pt;

    plan->width_pt = avqa_figure_width(&plan->figure->head);
    if (!(max_pt > 0) || max_pt > plan->width_pt * 0.7)
        max_pt = plan->width_pt * 0.4;
    for (size_t r = 0; r < plan->n_rows; r++) {
        struct avqa_text style =
            avqa_figure_text(plan->figure->rows[r].label, AVQA_FIGURE_TEXT_PT);
        widest_pt = fmax(widest_pt, avqa_canvas_measure(plan->canvas, &style).width_pt);
    }
    plan->left_pt = margin_pt + fmin(widest_pt + 0.5, max_pt) + 6;
    room_pt = plan->width_pt - plan->left_pt - margin_pt - N_ROOM_PT - TOP_ROOM_PT;
    plan->bar_pt = fmax(room_pt, 20);
}

/* Returns the y below it. */
static double draw_legend(const struct plan *plan, double y_pt)
{
    struct avqa_legend_item items[N_COLORED + 1];
    struct avqa_rect box = {AVQA_FIGURE_MARGIN_PT, y_pt,
                            plan->width_pt - 2 * AVQA_FIGURE_MARGIN_PT, 0};
    size_t n = n_colored(plan);

    for (size_t i = 0; i < n; i++)
        items[i] = (struct avqa_legend_item){.label = plan->tallies[i].label,
                                             .color = avqa_palette_categorical(i)};
    if (plan->n_tallies > n)
        items[n++] = (struct avqa_legend_item){.label = "other answers",
                                               .color = avqa_palette_other()};
    return y_pt + avqa_legend_draw(plan->canvas, box, items, n) + 4;
}

/* The names of the columns, on the line at y. */
static void draw_column_heads(const struct plan *plan, double y_pt)
{
    double right_pt = plan->left_pt + plan->bar_pt;
    struct avqa_text style = avqa_figure_text("top share", AVQA_FIGURE_SMALL_PT);

    style.color = avqa_figure_soft();
    style.align = AVQA_ALIGN_END;
    avqa_canvas_text(plan->canvas, (struct avqa_point){right_pt + TOP_ROOM_PT, y_pt},
                     &style);
    style.text = "n";
    style.italic = true;
    avqa_canvas_text(plan->canvas,
                     (struct avqa_point){right_pt + TOP_ROOM_PT + N_ROOM_PT, y_pt},
                     &style);
}

static void draw_threshold(const struct plan *plan, double top_pt, double bottom_pt)
{
    double x_pt = plan->left_pt + plan->threshold * plan->bar_pt;
    char number[AVQA_SCALE_TEXT_LEN], text[AVQA_SCALE_TEXT_LEN + 2];
    struct avqa_stroke stroke = {avqa_palette_hex(MARK), 0.9, 3};
    struct avqa_text style = avqa_figure_text(text, AVQA_FIGURE_SMALL_PT);

    if (!(plan->threshold > 0 && plan->threshold <= 1))
        return;
    avqa_scale_number(number, plan->threshold * 100);
    snprintf(text, sizeof text, "%s%%", number);
    style.color = stroke.color;
    style.bold = true;
    style.align = AVQA_ALIGN_MIDDLE;
    avqa_canvas_line(plan->canvas, (struct avqa_point){x_pt, top_pt},
                     (struct avqa_point){x_pt, bottom_pt}, stroke);
    avqa_canvas_text(plan->canvas, (struct avqa_point){x_pt, top_pt - 5}, &style);
}

static void draw_axis(const struct plan *plan, double y_pt)
{
    struct avqa_stroke stroke = {avqa_figure_rule(), 0.6, 0};
    double right_pt = plan->left_pt + plan->bar_pt;

    avqa_canvas_line(plan->canvas, (struct avqa_point){plan->left_pt, y_pt},
                     (struct avqa_point){right_pt, y_pt}, stroke);
    for (int k = 0; k <= 5; k++) {
        char text[AVQA_SCALE_TEXT_LEN] = "";
        double x_pt = plan->left_pt + plan->bar_pt * k / 5;
        struct avqa_text style = avqa_figure_text(text, AVQA_FIGURE_SMALL_PT);

        snprintf(text, sizeof text, "%d%%", k * 20);
        style.align = AVQA_ALIGN_MIDDLE;
        style.color = avqa_figure_soft();
        avqa_canvas_line(plan->canvas, (struct avqa_point){x_pt, y_pt},
                         (struct avqa_point){x_pt, y_pt + 2.5}, stroke);
        avqa_canvas_text(plan->canvas, (struct avqa_point){x_pt, y_pt + 8}, &style);
    }
}

static bool opens_group(const struct plan *plan, size_t r)
{
    const struct avqa_shares_row *rows = plan->figure->rows;

    if (!rows[r].group || !*rows[r].group)
        return false;
    return r == 0 || !rows[r - 1].group ||
           strcmp(rows[r].group, rows[r - 1].group) != 0;
}

static enum avqa_status draw_all(struct plan *plan)
{
    struct avqa_figure head = plan->figure->head;
    double y_pt = draw_legend(plan, avqa_figure_begin(plan->canvas, &head)) + 6;
    enum avqa_status status = AVQA_OK;

    draw_column_heads(plan, y_pt);
    y_pt += 7;
    double top_pt = y_pt;
    for (size_t r = 0; r < plan->n_rows && status == AVQA_OK; r++) {
        if (opens_group(plan, r)) {
            struct avqa_text style =
                avqa_figure_text(plan->figure->rows[r].group, AVQA_FIGURE_TEXT_PT);
            style.bold = true;
            style.max_width_pt = plan->left_pt - AVQA_FIGURE_MARGIN_PT - 6;
            avqa_canvas_text(plan->canvas,
                             (struct avqa_point){AVQA_FIGURE_MARGIN_PT,
                                                 y_pt + GROUP_PITCH_PT / 2 + 1},
                             &style);
            y_pt += GROUP_PITCH_PT;
        }
        status = draw_row(plan, &plan->figure->rows[r], y_pt + PITCH_PT / 2);
        y_pt += PITCH_PT;
    }
    draw_threshold(plan, top_pt, y_pt + 1);
    draw_axis(plan, y_pt + 1);
    y_pt += 13;
    if (plan->n_rows < plan->figure->n_rows) {
        char text[64];
        snprintf(text, sizeof text, "%zu more row%s not shown",
                 plan->figure->n_rows - plan->n_rows,
                 plan->figure->n_rows - plan->n_rows == 1 ? " is" : "s are");
        draw_row_label(plan, text, y_pt - 4);
    }
    avqa_figure_end(plan->canvas, plan->width_pt, y_pt);
    return status;
}

enum avqa_status avqa_shares_draw(struct avqa_canvas *canvas,
                                  const struct avqa_shares_figure *figure)
{
    struct plan plan = {.canvas = canvas, .figure = figure};
    double sum = 0;
    enum avqa_status status;

    plan.n_rows = figure->n_rows < MAX_ROWS ? figure->n_rows : MAX_ROWS;
    plan.top_k = figure->top_k > 0 ? figure->top_k : TOP_K;
    if (plan.top_k > MAX_TOP_K)
        plan.top_k = MAX_TOP_K;
    plan.threshold = figure->threshold;
    for (size_t r = 0; r < plan.n_rows; r++)
        sum += total_of(&figure->rows[r]);
    if (!(sum > 0)) {
        avqa_figure_no_data(canvas, &figure->head);
        return AVQA_OK;
    }
    status = tally(&plan);
    if (status != AVQA_OK)
        goto out;
    plan_columns(&plan);
    status = draw_all(&plan);
out:
    free(plan.tallies);
    free(plan.pieces);
    return status;
}
