/* A recursive-descent reader that types each node as soon as its arguments are there.
 * The table of functions is the language: names, parameters, results. */
#include "qa/program.h"
#include "base/buf.h"
#include "qa/expression.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum {
    SET = AVQA_TYPE_SET,
    THING = AVQA_TYPE_THING,
    COUNT = AVQA_TYPE_COUNT,
    MEASURE = AVQA_TYPE_MEASURE,
    KIND = AVQA_TYPE_KIND,
    PLACE = AVQA_TYPE_PLACE,
    SCENE = AVQA_TYPE_SCENE,
    TRUTH = AVQA_TYPE_TRUTH,
    WORD = AVQA_TYPE_WORD,
    ANY = 511,
    COMPARABLE = SET | THING | COUNT | KIND | PLACE | SCENE | WORD,
    SAME = 0, /* as a result: the type of the last argument */
};

static const struct function {
    const char *name;
    enum avqa_program_op op;
    int result;
    size_t n_args;
    int params[AVQA_PROGRAM_MAX_ARGS];
} functions[] = {
    {"all", AVQA_OP_ALL, SET, 0, {0}},
    {"visible", AVQA_OP_VISIBLE, SET, 1, {SET}},
    {"sounding", AVQA_OP_SOUNDING, SET, 1, {SET}},
    {"silent", AVQA_OP_SILENT, SET, 1, {SET}},
    {"offscreen", AVQA_OP_OFFSCREEN, SET, 1, {SET}},
    {"is", AVQA_OP_IS, SET, 2, {SET, KIND}},
    {"at", AVQA_OP_AT, SET, 2, {SET, PLACE}},
    {"first", AVQA_OP_FIRST, SET, 1, {SET}},
    {"last", AVQA_OP_LAST, SET, 1, {SET}},
    {"nth", AVQA_OP_NTH, SET, 2, {SET, COUNT | WORD}},
    {"loudest", AVQA_OP_LOUDEST, SET, 1, {SET}},
    {"quietest", AVQA_OP_QUIETEST, SET, 1, {SET}},
    {"leftmost", AVQA_OP_LEFTMOST, SET, 1, {SET}},
    {"rightmost", AVQA_OP_RIGHTMOST, SET, 1, {SET}},
    {"neighbour", AVQA_OP_NEIGHBOUR, SET, 2, {THING, PLACE}},
    {"overlapping", AVQA_OP_OVERLAPPING, SET, 2, {SET, THING}},
    {"preceding", AVQA_OP_PRECEDING, SET, 2, {SET, THING}},
    {"following", AVQA_OP_FOLLOWING, SET, 2, {SET, THING}},
    {"union", AVQA_OP_UNION, SET, 2, {SET, SET}},
    {"intersect", AVQA_OP_INTERSECT, SET, 2, {SET, SET}},
    {"minus", AVQA_OP_MINUS, SET, 2, {SET, SET}},
    {"unique", AVQA_OP_UNIQUE, THING, 1, {SET}},
    {"count", AVQA_OP_COUNT, COUNT, 1, {SET}},
    {"types", AVQA_OP_TYPES, COUNT, 1, {SET}},
    {"kind", AVQA_OP_KIND, KIND, 1, {THING | SET}},
    {"place", AVQA_OP_PLACE, PLACE, 1, {THING}},
    {"scene", AVQA_OP_SCENE, SCENE, 0, {0}},
    {"voiceover", AVQA_OP_VOICEOVER, TRUTH, 0, {0}},
    {"loudness", AVQA_OP_LOUDNESS, MEASURE, 1, {THING}},
    {"rhythm", AVQA_OP_RHYTHM, MEASURE, 1, {THING}},
    {"duration", AVQA_OP_DURATION, MEASURE, 1, {THING}},
    {"onset", AVQA_OP_ONSET, MEASURE, 1, {THING}},
    {"covers", AVQA_OP_COVERS, TRUTH, 1, {THING}},
    {"exists", AVQA_OP_EXISTS, TRUTH, 1, {SET}},
    {"greater", AVQA_OP_GREATER, TRUTH, 2, {MEASURE | COUNT, MEASURE | COUNT}},
    {"equal", AVQA_OP_EQUAL, TRUTH, 2, {COMPARABLE, COMPARABLE}},
    {"and", AVQA_OP_AND, TRUTH, 2, {TRUTH, TRUTH}},
    {"or", AVQA_OP_OR, TRUTH, 2, {TRUTH, TRUTH}},
    {"not", AVQA_OP_NOT, TRUTH, 1, {TRUTH}},
    {"if", AVQA_OP_IF, SAME, 3, {TRUTH, ANY, ANY}},
    {"given", AVQA_OP_GIVEN, SAME, 2, {TRUTH, ANY}},
};

