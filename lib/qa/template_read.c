/* See template_read.h. A program is parsed and checked here, with the program that each
 * slot is needed for. */
#include "qa/template_read.h"
#include "base/text.h"
#include "qa/domain_read.h"
#include "qa/program.h"

#include <stddef.h>
#include <string.h>

enum avqa_status avqa_templates_string(const struct avqa_json *node, const char *key,
                                       const char **out)
{
    *out = avqa_json_string(avqa_json_get(node, key));
    if (!*out)
        return avqa_fail(AVQA_EFORMAT, "'%s' must be a string", key);
    return AVQA_OK;
}

enum avqa_status avqa_templates_list(const struct avqa_json *node, const char *key,
                                     const struct avqa_json **out, size_t max)
{
    *out = avqa_json_get(node, key);
    if (!*out || avqa_json_type(*out) != AVQA_JSON_ARRAY)
        return avqa_fail(AVQA_EFORMAT, "'%s' must be a list", key);
    if (avqa_json_count(*out) > max)
        return avqa_fail(AVQA_EFORMAT, "'%s' has more than %zu members", key, max);
    return AVQA_OK;
}

enum avqa_status avqa_templates_optional(const struct avqa_json *node, const char *key,
                                         enum avqa_json_type type)
{
    const struct avqa_json *m = avqa_json_get(node, key);
    if (!m || avqa_json_type(m) == type)
        return AVQA_OK;
    return avqa_fail(AVQA_EFORMAT, "'%s' must be %s, not %s", key,
                     type == AVQA_JSON_ARRAY ? "a list" : "an object",
                     avqa_json_type_name(m));
}

enum avqa_status avqa_templates_kind(size_t *out, const char *kind,
                                     const char *const *names, size_t n)
{
    for (*out = 0; *out < n; ++*out)
        if (strcmp(kind, names[*out]) == 0)
            return AVQA_OK;
    return avqa_fail(AVQA_EFORMAT, "unknown kind '%s'", kind);
}

enum avqa_status avqa_templates_words(struct avqa_templates *t,
                                      const struct avqa_json *list,
                                      const char *const **out, size_t *n)
{
    *n = avqa_json_count(list);
    const char **words = avqa_arena_alloc(&t->index->arena, (*n + 1) * sizeof *words);
    size_t i = 0;
    for (const struct avqa_json *w = avqa_json_first(list); w; w = avqa_json_next(w)) {
        const char *word = avqa_json_string(w);
        if (!word || !*word)
            return avqa_fail(AVQA_EFORMAT, "value %zu is not a word", i + 1);
        words[i++] = avqa_arena_strdup(&t->index->arena, word);
    }
    *out = words;
    return AVQA_OK;
}

/* Drift reports the slots and the fields of a row side by side, by name. */
static enum avqa_status check_slot_name(const char *name)
{
    static const char *const taken[] = {"answer", "modality", "type", "template"};
    for (size_t i = 0; i < sizeof taken / sizeof *taken; i++) {
        if (strcmp(name, taken[i]) == 0)
            return avqa_fail(AVQA_EFORMAT,
                             "a slot cannot be called '%s': rows have a field of that "
                             "name",
                             name);
    }
    return AVQA_OK;
}

static enum avqa_status read_slots(struct avqa_templates *t, struct avqa_template *item,
                                   const struct avqa_json *node)
{
    const struct avqa_json *s;
    enum avqa_status rc =
        avqa_templates_list(node, "slots", &s, AVQA_TEMPLATE_MAX_SLOTS);
    if (rc != AVQA_OK)
        return rc;
    for (s = avqa_json_first(s); s; s = avqa_json_next(s)) {
        const char *name = avqa_json_string(s);
        const char *domain =
            name ? avqa_json_string(avqa_json_get(t->index->slots, name)) : NULL;
        if (!domain)
            return avqa_fail(AVQA_EFORMAT, "slot %zu is not among 'slots'",
                             item->n_slots + 1);
        rc = check_slot_name(name);
        if (rc == AVQA_OK)
            rc = avqa_domain_named(t, domain, &item->slots[item->n_slots]);
        if (rc != AVQA_OK)
            return rc;
        item->slot_names[item->n_slots++] = avqa_arena_strdup(&t->index->arena, name);
    }
    return AVQA_OK;
}

