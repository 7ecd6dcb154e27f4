/* See witness_read.h. */
#include "qa/witness_read.h"
#include "base/mem.h"
#include "qa/rule_read.h"

#include <string.h>

static enum avqa_status add_domains(struct avqa_witness *w,
                                    const struct avqa_domain *const *domains, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        size_t j = 0;
        while (j < w->n_domains && w->domains[j] != domains[i])
            j++;
        if (j == AVQA_TEMPLATE_MAX_SLOTS)
            return avqa_fail(AVQA_EFORMAT, "its words come from too many domains");
        w->domains[j] = domains[i];
        w->n_domains += j == w->n_domains;
    }
    return AVQA_OK;
}

static enum avqa_status add_member(struct avqa_rules *r,
                                   const struct avqa_rule_member *m)
{
    if (r->n_members == AVQA_WITNESS_MAX_MEMBERS)
        return avqa_fail(AVQA_EFORMAT, "witnesses have more than %d members",
                         AVQA_WITNESS_MAX_MEMBERS);
    enum avqa_status rc = avqa_mem_grow(&r->members, &r->index->cap_members,
                                        r->n_members + 1, sizeof *r->members);
    if (rc == AVQA_OK)
        r->members[r->n_members++] = *m;
    return rc;
}

static enum avqa_status read_words(struct avqa_rules *r, const struct avqa_json *node,
                                   struct avqa_condition_scope *scope,
                                   struct avqa_rule_member *m)
{
    const struct avqa_condition *words[AVQA_TEMPLATE_MAX_SLOTS];
    const struct avqa_json *w;
    enum avqa_status rc = avqa_rules_list(node, "words", AVQA_TEMPLATE_MAX_SLOTS, &w);
    for (; rc == AVQA_OK && w; w = avqa_json_next(w)) {
        const char *text = avqa_json_string(w);
        const struct avqa_condition **word = &words[m->n_words++];
        rc = avqa_condition_parse(word, scope, text ? text : "",
                                  AVQA_CONDITION_TYPE_WORD);
        if (rc == AVQA_OK && (*word)->n_domains == 0)
            rc = avqa_fail(AVQA_EFORMAT, "column %zu: an answer or a slot is needed",
                           (*word)->at + 1);
        if (rc != AVQA_OK)
            return avqa_fail_in(rc, "words");
        rc = add_domains(&r->index->witnesses[m->set], (*word)->domains,
                         (*word)->n_domains);
    }
    const struct avqa_condition **kept =
        avqa_arena_alloc(&r->index->arena, sizeof words);
    memcpy(kept, words, m->n_words * sizeof(struct avqa_condition *));
    m->words = kept;
    return rc;
}

/* One entry of "members": the same for each template it is over. */
static enum avqa_status read_member(struct avqa_rules *r, const struct avqa_json *node,
                                    uint32_t set)
{
    const struct avqa_json *code;
    enum avqa_status rc = avqa_json_only(node, "over when words");
    if (rc == AVQA_OK)
        rc = avqa_rules_list(node, "over", AVQA_TEMPLATES_MAX, &code);
    for (; rc == AVQA_OK && code; code = avqa_json_next(code)) {
        struct avqa_rule_member m = {.set = set};
        struct avqa_condition_scope scope = avqa_rules_scope(r);
        scope.n_rows = 1;
        scope.n_witnesses = 0; /* a witness is told by its row alone */
        rc = avqa_rules_template(r, code, &m.template);
        if (rc != AVQA_OK)
            return rc;
        scope.rows[0] = &r->index->templates->items[m.template];
        rc = avqa_rules_condition(node, "when", &scope, &m.when);
        if (rc == AVQA_OK)
            rc = read_words(r, node, &scope, &m);
        if (rc == AVQA_OK)
            rc = add_member(r, &m);
        if (rc != AVQA_OK)
            return avqa_fail_in(rc, "%s", avqa_json_string(code));
    }
    return rc;
}

