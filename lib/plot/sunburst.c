/* A tree as rings. The flat node list is summed from its end (children come after their
 * parents), sorted so that siblings stand together with the largest first, and drawn by
 * a recursion no deeper than the number of rings. */
#include "plot/sunburst.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "plot/scale.h"

#define DEFAULT_WIDTH_PT 360.0
#define DEFAULT_MIN_ARC_PT 4.0
#define MAX_LABEL_PT 8.5
#define MIN_LABEL_PT 5.5
#define CUT_LABEL_PT 6.5 /* of a word longer than its ring is wide */
#define HOLE 0.19

struct node {
    const char *label;
    double value;
    size_t index; /* in the caller's array */
    size_t parent;
};

struct plan {
    struct avqa_canvas *canvas;
    struct node *nodes; /* sorted: siblings together */
    size_t n_nodes;
    struct avqa_point center;
    double r_pt[AVQA_SUNBURST_LEVELS + 1]; /* borders of the rings */
    size_t n_levels;
    double min_arc_pt;
};

/* What is drawn of one parent: siblings [from, to) between two angles. */
struct branch {
    size_t from;
    size_t to;
    double a0_rad;
    double a1_rad;
    double value; /* of the parent: the full angle */
    size_t level;
    struct avqa_color color;
};

/* Parents in order of index, the root (the largest index of all) last. */
static int compare_nodes(const void *a, const void *b)
{
    const struct node *x = a, *y = b;

    if (x->parent != y->parent)
        return x->parent < y->parent ? -1 : 1;
    if (x->value > y->value || x->value < y->value)
        return x->value > y->value ? -1 : 1;
    return x->index < y->index ? -1 : x->index > y->index;
}

static enum avqa_status load(struct plan *plan,
                             const struct avqa_sunburst_figure *figure)
{
    size_t cap = 0;
    enum avqa_status status =
        avqa_mem_grow(&plan->nodes, &cap, figure->n_nodes, sizeof *plan->nodes);

    if (status != AVQA_OK)
        return status;
    for (size_t i = 0; i < figure->n_nodes; i++) {
        size_t parent = figure->nodes[i].parent;

        if (parent != AVQA_SUNBURST_ROOT && parent >= i)
            return avqa_fail(AVQA_EINVAL, "node %zu has node %zu as its parent", i,
                             parent);
    }
    for (size_t i = figure->n_nodes; i-- > 0;) {
        struct node *node = &plan->nodes[i];

        node->label = figure->nodes[i].label;
        node->index = i;
        node->parent = figure->nodes[i].parent;
        node->value = fmax(node->value, avqa_figure_clean(figure->nodes[i].value));
        if (node->parent != AVQA_SUNBURST_ROOT)
            plan->nodes[node->parent].value += node->value;
    }
    plan->n_nodes = figure->n_nodes;
    if (plan->n_nodes > 0)
        qsort(plan->nodes, plan->n_nodes, sizeof *plan->nodes, compare_nodes);
    return AVQA_OK;
}

/* The siblings below `parent`: first position into *from, one past the last returned.
 */
static size_t find_children(const struct plan *plan, size_t parent, size_t *from)
{
    size_t lo = 0, hi = plan->n_nodes;

    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (plan->nodes[mid].parent < parent)
            lo = mid + 1;
        else
            hi = mid;
    }
    *from = lo;
    while (lo < plan->n_nodes && plan->nodes[lo].parent == parent)
        lo++;
    return lo;
}

static size_t depth_below(const struct plan *plan, size_t parent, size_t level)
{
    size_t from, to = find_children(plan, parent, &from), deepest = level;

    for (size_t i = from; i < to && level < AVQA_SUNBURST_LEVELS; i++) {
        if (plan->nodes[i].value <= 0)
            continue;
        size_t depth = depth_below(plan, plan->nodes[i].index, level + 1);
        deepest = depth > deepest ? depth : deepest;
    }
    return deepest;
}

/* The text turned along (radial) or across the slice, readable from below. */
static struct avqa_text turned(struct avqa_text style, double mid_rad, bool radial)
{
    double mid_deg = mid_rad * 180 / M_PI;
    bool flip = radial ? mid_deg > 180 : mid_deg > 90 && mid_deg < 270;

    style.align = AVQA_ALIGN_MIDDLE;
    style.angle_deg = mid_deg - (radial ? 90 : 0) + (flip ? 180 : 0);
    if (style.angle_deg >= 360)
        style.angle_deg -= 360;
    return style;
}