const char *avqa_program_name(enum avqa_program_op op)
{
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
        if (functions[i].op == op)
            return functions[i].name;
    }
    return NULL;
}

static const struct type_name {
    int type;
    const char *name;
} type_names[] = {{SET, "a set"},         {THING, "a thing"}, {COUNT, "a number"},
                  {MEASURE, "a measure"}, {KIND, "a kind"},   {PLACE, "a place"},
                  {SCENE, "a scene"},     {TRUTH, "a truth"}, {WORD, "a word"}};

static const char *name_of(int type)
{
    for (size_t i = 0; i < sizeof type_names / sizeof *type_names; i++) {
        if (type_names[i].type & type)
            return type_names[i].name;
    }
    return "nothing";
}

struct reader {
    struct avqa_expression in;
    const struct avqa_program_scope *scope;
    struct avqa_arena *arena;
    int depth;
};

static struct avqa_program_node *new_node(struct reader *r, enum avqa_program_op op,
                                          int type)
{
    struct avqa_program_node *n = avqa_arena_alloc(r->arena, sizeof *n);
    n->op = op;
    n->type = (enum avqa_program_type)type;
    n->column = r->in.at + 1;
    return n;
}

/* ---- shapes ---------------------------------------------------------------------- */

/* The place of a slot among those a node depends on; it is added if it is new. */
static size_t place_of_slot(struct avqa_program_node *n, size_t slot)
{
    size_t i = 0;
    while (i < n->n_slots && n->slots[i] != slot)
        i++;
    if (i == n->n_slots)
        n->slots[n->n_slots++] = (uint8_t)slot;
    return i;
}

/* Names what a node is worth: its function, the shapes of its arguments, and which of
 * its slots go where. */
static void find_shape(struct avqa_program_node *n,
                       const struct avqa_program_scope *scope)
{
    struct avqa_buf name = AVQA_BUF_INIT;
    n->shape = AVQA_INTERN_NONE;
    n->n_slots = 0;
    avqa_buf_addf(&name, "%d", (int)n->op);
    if (n->op == AVQA_OP_SLOT)
        avqa_buf_addf(&name, " %zu %s", place_of_slot(n, n->slot),
                      scope->slots[n->slot]->name);
    if (n->op == AVQA_OP_NUMBER)
        avqa_buf_addf(&name, " %lld", (long long)n->number);
    if (n->op == AVQA_OP_STRING)
        avqa_buf_addf(&name, " %s", n->text);
    for (size_t i = 0; i < n->n_args; i++) {
        avqa_buf_addf(&name, " (%u", n->args[i]->shape);
        for (size_t s = 0; s < n->args[i]->n_slots; s++)
            avqa_buf_addf(&name, " %zu", place_of_slot(n, n->args[i]->slots[s]));
    }
    if (scope->shapes)
        n->shape = avqa_intern_add(scope->shapes, avqa_buf_str(&name), name.len, NULL);
    avqa_buf_release(&name);
}

/* ---- words of the template ------------------------------------------------------- */

/* What a slot's word is worth. A place domain of another size than three says an order
 * only ("leftest"): it is compared as a word. */
static int slot_type(const struct avqa_domain *d)
{
    switch (d->kind) {
    case AVQA_DOMAIN_OBJECT:
        return KIND;
    case AVQA_DOMAIN_PLACE:
        return d->n_values == 3 ? PLACE : WORD;
    case AVQA_DOMAIN_SCENE:
        return SCENE;
    case AVQA_DOMAIN_NUMBER:
        return COUNT;
    case AVQA_DOMAIN_TRUTH:
    case AVQA_DOMAIN_ORDER:
    case AVQA_DOMAIN_TEXT:
        break;
    }
    return WORD;
}

const struct avqa_domain *avqa_program_answers(const struct avqa_program_scope *scope,
                                               enum avqa_program_type type)
{
    static const struct {
        int type;
        enum avqa_domain_kind kind;
    } pairs[] = {{TRUTH, AVQA_DOMAIN_TRUTH},
                 {COUNT, AVQA_DOMAIN_NUMBER},
                 {KIND, AVQA_DOMAIN_OBJECT},
                 {PLACE, AVQA_DOMAIN_PLACE},
                 {SCENE, AVQA_DOMAIN_SCENE}};
    for (size_t p = 0; p < sizeof pairs / sizeof *pairs; p++) {
        for (size_t i = 0; pairs[p].type == (int)type && i < scope->n_answers; i++) {
            if (scope->answers[i]->kind == pairs[p].kind)
                return scope->answers[i];
        }
    }
    return NULL;
}

