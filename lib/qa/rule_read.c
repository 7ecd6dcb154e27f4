/* See rule_read.h. A case that is over several tuples of templates is read once for
 * each of them, because the types of its expressions depend on the templates. */
#include "qa/rule_read.h"
#include "base/mem.h"
#include "qa/template_read.h"

#include <string.h>

static const char *const KIND_NAMES[] = {"logic", "presupposition", "reading"};
static const char KIND_LETTERS[] = "CPI";

/* ---- pieces of JSON -------------------------------------------------------------- */

enum avqa_status avqa_rules_list(const struct avqa_json *node, const char *key,
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

enum avqa_status avqa_rules_template(const struct avqa_rules *r,
                                     const struct avqa_json *node, size_t *out)
{
    const char *code = avqa_json_string(node);
    *out = avqa_templates_find(r->index->templates, code ? code : "");
    if (*out == AVQA_TEMPLATE_NONE)
        return avqa_fail(AVQA_EFORMAT, "there is no template '%s'", code ? code : "");
    return AVQA_OK;
}

struct avqa_condition_scope avqa_rules_scope(struct avqa_rules *r)
{
    return (struct avqa_condition_scope){.arena = &r->index->arena,
                                         .symbols = &r->symbols,
                                         .witnesses = r->index->witnesses,
                                         .n_witnesses = r->n_witnesses};
}

enum avqa_status avqa_rules_condition(const struct avqa_json *node, const char *key,
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

/* ---- rules ----------------------------------------------------------------------- */

static enum avqa_status get_text(struct avqa_rules *r, const struct avqa_json *node,
                                 const char *key, const char **out)
{
    const char *text = avqa_json_string(avqa_json_get(node, key));
    if (!text || !*text)
        return avqa_fail(AVQA_EFORMAT, "'%s' must be a text", key);
    *out = avqa_arena_strdup(&r->index->arena, text);
    return AVQA_OK;
}

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
        enum avqa_status rc = avqa_rules_template(r, code, &c->templates[i]);
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
    struct avqa_condition_scope scope = avqa_rules_scope(r);
    enum avqa_status rc = read_tuple(r, tuple, &scope, &c);
    if (rc == AVQA_OK)
        rc = avqa_rules_condition(node, "when", &scope, &c.when);
    if (rc == AVQA_OK)
        rc = avqa_rules_condition(node, "holds", &scope, &c.holds);
    c.sets = scope.used;
    if (rc == AVQA_OK)
        rc = read_message(node, &scope, &c);
    return rc == AVQA_OK ? add_case(r, &c) : rc;
}

static enum avqa_status read_cases(struct avqa_rules *r, const struct avqa_json *node)
{
    const struct avqa_json *c;
    size_t from = r->n_cases;
    enum avqa_status rc = avqa_rules_list(node, "cases", AVQA_RULE_MAX_CASES, &c);
    for (size_t i = 1; rc == AVQA_OK && c; c = avqa_json_next(c), i++) {
        const struct avqa_json *tuple;
        rc = avqa_json_only(c, "over when holds message");
        if (rc == AVQA_OK)
            rc = avqa_rules_list(c, "over", AVQA_RULE_MAX_CASES, &tuple);
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
    if (rc == AVQA_OK)
        rc = avqa_templates_kind(&k, kind, KIND_NAMES,
                                 sizeof KIND_NAMES / sizeof *KIND_NAMES);
    if (rc != AVQA_OK)
        return rc;
    rule->kind = (enum avqa_rule_kind)k;
    rc = check_id(r, rule);
    return rc == AVQA_OK ? read_cases(r, node) : rc;
}

enum avqa_status avqa_rules_read_items(struct avqa_rules *r,
                                       const struct avqa_json *root)
{
    const struct avqa_json *node;
    enum avqa_status rc = avqa_rules_list(root, "rules", AVQA_RULES_MAX, &node);
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
