/* See eval_figures.h. */
#include "pipeline/eval_figures.h"
#include "base/io.h"
#include "base/mem.h"
#include "plot/canvas.h"
#include "plot/matrix.h"
#include "plot/tablefig.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { N_COLUMNS = 7 };

/* ---- the table ------------------------------------------------------------------- */

struct cells {
    struct avqa_arena arena;
    const char **items;
    size_t n_rows;
};

AVQA_PRINTF(2, 3)
static const char *textf(struct cells *c, const char *fmt, ...)
{
    char text[128];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    return avqa_arena_strdup(&c->arena, text);
}

static double percent(size_t n, size_t total)
{
    return total ? 100.0 * (double)n / (double)total : 0;
}

static void add_group(struct cells *c, const char *modality, const char *type,
                      const struct avqa_score_group *g)
{
    const char **row = c->items + N_COLUMNS * c->n_rows++;
    row[0] = modality;
    row[1] = type;
    row[2] = textf(c, "%.2f", percent(g->correct, g->total));
    row[3] = isnan(g->interval.lo)
                 ? ""
                 : textf(c, "%.1f–%.1f", 100 * g->interval.lo, 100 * g->interval.hi);
    row[4] = textf(c, "%zu", g->correct);
    row[5] = textf(c, "%zu", g->total);
    row[6] = textf(c, "%.2f", percent(g->prior, g->total));
}

/* The types of a modality, whose labels begin with its name, then all of them. */
static void add_modality(struct cells *c, const struct avqa_score *s,
                         const struct avqa_score_group *modality)
{
    size_t len = strlen(modality->name);
    const char *head = modality->name;
    for (size_t g = 0; g < s->n_groups; g++) {
        const struct avqa_score_group *type = &s->groups[g];
        if (type->kind != AVQA_SCORE_TYPE || type->total == 0 ||
            strncmp(type->name, modality->name, len) != 0 || type->name[len] != '/')
            continue;
        add_group(c, head, type->name + len + 1, type);
        head = "";
    }
    add_group(c, head, "all", modality);
}

static enum avqa_status draw_table(struct avqa_canvas *canvas,
                                   const struct avqa_eval_outcome *e)
{
    static const struct avqa_tablefig_column columns[N_COLUMNS] = {
        {"Questions", AVQA_ALIGN_START, 0}, {"Type", AVQA_ALIGN_START, 0},
        {"Accuracy, %", AVQA_ALIGN_END, 0}, {"95 % interval", AVQA_ALIGN_END, 0},
        {"Right", AVQA_ALIGN_END, 0},       {"of", AVQA_ALIGN_END, 0},
        {"Prior, %", AVQA_ALIGN_END, 0}};
    const struct avqa_score *s = e->score;
    struct cells c = {
        .items = avqa_mem_new((2 * s->n_groups + 1) * N_COLUMNS * sizeof *c.items)};
    for (size_t g = 0; g < s->n_groups; g++) {
        if (s->groups[g].kind == AVQA_SCORE_MODALITY && s->groups[g].total)
            add_modality(&c, s, &s->groups[g]);
    }
    add_group(&c, "All", "", &s->groups[0]);
    enum avqa_status rc = avqa_tablefig_draw(
        canvas, &(struct avqa_tablefig_figure){.columns = columns,
                                               .n_columns = N_COLUMNS,
                                               .cells = c.items,
                                               .n_rows = c.n_rows});
    free(c.items);
    avqa_arena_release(&c.arena);
    return rc;
}

/* ---- confusion ------------------------------------------------------------------- */

/* Rows and columns that have anything: indices into the whole matrix. */
struct kept {
    size_t *items;
    const char **names;
    size_t n;
};

static struct kept keep(const struct avqa_eval_outcome *e, const size_t *counts,
                        size_t n_all)
{
    size_t n = e->set->answers.n;
    struct kept k = {avqa_mem_new((n + 1) * sizeof *k.items),
                     avqa_mem_new((n + 1) * sizeof *k.names), 0};
    for (size_t i = 0; i < n_all; i++) {
        size_t sum = 0;
        for (size_t other = 0; other < n; other++)
            sum += counts[other * (n + 1) + i];
        for (size_t other = 0; i < n && other <= n; other++)
            sum += counts[i * (n + 1) + other];
        if (sum == 0)
            continue;
        k.items[k.n] = i;
        k.names[k.n++] = avqa_eval_confusion_name(e, i);
    }
    return k;
}

