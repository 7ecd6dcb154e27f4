/* See rule.h. Here the words of the file become numbers, and what was read is put in
 * order by template; rule_read.h and witness_read.h read. */
#include "qa/rule.h"
#include "base/mem.h"
#include "qa/rule_read.h"
#include "qa/witness_read.h"

#include <stdlib.h>
#include <string.h>

/* ---- words ----------------------------------------------------------------------- */

static uint32_t add_symbol(struct avqa_rules *r, const char *word)
{
    return avqa_intern_add(&r->symbols, word, strlen(word), NULL);
}

static void index_words(struct avqa_rules *r)
{
    const struct avqa_templates *t = r->index->templates;
    r->index->domains = avqa_mem_new((t->n_domains + 1) * sizeof *r->index->domains);
    r->most = INT64_MAX;
    int64_t largest = 0;
    for (size_t d = 0; d < t->n_domains; d++) {
        const struct avqa_domain *domain = &t->domains[d];
        struct avqa_rules_domain *w = &r->index->domains[d];
        w->symbols = avqa_arena_alloc(&r->index->arena,
                                      (domain->n_values + 1) * sizeof *w->symbols);
        for (size_t i = 0; i < domain->n_values; i++) {
            const char *word = domain->values[i];
            uint32_t place = avqa_intern_add(&w->places, word, strlen(word), NULL);
            w->symbols[place] = add_symbol(r, word);
        }
        if (domain->kind == AVQA_DOMAIN_NUMBER && (int64_t)domain->n_values > largest)
            r->most = largest = (int64_t)domain->n_values - 1;
    }
}

static void index_plurals(struct avqa_rules *r)
{
    const struct avqa_templates *t = r->index->templates;
    r->n_plurals = r->symbols.n;
    uint32_t *plurals =
        avqa_arena_alloc(&r->index->arena, (r->n_plurals + 1) * sizeof *plurals);
    for (uint32_t s = 0; s < r->n_plurals; s++)
        plurals[s] = s;
    for (size_t d = 0; d < t->n_domains; d++) {
        const struct avqa_domain *domain = &t->domains[d];
        for (size_t i = 0; i < domain->n_values; i++) {
            if (strcmp(domain->values[i], domain->plurals[i]) != 0)
                plurals[add_symbol(r, domain->values[i])] =
                    add_symbol(r, domain->plurals[i]);
        }
    }
    r->plurals = plurals;
}

bool avqa_rules_word(const struct avqa_rules *rules, const struct avqa_domain *domain,
                     const char *text, struct avqa_rule_word *out)
{
    const struct avqa_rules_domain *w =
        &rules->index->domains[domain - rules->index->templates->domains];
    out->place = avqa_intern_find(&w->places, text, strlen(text));
    if (out->place == AVQA_INTERN_NONE)
        return false;
    out->symbol = w->symbols[out->place];
    return true;
}

/* ---- by template ----------------------------------------------------------------- */

/* Where the items of each template begin once they are grouped, by counting. */
static size_t *count_starts(struct avqa_rules *r, const size_t *templates, size_t n)
{
    size_t n_templates = r->index->templates->n;
    size_t *at = avqa_arena_alloc(&r->index->arena, (n_templates + 2) * sizeof *at);
    for (size_t i = 0; i < n; i++)
        at[templates[i] + 1]++;
    for (size_t t = 0; t < n_templates; t++)
        at[t + 1] += at[t];
    return at;
}

/* Groups an array by the template of each item, keeping their order. */
static void group(struct avqa_rules *r, void *items, size_t size,
                  const size_t *templates, size_t n, size_t **at)
{
    *at = count_starts(r, templates, n);
    char *sorted = avqa_mem_new((n + 1) * size);
    size_t *next = avqa_mem_new((r->index->templates->n + 1) * sizeof *next);
    memcpy(next, *at, r->index->templates->n * sizeof *next);
    for (size_t i = 0; i < n; i++)
        memcpy(sorted + next[templates[i]]++ * size, (char *)items + i * size, size);
    if (n)
        memcpy(items, sorted, n * size);
    free(sorted);
    free(next);
}

static void group_by_template(struct avqa_rules *r)
{
    size_t most = r->n_cases > r->n_members ? r->n_cases : r->n_members;
    size_t *templates = avqa_mem_new((most + 1) * sizeof *templates);
    for (size_t i = 0; i < r->n_cases; i++)
        templates[i] = r->cases[i].templates[0];
    group(r, r->cases, sizeof *r->cases, templates, r->n_cases, &r->cases_at);
    for (size_t i = 0; i < r->n_members; i++)
        templates[i] = r->members[i].template;
    group(r, r->members, sizeof *r->members, templates, r->n_members, &r->members_at);
    free(templates);
}

enum avqa_status avqa_rules_read(struct avqa_rules **out,
                                 const struct avqa_templates *templates,
                                 const struct avqa_json *root)
{
    *out = NULL;
    if (!avqa_json_get(root, "rules"))
        return AVQA_OK;
    struct avqa_rules *r = avqa_mem_new(sizeof *r);
    r->index = avqa_mem_new(sizeof *r->index);
    r->index->templates = templates;
    index_words(r);
    index_plurals(r);
    enum avqa_status rc = avqa_witnesses_read(r, root);
    if (rc == AVQA_OK)
        rc = avqa_rules_read_items(r, root);
    if (rc != AVQA_OK) {
        avqa_rules_free(r);
        return rc;
    }
    group_by_template(r);
    *out = r;
    return AVQA_OK;
}

void avqa_rules_free(struct avqa_rules *r)
{
    if (!r)
        return;
    for (size_t d = 0; d < r->index->templates->n_domains; d++)
        avqa_intern_release(&r->index->domains[d].places);
    avqa_intern_release(&r->symbols);
    avqa_arena_release(&r->index->arena);
    free(r->index->domains);
    free(r->index);
    free(r->cases);
    free(r->members);
    free(r);
}
