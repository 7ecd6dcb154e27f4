/* A recursive-descent reader over the text; its depth is bounded by the language. */
#include "qa/program.h"

#include <stdbool.h>
#include <string.h>

struct reader {
    const char *text;
    size_t at;
    size_t n_slots;
    int depth;
};

static enum avqa_status fail_at(size_t at, const char *what)
{
    return avqa_fail(AVQA_EFORMAT, "column %zu: %s", at + 1, what);
}

static char skip_space(struct reader *r)
{
    while (r->text[r->at] == ' ' || r->text[r->at] == '\n' || r->text[r->at] == '\t')
        r->at++;
    return r->text[r->at];
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_name(char c)
{
    return (c >= 'a' && c <= 'z') || c == '_';
}

static enum avqa_status read_slot(struct reader *r)
{
    size_t from = r->at++;
    size_t slot = 0;
    if (!is_digit(r->text[r->at]))
        return fail_at(r->at, "a slot is $ and a number, such as $0");
    while (is_digit(r->text[r->at]) && slot < 1000)
        slot = slot * 10 + (size_t)(r->text[r->at++] - '0');
    if (slot >= r->n_slots)
        return fail_at(from, "the template has no such slot");
    return AVQA_OK;
}

static enum avqa_status read_number(struct reader *r)
{
    size_t digits = 0;
    if (r->text[r->at] == '-')
        r->at++;
    while (is_digit(r->text[r->at]) || r->text[r->at] == '.')
        digits += is_digit(r->text[r->at++]);
    return digits ? AVQA_OK : fail_at(r->at, "a number has no digits");
}

static enum avqa_status read_string(struct reader *r)
{
    size_t from = r->at++;
    size_t len = strcspn(r->text + r->at, "\"");
    if (r->text[r->at + len] != '"')
        return fail_at(from, "a string without its closing quote");
    r->at += len + 1;
    return AVQA_OK;
}

/* Declared ahead because a call holds expressions. */
static enum avqa_status read_expr(struct reader *r);

static enum avqa_status read_call(struct reader *r)
{
    while (is_name(r->text[r->at]))
        r->at++;
    if (skip_space(r) != '(')
        return AVQA_OK; /* a name alone: all, scene, voiceover */
    size_t open = r->at;
    do {
        r->at++;
        enum avqa_status rc = read_expr(r);
        if (rc != AVQA_OK)
            return rc;
    } while (skip_space(r) == ',');
    if (r->text[r->at] == '\0')
        return fail_at(open, "this parenthesis is not closed");
    if (r->text[r->at] != ')')
        return fail_at(r->at, "expected a comma or a closing parenthesis");
    r->at++;
    return AVQA_OK;
}

static enum avqa_status read_expr(struct reader *r)
{
    char c = skip_space(r);
    enum avqa_status rc;
    if (++r->depth > AVQA_PROGRAM_MAX_DEPTH)
        return fail_at(r->at, "nested too deep");
    if (is_name(c))
        rc = read_call(r);
    else if (c == '$')
        rc = read_slot(r);
    else if (c == '"')
        rc = read_string(r);
    else if (is_digit(c) || c == '-' || c == '.')
        rc = read_number(r);
    else
        rc = fail_at(r->at, c ? "expected a name, a slot, a number or a string"
                              : "the program ends where an expression should be");
    r->depth--;
    return rc;
}

enum avqa_status avqa_program_check(const char *text, size_t n_slots)
{
    struct reader r = {.text = text, .n_slots = n_slots};
    enum avqa_status rc = read_expr(&r);
    if (rc == AVQA_OK && skip_space(&r) != '\0')
        rc = fail_at(r.at, "something follows the expression");
    return rc;
}
