/* See duplicates.h. */
#include "audit/duplicates.h"
#include "base/mem.h"

#include <stdio.h>
#include <stdlib.h>

static bool same_row(const struct avqa_audit_row *x, const struct avqa_audit_row *y)
{
    return x->clip == y->clip && x->template == y->template && x->slots == y->slots &&
           x->answer == y->answer;
}

/* Rows that repeat an earlier one with the same answer. by_video has them close to each
 * other: within the rows of one question of one clip. */
static int64_t repeated_rows(const struct avqa_audit *a, struct avqa_finding *f)
{
    int64_t n = 0;
    const struct avqa_audit_row *rows = a->t->rows;
    for (size_t i = 0; i < a->on.to - a->on.from; i++) {
        const struct avqa_audit_row *x = &rows[a->by_video[i]];
        for (size_t j = i; j-- > 0 && i - j < AVQA_FINDING_MAX_ROWS;) {
            const struct avqa_audit_row *y = &rows[a->by_video[j]];
            if (y->clip != x->clip || y->template != x->template ||
                y->slots != x->slots)
                break;
            if (!same_row(x, y))
                continue;
            n++;
            if (f) {
                avqa_finding_row(f, a->t, a->by_video[j]);
                avqa_finding_row(f, a->t, a->by_video[i]);
            }
            break;
        }
    }
    return n;
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
                "%lld question ids of '%s' stand more than once; %lld of them with "
                "different answers",
                (long long)ids.repeated, a->t->splits[s], (long long)ids.contradicting);
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
    int64_t n = repeated_rows(a, NULL);
    out->json = avqa_json_new_object();
    avqa_json_put_int(out->json, "questions", n);
    if (n)
        repeated_rows(a, avqa_finding_add(&out->findings, "duplicates", AVQA_WARNING,
                                          "%lld rows repeat another row word for word, "
                                          "with the same answer",
                                          (long long)n));
    return check_ids(a, out->json, &out->findings);
}
