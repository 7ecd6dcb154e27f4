/* What a loaded table is asked: ranges, words, names, and its order by video. Loading
 * is table_load.c. */
#include "audit/table.h"

#include <stdlib.h>
#include <string.h>

void avqa_audit_table_release(struct avqa_audit_table *t)
{
    avqa_templates_free(t->templates);
    avqa_intern_release(&t->videos);
    avqa_intern_release(&t->words);
    avqa_intern_release(&t->answers);
    avqa_intern_release(&t->texts);
    avqa_intern_release(&t->slots_texts);
    avqa_arena_release(&t->arena);
    free(t->rows);
    free(t->numbers);
    free(t->ids);
    free(t->clips);
    free(t->slots);
    free(t->answer_rank);
    avqa_kin_release(&t->kin);
    free(t->scenes);
    free(t->measures);
    free(t->splits);
    free(t->split_ranges);
    *t = (struct avqa_audit_table){0};
}

enum avqa_status avqa_audit_table_range(const struct avqa_audit_table *t,
                                        const char *name,
                                        struct avqa_audit_range *range)
{
    *range = (struct avqa_audit_range){0, t->n_rows};
    if (!name)
        return AVQA_OK;
    for (size_t s = 0; s < t->n_splits; s++) {
        if (strcmp(t->splits[s], name) == 0) {
            *range = t->split_ranges[s];
            return AVQA_OK;
        }
    }
    struct avqa_buf list = AVQA_BUF_INIT;
    for (size_t s = 0; s < t->n_splits; s++)
        avqa_buf_addf(&list, "%s%s", s ? ", " : "", t->splits[s]);
    enum avqa_status rc =
        avqa_fail(AVQA_ENOENT, "no split is called '%s'; there is: %s", name,
                  avqa_buf_str(&list));
    avqa_buf_release(&list);
    return rc;
}

const char *avqa_audit_answer(const struct avqa_audit_table *t, uint32_t answer)
{
    return avqa_intern_text(&t->answers, answer);
}

const char *avqa_audit_word(const struct avqa_audit_table *t, uint32_t word)
{
    return avqa_intern_text(&t->words, word);
}

const char *avqa_audit_video(const struct avqa_audit_table *t, uint32_t video)
{
    return avqa_intern_text(&t->videos, video);
}

const struct avqa_template *avqa_audit_template(const struct avqa_audit_table *t,
                                                const struct avqa_audit_row *row)
{
    return &t->templates->items[row->template];
}

const struct avqa_audit_measure *avqa_audit_measure(const struct avqa_audit_table *t,
                                                    uint32_t clip)
{
    int64_t source = t->clips[clip].source;
    size_t low = 0;
    size_t high = t->n_measures;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (t->measures[mid].source < source)
            low = mid + 1;
        else
            high = mid;
    }
    return low < t->n_measures && t->measures[low].source == source ? &t->measures[low]
                                                                    : NULL;
}

void avqa_audit_name_clip(struct avqa_buf *out, const struct avqa_audit_table *t,
                          uint32_t clip)
{
    const struct avqa_audit_clip *c = &t->clips[clip];
    avqa_buf_adds(out, avqa_audit_video(t, c->video));
    if (c->sound != c->video)
        avqa_buf_addf(out, " with sound %s", avqa_audit_video(t, c->sound));
}

enum avqa_status avqa_audit_fill(struct avqa_buf *out, const struct avqa_audit_table *t,
                                 const struct avqa_audit_row *row)
{
    const char *values[AVQA_TEMPLATE_MAX_SLOTS];
    const struct avqa_audit_slots *slots = &t->slots[row->slots];
    for (size_t i = 0; i < slots->n; i++)
        values[i] = avqa_audit_word(t, slots->values[i]);
    return avqa_template_fill(out, avqa_intern_text(&t->texts, row->text), values,
                              slots->n);
}

static int by_question(const void *a, const void *b, void *user)
{
    const struct avqa_audit_table *t = user;
    uint32_t i = *(const uint32_t *)a;
    uint32_t j = *(const uint32_t *)b;
    const struct avqa_audit_row *x = &t->rows[i];
    const struct avqa_audit_row *y = &t->rows[j];
    if (x->clip != y->clip)
        return x->clip < y->clip ? -1 : 1;
    if (x->template != y->template)
        return x->template <y->template ? -1 : 1;
    if (x->slots != y->slots)
        return x->slots < y->slots ? -1 : 1;
    return i < j ? -1 : i > j;
}

/* Counting sort by video first (linear), then each video's few rows by comparison. */
enum avqa_status avqa_audit_by_video(const struct avqa_audit_table *t,
                                     struct avqa_audit_range range, uint32_t **order)
{
    size_t n_videos = t->videos.n;
    uint32_t *starts = calloc(n_videos + 2, sizeof *starts);
    *order = calloc(range.to - range.from + 1, sizeof **order);
    if (!starts || !*order) {
        free(starts);
        return avqa_fail(AVQA_ENOMEM, "out of memory for %zu rows", t->n_rows);
    }
    for (size_t i = range.from; i < range.to; i++)
        starts[t->clips[t->rows[i].clip].video + 2]++;
    for (size_t v = 2; v < n_videos + 2; v++)
        starts[v] += starts[v - 1];
    for (size_t i = range.from; i < range.to; i++)
        (*order)[starts[t->clips[t->rows[i].clip].video + 1]++] = (uint32_t)i;
    for (size_t v = 0; v < n_videos; v++) {
        size_t n = starts[v + 1] - starts[v];
        if (n > 1)
            qsort_r(*order + starts[v], n, sizeof **order, by_question, (void *)t);
    }
    free(starts);
    return AVQA_OK;
}
