/* See domain_read.h. */
#include "qa/domain_read.h"
#include "qa/template_read.h"

#include <string.h>

static const char *const KIND_NAMES[] = {"object", "place", "scene", "number",
                                         "truth",  "order", "text"};

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
    enum avqa_status rc = avqa_templates_string(node, "kind", &kind);
    if (rc == AVQA_OK)
        rc = avqa_templates_kind(&k, kind, KIND_NAMES,
                                 sizeof KIND_NAMES / sizeof *KIND_NAMES);
    if (rc != AVQA_OK)
        return rc;
    d->kind = (enum avqa_domain_kind)k;
    rc = avqa_templates_list(node, "values", &values, 65536);
    if (rc == AVQA_OK)
        rc = avqa_templates_words(t, values, &d->values, &d->n_values);
    if (rc != AVQA_OK)
        return rc;
    index_words(t, d);
    rc = read_mirror(t, d, node);
    if (rc == AVQA_OK)
        rc = read_plurals(t, d, node);
    return rc == AVQA_OK ? read_families(t, d, node) : rc;
}

enum avqa_status avqa_domains_read(struct avqa_templates *t,
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
        static const char *const objects[] = {"mirror", "plurals", "families"};
        for (size_t i = 0; rc == AVQA_OK && i < 3; i++)
            rc = avqa_templates_optional(d, objects[i], AVQA_JSON_OBJECT);
        if (rc == AVQA_OK)
            rc = read_domain(t, &t->domains[t->n_domains++], d);
        if (rc != AVQA_OK)
            return avqa_fail_in(rc, "domain %s", avqa_json_key(d));
    }
    return AVQA_OK;
}

enum avqa_status avqa_domain_named(const struct avqa_templates *t, const char *name,
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
