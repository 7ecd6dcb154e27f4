/* The rarest label goes first, because it has the least room to be put right later:
 * each of its components goes where most of that label is still wanted, then where most
 * questions are wanted; among equals the seed decides. A split that has got what it was
 * asked to have gets no more while another has not: unlike the paper, which lets small
 * sets end with everything in one split. Everything that is compared
 * comes from names and counts, never from the order of rows. */
#include "audit/stratify.h"
#include "audit/tally.h"
#include "base/hash.h"
#include "base/mem.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

struct cell {
    uint32_t component, label, n;
};

struct item {
    uint64_t hash; /* seed and the lexicographically first video's name */
    const char *name;
    size_t from, to; /* its cells, by label */
    uint64_t n;      /* questions */
};

/* A label with as many questions as it had when it was put into the heap. One that has
 * fewer by now stands there again. */
struct candidate {
    uint64_t left;
    uint32_t label;
};

struct work {
    const struct avqa_audit_table *t;
    const struct avqa_components *components;
    const struct avqa_stratify_opts *opts;
    struct avqa_tally labels; /* sorted: the label of (template, answer) is its cell */
    struct cell *cells;
    size_t n_cells;
    struct cell **by_label; /* cells ordered by label */
    struct item *items;     /* by component */
    double *wanted;         /* by split and label: questions still wanted */
    double *wanted_all;     /* by split */
    uint64_t *left;         /* by label: questions not assigned yet */
    struct candidate *heap; /* of labels, the one with the fewest left on top */
    size_t n_heap;
    uint8_t *split_of;
};

/* ---- counting ---------------------------------------------------------------------
 */

/* The label of a row: the place of its cell among the sorted ones. */
static uint32_t label_of(const struct work *w, const struct avqa_audit_row *row)
{
    return (uint32_t)avqa_tally_place(&w->labels, row->template, row->answer);
}

static int by_component(const void *a, const void *b)
{
    const struct cell *x = a;
    const struct cell *y = b;
    if (x->component != y->component)
        return x->component < y->component ? -1 : 1;
    return x->label < y->label ? -1 : x->label > y->label;
}

/* One cell a row, sorted, then equal ones summed. */
static enum avqa_status count_cells(struct work *w)
{
    const struct avqa_audit_table *t = w->t;
    size_t n = 0;
    w->cells = calloc(t->n_rows + 1, sizeof *w->cells);
    if (!w->cells)
        return avqa_fail(AVQA_ENOMEM, "out of memory for %zu rows", t->n_rows);
    for (size_t i = 0; i < t->n_rows; i++) {
        uint32_t video = t->clips[t->rows[i].clip].video;
        w->cells[i] =
            (struct cell){w->components->of_video[video], label_of(w, &t->rows[i]), 1};
    }
    qsort(w->cells, t->n_rows, sizeof *w->cells, by_component);
    for (size_t i = 0; i < t->n_rows; i++) {
        if (n && by_component(&w->cells[n - 1], &w->cells[i]) == 0)
            w->cells[n - 1].n++;
        else
            w->cells[n++] = w->cells[i];
    }
    w->n_cells = n;
    return AVQA_OK;
}

static enum avqa_status collect_items(struct work *w)
{
    size_t n = w->components->n;
    w->items = calloc(n + 1, sizeof *w->items);
    w->split_of = malloc(n + 1);
    if (!w->items || !w->split_of)
        return avqa_fail(AVQA_ENOMEM, "out of memory for %zu components", n);
    memset(w->split_of, AVQA_STRATIFY_NONE, n + 1);
    for (uint32_t v = 0; v < w->components->n_videos; v++) {
        struct item *it = &w->items[w->components->of_video[v]];
        const char *name = avqa_audit_video(w->t, v);
        if (!it->name || strcmp(name, it->name) < 0)
            it->name = name;
    }
    for (size_t i = 0; i < n; i++)
        w->items[i].hash = avqa_hash_str(w->opts->seed, w->items[i].name);
    for (size_t i = 0; i < w->n_cells; i++) {
        struct item *it = &w->items[w->cells[i].component];
        if (it->n == 0)
            it->from = i;
        it->to = i + 1;
        it->n += w->cells[i].n;
    }
    return AVQA_OK;
}

