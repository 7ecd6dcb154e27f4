/* See expression.h. */
#include "qa/expression.h"

#include <string.h>

enum avqa_status avqa_expression_fail(size_t at, const char *what)
{
    return avqa_fail(AVQA_EFORMAT, "column %zu: %s", at + 1, what);
}

char avqa_expression_skip_space(struct avqa_expression *e)
{
    while (e->text[e->at] == ' ' || e->text[e->at] == '\n' || e->text[e->at] == '\t')
        e->at++;
    return e->text[e->at];
}

bool avqa_expression_is_digit(char c)
{
    return c >= '0' && c <= '9';
}

bool avqa_expression_is_name(char c)
{
    return (c >= 'a' && c <= 'z') || c == '_';
}

enum avqa_status avqa_expression_string(const char **out, size_t *len,
                                        struct avqa_expression *e)
{
    size_t from = e->at++;
    *out = e->text + e->at;
    *len = strcspn(*out, "\"");
    if ((*out)[*len] != '"')
        return avqa_expression_fail(from, "a string without its closing quote");
    e->at += *len + 1;
    return AVQA_OK;
}