/* The corners of a text of this width at size 1 pt, set at `size_pt`: measuring once is
 * enough, as widths grow with the size. */
static struct avqa_quad quad_at(struct avqa_point at, const struct avqa_text *style,
                                double width_per_pt)
{
    double half_w = width_per_pt * style->size_pt / 2, half_h = style->size_pt * 0.45;
    double c = cos(style->angle_deg * M_PI / 180),
           s = sin(style->angle_deg * M_PI / 180);
    const double sx[4] = {-1, 1, 1, -1}, sy[4] = {-1, -1, 1, 1};
    struct avqa_quad quad;

    for (size_t i = 0; i < 4; i++) {
        quad.corner[i].x_pt = at.x_pt + sx[i] * half_w * c - sy[i] * half_h * s;
        quad.corner[i].y_pt = at.y_pt + sx[i] * half_w * s + sy[i] * half_h * c;
    }
    return quad;
}

static void draw_label(const struct plan *plan, const struct avqa_wedge *wedge,
                       const char *label, struct avqa_color fill)
{
    double mid_rad = (wedge->a0_rad + wedge->a1_rad) / 2;
    struct avqa_point at =
        avqa_wedge_point(wedge->center, (wedge->r0_pt + wedge->r1_pt) / 2, mid_rad);
    struct avqa_text style = avqa_figure_text(label, MAX_LABEL_PT);
    double arc_pt = (wedge->a1_rad - wedge->a0_rad) * wedge->r1_pt;

    if (!label || !*label || arc_pt < MIN_LABEL_PT)
        return;
    style.color = avqa_palette_label_on(fill);
    double width_per_pt =
        avqa_canvas_measure(plan->canvas, &style).width_pt / style.size_pt;
    for (; style.size_pt >= MIN_LABEL_PT; style.size_pt -= 1) {
        for (int radial = 0; radial < 2; radial++) {
            struct avqa_text text = turned(style, mid_rad, radial);
            struct avqa_quad quad = quad_at(at, &text, width_per_pt);

            if (avqa_wedge_holds(wedge, &quad, 1)) {
                avqa_canvas_text(plan->canvas, at, &text);
                return;
            }
        }
    }
    style.size_pt = CUT_LABEL_PT;
    style.max_width_pt = wedge->r1_pt - wedge->r0_pt - 4;
    style = turned(style, mid_rad, true);
    struct avqa_quad quad = avqa_canvas_quad(plan->canvas, at, &style);
    if (avqa_wedge_holds(wedge, &quad, 0.5))
        avqa_canvas_text(plan->canvas, at, &style);
}

static struct avqa_wedge wedge_of(const struct plan *plan, size_t level, double a0_rad,
                                  double a1_rad)
{
    struct avqa_wedge wedge = {.center = plan->center,
                               .r0_pt = plan->r_pt[level],
                               .r1_pt = plan->r_pt[level + 1],
                               .a0_rad = a0_rad,
                               .a1_rad = a1_rad};

    return wedge;
}

static void draw_slice(const struct plan *plan, const struct avqa_wedge *wedge,
                       const char *label, struct avqa_color fill)
{
    struct avqa_stroke edge = {avqa_palette_hex(0xFFFFFF), 0.6, 0};

    avqa_canvas_wedge(plan->canvas, wedge, fill, edge);
    draw_label(plan, wedge, label, fill);
}

/* The siblings from position `from` on, together; what is hair-thin is left blank. */
static void draw_gathered(const struct plan *plan, const struct branch *branch,
                          size_t from, double a0_rad)
{
    char text[AVQA_SCALE_TEXT_LEN] = "";
    double value = 0;
    size_t n = 0;

    for (size_t i = from; i < branch->to; i++) {
        value += plan->nodes[i].value;
        n += plan->nodes[i].value > 0;
    }
    double a1_rad = a0_rad + value / branch->value * (branch->a1_rad - branch->a0_rad);
    struct avqa_wedge wedge = wedge_of(plan, branch->level, a0_rad, a1_rad);
    if (n == 0 || (a1_rad - a0_rad) * wedge.r1_pt < 0.8)
        return;
    snprintf(text, sizeof text, "… %zu more", n);
    draw_slice(plan, &wedge, text, avqa_palette_hex(0xE3E3E3));
}

