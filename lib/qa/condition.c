/* A recursive-descent reader; its depth is bounded by the language. Each node is typed
 * as soon as its arguments are read, so that a message can point at the argument. */
#include "qa/condition.h"
#include "qa/expression.h"

#include <stdbool.h>
#include <string.h>

struct reader {
    struct avqa_condition_scope *scope;
    struct avqa_expression in;
    int depth;
};

static const struct function {
    const char *name;
    enum avqa_condition_op op;
    enum avqa_condition_type type;
    /* w word, n number, t truth, s set, x anything but a set; + repeats the last */
    const char *args;
} functions[] = {
    {"if", AVQA_CONDITION_OP_IF, AVQA_CONDITION_TYPE_WORD, "tww"},
    {"form", AVQA_CONDITION_OP_FORM, AVQA_CONDITION_TYPE_WORD, "nw"},
    {"number", AVQA_CONDITION_OP_VALUE, AVQA_CONDITION_TYPE_NUMBER, "w"},
    {"minus", AVQA_CONDITION_OP_MINUS, AVQA_CONDITION_TYPE_NUMBER, "nn"},
    {"count", AVQA_CONDITION_OP_COUNT, AVQA_CONDITION_TYPE_NUMBER, "s"},
    {"false", AVQA_CONDITION_OP_FALSE, AVQA_CONDITION_TYPE_TRUTH, ""},
    {"true", AVQA_CONDITION_OP_TRUE, AVQA_CONDITION_TYPE_TRUTH, "w"},
    {"not", AVQA_CONDITION_OP_NOT, AVQA_CONDITION_TYPE_TRUTH, "t"},
    {"and", AVQA_CONDITION_OP_AND, AVQA_CONDITION_TYPE_TRUTH, "tt+"},
    {"or", AVQA_CONDITION_OP_OR, AVQA_CONDITION_TYPE_TRUTH, "tt+"},
    {"greater", AVQA_CONDITION_OP_GREATER, AVQA_CONDITION_TYPE_TRUTH, "nn"},
    {"equal", AVQA_CONDITION_OP_SAME_WORD, AVQA_CONDITION_TYPE_TRUTH, "xx"},
    {"among", AVQA_CONDITION_OP_AMONG, AVQA_CONDITION_TYPE_TRUTH, "ww+"},
    {"has", AVQA_CONDITION_OP_HAS, AVQA_CONDITION_TYPE_TRUTH, "sw"},
    {"without", AVQA_CONDITION_OP_WITHOUT, AVQA_CONDITION_TYPE_SET, "sw"},
};

static const char *const type_names[] = {"a word", "a number", "a truth", "a set"};

static struct avqa_condition *new_node(struct reader *r, enum avqa_condition_op op,
                                       enum avqa_condition_type type, size_t at)
{
    struct avqa_condition *c = avqa_arena_alloc(r->scope->arena, sizeof *c);
    c->op = op;
    c->type = type;
    c->at = at;
    return c;
}

static enum avqa_status check_type(const struct avqa_condition *c,
                                   enum avqa_condition_type type)
{
    if (type == AVQA_CONDITION_TYPE_ANY || c->type == type)
        return AVQA_OK;
    return avqa_fail(AVQA_EFORMAT, "column %zu: %s is needed, this is %s", c->at + 1,
                     type_names[type], type_names[c->type]);
}

/* ---- what words may be compared -------------------------------------------------- */

static bool share_domain(const struct avqa_condition *x, const struct avqa_condition *y)
{
    for (size_t i = 0; i < x->n_domains; i++) {
        for (size_t j = 0; j < y->n_domains; j++) {
            if (x->domains[i] == y->domains[j])
                return true;
        }
    }
    return false;
}

static bool has_word(const struct avqa_condition *c, const char *word)
{
    for (size_t i = 0; i < c->n_domains; i++) {
        if (avqa_domain_find(c->domains[i], word) != AVQA_TEMPLATE_NONE)
            return true;
    }
    return false;
}