/* ---- wishes -----------------------------------------------------------------------
 */

static int by_label(const void *a, const void *b, void *user)
{
    const struct work *w = user;
    const struct cell *x = *(struct cell *const *)a;
    const struct cell *y = *(struct cell *const *)b;
    if (x->label != y->label)
        return x->label < y->label ? -1 : 1;
    if (x->n != y->n)
        return x->n > y->n ? -1 : 1; /* the large ones first: they are hard to place */
    uint64_t hx = w->items[x->component].hash;
    uint64_t hy = w->items[y->component].hash;
    if (hx != hy)
        return hx < hy ? -1 : 1;
    return strcmp(w->items[x->component].name, w->items[y->component].name);
}

static bool comes_before(const struct candidate *x, const struct candidate *y)
{
    return x->left != y->left ? x->left < y->left : x->label < y->label;
}

static void push(struct work *w, uint32_t label)
{
    struct candidate new = {w->left[label], label};
    size_t i = w->n_heap++;
    while (i && comes_before(&new, &w->heap[(i - 1) / 2])) {
        w->heap[i] = w->heap[(i - 1) / 2];
        i = (i - 1) / 2;
    }
    w->heap[i] = new;
}

static struct candidate pop(struct work *w)
{
    struct candidate top = w->heap[0];
    struct candidate last = w->heap[--w->n_heap];
    size_t i = 0;
    for (size_t child; (child = 2 * i + 1) < w->n_heap; i = child) {
        child +=
            child + 1 < w->n_heap && comes_before(&w->heap[child + 1], &w->heap[child]);
        if (!comes_before(&w->heap[child], &last))
            break;
        w->heap[i] = w->heap[child];
    }
    w->heap[i] = last;
    return top;
}

/* A label is put into the heap once, and again each time that it loses questions: at
 * most once for each of its cells. */
static enum avqa_status make_wishes(struct work *w)
{
    size_t n_labels = w->labels.n;
    size_t n_splits = w->opts->n_splits;
    double sum = 0;
    w->by_label = calloc(w->n_cells + 1, sizeof *w->by_label);
    w->left = calloc(n_labels + 1, sizeof *w->left);
    w->wanted = calloc(n_labels * n_splits + 1, sizeof *w->wanted);
    w->wanted_all = calloc(n_splits + 1, sizeof *w->wanted_all);
    w->heap = calloc(n_labels + w->n_cells + 1, sizeof *w->heap);
    if (!w->heap || !w->by_label || !w->left || !w->wanted || !w->wanted_all)
        return avqa_fail(AVQA_ENOMEM, "out of memory for %zu labels", n_labels);
    for (size_t i = 0; i < w->n_cells; i++)
        w->by_label[i] = &w->cells[i];
    qsort_r(w->by_label, w->n_cells, sizeof *w->by_label, by_label, w);
    for (size_t s = 0; s < n_splits; s++)
        sum += w->opts->ratios[s];
    for (size_t s = 0; s < n_splits; s++) {
        double share = w->opts->ratios[s] / sum;
        w->wanted_all[s] = share * (double)w->t->n_rows;
        for (size_t l = 0; l < n_labels; l++)
            w->wanted[s * n_labels + l] = share * w->labels.cells[l].n;
    }
    for (size_t l = 0; l < n_labels; l++) {
        w->left[l] = w->labels.cells[l].n;
        push(w, (uint32_t)l);
    }
    return AVQA_OK;
}

/* ---- assigning --------------------------------------------------------------------
 */

/* Whether a split may take this component while others could: most of it is wanted
 * there, but for a hundredth of all questions that labels may shift. */
static bool has_room(const struct work *w, const struct item *it, size_t split)
{
    double shift = 0.01 * (double)w->t->n_rows;
    return w->wanted_all[split] + shift >= (double)it->n / 2;
}

