/* The boxes of explain_strip.h. A white line on a wider dark one is seen on any colour
 * of a map; a name stands in the box's corner on dark ground, lower where another one
 * is in its way. */
#include "plot/explain_strip.h"

#include <math.h>
#include <stdint.h>

#define NAME_PT 5.5
#define PAD_PT 1.2
#define DASH_PT 2.0

enum { MAX_NAMES = 32 };

/* Where names of a second stand. */
struct names {
    struct avqa_rect rects[MAX_NAMES];
    size_t n;
};

void avqa_explain_box_outline(struct avqa_canvas *canvas, struct avqa_rect rect,
                              bool sounds)
{
    struct avqa_stroke below = {avqa_palette_hex(0x202020), sounds ? 1.6 : 1.1, 0};
    struct avqa_stroke line = {avqa_palette_hex(0xFFFFFF), 0.7, sounds ? 0 : DASH_PT};

    avqa_canvas_outline(canvas, rect, below);
    avqa_canvas_outline(canvas, rect, line);
}

static bool overlap(const struct avqa_rect *a, const struct avqa_rect *b)
{
    return a->x_pt < b->x_pt + b->width_pt && b->x_pt < a->x_pt + a->width_pt &&
           a->y_pt < b->y_pt + b->height_pt && b->y_pt < a->y_pt + a->height_pt;
}

/* Moves a name down until nothing is in its way; false if the picture ends before. */
static bool find_room(struct avqa_rect *name, const struct names *names,
                      const struct avqa_rect *picture)
{
    for (size_t i = 0; i < names->n; i++) {
        if (!overlap(name, &names->rects[i]))
            continue;
        name->y_pt = names->rects[i].y_pt + names->rects[i].height_pt + 0.5;
        i = SIZE_MAX; /* from the first one again: each step goes down */
    }
    return name->y_pt + name->height_pt <= picture->y_pt + picture->height_pt;
}

static void draw_name(struct avqa_canvas *canvas, const struct avqa_explain_box *box,
                      struct avqa_rect rect, struct names *names,
                      const struct avqa_rect *picture)
{
    struct avqa_text text = avqa_figure_text(box->name, NAME_PT);
    text.max_width_pt = picture->width_pt - 2 * PAD_PT;
    if (!box->name || !*box->name || names->n == MAX_NAMES ||
        !(text.max_width_pt > NAME_PT))
        return;
    struct avqa_extent size = avqa_canvas_measure(canvas, &text);
    struct avqa_rect name = {rect.x_pt + 0.8, rect.y_pt + 0.8,
                             size.width_pt + 2 * PAD_PT, size.height_pt + PAD_PT};

    name.x_pt = fmin(name.x_pt, picture->x_pt + picture->width_pt - name.width_pt);
    name.x_pt = fmax(name.x_pt, picture->x_pt);
    name.y_pt = fmin(name.y_pt, picture->y_pt + picture->height_pt - name.height_pt);
    if (name.y_pt < picture->y_pt || !find_room(&name, names, picture))
        return;
    names->rects[names->n++] = name;
    text.valign = AVQA_VALIGN_TOP;
    text.color = avqa_palette_hex(0xFFFFFF);
    avqa_canvas_rect(canvas, name, avqa_palette_hex(0x202020));
    avqa_canvas_text(
        canvas, (struct avqa_point){name.x_pt + PAD_PT, name.y_pt + PAD_PT / 2}, &text);
}

void avqa_explain_boxes_draw(struct avqa_canvas *canvas,
                             const struct avqa_explain_frame *frame,
                             struct avqa_rect picture)
{
    struct names names = {.n = 0};

    for (int pass = 0; pass < 2; pass++) /* all lines, then the names over them */
        for (size_t i = 0; i < frame->n_boxes; i++) {
            const struct avqa_explain_box *box = &frame->boxes[i];
            struct avqa_rect rect = {picture.x_pt + box->x * picture.width_pt,
                                     picture.y_pt + box->y * picture.height_pt,
                                     box->width * picture.width_pt,
                                     box->height * picture.height_pt};

            if (pass == 0)
                avqa_explain_box_outline(canvas, rect, box->sounds);
            else
                draw_name(canvas, box, rect, &names, &picture);
        }
}