static void draw_branch(const struct plan *plan, const struct branch *branch)
{
    static const double tints[AVQA_SUNBURST_LEVELS] = {0, 0.3, 0.52, 0.7};
    double a_rad = branch->a0_rad, r1_pt = plan->r_pt[branch->level + 1];

    for (size_t i = branch->from; i < branch->to && branch->value > 0; i++) {
        const struct node *node = &plan->nodes[i];
        double span_rad =
            node->value / branch->value * (branch->a1_rad - branch->a0_rad);
        bool last = i + 1 == branch->to || plan->nodes[i + 1].value <= 0;

        if (span_rad * r1_pt < (last ? plan->min_arc_pt / 2 : plan->min_arc_pt)) {
            draw_gathered(plan, branch, i, a_rad);
            return;
        }
        struct branch below = {
            .a0_rad = a_rad,
            .a1_rad = a_rad + span_rad,
            .value = node->value,
            .level = branch->level + 1,
            .color = branch->level > 0 ? branch->color
                                       : avqa_palette_categorical(i - branch->from)};
        struct avqa_wedge wedge =
            wedge_of(plan, branch->level, below.a0_rad, below.a1_rad);
        draw_slice(plan, &wedge, node->label,
                   avqa_palette_tint(below.color, tints[branch->level]));
        below.to = find_children(plan, node->index, &below.from);
        if (below.level < plan->n_levels)
            draw_branch(plan, &below);
        a_rad += span_rad;
    }
}

static void draw_middle(const struct plan *plan, double total, const char *unit)
{
    char text[AVQA_SCALE_TEXT_LEN] = "";
    struct avqa_text style = avqa_figure_text(text, 10);
    struct avqa_point at = plan->center;
    bool has_unit = unit && *unit;

    avqa_scale_number(text, total);
    style.bold = true;
    style.align = AVQA_ALIGN_MIDDLE;
    style.max_width_pt = plan->r_pt[0] * 1.8;
    at.y_pt -= has_unit ? 5 : 0;
    avqa_canvas_text(plan->canvas, at, &style);
    if (!has_unit)
        return;
    style = avqa_figure_text(unit, AVQA_FIGURE_TEXT_PT);
    style.align = AVQA_ALIGN_MIDDLE;
    style.max_width_pt = plan->r_pt[0] * 1.7;
    style.color = avqa_figure_soft();
    at.y_pt += 11;
    avqa_canvas_text(plan->canvas, at, &style);
}

/* Inner words are short ("Is", "How"), outer ones long: rings get wider outwards. */
static void plan_rings(struct plan *plan, double r_pt)
{
    static const double shares[AVQA_SUNBURST_LEVELS] = {0.85, 0.95, 1.1, 1.1};
    double sum = 0, at_pt = HOLE * r_pt;

    for (size_t i = 0; i < plan->n_levels; i++)
        sum += shares[i];
    for (size_t i = 0; i < plan->n_levels; i++) {
        plan->r_pt[i] = at_pt;
        at_pt += shares[i] / sum * (1 - HOLE) * r_pt;
    }
    plan->r_pt[plan->n_levels] = r_pt;
}

enum avqa_status avqa_sunburst_draw(struct avqa_canvas *canvas,
                                    const struct avqa_sunburst_figure *figure)
{
    struct plan plan = {.canvas = canvas};
    struct avqa_figure head = figure->head;
    struct branch root = {.a1_rad = 2 * M_PI};
    double width_pt, y_pt, r_pt;
    enum avqa_status status = load(&plan, figure);

    if (status != AVQA_OK)
        goto out;
    head.width_pt = head.width_pt > 0 ? head.width_pt : DEFAULT_WIDTH_PT;
    root.to = find_children(&plan, AVQA_SUNBURST_ROOT, &root.from);
    for (size_t i = root.from; i < root.to; i++)
        root.value += plan.nodes[i].value;
    if (!(root.value > 0)) {
        avqa_figure_no_data(canvas, &head);
        goto out;
    }

    width_pt = avqa_figure_width(&head);
    plan.n_levels = depth_below(&plan, AVQA_SUNBURST_ROOT, 0);
    plan.min_arc_pt = figure->min_arc_pt > 0 ? figure->min_arc_pt : DEFAULT_MIN_ARC_PT;
    y_pt = avqa_figure_begin(canvas, &head);
    r_pt = width_pt / 2 - AVQA_FIGURE_MARGIN_PT;
    plan.center = (struct avqa_point){width_pt / 2, y_pt + r_pt};
    plan_rings(&plan, r_pt);
    draw_branch(&plan, &root);
    draw_middle(&plan, root.value, figure->unit);
    avqa_figure_end(canvas, width_pt, y_pt + 2 * r_pt);
out:
    free(plan.nodes);
    return status;
}
