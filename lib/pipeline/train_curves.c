/* See train_curves.h. */
#include "pipeline/train_curves.h"
#include "base/io.h"
#include "base/mem.h"
#include "plot/curve.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { MAX_STATE = 256 << 20, N_TEXT = 80 };

enum { LOSS, LOSS_QA, LOSS_MATCH, VAL_LOSS, ACCURACY, VAL_ACCURACY, N_CURVES };

static const char *const keys[N_CURVES] = {
    "loss", "loss_qa", "loss_match", "val_loss", "train_accuracy", "val_accuracy"};

/* What the curves of an epochs' list are made of. */
struct story {
    size_t n;
    double *values[N_CURVES];
    size_t best; /* epoch; 0: none */
};

static void read_story(struct story *s, const struct avqa_json *epochs)
{
    s->n = avqa_json_count(epochs);
    for (size_t c = 0; c < N_CURVES; c++)
        s->values[c] = avqa_mem_new(s->n * sizeof *s->values[c]);
    const struct avqa_json *epoch = avqa_json_first(epochs);
    for (size_t i = 0; epoch; i++, epoch = avqa_json_next(epoch)) {
        for (size_t c = 0; c < N_CURVES; c++)
            if (!avqa_json_double(avqa_json_get(epoch, keys[c]), &s->values[c][i]))
                s->values[c][i] = (double)NAN;
        if (avqa_json_true(avqa_json_get(epoch, "best")))
            s->best = i + 1;
    }
}

static void release(struct story *s)
{
    for (size_t c = 0; c < N_CURVES; c++)
        free(s->values[c]);
}

/* Adds a curve that has a value. */
static void add(struct avqa_curve *curves, size_t *n, const struct story *s, size_t c,
                struct avqa_curve look)
{
    look.values = s->values[c];
    for (size_t i = 0; i < s->n; i++)
        if (isfinite(look.values[i])) {
            curves[(*n)++] = look;
            return;
        }
}

static enum avqa_status draw(struct avqa_canvas *canvas, const struct story *s)
{
    struct avqa_curve losses[4];
    struct avqa_curve shares[2];
    struct avqa_curve_panel panels[2] = {
        {.title = "loss", .curves = losses},
        {.title = "right answers, %", .curves = shares, .percent = true}};
    bool two = isfinite(s->values[LOSS_QA][0]) && isfinite(s->values[LOSS_MATCH][0]);
    char best[N_TEXT] = "";
    add(losses, &panels[0].n_curves, s, LOSS,
        (struct avqa_curve){.label = two ? "training, both" : "training"});
    if (two) {
        add(losses, &panels[0].n_curves, s, LOSS_QA,
            (struct avqa_curve){"training, answers", NULL, 3, true});
        add(losses, &panels[0].n_curves, s, LOSS_MATCH,
            (struct avqa_curve){"training, matching (half of it counts)", NULL, 1,
                                true});
    }
    add(losses, &panels[0].n_curves, s, VAL_LOSS,
        (struct avqa_curve){.label = two ? "validation, answers" : "validation",
                            .color = 2});
    add(shares, &panels[1].n_curves, s, ACCURACY,
        (struct avqa_curve){.label = "training"});
    add(shares, &panels[1].n_curves, s, VAL_ACCURACY,
        (struct avqa_curve){.label = "validation", .color = 2});
    if (!isfinite(s->values[LOSS_QA][0]))
        panels[1].title = "right matches, %";
    struct avqa_curve_figure figure = {
        .panels = panels, .n_panels = 2, .n = s->n, .x_label = "epoch"};
    if (s->best && isfinite(s->values[VAL_ACCURACY][s->best - 1])) {
        snprintf(best, sizeof best, "best: %.2f %%, epoch %zu",
                 100 * s->values[VAL_ACCURACY][s->best - 1], s->best);
        figure.marked = s->best;
        panels[1].marked_text = best;
    }
    return avqa_curve_draw(canvas, &figure);
}

static enum avqa_status write(const char *folder, const struct avqa_canvas *canvas)
{
    const struct avqa_canvas_target svg = {.kind = AVQA_CANVAS_SVG, .title = "curves"};
    char *path = avqa_io_join(folder, "curves.svg");
    enum avqa_status rc = avqa_canvas_save(canvas, &svg, path);
    free(path);
    return rc;
}

enum avqa_status avqa_train_curves_write(const char *folder,
                                         const struct avqa_json *epochs)
{
    struct story story = {0};
    struct avqa_fonts *fonts = NULL;
    struct avqa_canvas *canvas = NULL;
    if (avqa_json_count(epochs) == 0)
        return AVQA_OK;
    read_story(&story, epochs);
    enum avqa_status rc = avqa_fonts_new(&fonts, NULL);
    if (rc == AVQA_OK)
        rc = avqa_canvas_new(&canvas, fonts);
    if (rc == AVQA_OK)
        rc = draw(canvas, &story);
    if (rc == AVQA_OK)
        rc = write(folder, canvas);
    avqa_canvas_free(canvas);
    avqa_fonts_free(fonts);
    release(&story);
    return rc;
}

enum avqa_status avqa_train_curves_redraw(const char *folder)
{
    struct avqa_json *state = NULL;
    char *path = avqa_io_join(folder, "state.json");
    enum avqa_status rc = avqa_json_read(&state, path, MAX_STATE);
    if (rc == AVQA_OK)
        rc = avqa_train_curves_write(folder, avqa_json_get(state, "epochs"));
    avqa_json_free(state);
    free(path);
    return rc;
}