static bool is_answer(const struct avqa_program_scope *scope, const char *word)
{
    for (size_t i = 0; i < scope->n_answers; i++) {
        if (avqa_domain_find(scope->answers[i], word) != AVQA_DOMAIN_NONE)
            return true;
    }
    return false;
}

/* ---- leaves ---------------------------------------------------------------------- */

static enum avqa_status read_slot(struct reader *r, struct avqa_program_node **out)
{
    size_t from = r->in.at;
    size_t slot = 0;
    *out = new_node(r, AVQA_OP_SLOT, WORD);
    r->in.at++;
    if (!avqa_expression_is_digit(r->in.text[r->in.at]))
        return avqa_expression_fail(r->in.at, "a slot is $ and a number, such as $0");
    while (avqa_expression_is_digit(r->in.text[r->in.at]) && slot < 1000)
        slot = slot * 10 + (size_t)(r->in.text[r->in.at++] - '0');
    if (slot >= r->scope->n_slots || slot >= AVQA_PROGRAM_MAX_SLOTS)
        return avqa_expression_fail(from, "the template has no such slot");
    (*out)->slot = slot;
    (*out)->type = (enum avqa_program_type)slot_type(r->scope->slots[slot]);
    return AVQA_OK;
}

static enum avqa_status read_number(struct reader *r, struct avqa_program_node **out)
{
    *out = new_node(r, AVQA_OP_NUMBER, COUNT);
    while (avqa_expression_is_digit(r->in.text[r->in.at]) && (*out)->number < 1000000)
        (*out)->number = (*out)->number * 10 + (r->in.text[r->in.at++] - '0');
    return avqa_expression_is_digit(r->in.text[r->in.at])
               ? avqa_expression_fail(r->in.at, "the number is too large")
               : AVQA_OK;
}

static enum avqa_status read_string(struct reader *r, struct avqa_program_node **out)
{
    const char *text;
    size_t len;
    *out = new_node(r, AVQA_OP_STRING, WORD);
    enum avqa_status rc = avqa_expression_string(&text, &len, &r->in);
    if (rc == AVQA_OK)
        (*out)->text = avqa_arena_strndup(r->arena, text, len);
    return rc;
}

/* ---- types ----------------------------------------------------------------------- */

/* A string beside a slot must be one of the slot's words. */
static enum avqa_status check_word(const struct reader *r,
                                   const struct avqa_program_node *slot,
                                   const struct avqa_program_node *string)
{
    const struct avqa_domain *d = r->scope->slots[slot->slot];
    if (avqa_domain_find(d, string->text) != AVQA_DOMAIN_NONE)
        return AVQA_OK;
    return avqa_fail(AVQA_EFORMAT, "column %zu: \"%s\" is no word of the domain %s",
                     string->column, string->text, d->name);
}

/* The two sides of equal or greater, or the two branches of if, must be alike. A slot
 * of any type may be compared with a word. */
static enum avqa_status check_alike(const struct reader *r,
                                    const struct avqa_program_node *a,
                                    const struct avqa_program_node *b, bool compares)
{
    char what[96];
    if (compares && a->op == AVQA_OP_SLOT && b->op == AVQA_OP_STRING)
        return check_word(r, a, b);
    if (compares && b->op == AVQA_OP_SLOT && a->op == AVQA_OP_STRING)
        return check_word(r, b, a);
    if (a->type == b->type)
        return AVQA_OK;
    if (!compares && (a->op == AVQA_OP_STRING || b->op == AVQA_OP_STRING))
        return AVQA_OK; /* an answer in words beside a computed one */
    snprintf(what, sizeof what, "%s and %s cannot stand side by side",
             name_of((int)a->type), name_of((int)b->type));
    return avqa_expression_fail(b->column - 1, what);
}

/* Which measure it is: loudness and duration cannot be compared. */
static enum avqa_program_op measure_of(const struct avqa_program_node *n)
{
    while (n->op == AVQA_OP_IF || n->op == AVQA_OP_GIVEN)
        n = n->args[n->n_args - 1];
    return n->op;
}

static enum avqa_status check_measures(const struct avqa_program_node *a,
                                       const struct avqa_program_node *b)
{
    if (a->type != AVQA_TYPE_MEASURE || b->type != AVQA_TYPE_MEASURE ||
        measure_of(a) == measure_of(b))
        return AVQA_OK;
    return avqa_expression_fail(b->column - 1, "these are measures of two sorts");
}