/* Of the splits with room, or of all where none has: where most of the label is wanted;
 * among equals, most questions; then by chance. */
static size_t choose(const struct work *w, const struct item *it, size_t label)
{
    size_t n_labels = w->labels.n;
    size_t n_splits = w->opts->n_splits;
    size_t start = it->hash % n_splits;
    size_t best = start;
    for (size_t k = 1; k < n_splits; k++) {
        size_t s = (start + k) % n_splits;
        double more =
            w->wanted[s * n_labels + label] - w->wanted[best * n_labels + label];
        int room = has_room(w, it, s) - has_room(w, it, best);
        bool equal = fabs(more) < 1e-9;
        if (room > 0 || (room == 0 && !equal && more > 0) ||
            (room == 0 && equal && w->wanted_all[s] > w->wanted_all[best]))
            best = s;
    }
    return best;
}

static void assign(struct work *w, uint32_t component, size_t split)
{
    const struct item *it = &w->items[component];
    w->split_of[component] = (uint8_t)split;
    w->wanted_all[split] -= (double)it->n;
    for (size_t i = it->from; i < it->to; i++) {
        w->wanted[split * w->labels.n + w->cells[i].label] -= w->cells[i].n;
        w->left[w->cells[i].label] -= w->cells[i].n;
        push(w, w->cells[i].label);
    }
}

/* The label with the fewest questions left, or the number of labels if none is left. */
static size_t rarest(struct work *w)
{
    while (w->n_heap) {
        struct candidate c = pop(w);
        if (c.left && c.left == w->left[c.label])
            return c.label;
    }
    return w->labels.n;
}

static void assign_all(struct work *w)
{
    for (size_t l; (l = rarest(w)) < w->labels.n;) {
        size_t lo = 0;
        size_t hi = w->n_cells;
        while (lo < hi) {
            size_t mid = lo + (hi - lo) / 2;
            if (w->by_label[mid]->label < l)
                lo = mid + 1;
            else
                hi = mid;
        }
        for (; lo < w->n_cells && w->by_label[lo]->label == l; lo++) {
            uint32_t component = w->by_label[lo]->component;
            if (w->split_of[component] == AVQA_STRATIFY_NONE)
                assign(w, component, choose(w, &w->items[component], l));
        }
    }
}

static enum avqa_status check_enough(const struct work *w)
{
    size_t n = 0;
    for (size_t i = 0; i < w->components->n; i++)
        n += w->items[i].n > 0;
    if (n >= w->opts->n_splits)
        return AVQA_OK;
    return avqa_fail(
        AVQA_EINVAL,
        "the videos hang together in %zu component%s (same source, made from "
        "each other, same sound, files alike), too few for %zu splits",
        n, n == 1 ? "" : "s", w->opts->n_splits);
}

enum avqa_status avqa_stratify(uint8_t **split_of, const struct avqa_audit_table *t,
                               const struct avqa_components *components,
                               const struct avqa_stratify_opts *opts)
{
    struct work w = {.t = t, .components = components, .opts = opts};
    struct avqa_audit_range all = {0, t->n_rows};
    enum avqa_status rc = avqa_tally_rows(&w.labels, t, all, AVQA_GROUP_TEMPLATE);
    if (rc == AVQA_OK) {
        avqa_tally_index(&w.labels);
        rc = count_cells(&w);
    }
    if (rc == AVQA_OK)
        rc = collect_items(&w);
    if (rc == AVQA_OK)
        rc = check_enough(&w);
    if (rc == AVQA_OK)
        rc = make_wishes(&w);
    if (rc == AVQA_OK)
        assign_all(&w);
    avqa_tally_release(&w.labels);
    free(w.cells);
    free(w.by_label);
    free(w.items);
    free(w.wanted);
    free(w.wanted_all);
    free(w.left);
    free(w.heap);
    if (rc == AVQA_OK)
        *split_of = w.split_of;
    else
        free(w.split_of);
    return rc;
}