static enum avqa_status read_answers(struct avqa_templates *t,
                                     struct avqa_template *item,
                                     const struct avqa_json *node)
{
    const struct avqa_json *a;
    enum avqa_status rc =
        avqa_templates_list(node, "answers", &a, AVQA_TEMPLATE_MAX_SLOTS);
    for (a = rc == AVQA_OK ? avqa_json_first(a) : NULL; rc == AVQA_OK && a;
         a = avqa_json_next(a)) {
        const char *name = avqa_json_string(a);
        rc = avqa_domain_named(t, name ? name : "", &item->answers[item->n_answers++]);
    }
    return rc;
}

static enum avqa_status read_slot_number(const struct avqa_json *node, size_t n_slots,
                                         size_t *out)
{
    int64_t n;
    if (!avqa_json_int(node, &n) || n < 0 || (size_t)n >= n_slots)
        return avqa_fail(AVQA_EFORMAT, "a slot number must be from 0 to %zd",
                         (ptrdiff_t)n_slots - 1);
    *out = (size_t)n;
    return AVQA_OK;
}

static enum avqa_status read_referents(struct avqa_template *item,
                                       const struct avqa_json *node)
{
    const struct avqa_json *list = avqa_json_get(node, "referents");
    if (avqa_json_count(list) > AVQA_TEMPLATE_MAX_SLOTS)
        return avqa_fail(AVQA_EFORMAT, "'referents' has too many members");
    for (list = avqa_json_first(list); list; list = avqa_json_next(list)) {
        struct avqa_referent *r = &item->referents[item->n_referents++];
        if (avqa_json_type(list) != AVQA_JSON_ARRAY)
            return avqa_fail(AVQA_EFORMAT, "a referent must be a list of slot numbers");
        if (avqa_json_count(list) > AVQA_TEMPLATE_MAX_SLOTS)
            return avqa_fail(AVQA_EFORMAT, "a referent has too many slots");
        const struct avqa_json *s = avqa_json_first(list);
        for (; s; s = avqa_json_next(s)) {
            enum avqa_status rc =
                read_slot_number(s, item->n_slots, &r->slots[r->n_slots++]);
            if (rc != AVQA_OK)
                return rc;
        }
    }
    return AVQA_OK;
}

static enum avqa_status read_senseless(struct avqa_templates *t,
                                       struct avqa_template *item,
                                       const struct avqa_json *node)
{
    const struct avqa_json *list = avqa_json_get(node, "senseless");
    if (avqa_json_count(list) > AVQA_TEMPLATE_MAX_SLOTS)
        return avqa_fail(AVQA_EFORMAT, "'senseless' has too many members");
    for (list = avqa_json_first(list); list; list = avqa_json_next(list)) {
        struct avqa_senseless *s = &item->senseless[item->n_senseless++];
        const char *value;
        const char *reason;
        enum avqa_status rc = avqa_json_only(list, "slot value reason");
        if (rc == AVQA_OK)
            rc = avqa_templates_string(list, "value", &value);
        if (rc == AVQA_OK)
            rc = avqa_templates_string(list, "reason", &reason);
        if (rc == AVQA_OK)
            rc = read_slot_number(avqa_json_get(list, "slot"), item->n_slots, &s->slot);
        if (rc != AVQA_OK)
            return rc;
        s->value = avqa_arena_strdup(&t->index->arena, value);
        s->reason = avqa_arena_strdup(&t->index->arena, reason);
    }
    return AVQA_OK;
}

static enum avqa_status index_template(struct avqa_templates *t,
                                       const struct avqa_template *item)
{
    bool is_new;
    struct avqa_buf normal = AVQA_BUF_INIT;
    avqa_intern_add(&t->index->codes, item->code, strlen(item->code), &is_new);
    if (!is_new)
        return avqa_fail(AVQA_EFORMAT, "the id stands twice");
    enum avqa_status rc = avqa_text_normal(&normal, item->text);
    if (rc == AVQA_OK)
        avqa_intern_add(&t->index->texts, avqa_buf_str(&normal), normal.len, &is_new);
    avqa_buf_release(&normal);
    if (rc == AVQA_OK && !is_new)
        return avqa_fail(AVQA_EFORMAT, "another template has the same text");
    return rc;
}

