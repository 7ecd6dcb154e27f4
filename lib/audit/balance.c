/* Checks 3, 4, 5, all read off the tallies. */
#include "audit/balance.h"
#include "base/mem.h"

#include <math.h>
#include <stdlib.h>

enum { DOMINANT_MIN = 5 }; /* questions, below which it is only noted */

static struct avqa_balance balance_of(const struct avqa_tally *y, size_t from,
                                      size_t to, uint64_t n)
{
    double bits = 0;
    for (size_t i = from; i < to; i++) {
        double p = (double)y->cells[i].n / (double)n;
        bits -= p * log2(p);
    }
    double most = log2((double)(to - from));
    return (struct avqa_balance){
        .template = y->cells[from].group,
        .n = (uint32_t)n,
        .n_answers = (uint32_t)(to - from),
        .majority = y->cells[from].answer,
        .share = (double)y->cells[from].n / (double)n,
        .rarest_share = (double)y->cells[to - 1].n / (double)n,
        .entropy = bits + 0.0,
        .entropy_share = most > 0 ? bits / most : 0,
    };
}

enum avqa_status avqa_balance_templates(const struct avqa_audit *a,
                                        struct avqa_balance **list, size_t *n)
{
    const struct avqa_tally *y = &a->tallies[AVQA_GROUP_TEMPLATE];
    size_t cap = 0;
    uint64_t rows;
    *list = NULL;
    *n = 0;
    for (size_t i = 0; i < y->n;) {
        size_t end = avqa_tally_group_end(y, i, &rows);
        enum avqa_status rc = avqa_mem_grow(list, &cap, *n + 1, sizeof **list);
        if (rc != AVQA_OK)
            return rc;
        (*list)[(*n)++] = balance_of(y, i, end, rows);
        i = end;
    }
    return AVQA_OK;
}

static int by_share(const void *a, const void *b)
{
    const struct avqa_balance *x = a;
    const struct avqa_balance *y = b;
    if (x->share > y->share || x->share < y->share)
        return x->share > y->share ? -1 : 1;
    return x->template <y->template ? -1 : x->template > y->template;
}

static void report_dominant(const struct avqa_audit *a, const struct avqa_balance *b,
                            struct avqa_check_out *out)
{
    const struct avqa_template *t = &a->t->templates->items[b->template];
    const char *answer = avqa_audit_answer(a->t, b->majority);
    struct avqa_json *o = avqa_json_put_object(out->json, NULL);
    avqa_json_put_string(o, "template", t->code);
    avqa_json_put_string(o, "answer", answer);
    avqa_json_put_double(o, "share", round(b->share * 1e4) / 1e4);
    avqa_json_put_int(o, "n", b->n);
    avqa_finding_add(&out->findings, "dominant",
                     b->n < DOMINANT_MIN ? AVQA_NOTE : AVQA_WARNING,
                     "%s \"%s\": %.1f %% of %u questions are answered \"%s\"", t->code,
                     t->text, 100 * b->share, b->n, answer);
}

enum avqa_status avqa_check_dominant(const struct avqa_audit *a,
                                     struct avqa_check_out *out)
{
    struct avqa_balance *list;
    size_t n;
    enum avqa_status rc = avqa_balance_templates(a, &list, &n);
    out->json = avqa_json_new_array();
    if (rc == AVQA_OK && n)
        qsort(list, n, sizeof *list, by_share);
    for (size_t i = 0; rc == AVQA_OK && i < n; i++) {
        if (list[i].share > a->opts.dominant)
            report_dominant(a, &list[i], out);
    }
    free(list);
    return rc;
}

enum avqa_status avqa_check_entropy(const struct avqa_audit *a,
                                    struct avqa_check_out *out)
{
    static const char *const names[] = {"answer", "type", "template", "slots"};
    out->json = avqa_json_new_object();
    for (int g = 0; g < AVQA_N_GROUPINGS; g++)
        avqa_json_put_double(out->json, names[g],
                             round(avqa_tally_entropy(&a->tallies[g]) * 1e4) / 1e4);
    return AVQA_OK;
}

double avqa_head_bound(const struct avqa_audit *a, uint64_t n, size_t n_answers)
{
    return (1 + a->opts.alpha) * ((double)n / (double)n_answers);
}

struct avqa_head_tail avqa_head_tail(const struct avqa_audit *a)
{
    const struct avqa_tally *y = &a->tallies[a->opts.head_tail_by];
    struct avqa_head_tail ht = {0};
    uint64_t n;
    for (size_t i = 0; i < y->n;) {
        size_t end = avqa_tally_group_end(y, i, &n);
        double bound = avqa_head_bound(a, n, end - i);
        for (; i < end; i++) {
            if (y->cells[i].n > bound)
                ht.head += y->cells[i].n;
            else
                ht.tail += y->cells[i].n;
        }
    }
    return ht;
}

enum avqa_status avqa_check_head_tail(const struct avqa_audit *a,
                                      struct avqa_check_out *out)
{
    static const char *const groups[] = {"all", "type", "template", "slots"};
    struct avqa_head_tail ht = avqa_head_tail(a);
    out->json = avqa_json_new_object();
    avqa_json_put_double(out->json, "alpha", a->opts.alpha);
    avqa_json_put_string(out->json, "group", groups[a->opts.head_tail_by]);
    avqa_json_put_int(out->json, "head", (int64_t)ht.head);
    avqa_json_put_int(out->json, "tail", (int64_t)ht.tail);
    return AVQA_OK;
}
