/* Reading a template file. Everything a template refers to (domains, slots, senseless
 * values) is looked up here once, so later code has pointers and no names to check. */
#include "qa/template.h"
#include "base/arena.h"
#include "base/intern.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/text.h"
#include "qa/program.h"
#include "qa/rule.h"

#include <stdlib.h>
#include <string.h>

struct avqa_templates_index {
    struct avqa_arena arena;
    struct avqa_intern texts; /* normal form; the id is the template's number */
    struct avqa_intern codes;
    struct avqa_intern answers;
    struct avqa_intern shapes;     /* of programs */
    struct avqa_intern *words;     /* by domain */
    const struct avqa_json *slots; /* while reading */
};

static const char *const KIND_NAMES[] = {"object", "place", "scene", "number",
                                         "truth",  "order", "text"};

static enum avqa_status get_string(const struct avqa_json *node, const char *key,
                                   const char **out)
{
    *out = avqa_json_string(avqa_json_get(node, key));
    if (!*out)
        return avqa_fail(AVQA_EFORMAT, "'%s' must be a string", key);
    return AVQA_OK;
}

static enum avqa_status get_list(const struct avqa_json *node, const char *key,
                                 const struct avqa_json **out, size_t max)
{
    *out = avqa_json_get(node, key);
    if (!*out || avqa_json_type(*out) != AVQA_JSON_ARRAY)
        return avqa_fail(AVQA_EFORMAT, "'%s' must be a list", key);
    if (avqa_json_count(*out) > max)
        return avqa_fail(AVQA_EFORMAT, "'%s' has more than %zu members", key, max);
    return AVQA_OK;
}

