/* Reading rules. A case that is over several tuples of templates is read once for each
 * of them, because the types of its expressions depend on the templates. */
#include "qa/rule.h"
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

/* The words of one domain: the id in `places` is the place, `symbols` is by place. */
struct domain_words {
    struct avqa_intern places;
    uint32_t *symbols;
};

struct avqa_rules_index {
    struct avqa_arena arena;
    const struct avqa_templates *templates;
    struct domain_words *domains; /* by number in templates->domains */
    struct avqa_witness witnesses[AVQA_WITNESSES_MAX];
    const char *names[AVQA_WITNESSES_MAX];
    size_t cap_cases, cap_members;
};

static const char *const KIND_NAMES[] = {"logic", "presupposition", "reading"};
static const char KIND_LETTERS[] = "CPI";

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
        struct domain_words *w = &r->index->domains[d];
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
    const struct domain_words *w =
        &rules->index->domains[domain - rules->index->templates->domains];
    out->place = avqa_intern_find(&w->places, text, strlen(text));
    if (out->place == AVQA_INTERN_NONE)
        return false;
    out->symbol = w->symbols[out->place];
    return true;
}

/* ---- pieces of JSON -------------------------------------------------------------- */

static enum avqa_status get_list(const struct avqa_json *node, const char *key,
                                 size_t max, const struct avqa_json **first)
{
    const struct avqa_json *list = avqa_json_get(node, key);
    if (!list || avqa_json_type(list) != AVQA_JSON_ARRAY || !avqa_json_first(list))
        return avqa_fail(AVQA_EFORMAT, "'%s' must be a list that is not empty", key);
    if (avqa_json_count(list) > max)
        return avqa_fail(AVQA_EFORMAT, "'%s' has more than %zu members", key, max);
    *first = avqa_json_first(list);
    return AVQA_OK;
}

static enum avqa_status get_text(struct avqa_rules *r, const struct avqa_json *node,
                                 const char *key, const char **out)
{
    const char *text = avqa_json_string(avqa_json_get(node, key));
    if (!text || !*text)
        return avqa_fail(AVQA_EFORMAT, "'%s' must be a text", key);
    *out = avqa_arena_strdup(&r->index->arena, text);
    return AVQA_OK;
}

static enum avqa_status get_template(const struct avqa_rules *r,
                                     const struct avqa_json *node, size_t *out)
{
    const char *code = avqa_json_string(node);
    *out = avqa_templates_find(r->index->templates, code ? code : "");
    if (*out == AVQA_TEMPLATE_NONE)
        return avqa_fail(AVQA_EFORMAT, "there is no template '%s'", code ? code : "");
    return AVQA_OK;
}

static struct avqa_condition_scope new_scope(struct avqa_rules *r)
{
    return (struct avqa_condition_scope){.arena = &r->index->arena,
                                         .symbols = &r->symbols,
                                         .witnesses = r->index->witnesses,
                                         .n_witnesses = r->n_witnesses};
}

/* The condition under `key`; NULL if it is optional and not there. */
static enum avqa_status get_condition(const struct avqa_json *node, const char *key,
                                      struct avqa_condition_scope *scope,
                                      const struct avqa_condition **out)
{
    const struct avqa_json *text = avqa_json_get(node, key);
    *out = NULL;
    if (!text && strcmp(key, "when") == 0)
        return AVQA_OK;
    if (!avqa_json_string(text))
        return avqa_fail(AVQA_EFORMAT, "'%s' must be an expression", key);
    enum avqa_status rc = avqa_condition_parse(out, scope, avqa_json_string(text),
                                               AVQA_CONDITION_TYPE_TRUTH);
    return rc == AVQA_OK ? rc : avqa_fail_in(rc, "%s", key);
}

/* ---- witnesses ------------------------------------------------------------------- */

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
    enum avqa_status rc = get_list(node, "words", AVQA_TEMPLATE_MAX_SLOTS, &w);
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
        rc = get_list(node, "over", AVQA_TEMPLATES_MAX, &code);
    for (; rc == AVQA_OK && code; code = avqa_json_next(code)) {
        struct avqa_rule_member m = {.set = set};
        struct avqa_condition_scope scope = new_scope(r);
        scope.n_rows = 1;
        scope.n_witnesses = 0; /* a witness is told by its row alone */
        rc = get_template(r, code, &m.template);
        if (rc != AVQA_OK)
            return rc;
        scope.rows[0] = &r->index->templates->items[m.template];
        rc = get_condition(node, "when", &scope, &m.when);
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
    enum avqa_status rc = get_list(node, "includes", AVQA_WITNESSES_MAX, &other);
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
        rc = get_list(node, "members", AVQA_TEMPLATES_MAX, &m);
    for (; rc == AVQA_OK && m; m = avqa_json_next(m))
        rc = read_member(r, m, set);
    if (rc == AVQA_OK)
        r->n_witnesses++;
    return rc;
}

