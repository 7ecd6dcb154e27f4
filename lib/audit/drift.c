/* Check 6. Each field is a histogram per split; the two are laid side by side. */
#include "audit/drift.h"
#include "base/mem.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { DRIFT_MIN = 30 }; /* values on either side, below which chance is as likely */

struct collector {
    const struct avqa_audit *a;
    struct avqa_drift_field *list;
    size_t n, cap;
    struct avqa_intern fields;
    struct avqa_intern keys; /* "field NUL value"; the id is in `where` */
    struct place {
        uint32_t field, value;
    } * where;
    size_t cap_where;
};

static enum avqa_status field_of(struct collector *c, const char *name, uint32_t *field)
{
    bool is_new;
    *field = avqa_intern_add(&c->fields, name, strlen(name), &is_new);
    if (!is_new)
        return AVQA_OK;
    enum avqa_status rc = avqa_mem_grow(&c->list, &c->cap, c->n + 1, sizeof *c->list);
    if (rc == AVQA_OK)
        c->list[c->n++] = (struct avqa_drift_field){.field = name};
    return rc;
}

/* The histogram cell of a field's value. Both strings stay borrowed. */
static enum avqa_status cell_of(struct collector *c, const char *field,
                                const char *value, struct avqa_drift_cell **cell)
{
    struct avqa_buf key = AVQA_BUF_INIT;
    bool is_new;
    avqa_buf_add(&key, field, strlen(field) + 1);
    avqa_buf_adds(&key, value);
    uint32_t id = avqa_intern_add(&c->keys, avqa_buf_str(&key), key.len, &is_new);
    avqa_buf_release(&key);
    enum avqa_status rc =
        avqa_mem_grow(&c->where, &c->cap_where, (size_t)id + 1, sizeof *c->where);
    if (rc == AVQA_OK && is_new) {
        rc = field_of(c, field, &c->where[id].field);
        struct avqa_drift_field *d = &c->list[c->where[id].field];
        if (rc == AVQA_OK)
            rc = avqa_mem_grow(&d->values, &d->cap, d->n + 1, sizeof *d->values);
        if (rc != AVQA_OK)
            return rc;
        c->where[id].value = (uint32_t)d->n;
        d->values[d->n++] = (struct avqa_drift_cell){.value = value};
    }
    if (rc == AVQA_OK)
        *cell = &c->list[c->where[id].field].values[c->where[id].value];
    return rc;
}

static enum avqa_status add(struct collector *c, const char *field, const char *value,
                            size_t n, bool on)
{
    struct avqa_drift_cell *cell;
    enum avqa_status rc = cell_of(c, field, value, &cell);
    if (rc == AVQA_OK)
        *(on ? &cell->on : &cell->against) += n;
    return rc;
}

static enum avqa_status add_answers(struct collector *c, const struct avqa_tally *y,
                                    bool on)
{
    enum avqa_status rc = AVQA_OK;
    for (size_t i = 0; rc == AVQA_OK && i < y->n; i++)
        rc = add(c, "answer", avqa_audit_answer(c->a->t, y->cells[i].answer),
                 y->cells[i].n, on);
    return rc;
}

static enum avqa_status add_templates(struct collector *c, const struct avqa_tally *y,
                                      bool on)
{
    enum avqa_status rc = AVQA_OK;
    uint64_t n;
    for (size_t i = 0; rc == AVQA_OK && i < y->n;) {
        const struct avqa_template *t = &c->a->t->templates->items[y->cells[i].group];
        i = avqa_tally_group_end(y, i, &n);
        rc = add(c, "modality", t->modality, n, on);
        if (rc == AVQA_OK)
            rc = add(c, "type", t->label, n, on);
        if (rc == AVQA_OK)
            rc = add(c, "template", t->code, n, on);
    }
    return rc;
}