static enum avqa_status check_string_answer(const struct reader *r,
                                            const struct avqa_program_node *n)
{
    if (n->op != AVQA_OP_STRING || is_answer(r->scope, n->text))
        return AVQA_OK;
    return avqa_fail(AVQA_EFORMAT,
                     "column %zu: \"%s\" is none of the template's answers", n->column,
                     n->text);
}

/* Whether `type` may be argument `i` of `f`; types of the whole call. */
static enum avqa_status check_call(const struct reader *r, const struct function *f,
                                   struct avqa_program_node *n)
{
    char what[128];
    enum avqa_status rc = AVQA_OK;
    for (size_t i = 0; i < n->n_args; i++) {
        if ((int)n->args[i]->type & f->params[i])
            continue;
        snprintf(what, sizeof what, "%s takes %s here, not %s", f->name,
                 name_of(f->params[i]), name_of((int)n->args[i]->type));
        return avqa_expression_fail(n->args[i]->column - 1, what);
    }
    if (f->op == AVQA_OP_EQUAL || f->op == AVQA_OP_GREATER)
        rc = check_alike(r, n->args[0], n->args[1], f->op == AVQA_OP_EQUAL);
    if (rc == AVQA_OK && f->op == AVQA_OP_GREATER)
        rc = check_measures(n->args[0], n->args[1]);
    if (f->op == AVQA_OP_NTH && n->args[1]->type == AVQA_TYPE_WORD &&
        n->args[1]->op != AVQA_OP_SLOT)
        rc = avqa_expression_fail(n->args[1]->column - 1,
                                  "nth takes a slot or a number");
    n->type = (enum avqa_program_type)f->result;
    if (f->op == AVQA_OP_GIVEN)
        n->type = n->args[1]->type;
    if (f->op == AVQA_OP_IF) {
        rc = check_alike(r, n->args[1], n->args[2], false);
        if (rc == AVQA_OK)
            rc = check_measures(n->args[1], n->args[2]);
        for (size_t i = 1; rc == AVQA_OK && i < 3; i++)
            rc = check_string_answer(r, n->args[i]);
        n->type = n->args[n->args[1]->op == AVQA_OP_STRING ? 2 : 1]->type;
    }
    return rc;
}

/* ---- calls ----------------------------------------------------------------------- */

static const struct function *find_function(const char *name, size_t len)
{
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
        if (strlen(functions[i].name) == len &&
            memcmp(functions[i].name, name, len) == 0)
            return &functions[i];
    }
    return NULL;
}

/* Declared ahead because a call holds expressions. */
static enum avqa_status read_expr(struct reader *r, struct avqa_program_node **out);

static enum avqa_status read_args(struct reader *r, const struct function *f,
                                  struct avqa_program_node *n)
{
    size_t open = r->in.at;
    do {
        struct avqa_program_node *arg;
        r->in.at++;
        if (n->n_args == f->n_args)
            return avqa_expression_fail(r->in.at, "one argument too many");
        enum avqa_status rc = read_expr(r, &arg);
        if (rc != AVQA_OK)
            return rc;
        n->args[n->n_args++] = arg;
    } while (avqa_expression_skip_space(&r->in) == ',');
    if (r->in.text[r->in.at] == '\0')
        return avqa_expression_fail(open, "this parenthesis is not closed");
    if (r->in.text[r->in.at] != ')')
        return avqa_expression_fail(r->in.at,
                                    "expected a comma or a closing parenthesis");
    r->in.at++;
    return AVQA_OK;
}

static enum avqa_status read_call(struct reader *r, struct avqa_program_node **out)
{
    size_t from = r->in.at;
    while (avqa_expression_is_name(r->in.text[r->in.at]))
        r->in.at++;
    const struct function *f = find_function(r->in.text + from, r->in.at - from);
    if (!f)
        return avqa_fail(AVQA_EFORMAT, "column %zu: there is no function %.*s",
                         from + 1, (int)(r->in.at - from), r->in.text + from);
    *out = new_node(r, f->op, f->result);
    (*out)->column = from + 1;
    if (avqa_expression_skip_space(&r->in) == '(') {
        enum avqa_status rc = read_args(r, f, *out);
        if (rc != AVQA_OK)
            return rc;
    }
    if ((*out)->n_args < f->n_args)
        return avqa_fail(AVQA_EFORMAT, "column %zu: %s takes %zu argument%s", from + 1,
                         f->name, f->n_args, f->n_args == 1 ? "" : "s");
    return check_call(r, f, *out);
}