static enum avqa_status read_witnesses(struct avqa_rules *r,
                                       const struct avqa_json *root)
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

/* ---- rules ----------------------------------------------------------------------- */

/* The piece that begins at *at: text up to a brace, or what stands in braces. */
static enum avqa_status read_piece(struct avqa_condition_scope *scope, const char *text,
                                   size_t *at, struct avqa_rule_piece *piece)
{
    size_t open = *at;
    if (text[open] != '{') {
        size_t len = strcspn(text + open, "{");
        piece->text = avqa_arena_strndup(scope->arena, text + open, len);
        *at += len;
        return AVQA_OK;
    }
    ++*at;
    if (strncmp(text + *at, "clip}", 5) == 0) {
        *at += 5;
        return AVQA_OK;
    }
    enum avqa_status rc =
        avqa_condition_read(&piece->expr, scope, text, at, AVQA_CONDITION_TYPE_ANY);
    if (rc == AVQA_OK && text[*at] != '}')
        rc = avqa_fail(AVQA_EFORMAT, "column %zu: expected a closing brace", *at + 1);
    if (rc == AVQA_OK && piece->expr->type == AVQA_CONDITION_TYPE_TRUTH)
        rc = avqa_fail(AVQA_EFORMAT, "column %zu: a truth cannot be printed", open + 2);
    ++*at;
    return rc;
}

static enum avqa_status read_message(const struct avqa_json *node,
                                     struct avqa_condition_scope *scope,
                                     struct avqa_rule_case *c)
{
    const char *text = avqa_json_string(avqa_json_get(node, "message"));
    size_t max = 2;
    if (!text || !*text)
        return avqa_fail(AVQA_EFORMAT, "'message' must be a text");
    for (const char *s = text; *s; s++)
        max += *s == '{' ? 2 : 0;
    struct avqa_rule_piece *pieces =
        avqa_arena_alloc(scope->arena, max * sizeof *pieces);
    for (size_t at = 0; text[at];) {
        enum avqa_status rc = read_piece(scope, text, &at, &pieces[c->n_pieces++]);
        if (rc != AVQA_OK)
            return avqa_fail_in(rc, "message");
    }
    c->pieces = pieces;
    return AVQA_OK;
}

/* "over" has a list of tuples; this is one of them. */
static enum avqa_status read_tuple(struct avqa_rules *r, const struct avqa_json *tuple,
                                   struct avqa_condition_scope *scope,
                                   struct avqa_rule_case *c)
{
    c->n_rows = avqa_json_count(tuple);
    if (c->n_rows < 1 || c->n_rows > AVQA_RULE_MAX_ROWS)
        return avqa_fail(AVQA_EFORMAT, "'over' has lists of one to %d templates",
                         AVQA_RULE_MAX_ROWS);
    scope->n_rows = c->n_rows;
    const struct avqa_json *code = avqa_json_first(tuple);
    for (size_t i = 0; i < c->n_rows; i++, code = avqa_json_next(code)) {
        enum avqa_status rc = get_template(r, code, &c->templates[i]);
        if (rc != AVQA_OK)
            return rc;
        scope->rows[i] = &r->index->templates->items[c->templates[i]];
    }
    return AVQA_OK;
}

static enum avqa_status add_case(struct avqa_rules *r, const struct avqa_rule_case *c)
{
    enum avqa_status rc = avqa_mem_grow(&r->cases, &r->index->cap_cases, r->n_cases + 1,
                                        sizeof *r->cases);
    if (rc == AVQA_OK)
        r->cases[r->n_cases++] = *c;
    return rc;
}