static enum avqa_status draw_confusion(struct avqa_canvas *canvas,
                                       const struct avqa_eval_outcome *e)
{
    size_t *counts = NULL;
    double *values = NULL;
    size_t n = e->set->answers.n;
    enum avqa_status rc = avqa_eval_confusion(&counts, e);
    if (rc != AVQA_OK)
        return rc;
    struct kept rows = keep(e, counts, n);
    struct kept cols = keep(e, counts, n + 1);
    rc = avqa_mem_array(&values, rows.n * cols.n, sizeof *values);
    for (size_t r = 0; rc == AVQA_OK && r < rows.n; r++) {
        for (size_t c = 0; c < cols.n; c++)
            values[r * cols.n + c] =
                (double)counts[rows.items[r] * (n + 1) + cols.items[c]];
    }
    if (rc == AVQA_OK)
        rc = avqa_matrix_draw(
            canvas,
            &(struct avqa_matrix_figure){
                .head = {.subtitle = "rows: the right answer; columns: what was given "
                                     "(-: none)"},
                .rows = rows.names,
                .n_rows = rows.n,
                .cols = cols.names,
                .n_cols = cols.n,
                .values = values,
                .bar_label = "questions",
                .log_scale = true});
    free(counts);
    free(values);
    free(rows.items);
    free(rows.names);
    free(cols.items);
    free(cols.names);
    return rc;
}

/* ---- writing --------------------------------------------------------------------- */

static const struct figure {
    const char *id, *caption;
    enum avqa_status (*draw)(struct avqa_canvas *canvas,
                             const struct avqa_eval_outcome *e);
} figures[] = {
    {"table", "Accuracy by modality and type, with 95 % intervals and the prior.",
     draw_table},
    {"confusion", "Right answers and those given.", draw_confusion},
};

static enum avqa_status write_kind(const struct avqa_canvas *canvas,
                                   const struct figure *f, const char *folder,
                                   enum avqa_canvas_kind kind)
{
    char name[64];
    struct avqa_canvas_target target = {.kind = kind, .title = f->caption};
    snprintf(name, sizeof name, "figures/%s.%s", f->id,
             kind == AVQA_CANVAS_SVG ? "svg" : "pdf");
    char *path = avqa_io_join(folder, name);
    enum avqa_status rc = avqa_canvas_save(canvas, &target, path);
    free(path);
    return rc;
}

static enum avqa_status write_figure(struct avqa_canvas *canvas, const struct figure *f,
                                     const struct avqa_eval_outcome *e,
                                     const char *folder)
{
    enum avqa_status rc = f->draw(canvas, e);
    if (rc == AVQA_OK)
        rc = write_kind(canvas, f, folder, AVQA_CANVAS_SVG);
    return rc == AVQA_OK ? write_kind(canvas, f, folder, AVQA_CANVAS_PDF) : rc;
}

enum avqa_status avqa_eval_figures(const struct avqa_eval_outcome *e,
                                   const char *folder, const struct avqa_log *log)
{
    struct avqa_fonts *fonts = NULL;
    struct avqa_canvas *canvas = NULL;
    enum avqa_status rc = avqa_fonts_new(&fonts, NULL);
    if (rc == AVQA_OK)
        rc = avqa_canvas_new(&canvas, fonts);
    if (rc == AVQA_OK && !avqa_fonts_available(fonts))
        avqa_log_write(log, AVQA_LOG_WARNING,
                       "no font is installed; the figures have no text");
    for (size_t i = 0; rc == AVQA_OK && i < sizeof figures / sizeof *figures; i++) {
        rc = write_figure(canvas, &figures[i], e, folder);
        if (rc != AVQA_EINVAL && rc != AVQA_ENOMEM)
            continue;
        avqa_log_write(log, AVQA_LOG_WARNING, "figure %s is left out: %s",
                       figures[i].id, avqa_message());
        rc = AVQA_OK;
    }
    avqa_canvas_free(canvas);
    avqa_fonts_free(fonts);
    return rc;
}
