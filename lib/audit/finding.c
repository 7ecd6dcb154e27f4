/* See finding.h. Findings are few next to rows, so their memory is small. */
#include "audit/finding.h"
#include "base/mem.h"
#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void push(uint32_t **list, size_t *n, size_t *cap, uint32_t value)
{
    avqa_mem_need(list, cap, *n + 1, sizeof **list);
    (*list)[(*n)++] = value;
}

static struct avqa_finding *push_finding(struct avqa_findings *list)
{
    avqa_mem_need(&list->items, &list->cap, list->n + 1, sizeof *list->items);
    return &list->items[list->n++];
}

/* A message that was too long may end inside a character: that end goes. */
static void cut_to_characters(char *message)
{
    size_t bad;
    if (!avqa_text_valid(message, strlen(message), &bad))
        message[bad] = '\0';
}

struct avqa_finding *avqa_finding_add(struct avqa_findings *list, const char *check,
                                      enum avqa_severity severity, const char *fmt, ...)
{
    char message[2048];
    char escaped[2 * sizeof message];
    va_list args;
    va_start(args, fmt);
    vsnprintf(message, sizeof message, fmt, args);
    va_end(args);
    cut_to_characters(message);
    avqa_status_escape(escaped, sizeof escaped, message);
    struct avqa_finding *f = push_finding(list);
    *f = (struct avqa_finding){
        .check = check, .severity = severity, .message = avqa_mem_strdup(escaped)};
    return f;
}

void avqa_finding_row(struct avqa_finding *f, const struct avqa_audit_table *t,
                      size_t row)
{
    uint32_t video = t->clips[t->rows[row].clip].video;
    bool same = f->n_videos && f->videos[f->n_videos - 1] == video;
    f->n_rows_total++;
    if (f->n_rows < AVQA_FINDING_MAX_ROWS)
        push(&f->rows, &f->n_rows, &f->cap_rows, (uint32_t)row);
    if (same)
        return;
    f->n_videos_total++;
    if (f->n_videos < AVQA_FINDING_MAX_ROWS)
        push(&f->videos, &f->n_videos, &f->cap_videos, video);
}

void avqa_findings_move(struct avqa_findings *to, struct avqa_findings *from)
{
    for (size_t i = 0; i < from->n; i++)
        *push_finding(to) = from->items[i];
    free(from->items);
    *from = (struct avqa_findings){0};
}

void avqa_findings_release(struct avqa_findings *list)
{
    for (size_t i = 0; i < list->n; i++) {
        free(list->items[i].message);
        free(list->items[i].rows);
        free(list->items[i].videos);
    }
    free(list->items);
    *list = (struct avqa_findings){0};
}

size_t avqa_findings_count(const struct avqa_findings *list,
                           enum avqa_severity severity)
{
    size_t n = 0;
    for (size_t i = 0; i < list->n; i++)
        n += list->items[i].severity == severity;
    return n;
}

const char *avqa_severity_name(enum avqa_severity severity)
{
    static const char *const names[] = {"error", "warning", "note"};
    return names[severity];
}

void avqa_row_reference(struct avqa_buf *out, const struct avqa_audit_table *t,
                        size_t row)
{
    avqa_buf_addf(out, "%s#%u", t->splits[t->rows[row].split], t->rows[row].line);
}

static enum avqa_status finding_json(const struct avqa_finding *f,
                                     const struct avqa_audit_table *t,
                                     struct avqa_json *array)
{
    struct avqa_buf ref = AVQA_BUF_INIT;
    enum avqa_status rc = AVQA_OK;
    struct avqa_json *o = avqa_json_put_object(array, NULL);
    avqa_json_put_string(o, "check", f->check);
    avqa_json_put_string(o, "severity", avqa_severity_name(f->severity));
    struct avqa_json *questions = avqa_json_put_array(o, "questions");
    for (size_t i = 0; rc == AVQA_OK && i < f->n_rows; i++) {
        avqa_buf_clear(&ref);
        avqa_row_reference(&ref, t, f->rows[i]);
        rc = avqa_buf_status(&ref);
        avqa_json_put_string(questions, NULL, avqa_buf_str(&ref));
    }
    if (f->n_rows_total > f->n_rows)
        avqa_json_put_int(o, "questions_total", (int64_t)f->n_rows_total);
    struct avqa_json *clips = avqa_json_put_array(o, "clips");
    for (size_t i = 0; i < f->n_videos; i++)
        avqa_json_put_string(clips, NULL, avqa_audit_video(t, f->videos[i]));
    avqa_json_put_string(o, "message", f->message);
    avqa_buf_release(&ref);
    return rc;
}

/* A check and a severity; there are a few dozen of them at most. */
struct kind {
    const struct avqa_finding *first;
    uint32_t n;
};

static bool same_kind(const struct avqa_finding *x, const struct avqa_finding *y)
{
    return x->severity == y->severity && strcmp(x->check, y->check) == 0;
}

uint32_t *avqa_findings_ranks(const struct avqa_findings *list)
{
    struct kind *kinds = NULL;
    size_t n_kinds = 0;
    size_t cap = 0;
    uint32_t *ranks = avqa_mem_new((list->n + 1) * sizeof *ranks);
    for (size_t i = 0; i < list->n; i++) {
        size_t k = 0;
        while (k < n_kinds && !same_kind(kinds[k].first, &list->items[i]))
            k++;
        if (k == n_kinds) {
            avqa_mem_need(&kinds, &cap, n_kinds + 1, sizeof *kinds);
            kinds[n_kinds++].first = &list->items[i];
        }
        ranks[i] = kinds[k].n++;
    }
    free(kinds);
    return ranks;
}

/* Stands for the finding `i` and all behind it of its kind. */
static enum avqa_status put_more(const struct avqa_findings *list, size_t i,
                                 const struct avqa_audit_table *t,
                                 struct avqa_json *array)
{
    char message[96];
    size_t n = 0;
    for (size_t k = i; k < list->n; k++)
        n += same_kind(&list->items[i], &list->items[k]);
    snprintf(message, sizeof message,
             "and %zu more of this kind; tables/findings.csv has them all", n);
    struct avqa_finding more = {.check = list->items[i].check,
                                .severity = list->items[i].severity,
                                .message = message};
    return finding_json(&more, t, array);
}

enum avqa_status avqa_findings_json(const struct avqa_findings *list,
                                    const struct avqa_audit_table *t,
                                    struct avqa_json *array)
{
    uint32_t *ranks = avqa_findings_ranks(list);
    enum avqa_status rc = AVQA_OK;
    for (enum avqa_severity s = AVQA_ERROR; s <= AVQA_NOTE; s++) {
        for (size_t i = 0; rc == AVQA_OK && i < list->n; i++) {
            if (list->items[i].severity != s)
                continue;
            if (ranks[i] < AVQA_FINDINGS_MAX_SHOWN)
                rc = finding_json(&list->items[i], t, array);
            else if (ranks[i] == AVQA_FINDINGS_MAX_SHOWN)
                rc = put_more(list, i, t, array);
        }
    }
    free(ranks);
    return rc;
}