static enum avqa_status read_case_over(struct avqa_rules *r,
                                       const struct avqa_json *node,
                                       const struct avqa_json *tuple)
{
    struct avqa_rule_case c = {.rule = r->n};
    struct avqa_condition_scope scope = new_scope(r);
    enum avqa_status rc = read_tuple(r, tuple, &scope, &c);
    if (rc == AVQA_OK)
        rc = get_condition(node, "when", &scope, &c.when);
    if (rc == AVQA_OK)
        rc = get_condition(node, "holds", &scope, &c.holds);
    c.sets = scope.used;
    if (rc == AVQA_OK)
        rc = read_message(node, &scope, &c);
    return rc == AVQA_OK ? add_case(r, &c) : rc;
}

static enum avqa_status read_cases(struct avqa_rules *r, const struct avqa_json *node)
{
    const struct avqa_json *c;
    size_t from = r->n_cases;
    enum avqa_status rc = get_list(node, "cases", AVQA_RULE_MAX_CASES, &c);
    for (size_t i = 1; rc == AVQA_OK && c; c = avqa_json_next(c), i++) {
        const struct avqa_json *tuple;
        rc = avqa_json_only(c, "over when holds message");
        if (rc == AVQA_OK)
            rc = get_list(c, "over", AVQA_RULE_MAX_CASES, &tuple);
        for (; rc == AVQA_OK && tuple; tuple = avqa_json_next(tuple))
            rc = read_case_over(r, c, tuple);
        if (rc == AVQA_OK && r->n_cases - from > AVQA_RULE_MAX_CASES)
            rc = avqa_fail(AVQA_EFORMAT, "more than %d lists of templates in all",
                           AVQA_RULE_MAX_CASES);
        if (rc != AVQA_OK)
            return avqa_fail_in(rc, "case %zu", i);
    }
    return rc;
}

static enum avqa_status check_id(const struct avqa_rules *r,
                                 const struct avqa_rule *rule)
{
    const char *id = rule->id;
    if (strlen(id) != 3 || id[0] != KIND_LETTERS[rule->kind] ||
        strspn(id + 1, "0123456789") != 2)
        return avqa_fail(AVQA_EFORMAT, "the id of a %s rule is %c and two digits",
                         KIND_NAMES[rule->kind], KIND_LETTERS[rule->kind]);
    if (strcmp(id, "C00") == 0)
        return avqa_fail(AVQA_EFORMAT, "C00 is built in: a question has one answer");
    for (size_t i = 0; i < r->n; i++) {
        if (strcmp(r->rules[i].id, id) == 0)
            return avqa_fail(AVQA_EFORMAT, "the id stands twice");
    }
    return AVQA_OK;
}

static enum avqa_status read_rule(struct avqa_rules *r, const struct avqa_json *node)
{
    struct avqa_rule *rule = &r->rules[r->n];
    const char *kind = "";
    size_t k = 0;
    enum avqa_status rc = avqa_json_only(node, "id kind definition cases");
    if (rc == AVQA_OK)
        rc = get_text(r, node, "id", &rule->id);
    if (rc == AVQA_OK)
        rc = get_text(r, node, "kind", &kind);
    if (rc == AVQA_OK)
        rc = get_text(r, node, "definition", &rule->definition);
    if (rc != AVQA_OK)
        return rc;
    while (k < sizeof KIND_NAMES / sizeof *KIND_NAMES && strcmp(kind, KIND_NAMES[k]))
        k++;
    if (k == sizeof KIND_NAMES / sizeof *KIND_NAMES)
        return avqa_fail(AVQA_EFORMAT, "unknown kind '%s'", kind);
    rule->kind = (enum avqa_rule_kind)k;
    rc = check_id(r, rule);
    return rc == AVQA_OK ? read_cases(r, node) : rc;
}

static enum avqa_status read_rules(struct avqa_rules *r, const struct avqa_json *root)
{
    const struct avqa_json *node;
    enum avqa_status rc = get_list(root, "rules", AVQA_RULES_MAX, &node);
    if (rc != AVQA_OK)
        return rc;
    r->rules = avqa_arena_alloc(&r->index->arena, AVQA_RULES_MAX * sizeof *r->rules);
    for (; node; node = avqa_json_next(node)) {
        const char *id = avqa_json_string(avqa_json_get(node, "id"));
        rc = read_rule(r, node);
        if (rc != AVQA_OK)
            return avqa_fail_in(rc, "rule %zu (%s)", r->n + 1, id ? id : "no id");
        r->n++;
    }
    return AVQA_OK;
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
    enum avqa_status rc = read_witnesses(r, root);
    if (rc == AVQA_OK)
        rc = read_rules(r, root);
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