/* Whether `y` can ever be equal to `x`, or a member of it. */
static enum avqa_status check_comparable(const struct reader *r,
                                         const struct avqa_condition *x,
                                         const struct avqa_condition *y)
{
    if (x->op == AVQA_CONDITION_OP_STRING) {
        const struct avqa_condition *other = x;
        x = y;
        y = other;
    }
    if (x->n_domains == 0)
        return avqa_expression_fail(x->at, "this is no word of a question");
    if (y->op != AVQA_CONDITION_OP_STRING)
        return share_domain(x, y)
                   ? AVQA_OK
                   : avqa_expression_fail(y->at,
                                          "these words come from different domains");
    const char *word = avqa_intern_text(r->scope->symbols, y->symbol);
    if (has_word(x, word))
        return AVQA_OK;
    return avqa_fail(AVQA_EFORMAT, "column %zu: its domain has no word '%s'", y->at + 1,
                     word);
}

static enum avqa_status check_kind(const struct avqa_condition *c,
                                   enum avqa_domain_kind kind, const char *what)
{
    bool of_kind = c->op == AVQA_CONDITION_OP_ANSWER || c->op == AVQA_CONDITION_OP_SLOT;
    for (size_t i = 0; i < c->n_domains; i++)
        of_kind = of_kind && c->domains[i]->kind == kind;
    return of_kind && c->n_domains ? AVQA_OK : avqa_expression_fail(c->at, what);
}

static enum avqa_status check_equal(const struct reader *r, struct avqa_condition *c)
{
    const struct avqa_condition *x = c->args[0];
    enum avqa_status rc = x->type == AVQA_CONDITION_TYPE_SET
                              ? avqa_expression_fail(x->at, "sets are not compared")
                              : check_type(c->args[1], x->type);
    if (rc != AVQA_OK)
        return rc;
    if (x->type == AVQA_CONDITION_TYPE_WORD)
        return check_comparable(r, x, c->args[1]);
    c->op = x->type == AVQA_CONDITION_TYPE_NUMBER ? AVQA_CONDITION_OP_SAME_NUMBER
                                                  : AVQA_CONDITION_OP_SAME_TRUTH;
    return AVQA_OK;
}

/* What a function asks of its arguments beside their types. */
static enum avqa_status check_call(const struct reader *r, struct avqa_condition *c)
{
    enum avqa_status rc = AVQA_OK;
    switch (c->op) {
    case AVQA_CONDITION_OP_VALUE:
        return check_kind(c->args[0], AVQA_DOMAIN_NUMBER, "this is no number word");
    case AVQA_CONDITION_OP_TRUE:
        return check_kind(c->args[0], AVQA_DOMAIN_TRUTH, "this is not yes or no");
    case AVQA_CONDITION_OP_SAME_WORD:
        return check_equal(r, c);
    case AVQA_CONDITION_OP_WITHOUT:
        if (c->args[0]->op != AVQA_CONDITION_OP_SET)
            return avqa_expression_fail(c->args[0]->at,
                                        "only one word can be left out");
        c->set = c->args[0]->set;
        c->domains = c->args[0]->domains;
        c->n_domains = c->args[0]->n_domains;
        return check_comparable(r, c, c->args[1]);
    case AVQA_CONDITION_OP_HAS:
        return check_comparable(r, c->args[0], c->args[1]);
    case AVQA_CONDITION_OP_AMONG:
        for (size_t i = 1; rc == AVQA_OK && i < c->n_args; i++)
            rc = check_comparable(r, c->args[0], c->args[i]);
        return rc;
    default:
        return AVQA_OK;
    }
}

/* ---- reading --------------------------------------------------------------------- */

