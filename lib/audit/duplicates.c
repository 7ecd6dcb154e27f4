/* See duplicates.h. */
#include "audit/duplicates.h"
#include "audit/lookalike.h"
#include "base/mem.h"
#include "base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool same_question(const struct avqa_audit_row *x,
                          const struct avqa_audit_row *y)
{
    return x->clip == y->clip && x->template == y->template && x->slots == y->slots;
}

static int by_answer(const void *a, const void *b, void *user)
{
    const struct avqa_audit_row *rows = user;
    uint32_t i = *(const uint32_t *)a;
    uint32_t j = *(const uint32_t *)b;
    if (rows[i].answer != rows[j].answer)
        return rows[i].answer < rows[j].answer ? -1 : 1;
    return i < j ? -1 : i > j;
}

/* by_video with the rows of each question of each clip ordered by their answers. */
static enum avqa_status order_answers(const struct avqa_audit *a, uint32_t **order)
{
    size_t n = a->on.to - a->on.from;
    const struct avqa_audit_row *rows = a->t->rows;
    *order = calloc(n + 1, sizeof **order);
    if (!*order)
        return avqa_fail(AVQA_ENOMEM, "out of memory for %zu rows", n);
    memcpy(*order, a->by_video, n * sizeof **order);
    for (size_t i = 0; i < n;) {
        size_t end = i + 1;
        while (end < n && same_question(&rows[(*order)[i]], &rows[(*order)[end]]))
            end++;
        if (end - i > 1)
            qsort_r(*order + i, end - i, sizeof **order, by_answer, a->t->rows);
        i = end;
    }
    return AVQA_OK;
}

/* Rows that repeat another with the same answer; all that are alike go to the finding,
 * if there is one, each once. */
static int64_t repeated_rows(const struct avqa_audit *a, const uint32_t *order,
                             struct avqa_finding *f)
{
    int64_t repeated = 0;
    size_t n = a->on.to - a->on.from;
    for (size_t i = 0; i < n;) {
        const struct avqa_audit_row *x = &a->t->rows[order[i]];
        size_t end = i + 1;
        while (end < n && same_question(x, &a->t->rows[order[end]]) &&
               x->answer == a->t->rows[order[end]].answer)
            end++;
        repeated += (int64_t)(end - i - 1);
        for (size_t k = i; f && end - i > 1 && k < end; k++)
            avqa_finding_row(f, a->t, order[k]);
        i = end;
    }
    return repeated;
}

struct numbered {
    int64_t number;
    uint32_t row;
};

static int by_number(const void *a, const void *b)
{
    const struct numbered *x = a;
    const struct numbered *y = b;
    if (x->number != y->number)
        return x->number < y->number ? -1 : 1;
    return x->row < y->row ? -1 : x->row > y->row;
}

struct ids {
    int64_t repeated, contradicting;
};

/* Question ids that stand more than once within a split. */
static enum avqa_status repeated_ids(const struct avqa_audit *a,
                                     struct avqa_audit_range range, struct ids *ids,
                                     struct avqa_findings *findings)
{
    struct avqa_finding *f = NULL;
    size_t n = 0;
    struct numbered *list = calloc(range.to - range.from + 1, sizeof *list);
    if (!list)
        return avqa_fail(AVQA_ENOMEM, "out of memory for question ids");
    for (size_t i = range.from; i < range.to; i++) {
        if (a->t->numbers[i] != AVQA_AUDIT_NO_NUMBER)
            list[n++] = (struct numbered){a->t->numbers[i], (uint32_t)i};
    }
    qsort(list, n, sizeof *list, by_number);
    for (size_t i = 0; i < n;) {
        bool differ = false;
        size_t end = i + 1;
        for (; end < n && list[end].number == list[i].number; end++)
            differ = differ ||
                     a->t->rows[list[end].row].answer != a->t->rows[list[i].row].answer;
        if (end - i > 1) {
            ids->repeated++;
            ids->contradicting += differ;
            if (!f)
                f = avqa_finding_add(findings, "duplicates", AVQA_WARNING, "-");
            for (; i < end; i++)
                avqa_finding_row(f, a->t, list[i].row);
        }
        i = end;
    }
    free(list);
    return AVQA_OK;
}

static enum avqa_status check_ids(const struct avqa_audit *a, struct avqa_json *out,
                                  struct avqa_findings *findings)
{
    struct ids all = {0};
    enum avqa_status rc = AVQA_OK;
    for (size_t s = 0; rc == AVQA_OK && s < a->t->n_splits; s++) {
        struct avqa_audit_range r = a->t->split_ranges[s];
        struct ids ids = {0};
        if (r.from < a->on.from || r.to > a->on.to)
            continue;
        rc = repeated_ids(a, r, &ids, findings);
        if (ids.repeated) {
            char text[256];
            struct avqa_finding *f = &findings->items[findings->n - 1];
            snprintf(
                text, sizeof text,
                "%lld question id%s of '%s' stand%s more than once; %lld of them with "
                "different answers",
                (long long)ids.repeated, avqa_text_plural(ids.repeated),
                a->t->splits[s], ids.repeated == 1 ? "s" : "",
                (long long)ids.contradicting);
            free(f->message);
            f->message = avqa_mem_strdup(text);
        }
        all.repeated += ids.repeated;
        all.contradicting += ids.contradicting;
    }
    avqa_json_put_int(out, "question_ids", all.repeated);
    avqa_json_put_int(out, "question_ids_contradicting", all.contradicting);
    return rc;
}

enum avqa_status avqa_check_duplicates(const struct avqa_audit *a,
                                       struct avqa_check_out *out)
{
    uint32_t *order;
    enum avqa_status rc = order_answers(a, &order);
    if (rc != AVQA_OK)
        return rc;
    int64_t n = repeated_rows(a, order, NULL);
    out->json = avqa_json_new_object();
    avqa_json_put_int(out->json, "questions", n);
    if (n)
        repeated_rows(a, order,
                      avqa_finding_add(&out->findings, "duplicates", AVQA_WARNING,
                                       "%lld row%s another row word for word, with "
                                       "the same answer",
                                       (long long)n, n == 1 ? " repeats" : "s repeat"));
    free(order);
    rc = check_ids(a, out->json, &out->findings);
    return rc == AVQA_OK ? avqa_lookalikes(a, out->json, &out->findings) : rc;
}
