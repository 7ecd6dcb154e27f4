/* See npmi.h. Counted over the wordings' tally, not over rows: a word that stands twice
 * in a question counts once. */
#include "audit/npmi.h"
#include "base/mem.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Rows by (word, answer), by word and by answer, out of the wordings' tally. */
struct joint {
    struct avqa_tally cells; /* group = word */
    uint32_t *words, *answers;
    size_t total;
};

static void joint_release(struct joint *j)
{
    avqa_tally_release(&j->cells);
    free(j->words);
    free(j->answers);
}

/* Distinct words of a wording, marked in `seen` by the wording's number + 1. */
static enum avqa_status count_wording(struct joint *j, const struct avqa_wordings *w,
                                      size_t i, const struct avqa_tally_cell *cells,
                                      size_t n_cells, uint32_t *seen)
{
    for (size_t k = 0; k < w->items[i].n_words; k++) {
        uint32_t word = w->word_ids[w->items[i].first + k];
        if (seen[word] == i + 1)
            continue;
        seen[word] = (uint32_t)i + 1;
        j->words[word] += w->items[i].n;
        for (size_t c = 0; c < n_cells; c++) {
            enum avqa_status rc =
                avqa_tally_add(&j->cells, word, cells[c].answer, cells[c].n);
            if (rc != AVQA_OK)
                return rc;
        }
    }
    return AVQA_OK;
}

static enum avqa_status count_joint(struct joint *j, const struct avqa_audit *a,
                                    const struct avqa_wordings *w)
{
    const struct avqa_tally *y = &a->tallies[AVQA_GROUP_SLOTS];
    uint32_t *seen;
    uint64_t n;
    enum avqa_status rc = avqa_mem_array(&seen, w->words.n, sizeof *seen);
    if (rc == AVQA_OK)
        rc = avqa_mem_array(&j->words, w->words.n, sizeof *j->words);
    if (rc == AVQA_OK)
        rc = avqa_mem_array(&j->answers, a->t->answers.n, sizeof *j->answers);
    j->total = y->total;
    for (size_t i = 0, at = 0; rc == AVQA_OK && at < y->n; i++) {
        size_t end = avqa_tally_group_end(y, at, &n);
        rc = count_wording(j, w, i, &y->cells[at], end - at, seen);
        for (; at < end; at++)
            j->answers[y->cells[at].answer] += y->cells[at].n;
    }
    free(seen);
    return rc;
}

static int by_npmi(const void *a, const void *b)
{
    const struct avqa_npmi *x = a;
    const struct avqa_npmi *y = b;
    if (x->npmi > y->npmi || x->npmi < y->npmi)
        return x->npmi > y->npmi ? -1 : 1;
    if (x->n != y->n)
        return x->n > y->n ? -1 : 1;
    int order = strcmp(x->word, y->word);
    return order ? order : strcmp(x->answer, y->answer);
}

enum avqa_status avqa_npmi_collect(const struct avqa_audit *a,
                                   const struct avqa_wordings *wordings,
                                   size_t min_rows, size_t max,
                                   struct avqa_npmi **pairs, size_t *n)
{
    struct joint j = {0};
    size_t cap = 0;
    *pairs = NULL;
    *n = 0;
    enum avqa_status rc = count_joint(&j, a, wordings);
    for (size_t i = 0; rc == AVQA_OK && i < j.cells.n; i++) {
        const struct avqa_tally_cell *c = &j.cells.cells[i];
        double p = (double)c->n / (double)j.total;
        double independent = (double)j.words[c->group] / (double)j.total *
                             (double)j.answers[c->answer] / (double)j.total;
        if (c->n < min_rows)
            continue;
        rc = avqa_mem_grow(pairs, &cap, *n + 1, sizeof **pairs);
        if (rc == AVQA_OK)
            (*pairs)[(*n)++] = (struct avqa_npmi){
                avqa_intern_text(&wordings->words, (uint32_t)c->group),
                avqa_audit_answer(a->t, c->answer), c->n,
                p < 1 ? log2(p / independent) / -log2(p) : 1};
    }
    if (*n)
        qsort(*pairs, *n, sizeof **pairs, by_npmi);
    *n = *n < max ? *n : max;
    joint_release(&j);
    return rc;
}