static enum avqa_status read_row(struct reader *r, const struct avqa_condition **out)
{
    size_t at = r->in.at++;
    size_t row = (size_t)(r->in.text[at] - 'a');
    struct avqa_condition *c =
        new_node(r, AVQA_CONDITION_OP_ANSWER, AVQA_CONDITION_TYPE_WORD, at);
    *out = c;
    if (row >= r->scope->n_rows)
        return avqa_expression_fail(at, "there is no such question");
    const struct avqa_template *t = r->scope->rows[row];
    c->row = (uint32_t)row;
    c->domains = t->answers;
    c->n_domains = t->n_answers;
    if (r->in.text[r->in.at] != '$')
        return AVQA_OK;
    size_t slot = (size_t)(r->in.text[r->in.at + 1] - '0');
    if (!avqa_expression_is_digit(r->in.text[r->in.at + 1]) ||
        avqa_expression_is_digit(r->in.text[r->in.at + 2]) || slot >= t->n_slots)
        return avqa_fail(AVQA_EFORMAT, "column %zu: %s has no such slot", r->in.at + 1,
                         t->code);
    r->in.at += 2;
    c->op = AVQA_CONDITION_OP_SLOT;
    c->slot = (uint32_t)slot;
    c->domains = &t->slots[slot];
    c->n_domains = 1;
    return AVQA_OK;
}

static enum avqa_status read_integer(struct reader *r,
                                     const struct avqa_condition **out)
{
    struct avqa_condition *c =
        new_node(r, AVQA_CONDITION_OP_INTEGER, AVQA_CONDITION_TYPE_NUMBER, r->in.at);
    *out = c;
    while (avqa_expression_is_digit(r->in.text[r->in.at])) {
        c->number = c->number * 10 + (r->in.text[r->in.at++] - '0');
        if (c->number > 65536)
            return avqa_expression_fail(c->at, "the number is too large");
    }
    return AVQA_OK;
}

static enum avqa_status read_string(struct reader *r, const struct avqa_condition **out)
{
    const char *text;
    size_t len;
    struct avqa_condition *c =
        new_node(r, AVQA_CONDITION_OP_STRING, AVQA_CONDITION_TYPE_WORD, r->in.at);
    *out = c;
    enum avqa_status rc = avqa_expression_string(&text, &len, &r->in);
    if (rc == AVQA_OK)
        c->symbol = avqa_intern_add(r->scope->symbols, text, len, NULL);
    return rc;
}

static enum avqa_status read_set(struct reader *r, size_t at, size_t len,
                                 const struct avqa_condition **out)
{
    for (size_t i = 0; i < r->scope->n_witnesses; i++) {
        const struct avqa_witness *w = &r->scope->witnesses[i];
        if (strlen(w->name) != len || strncmp(w->name, r->in.text + at, len) != 0)
            continue;
        struct avqa_condition *c =
            new_node(r, AVQA_CONDITION_OP_SET, AVQA_CONDITION_TYPE_SET, at);
        c->set = (uint32_t)i;
        c->domains = w->domains;
        c->n_domains = w->n_domains;
        r->scope->used |= (uint32_t)1 << i;
        *out = c;
        return AVQA_OK;
    }
    return avqa_fail(AVQA_EFORMAT, "column %zu: there is no '%.*s'", at + 1, (int)len,
                     r->in.text + at);
}

/* Declared ahead because a call holds expressions. */
static enum avqa_status read_expr(struct reader *r, const struct avqa_condition **out);

static enum avqa_status read_argument(struct reader *r, char letter,
                                      const struct avqa_condition **out)
{
    static const char letters[] = "wntsx"; /* in the order of the types */
    enum avqa_status rc = read_expr(r, out);
    if (rc != AVQA_OK)
        return rc;
    return check_type(*out,
                      (enum avqa_condition_type)(strchr(letters, letter) - letters));
}