/* What an earlier witness attests, this one does too. */
static enum avqa_status include(struct avqa_rules *r, uint32_t from, uint32_t set)
{
    enum avqa_status rc =
        add_domains(&r->index->witnesses[set], r->index->witnesses[from].domains,
                    r->index->witnesses[from].n_domains);
    size_t n = r->n_members;
    for (size_t i = 0; rc == AVQA_OK && i < n; i++) {
        struct avqa_rule_member m = r->members[i];
        if (m.set != from)
            continue;
        m.set = set;
        rc = add_member(r, &m);
    }
    return rc;
}

/* "includes", which need not be there: the names of earlier witnesses, each once. */
static enum avqa_status read_includes(struct avqa_rules *r,
                                      const struct avqa_json *node, uint32_t set)
{
    const struct avqa_json *other;
    uint32_t included = 0; /* as bits */
    _Static_assert(AVQA_WITNESSES_MAX <= 32, "a bit for each witness");
    if (!avqa_json_get(node, "includes"))
        return AVQA_OK;
    enum avqa_status rc = avqa_rules_list(node, "includes", AVQA_WITNESSES_MAX, &other);
    for (; rc == AVQA_OK && other; other = avqa_json_next(other)) {
        const char *name = avqa_json_string(other);
        if (!name)
            return avqa_fail(AVQA_EFORMAT, "'includes' has %s among its names",
                             avqa_json_type_name(other));
        uint32_t from = 0;
        while (from < set && strcmp(r->index->names[from], name) != 0)
            from++;
        if (from == set)
            return avqa_fail(AVQA_EFORMAT, "no witness before it is called '%s'", name);
        if (included & (uint32_t)1 << from)
            return avqa_fail(AVQA_EFORMAT, "'includes' names '%s' twice", name);
        included |= (uint32_t)1 << from;
        rc = include(r, from, set);
    }
    return rc;
}

static enum avqa_status read_witness(struct avqa_rules *r, const struct avqa_json *node)
{
    uint32_t set = (uint32_t)r->n_witnesses;
    const char *name = avqa_arena_strdup(&r->index->arena, avqa_json_key(node));
    const struct avqa_json *m;
    if (strlen(name) < 2 || strspn(name, "abcdefghijklmnopqrstuvwxyz_") != strlen(name))
        return avqa_fail(AVQA_EFORMAT, "a name is two or more small letters");
    r->index->names[set] = name;
    r->index->witnesses[set].name = name;
    enum avqa_status rc = read_includes(r, node, set);
    if (rc == AVQA_OK)
        rc = avqa_rules_list(node, "members", AVQA_TEMPLATES_MAX, &m);
    for (; rc == AVQA_OK && m; m = avqa_json_next(m))
        rc = read_member(r, m, set);
    if (rc == AVQA_OK)
        r->n_witnesses++;
    return rc;
}

enum avqa_status avqa_witnesses_read(struct avqa_rules *r, const struct avqa_json *root)
{
    const struct avqa_json *list = avqa_json_get(root, "witnesses");
    if (list && avqa_json_type(list) != AVQA_JSON_OBJECT)
        return avqa_fail(AVQA_EFORMAT, "'witnesses' must be an object");
    if (avqa_json_count(list) > AVQA_WITNESSES_MAX)
        return avqa_fail(AVQA_EFORMAT, "there are more than %d witnesses",
                         AVQA_WITNESSES_MAX);
    r->witnesses = r->index->names;
    for (list = avqa_json_first(list); list; list = avqa_json_next(list)) {
        enum avqa_status rc = avqa_json_only(list, "definition includes members");
        if (rc == AVQA_OK)
            rc = read_witness(r, list);
        if (rc != AVQA_OK)
            return avqa_fail_in(rc, "witness %s", avqa_json_key(list));
    }
    return AVQA_OK;
}
