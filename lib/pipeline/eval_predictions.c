/* See eval_predictions.h. Questions are found by two sorted lists, of ids and of rows.
 */
#include "pipeline/eval_predictions.h"
#include "base/mem.h"
#include "pipeline/eval_lines.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_SHOWN = 10 }; /* replies that were not read, in the report */

/* A question by a number; questions of one number stand together, in their order. */
struct place {
    int64_t key;
    uint32_t question;
    uint32_t n_lines; /* of the first one of a number: met so far */
};

struct places {
    struct place *items;
    size_t n;
};

struct reader {
    const struct avqa_eval_file *file;
    struct avqa_eval_model *model;
    struct avqa_eval_set *set;
    struct places ids, rows;
    int64_t n_lines, duplicates, contradicting, elsewhere;
};

/* ---- finding questions ----------------------------------------------------------- */

static int by_key(const void *a, const void *b)
{
    const struct place *x = a;
    const struct place *y = b;
    if (x->key != y->key)
        return x->key < y->key ? -1 : 1;
    return x->question < y->question ? -1 : x->question > y->question;
}

static enum avqa_status make_places(struct reader *r)
{
    const struct avqa_eval_set *set = r->set;
    enum avqa_status rc = avqa_mem_array(&r->ids.items, set->n, sizeof *r->ids.items);
    if (rc == AVQA_OK)
        rc = avqa_mem_array(&r->rows.items, set->n, sizeof *r->rows.items);
    for (uint32_t i = 0; rc == AVQA_OK && i < set->n; i++) {
        int64_t id = set->table.numbers[set->audit.on.from + i];
        r->rows.items[r->rows.n++] = (struct place){avqa_eval_row(set, i)->line, i, 0};
        if (id != AVQA_AUDIT_NO_NUMBER)
            r->ids.items[r->ids.n++] = (struct place){id, i, 0};
    }
    if (rc == AVQA_OK && r->ids.n)
        qsort(r->ids.items, r->ids.n, sizeof *r->ids.items, by_key);
    if (rc == AVQA_OK)
        qsort(r->rows.items, r->rows.n, sizeof *r->rows.items, by_key);
    return rc;
}

/* The first question of this number, or NULL; *n of them stand there. */
static struct place *find(const struct places *places, int64_t key, size_t *n)
{
    size_t lo = 0;
    size_t hi = places->n;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (places->items[mid].key < key)
            lo = mid + 1;
        else
            hi = mid;
    }
    for (*n = 0; lo + *n < places->n && places->items[lo + *n].key == key;)
        (*n)++;
    return *n ? &places->items[lo] : NULL;
}

/* ---- one line -------------------------------------------------------------------- */

static enum avqa_status read_reply(struct reader *r, size_t question, const char *text)
{
    const struct avqa_audit_table *t = &r->set->table;
    const struct avqa_audit_row *row = avqa_eval_row(r->set, question);
    const struct avqa_audit_slots *slots = &t->slots[row->slots];
    struct avqa_eval_said *said = &r->model->said[question];
    struct avqa_reply reply = {AVQA_REPLY_NOTHING, NULL};
    const char *values[AVQA_TEMPLATE_MAX_SLOTS];
    enum avqa_status rc = AVQA_OK;
    for (size_t s = 0; s < slots->n; s++)
        values[s] = avqa_audit_word(t, slots->values[s]);
    if (r->file->rules)
        rc = avqa_reply_read(&reply, r->file->rules, avqa_audit_template(t, row),
                             values, text);
    if (rc != AVQA_OK)
        return rc;
    if (!reply.answer &&
        avqa_intern_find(&r->set->answers, text, strlen(text)) != AVQA_INTERN_NONE)
        reply = (struct avqa_reply){AVQA_REPLY_EXACT, text};
    said->said = true;
    said->way = reply.way;
    said->text = avqa_arena_strdup(&r->model->arena, text);
    said->answer = reply.answer ? avqa_intern_find(&r->set->answers, reply.answer,
                                                   strlen(reply.answer))
                                : AVQA_INTERN_NONE;
    return AVQA_OK;
}

/* The line's number among its questions' lines says which of them it is for. */
static enum avqa_status give(struct reader *r, struct place *first, size_t n,
                             const char *text)
{
    enum avqa_status rc = AVQA_OK;
    size_t k = first->n_lines++;
    if (k >= n) {
        r->duplicates++;
        r->contradicting +=
            strcmp(r->model->said[first[n - 1].question].text, text) != 0;
    }
    for (; rc == AVQA_OK && k < n; k++)
        rc = read_reply(r, first[k].question, text);
    return rc;
}

static enum avqa_status take(void *user, const struct avqa_eval_line *line)
{
    struct reader *r = user;
    size_t n = 0;
    struct place *first =
        line->has_row ? find(&r->rows, line->row, &n) : find(&r->ids, line->id, &n);
    r->n_lines++;
    if (!first) {
        r->elsewhere++;
        return AVQA_OK;
    }
    int64_t id = r->set->table.numbers[r->set->audit.on.from + first->question];
    if (line->has_row && line->has_id && id != line->id)
        return avqa_fail(AVQA_EFORMAT,
                         "row %" PRId64 " of split '%s' is not question %" PRId64
                         "; these are predictions for another split",
                         line->row, r->set->audit.opts.split, line->id);
    return give(r, first, n, line->text);
}

/* ---- counts ---------------------------------------------------------------------- */

