/* See pickle_run.h; and the ways into values that pickle.h has. */
#include "nn/pickle_run.h"
#include "base/mem.h"

#include <string.h>

enum avqa_status avqa_pickle_bad(const struct avqa_pickle *p, const char *what)
{
    return avqa_fail(AVQA_EFORMAT, "%s: byte %u: %s", p->name, p->op_at, what);
}

enum avqa_status avqa_pickle_take(const uint8_t **out, struct avqa_pickle *p,
                                  uint64_t n)
{
    *out = p->bytes + p->at;
    if (n > p->len - p->at)
        return avqa_pickle_bad(p, "the pickle ends within an opcode");
    p->at += (size_t)n;
    return AVQA_OK;
}

enum avqa_status avqa_pickle_take_number(uint64_t *out, struct avqa_pickle *p,
                                         int n_bytes)
{
    const uint8_t *b;
    enum avqa_status rc = avqa_pickle_take(&b, p, (uint64_t)n_bytes);
    *out = 0;
    for (int i = n_bytes - 1; rc == AVQA_OK && i >= 0; i--)
        *out = *out << 8 | b[i];
    return rc;
}

enum avqa_status avqa_pickle_push(struct avqa_pickle *p, uint32_t id)
{
    if (p->n_stack == AVQA_PICKLE_MAX_VALUES)
        return avqa_pickle_bad(p, "too many values on the stack");
    enum avqa_status rc =
        avqa_mem_grow(&p->stack, &p->cap_stack, p->n_stack + 1, sizeof *p->stack);
    if (rc == AVQA_OK)
        p->stack[p->n_stack++] = id;
    return rc;
}

enum avqa_status avqa_pickle_push_new(struct avqa_pickle *p,
                                      const struct avqa_pickle_value *made)
{
    if (p->n_values == AVQA_PICKLE_MAX_VALUES)
        return avqa_pickle_bad(p, "too many values");
    enum avqa_status rc =
        avqa_mem_grow(&p->values, &p->cap_values, p->n_values + 1, sizeof *p->values);
    if (rc != AVQA_OK)
        return rc;
    p->values[p->n_values] = *made;
    p->values[p->n_values].at = p->op_at;
    return avqa_pickle_push(p, (uint32_t)p->n_values++);
}

enum avqa_status avqa_pickle_pop(uint32_t *id, struct avqa_pickle *p)
{
    if (p->n_stack == 0 || p->stack[p->n_stack - 1] == AVQA_PICKLE_MARK)
        return avqa_pickle_bad(p, "nothing is on the stack for this opcode");
    *id = p->stack[--p->n_stack];
    return AVQA_OK;
}

struct avqa_pickle_value *avqa_pickle_top(struct avqa_pickle *p)
{
    if (p->n_stack == 0 || p->stack[p->n_stack - 1] == AVQA_PICKLE_MARK)
        return NULL;
    return &p->values[p->stack[p->n_stack - 1]];
}

enum avqa_status avqa_pickle_append(struct avqa_pickle *p, uint32_t to, uint32_t id)
{
    if (p->n_links == 0)
        p->n_links = 1;
    if (p->n_links == AVQA_PICKLE_MAX_LINKS)
        return avqa_pickle_bad(p, "too many members of lists and dicts");
    enum avqa_status rc =
        avqa_mem_grow(&p->links, &p->cap_links, p->n_links + 1, sizeof *p->links);
    if (rc != AVQA_OK)
        return rc;
    struct avqa_pickle_value *v = &p->values[to];
    p->links[p->n_links] = (struct avqa_pickle_link){.value = id, .next = 0};
    if (v->last == 0)
        v->first = (uint32_t)p->n_links;
    else
        p->links[v->last].next = (uint32_t)p->n_links;
    v->last = (uint32_t)p->n_links++;
    v->n++;
    return AVQA_OK;
}

const struct avqa_pickle_value *avqa_pickle_nth(const struct avqa_pickle *p, size_t i)
{
    return i < p->n_values ? &p->values[i] : NULL;
}

const struct avqa_pickle_value *avqa_pickle_next(const struct avqa_pickle *p,
                                                 uint32_t *cursor)
{
    if (*cursor == 0)
        return NULL;
    const struct avqa_pickle_link *link = &p->links[*cursor];
    *cursor = link->next;
    return &p->values[link->value];
}

const struct avqa_pickle_value *avqa_pickle_at(const struct avqa_pickle *p,
                                               const struct avqa_pickle_value *value,
                                               size_t i)
{
    uint32_t cursor = value->first;
    const struct avqa_pickle_value *found = avqa_pickle_next(p, &cursor);
    for (; found && i > 0; i--)
        found = avqa_pickle_next(p, &cursor);
    return found;
}

bool avqa_pickle_is_text(const struct avqa_pickle_value *value, const char *text)
{
    return value && value->kind == AVQA_PICKLE_TEXT && strlen(text) == value->n &&
           memcmp(value->text, text, value->n) == 0;
}

const char *avqa_pickle_kind_name(const struct avqa_pickle_value *value)
{
    static const char *const names[] = {
        "None",   "a truth value", "a whole number", "a number",  "a text",   "a tuple",
        "a list", "a dict",        "a class",        "a storage", "a tensor",
    };
    return names[value->kind];
}