/* From "(" to ")"; a function without arguments has none. */
static enum avqa_status read_arguments(struct reader *r, const struct function *f,
                                       struct avqa_condition *c)
{
    const struct avqa_condition *args[AVQA_CONDITION_MAX_ARGS];
    const char *want = f->args;
    char last = '\0';
    if (!*want)
        return AVQA_OK;
    if (avqa_expression_skip_space(&r->in) != '(')
        return avqa_fail(AVQA_EFORMAT, "column %zu: %s needs arguments", c->at + 1,
                         f->name);
    do {
        size_t at = r->in.at++;
        last = *want && *want != '+' ? *want++ : last;
        if (c->n_args == AVQA_CONDITION_MAX_ARGS ||
            (!*want && c->n_args == strlen(f->args)))
            return avqa_expression_fail(at, "too many arguments");
        enum avqa_status rc = read_argument(r, last, &args[c->n_args++]);
        if (rc != AVQA_OK)
            return rc;
    } while (avqa_expression_skip_space(&r->in) == ',');
    if (r->in.text[r->in.at] != ')')
        return avqa_expression_fail(r->in.at,
                                    "expected a comma or a closing parenthesis");
    if (c->n_args < strcspn(f->args, "+"))
        return avqa_expression_fail(r->in.at, "an argument is missing");
    r->in.at++;
    const struct avqa_condition **kept =
        avqa_arena_alloc(r->scope->arena, c->n_args * sizeof(struct avqa_condition *));
    memcpy(kept, args, c->n_args * sizeof(struct avqa_condition *));
    c->args = kept;
    return AVQA_OK;
}

static enum avqa_status read_name(struct reader *r, const struct avqa_condition **out)
{
    size_t at = r->in.at;
    size_t len = 0;
    while (avqa_expression_is_name(r->in.text[at + len]))
        len++;
    if (len == 1 && r->in.text[at] <= 'c')
        return read_row(r, out);
    r->in.at += len;
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
        const struct function *f = &functions[i];
        if (strlen(f->name) != len || strncmp(f->name, r->in.text + at, len) != 0)
            continue;
        struct avqa_condition *c = new_node(r, f->op, f->type, at);
        *out = c;
        enum avqa_status rc = read_arguments(r, f, c);
        return rc == AVQA_OK ? check_call(r, c) : rc;
    }
    return read_set(r, at, len, out);
}

static enum avqa_status read_expr(struct reader *r, const struct avqa_condition **out)
{
    char c = avqa_expression_skip_space(&r->in);
    enum avqa_status rc;
    if (++r->depth > AVQA_CONDITION_MAX_DEPTH)
        return avqa_expression_fail(r->in.at, "nested too deep");
    if (avqa_expression_is_name(c))
        rc = read_name(r, out);
    else if (avqa_expression_is_digit(c))
        rc = read_integer(r, out);
    else if (c == '"')
        rc = read_string(r, out);
    else
        rc = avqa_expression_fail(
            r->in.at, c ? "expected a name, a question, a number or a string"
                        : "the text ends where an expression should be");
    r->depth--;
    return rc;
}

enum avqa_status avqa_condition_read(const struct avqa_condition **out,
                                     struct avqa_condition_scope *scope,
                                     const char *text, size_t *at,
                                     enum avqa_condition_type type)
{
    struct reader r = {.scope = scope, .in = {text, *at}};
    enum avqa_status rc = read_expr(&r, out);
    if (rc == AVQA_OK)
        rc = check_type(*out, type);
    avqa_expression_skip_space(&r.in);
    *at = r.in.at;
    return rc;
}

enum avqa_status avqa_condition_parse(const struct avqa_condition **out,
                                      struct avqa_condition_scope *scope,
                                      const char *text, enum avqa_condition_type type)
{
    size_t at = 0;
    enum avqa_status rc = avqa_condition_read(out, scope, text, &at, type);
    if (rc == AVQA_OK && text[at] != '\0')
        rc = avqa_expression_fail(at, "something follows the expression");
    return rc;
}