static enum avqa_status add_slots(struct collector *c, const struct avqa_tally *y,
                                  bool on)
{
    enum avqa_status rc = AVQA_OK;
    uint64_t n;
    for (size_t i = 0; rc == AVQA_OK && i < y->n;) {
        uint64_t group = y->cells[i].group;
        const struct avqa_template *t = &c->a->t->templates->items[group >> 32];
        const struct avqa_audit_slots *slots = &c->a->t->slots[(uint32_t)group];
        i = avqa_tally_group_end(y, i, &n);
        for (size_t s = 0; rc == AVQA_OK && s < slots->n; s++)
            rc = add(c, t->slot_names[s], avqa_audit_word(c->a->t, slots->values[s]), n,
                     on);
    }
    return rc;
}

enum avqa_status avqa_drift_fields_collect(const struct avqa_audit *a,
                                           struct avqa_drift_field **list, size_t *n)
{
    struct collector c = {.a = a};
    enum avqa_status rc = AVQA_OK;
    for (int on = 1; rc == AVQA_OK && on >= 0; on--) {
        const struct avqa_tally *y = on ? a->tallies : a->fits;
        rc = add_answers(&c, &y[AVQA_GROUP_ALL], on);
        if (rc == AVQA_OK)
            rc = add_templates(&c, &y[AVQA_GROUP_TEMPLATE], on);
        if (rc == AVQA_OK)
            rc = add_slots(&c, &y[AVQA_GROUP_SLOTS], on);
    }
    for (size_t f = 0; f < c.n; f++) {
        for (size_t v = 0; v < c.list[f].n; v++) {
            c.list[f].n_on += c.list[f].values[v].on;
            c.list[f].n_against += c.list[f].values[v].against;
        }
    }
    avqa_intern_release(&c.fields);
    avqa_intern_release(&c.keys);
    free(c.where);
    *list = c.list;
    *n = c.n;
    return rc;
}

void avqa_drift_fields_release(struct avqa_drift_field *list, size_t n)
{
    for (size_t i = 0; i < n; i++)
        free(list[i].values);
    free(list);
}

static double share(size_t n, size_t total)
{
    return total ? (double)n / (double)total : 0;
}

double avqa_drift_field_tvd(const struct avqa_drift_field *d)
{
    double sum = 0;
    for (size_t i = 0; i < d->n; i++)
        sum += fabs(share(d->values[i].on, d->n_on) -
                    share(d->values[i].against, d->n_against));
    return sum / 2;
}

static double relative_bits(double p, double q)
{
    return p > 0 ? p * log2(p / q) : 0;
}

double avqa_drift_field_jsd_bits(const struct avqa_drift_field *d)
{
    double bits = 0;
    for (size_t i = 0; i < d->n; i++) {
        double p = share(d->values[i].on, d->n_on);
        double q = share(d->values[i].against, d->n_against);
        double m = (p + q) / 2;
        bits += (relative_bits(p, m) + relative_bits(q, m)) / 2;
    }
    return bits;
}

enum avqa_status avqa_check_drift(const struct avqa_audit *a,
                                  struct avqa_check_out *out)
{
    struct avqa_drift_field *list;
    size_t n;
    if (!a->has_against)
        return AVQA_OK; /* nothing to drift from: null in the report */
    out->json = avqa_json_new_object();
    enum avqa_status rc = avqa_drift_fields_collect(a, &list, &n);
    for (size_t i = 0; rc == AVQA_OK && i < n; i++) {
        double tvd = avqa_drift_field_tvd(&list[i]);
        if (list[i].n_on == 0 || list[i].n_against == 0) {
            avqa_json_put_null(out->json, list[i].field);
            continue;
        }
        struct avqa_json *o = avqa_json_put_object(out->json, list[i].field);
        avqa_json_put_double(o, "tvd", tvd);
        avqa_json_put_double(o, "jsd_bits", avqa_drift_field_jsd_bits(&list[i]));
        bool enough = list[i].n_on >= DRIFT_MIN && list[i].n_against >= DRIFT_MIN;
        if (enough && tvd > 0.1 + 1e-9)
            avqa_finding_add(
                &out->findings, "drift", AVQA_WARNING,
                "%s differs between '%s' and '%s': %.1f %% of its mass would "
                "have to move (total variation distance %.4f)",
                list[i].field, a->opts.split ? a->opts.split : "all", a->opts.against,
                100 * tvd, tvd);
    }
    avqa_drift_fields_release(list, n);
    return rc;
}