static enum avqa_status copy_words(struct avqa_templates *t,
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

/* Files repeat a word now and then, so a word's id need not be its place. */
static void index_words(struct avqa_templates *t, struct avqa_domain *d)
{
    struct avqa_intern *words = &t->index->words[d - t->domains];
    size_t *places =
        avqa_arena_alloc(&t->index->arena, (d->n_values + 1) * sizeof *places);
    for (size_t i = 0; i < d->n_values; i++) {
        bool is_new;
        uint32_t id =
            avqa_intern_add(words, d->values[i], strlen(d->values[i]), &is_new);
        if (is_new)
            places[id] = i;
    }
    d->words = words;
    d->places = places;
}

static enum avqa_status read_mirror(struct avqa_templates *t, struct avqa_domain *d,
                                    const struct avqa_json *node)
{
    const char **mirror =
        avqa_arena_alloc(&t->index->arena, (d->n_values + 1) * sizeof *mirror);
    memcpy(mirror, d->values, d->n_values * sizeof *mirror);
    d->mirror = mirror;
    const struct avqa_json *m = avqa_json_get(node, "mirror");
    for (m = avqa_json_first(m); m; m = avqa_json_next(m)) {
        const char *key = avqa_json_key(m);
        const char *to = avqa_json_string(m);
        size_t i = key ? avqa_domain_find(d, key) : AVQA_TEMPLATE_NONE;
        size_t j = to ? avqa_domain_find(d, to) : AVQA_TEMPLATE_NONE;
        if (i == AVQA_TEMPLATE_NONE || j == AVQA_TEMPLATE_NONE)
            return avqa_fail(AVQA_EFORMAT, "'mirror' names a word that is no value");
        mirror[i] = d->values[j];
    }
    return AVQA_OK;
}

static enum avqa_status read_plurals(struct avqa_templates *t, struct avqa_domain *d,
                                     const struct avqa_json *node)
{
    const char **plurals =
        avqa_arena_alloc(&t->index->arena, (d->n_values + 1) * sizeof *plurals);
    memcpy(plurals, d->values, d->n_values * sizeof *plurals);
    d->plurals = plurals;
    const struct avqa_json *m = avqa_json_get(node, "plurals");
    for (m = avqa_json_first(m); m; m = avqa_json_next(m)) {
        const char *key = avqa_json_key(m);
        const char *plural = avqa_json_string(m);
        size_t i = key ? avqa_domain_find(d, key) : AVQA_TEMPLATE_NONE;
        if (i == AVQA_TEMPLATE_NONE || !plural)
            return avqa_fail(AVQA_EFORMAT, "'plurals' names a word that is no value");
        plurals[i] = avqa_arena_strdup(&t->index->arena, plural);
    }
    return AVQA_OK;
}

static enum avqa_status read_families(struct avqa_templates *t, struct avqa_domain *d,
                                      const struct avqa_json *node)
{
    const struct avqa_json *f = avqa_json_first(avqa_json_get(node, "families"));
    if (!f)
        return AVQA_OK;
    const char **families =
        avqa_arena_alloc(&t->index->arena, (d->n_values + 1) * sizeof *families);
    d->families = families;
    for (; f; f = avqa_json_next(f)) {
        const char *name = avqa_arena_strdup(&t->index->arena,
                                             avqa_json_key(f) ? avqa_json_key(f) : "");
        const struct avqa_json *w = avqa_json_first(f);
        for (; w; w = avqa_json_next(w)) {
            const char *word = avqa_json_string(w);
            size_t i = word ? avqa_domain_find(d, word) : AVQA_TEMPLATE_NONE;
            if (i == AVQA_TEMPLATE_NONE)
                return avqa_fail(AVQA_EFORMAT, "family '%s' names no value", name);
            families[i] = name;
        }
    }
    return AVQA_OK;
}

static enum avqa_status read_domain(struct avqa_templates *t, struct avqa_domain *d,
                                    const struct avqa_json *node)
{
    const char *kind;
    const struct avqa_json *values;
    size_t k = 0;
    d->name = avqa_arena_strdup(&t->index->arena, avqa_json_key(node));
    enum avqa_status rc = get_string(node, "kind", &kind);
    if (rc != AVQA_OK)
        return rc;
    while (k < sizeof KIND_NAMES / sizeof *KIND_NAMES && strcmp(kind, KIND_NAMES[k]))
        k++;
    if (k == sizeof KIND_NAMES / sizeof *KIND_NAMES)
        return avqa_fail(AVQA_EFORMAT, "unknown kind '%s'", kind);
    d->kind = (enum avqa_domain_kind)k;
    rc = get_list(node, "values", &values, 65536);
    if (rc == AVQA_OK)
        rc = copy_words(t, values, &d->values, &d->n_values);
    if (rc != AVQA_OK)
        return rc;
    index_words(t, d);
    rc = read_mirror(t, d, node);
    if (rc == AVQA_OK)
        rc = read_plurals(t, d, node);
    return rc == AVQA_OK ? read_families(t, d, node) : rc;
}

static enum avqa_status read_domains(struct avqa_templates *t,
                                     const struct avqa_json *root)
{
    const struct avqa_json *list = avqa_json_get(root, "domains");
    if (!list || avqa_json_type(list) != AVQA_JSON_OBJECT)
        return avqa_fail(AVQA_EFORMAT, "'domains' must be an object");
    t->domains = avqa_arena_alloc(&t->index->arena,
                                  (avqa_json_count(list) + 1) * sizeof *t->domains);
    t->index->words = avqa_arena_alloc(&t->index->arena, (avqa_json_count(list) + 1) *
                                                             sizeof *t->index->words);
    for (const struct avqa_json *d = avqa_json_first(list); d; d = avqa_json_next(d)) {
        enum avqa_status rc = avqa_json_only(d, "kind values families plurals mirror");
        if (rc == AVQA_OK)
            rc = read_domain(t, &t->domains[t->n_domains++], d);
        if (rc != AVQA_OK)
            return avqa_fail_in(rc, "domain %s", avqa_json_key(d));
    }
    return AVQA_OK;
}

static enum avqa_status find_domain(const struct avqa_templates *t, const char *name,
                                    const struct avqa_domain **out)
{
    for (size_t i = 0; i < t->n_domains; i++) {
        if (strcmp(t->domains[i].name, name) == 0) {
            *out = &t->domains[i];
            return AVQA_OK;
        }
    }
    return avqa_fail(AVQA_EFORMAT, "there is no domain '%s'", name);
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
    enum avqa_status rc = get_list(node, "slots", &s, AVQA_TEMPLATE_MAX_SLOTS);
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
            rc = find_domain(t, domain, &item->slots[item->n_slots]);
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
    enum avqa_status rc = get_list(node, "answers", &a, AVQA_TEMPLATE_MAX_SLOTS);
    for (a = rc == AVQA_OK ? avqa_json_first(a) : NULL; rc == AVQA_OK && a;
         a = avqa_json_next(a)) {
        const char *name = avqa_json_string(a);
        rc = find_domain(t, name ? name : "", &item->answers[item->n_answers++]);
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
            rc = get_string(list, "value", &value);
        if (rc == AVQA_OK)
            rc = get_string(list, "reason", &reason);
        if (rc == AVQA_OK)
            rc = read_slot_number(avqa_json_get(list, "slot"), item->n_slots, &s->slot);
        if (rc != AVQA_OK)
            return rc;
        s->value = avqa_arena_strdup(&t->index->arena, value);
        s->reason = avqa_arena_strdup(&t->index->arena, reason);
    }
    return AVQA_OK;
}

struct avqa_program_scope avqa_template_scope(const struct avqa_template *t)
{
    return (struct avqa_program_scope){t->slots, t->n_slots, t->answers, t->n_answers,
                                       NULL};
}

enum avqa_status avqa_template_check_text(const struct avqa_template *item,
                                          const char *text)
{
    size_t n = 0;
    for (const char *s = strchr(text, '<'); s; s = strchr(s + 1, '<')) {
        size_t len = strcspn(s + 1, "<>");
        if (s[1 + len] != '>')
            continue;
        if (n < item->n_slots && (strlen(item->slot_names[n]) != len ||
                                  memcmp(item->slot_names[n], s + 1, len) != 0))
            return avqa_fail(AVQA_EFORMAT,
                             "marker %zu of the text is <%.*s>, slot %zu is "
                             "%s",
                             n + 1, (int)len, s + 1, n + 1, item->slot_names[n]);
        n++;
    }
    if (n != item->n_slots)
        return avqa_fail(AVQA_EFORMAT, "the text has %zu markers for %zu slots", n,
                         item->n_slots);
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
        enum avqa_status rc = get_string(node, keys[i], targets[i]);
        if (rc != AVQA_OK)
            return rc;
        *targets[i] = avqa_arena_strdup(&t->index->arena, *targets[i]);
    }
    struct avqa_buf label = AVQA_BUF_INIT;
    avqa_buf_addf(&label, "%s/%s", item->modality, item->type);
    item->label = avqa_arena_strdup(&t->index->arena, avqa_buf_str(&label));
    avqa_buf_release(&label);
    return AVQA_OK;
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

static enum avqa_status read_items(struct avqa_templates *t,
                                   const struct avqa_json *root)
{
    const struct avqa_json *node;
    enum avqa_status rc = get_list(root, "templates", &node, AVQA_TEMPLATES_MAX);
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

static enum avqa_status read_published(struct avqa_templates *t,
                                       const struct avqa_json *root)
{
    static const char *const keys[] = {"questions", "videos", "templates", "types",
                                       "answers"};
    const struct avqa_json *node = avqa_json_get(root, "published");
    if (avqa_json_count(node) > AVQA_PUBLISHED_MAX)
        return avqa_fail(AVQA_EFORMAT, "'published' has more than %d members",
                         AVQA_PUBLISHED_MAX);
    t->published = avqa_arena_alloc(&t->index->arena,
                                    (avqa_json_count(node) + 1) * sizeof *t->published);
    for (node = avqa_json_first(node); node; node = avqa_json_next(node)) {
        struct avqa_published *p = &t->published[t->n_published++];
        int64_t *const targets[] = {&p->questions, &p->videos, &p->templates, &p->types,
                                    &p->answers};
        enum avqa_status rc =
            avqa_json_only(node, "name questions videos templates types answers");
        if (rc == AVQA_OK)
            rc = get_string(node, "name", &p->name);
        if (rc != AVQA_OK)
            return avqa_fail_in(rc, "published");
        p->name = avqa_arena_strdup(&t->index->arena, p->name);
        for (size_t k = 0; k < sizeof keys / sizeof *keys; k++) {
            if (!avqa_json_int(avqa_json_get(node, keys[k]), targets[k]))
                return avqa_fail(AVQA_EFORMAT, "published: '%s' must be a whole number",
                                 keys[k]);
        }
    }
    return AVQA_OK;
}

static enum avqa_status read_vocabulary(struct avqa_templates *t,
                                        const struct avqa_json *list)
{
    enum avqa_status rc = copy_words(t, list, &t->answers, &t->n_answers);
    return rc == AVQA_OK ? rc : avqa_fail_in(rc, "answers");
}

static enum avqa_status read_root(struct avqa_templates *t,
                                  const struct avqa_json *root)
{
    int64_t schema = 0;
    const struct avqa_json *answers;
    if (avqa_json_type(root) != AVQA_JSON_OBJECT)
        return avqa_fail(AVQA_EFORMAT, "a template file is an object");
    if (!avqa_json_int(avqa_json_get(root, "schema"), &schema) || schema != 1)
        return avqa_fail(AVQA_EVERSION, "'schema' must be 1");
    enum avqa_status rc =
        avqa_json_only(root, "schema name language description published domains slots "
                             "answers templates witnesses rules");
    if (rc == AVQA_OK)
        rc = get_string(root, "name", &t->name);
    if (rc == AVQA_OK)
        rc = get_string(root, "language", &t->language);
    if (rc != AVQA_OK)
        return rc;
    t->name = avqa_arena_strdup(&t->index->arena, t->name);
    t->language = avqa_arena_strdup(&t->index->arena, t->language);
    t->index->slots = avqa_json_get(root, "slots");
    rc = read_domains(t, root);
    if (rc == AVQA_OK)
        rc = read_published(t, root);
    if (rc == AVQA_OK)
        rc = get_list(root, "answers", &answers, 65536);
    if (rc == AVQA_OK)
        rc = read_vocabulary(t, answers);
    for (size_t i = 0; rc == AVQA_OK && i < t->n_answers; i++)
        avqa_intern_add(&t->index->answers, t->answers[i], strlen(t->answers[i]), NULL);
    return rc == AVQA_OK ? read_items(t, root) : rc;
}

enum avqa_status avqa_templates_parse(struct avqa_templates **out, const char *json,
                                      size_t len)
{
    struct avqa_json *root;
    enum avqa_status rc = avqa_json_parse(&root, json, len);
    if (rc != AVQA_OK)
        return rc;
    struct avqa_templates *t = avqa_mem_new(sizeof *t);
    struct avqa_templates_index *index = avqa_mem_new(sizeof *index);
    t->index = index;
    rc = read_root(t, root);
    if (rc == AVQA_OK)
        rc = avqa_rules_read(&t->rules, t, root);
    avqa_json_free(root);
    index->slots = NULL;
    if (rc != AVQA_OK) {
        avqa_templates_free(t);
        return rc;
    }
    *out = t;
    return AVQA_OK;
}

void avqa_templates_free(struct avqa_templates *t)
{
    if (!t)
        return;
    avqa_rules_free(t->rules);
    avqa_intern_release(&t->index->texts);
    avqa_intern_release(&t->index->codes);
    avqa_intern_release(&t->index->answers);
    avqa_intern_release(&t->index->shapes);
    for (size_t i = 0; i < t->n_domains; i++)
        avqa_intern_release(&t->index->words[i]);
    avqa_arena_release(&t->index->arena);
    free(t->index);
    free(t);
}

static size_t number_of(uint32_t id)
{
    return id == AVQA_INTERN_NONE ? AVQA_TEMPLATE_NONE : id;
}

size_t avqa_templates_match(const struct avqa_templates *t, const char *text)
{
    struct avqa_buf normal = AVQA_BUF_INIT;
    size_t found = AVQA_TEMPLATE_NONE;
    if (avqa_text_normal(&normal, text) == AVQA_OK)
        found = number_of(
            avqa_intern_find(&t->index->texts, avqa_buf_str(&normal), normal.len));
    avqa_buf_release(&normal);
    return found;
}

size_t avqa_templates_find(const struct avqa_templates *t, const char *code)
{
    return number_of(avqa_intern_find(&t->index->codes, code, strlen(code)));
}

const struct avqa_domain *avqa_template_answer_domain(const struct avqa_template *t,
                                                      const char *answer)
{
    for (size_t i = 0; i < t->n_answers; i++) {
        if (avqa_domain_find(t->answers[i], answer) != AVQA_TEMPLATE_NONE)
            return t->answers[i];
    }
    return NULL;
}

bool avqa_templates_has_answer(const struct avqa_templates *t, const char *answer)
{
    return avqa_intern_find(&t->index->answers, answer, strlen(answer)) !=
           AVQA_INTERN_NONE;
}

void avqa_template_fill(struct avqa_buf *out, const char *text,
                        const char *const *values, size_t n_values)
{
    size_t next = 0;
    for (const char *s = text; *s;) {
        const char *close = *s == '<' ? strchr(s, '>') : NULL;
        if (close && next < n_values) {
            avqa_buf_adds(out, values[next++]);
            s = close + 1;
        } else {
            avqa_buf_addc(out, *s++);
        }
    }
}