static enum avqa_status read_expr(struct reader *r, struct avqa_program_node **out)
{
    char c = avqa_expression_skip_space(&r->in);
    enum avqa_status rc;
    if (++r->depth > AVQA_PROGRAM_MAX_DEPTH)
        return avqa_expression_fail(r->in.at, "nested too deep");
    if (avqa_expression_is_name(c))
        rc = read_call(r, out);
    else if (c == '$')
        rc = read_slot(r, out);
    else if (c == '"')
        rc = read_string(r, out);
    else if (avqa_expression_is_digit(c))
        rc = read_number(r, out);
    else
        rc = avqa_expression_fail(r->in.at,
                                  c ? "expected a name, a slot, a number or a string"
                                    : "the program ends where an expression should be");
    r->depth--;
    if (rc == AVQA_OK)
        find_shape(*out, r->scope);
    return rc;
}

/* A word may stand for a computed value only where it becomes the answer. */
static enum avqa_status check_branches(const struct avqa_program_node *n,
                                       bool is_answer)
{
    enum avqa_status rc = AVQA_OK;
    bool passes_on = n->op == AVQA_OP_IF || n->op == AVQA_OP_GIVEN;
    for (size_t i = 0; rc == AVQA_OK && i < n->n_args; i++) {
        const struct avqa_program_node *arg = n->args[i];
        if (n->op == AVQA_OP_IF && i > 0 && arg->op == AVQA_OP_STRING && !is_answer)
            return avqa_expression_fail(arg->column - 1,
                                        "a word here would not be the answer");
        rc = check_branches(arg, is_answer && passes_on && i > 0);
    }
    return rc;
}

enum avqa_status avqa_program_parse(const struct avqa_program_node **out,
                                    struct avqa_arena *arena, const char *text,
                                    const struct avqa_program_scope *scope)
{
    struct reader r = {.in = {text, 0}, .scope = scope, .arena = arena};
    struct avqa_program_node *root = NULL;
    enum avqa_status rc = read_expr(&r, &root);
    if (rc == AVQA_OK && avqa_expression_skip_space(&r.in) != '\0')
        rc = avqa_expression_fail(r.in.at, "something follows the expression");
    if (rc == AVQA_OK && root->op == AVQA_OP_STRING)
        rc = avqa_expression_fail(0,
                                  "a program computes its answer; this is only a word");
    if (rc == AVQA_OK && !avqa_program_answers(scope, root->type))
        rc = avqa_fail(AVQA_EFORMAT,
                       "column 1: this is %s, but the template's answers "
                       "are not",
                       name_of((int)root->type));
    if (rc == AVQA_OK)
        rc = check_branches(root, true);
    *out = root;
    return rc;
}

const struct avqa_program_node *
avqa_program_first(const struct avqa_program_node *program)
{
    const struct avqa_program_node *n = program;
    while (n->n_args && n->n_slots == program->n_slots)
        n = n->args[0];
    return n->n_slots < program->n_slots ? n : NULL;
}

/* Whether a node narrows the set before it by a slot. */
static bool narrows(const struct avqa_program_node *n, size_t slot)
{
    return (n->op == AVQA_OP_IS || n->op == AVQA_OP_AT) &&
           n->args[1]->op == AVQA_OP_SLOT && n->args[1]->slot == slot;
}

/* A copy of `n` without what the slot narrows. */
static const struct avqa_program_node *copy_without(struct avqa_arena *arena,
                                                    const struct avqa_program_node *n,
                                                    size_t slot,
                                                    const struct avqa_program_scope *sc)
{
    if (narrows(n, slot))
        return copy_without(arena, n->args[0], slot, sc);
    struct avqa_program_node *copy = avqa_arena_alloc(arena, sizeof *copy);
    *copy = *n;
    for (size_t i = 0; i < n->n_args; i++)
        copy->args[i] = copy_without(arena, n->args[i], slot, sc);
    find_shape(copy, sc);
    return copy;
}

static bool depends_on(const struct avqa_program_node *n, size_t slot)
{
    size_t i = 0;
    while (i < n->n_slots && n->slots[i] != slot)
        i++;
    return i < n->n_slots;
}

enum avqa_status avqa_program_without(const struct avqa_program_node **out,
                                      struct avqa_arena *arena,
                                      const struct avqa_program_node *program,
                                      size_t slot,
                                      const struct avqa_program_scope *scope)
{
    *out = copy_without(arena, program, slot, scope);
    if (depends_on(program, slot) && !depends_on(*out, slot))
        return AVQA_OK;
    return avqa_fail(AVQA_EFORMAT, "slot %zu does not only narrow a set", slot);
}