/* How often a reply that was not read came, in order of first appearance. */
struct unread {
    const char *text;
    int64_t n;
};

static int by_count(const void *a, const void *b)
{
    const struct unread *x = a;
    const struct unread *y = b;
    if (x->n != y->n)
        return x->n > y->n ? -1 : 1;
    return strcmp(x->text, y->text);
}

static enum avqa_status put_unread(struct avqa_json *about, const struct reader *r)
{
    struct avqa_intern texts = AVQA_INTERN_INIT;
    struct unread *list;
    enum avqa_status rc = avqa_mem_array(&list, r->set->n, sizeof *list);
    for (size_t i = 0; rc == AVQA_OK && i < r->set->n; i++) {
        const struct avqa_eval_said *said = &r->model->said[i];
        if (!said->said || said->answer != AVQA_INTERN_NONE)
            continue;
        uint32_t id = avqa_intern_add(&texts, said->text, strlen(said->text), NULL);
        list[id].text = avqa_intern_text(&texts, id);
        list[id].n++;
    }
    if (rc == AVQA_OK && texts.n)
        qsort(list, texts.n, sizeof *list, by_count);
    struct avqa_json *out = avqa_json_put_array(about, "not_read");
    for (size_t i = 0; rc == AVQA_OK && i < texts.n && i < MAX_SHOWN; i++) {
        struct avqa_json *o = avqa_json_put_object(out, NULL);
        avqa_json_put_string(o, "text", list[i].text);
        avqa_json_put_int(o, "questions", list[i].n);
    }
    free(list);
    avqa_intern_release(&texts);
    return rc;
}

/* Ids that several questions have and a line named, and of these those with different
 * answers, of which one reply can only meet one. A line that names a row does not mind.
 */
static void put_shared(struct avqa_json *about, const struct reader *r)
{
    int64_t ids = 0;
    int64_t questions = 0;
    int64_t contradicting = 0;
    size_t n;
    for (size_t i = 0; i < r->ids.n; i += n) {
        const struct place *first = find(&r->ids, r->ids.items[i].key, &n);
        bool differ = false;
        if (n < 2 || first->n_lines == 0)
            continue;
        for (size_t k = 1; k < n; k++)
            differ = differ || avqa_eval_row(r->set, first[k].question)->answer !=
                                   avqa_eval_row(r->set, first->question)->answer;
        ids++;
        questions += (int64_t)n;
        contradicting += differ;
    }
    struct avqa_json *o = avqa_json_put_object(about, "shared");
    avqa_json_put_int(o, "ids", ids);
    avqa_json_put_int(o, "questions", questions);
    avqa_json_put_int(o, "contradicting", contradicting);
}

static enum avqa_status put_counts(struct reader *r)
{
    static const char *const names[AVQA_REPLY_N_WAYS] = {"exact", "worded", "found",
                                                         "nothing", "several"};
    int64_t n[AVQA_REPLY_N_WAYS] = {0};
    int64_t answered = 0;
    struct avqa_json *o = r->model->about = avqa_json_new_object();
    for (size_t i = 0; i < r->set->n; i++) {
        answered += r->model->said[i].said;
        n[r->model->said[i].way] += r->model->said[i].said;
    }
    avqa_json_put_string(o, "file", r->file->path);
    avqa_json_put_int(o, "lines", r->n_lines);
    avqa_json_put_int(o, "questions", (int64_t)r->set->n);
    avqa_json_put_int(o, "answered", answered);
    for (int way = 0; way < AVQA_REPLY_N_WAYS; way++)
        avqa_json_put_int(o, names[way], n[way]);
    avqa_json_put_int(o, "missing", (int64_t)r->set->n - answered);
    avqa_json_put_bool(o, "missing_are_wrong", !r->file->answered_only);
    avqa_json_put_int(o, "without_id", (int64_t)(r->set->n - r->ids.n));
    avqa_json_put_int(o, "duplicates", r->duplicates);
    avqa_json_put_int(o, "contradicting", r->contradicting);
    avqa_json_put_int(o, "not_in_split", r->elsewhere);
    put_shared(o, r);
    return put_unread(o, r);
}

static enum avqa_status check_any(const struct reader *r)
{
    if (r->n_lines == 0)
        return avqa_fail(AVQA_EINVAL, "%s: there are no predictions in it",
                         r->file->path);
    if (r->elsewhere < r->n_lines)
        return AVQA_OK;
    return avqa_fail(AVQA_EINVAL,
                     "%s: none of its predictions (%" PRId64 ") is for a question of "
                     "split '%s'",
                     r->file->path, r->n_lines, r->set->audit.opts.split);
}

enum avqa_status avqa_eval_read(struct avqa_eval_model *out, struct avqa_eval_set *set,
                                const struct avqa_eval_file *file)
{
    struct reader r = {.file = file, .model = out, .set = set};
    enum avqa_status rc = avqa_eval_model_init(out, set);
    out->name = avqa_mem_strdup(file->path);
    if (rc == AVQA_OK)
        rc = make_places(&r);
    if (rc == AVQA_OK)
        rc = avqa_eval_lines(file->path, file->id_key, file->answer_key, take, &r);
    if (rc == AVQA_OK)
        rc = check_any(&r);
    for (size_t i = 0; rc == AVQA_OK && i < set->n; i++)
        out->said[i].asked = out->said[i].said || !file->answered_only;
    if (rc == AVQA_OK)
        rc = put_counts(&r);
    free(r.ids.items);
    free(r.rows.items);
    return rc;
}