static enum avqa_status read_strings(struct avqa_templates *t,
                                     struct avqa_template *item,
                                     const struct avqa_json *node)
{
    static const char *const keys[] = {"id", "modality", "type", "text", "program"};
    const char **const targets[] = {&item->code, &item->modality, &item->type,
                                    &item->text, &item->program};
    size_t n_keys = avqa_json_get(node, "program") ? 5 : 4; /* it may be left out */
    for (size_t i = 0; i < n_keys; i++) {
        enum avqa_status rc = avqa_templates_string(node, keys[i], targets[i]);
        if (rc != AVQA_OK)
            return rc;
        *targets[i] = avqa_arena_strdup(&t->index->arena, *targets[i]);
    }
    struct avqa_buf label = AVQA_BUF_INIT;
    avqa_buf_addf(&label, "%s/%s", item->modality, item->type);
    item->label = avqa_arena_strdup(&t->index->arena, avqa_buf_str(&label));
    enum avqa_status rc = avqa_buf_status(&label);
    avqa_buf_release(&label);
    return rc;
}

/* Slots without which a question must have another answer, or none. */
static enum avqa_status read_needed(struct avqa_templates *t,
                                    struct avqa_template *item,
                                    const struct avqa_json *node)
{
    const struct avqa_json *list = avqa_json_get(node, "needed");
    struct avqa_program_scope scope = avqa_template_scope(item);
    scope.shapes = &t->index->shapes;
    if (avqa_json_count(list) > AVQA_TEMPLATE_MAX_SLOTS)
        return avqa_fail(AVQA_EFORMAT, "'needed' has too many members");
    if (list && !item->program)
        return avqa_fail(AVQA_EFORMAT, "'needed' goes with a program");
    for (list = avqa_json_first(list); list; list = avqa_json_next(list)) {
        struct avqa_needed *needed = &item->needed[item->n_needed++];
        enum avqa_status rc = read_slot_number(list, item->n_slots, &needed->slot);
        if (rc == AVQA_OK)
            rc = avqa_program_without(&needed->without, &t->index->arena, item->answer,
                                      needed->slot, &scope);
        if (rc != AVQA_OK)
            return avqa_fail_in(rc, "needed");
    }
    return AVQA_OK;
}

static enum avqa_status read_program(struct avqa_templates *t,
                                     struct avqa_template *item)
{
    struct avqa_program_scope scope = avqa_template_scope(item);
    scope.shapes = &t->index->shapes;
    enum avqa_status rc =
        avqa_program_parse(&item->answer, &t->index->arena, item->program, &scope);
    return rc == AVQA_OK ? rc : avqa_fail_in(rc, "program");
}

static enum avqa_status read_template(struct avqa_templates *t,
                                      struct avqa_template *item,
                                      const struct avqa_json *node)
{
    enum avqa_status rc =
        avqa_json_only(node, "id modality type text slots answers referents needed "
                             "senseless program");
    if (rc == AVQA_OK)
        rc = avqa_templates_optional(node, "referents", AVQA_JSON_ARRAY);
    if (rc == AVQA_OK)
        rc = avqa_templates_optional(node, "needed", AVQA_JSON_ARRAY);
    if (rc == AVQA_OK)
        rc = avqa_templates_optional(node, "senseless", AVQA_JSON_ARRAY);
    if (rc == AVQA_OK)
        rc = read_strings(t, item, node);
    if (rc == AVQA_OK)
        rc = read_slots(t, item, node);
    if (rc == AVQA_OK)
        rc = avqa_template_check_text(item, item->text);
    if (rc == AVQA_OK)
        rc = read_answers(t, item, node);
    if (rc == AVQA_OK)
        rc = read_referents(item, node);
    if (rc == AVQA_OK)
        rc = read_senseless(t, item, node);
    if (rc == AVQA_OK && item->program)
        rc = read_program(t, item);
    if (rc == AVQA_OK)
        rc = read_needed(t, item, node);
    return rc == AVQA_OK ? index_template(t, item) : rc;
}

enum avqa_status avqa_templates_read_items(struct avqa_templates *t,
                                           const struct avqa_json *root)
{
    const struct avqa_json *node;
    enum avqa_status rc =
        avqa_templates_list(root, "templates", &node, AVQA_TEMPLATES_MAX);
    if (rc != AVQA_OK)
        return rc;
    if (avqa_json_count(node) == 0)
        return avqa_fail(AVQA_EFORMAT, "'templates' is empty");
    t->items = avqa_arena_alloc(&t->index->arena,
                                (avqa_json_count(node) + 1) * sizeof *t->items);
    for (node = avqa_json_first(node); node; node = avqa_json_next(node)) {
        const char *code = avqa_json_string(avqa_json_get(node, "id"));
        rc = read_template(t, &t->items[t->n], node);
        if (rc != AVQA_OK)
            return avqa_fail_in(rc, "template %zu (%s)", t->n + 1,
                                code ? code : "no id");
        t->n++;
    }
    return AVQA_OK;
}
