/* See weights_names.h. A list of tensors finds them by name, so new names make a new
 * list, to which the tensors move. */
#include "pipeline/weights_names.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

struct rule {
    const char *old, *new;
    bool used;
};

struct rules {
    struct avqa_arena arena;
    struct rule *items;
    size_t n, cap;
};

/* Moves all tensors to the names, whose i-th is that of the i-th tensor. */
static enum avqa_status move(struct avqa_params *params, const char *const *names)
{
    struct avqa_params made = {0};
    enum avqa_status rc = AVQA_OK;
    for (size_t i = 0; rc == AVQA_OK && i < params->n; i++) {
        if (!*names[i])
            rc = avqa_fail(AVQA_EFORMAT, "the tensor \"%s\" would have no name",
                           params->items[i].name);
        else
            rc = avqa_params_add(&made, names[i], &params->items[i].value);
    }
    if (rc == AVQA_EEXIST)
        rc = avqa_fail_in(AVQA_EFORMAT, "under their new names");
    avqa_params_release(params);
    *params = made;
    return rc;
}

static bool begins(const char *name, const char *prefix)
{
    return strncmp(name, prefix, strlen(prefix)) == 0;
}

enum avqa_status avqa_weights_strip(struct avqa_params *params, size_t *n,
                                    const char *prefix)
{
    const char **names = NULL;
    struct avqa_arena arena = AVQA_ARENA_INIT;
    *n = 0;
    enum avqa_status rc = avqa_mem_array(&names, params->n, sizeof *names);
    for (size_t i = 0; rc == AVQA_OK && i < params->n; i++) {
        bool has = begins(params->items[i].name, prefix);
        *n += has;
        names[i] = avqa_arena_strdup(&arena, params->items[i].name +
                                                 (has ? strlen(prefix) : 0));
    }
    if (rc == AVQA_OK && *n > 0)
        rc = move(params, names);
    free(names);
    avqa_arena_release(&arena);
    return rc;
}

static enum avqa_status read_rules(struct rules *out, const char *text)
{
    while (*text) {
        size_t len = strcspn(text, ",");
        size_t old_len = strcspn(text, "=");
        if (old_len >= len || len == 1)
            return avqa_fail(AVQA_EINVAL, "--rename: \"%.*s\" is not OLD=NEW", (int)len,
                             text);
        avqa_mem_need(&out->items, &out->cap, out->n + 1, sizeof *out->items);
        out->items[out->n++] = (struct rule){
            .old = avqa_arena_strndup(&out->arena, text, old_len),
            .new =
                avqa_arena_strndup(&out->arena, text + old_len + 1, len - old_len - 1),
        };
        text += len;
        text += *text == ',';
    }
    return AVQA_OK;
}

/* The name that a rule gives; NULL if it does not fit. */
static const char *apply(struct rules *rules, const struct rule *rule, const char *name)
{
    struct avqa_buf made = AVQA_BUF_INIT;
    size_t len = strlen(rule->old);
    const char *rest = name + len;
    if (len == 0) {
        rest = name;
        avqa_buf_addf(&made, "%s.", rule->new);
    } else if (!begins(name, rule->old) || (*rest && *rest != '.')) {
        return NULL;
    } else if (*rule->new) {
        avqa_buf_adds(&made, rule->new);
    } else {
        rest += *rest == '.';
    }
    avqa_buf_adds(&made, rest);
    const char *kept = avqa_arena_strdup(&rules->arena, avqa_buf_str(&made));
    avqa_buf_release(&made);
    return kept;
}

static const char *new_name(struct rules *rules, const char *name, size_t *n)
{
    for (size_t i = 0; i < rules->n; i++) {
        const char *made = apply(rules, &rules->items[i], name);
        if (!made)
            continue;
        rules->items[i].used = true;
        (*n)++;
        return made;
    }
    return avqa_arena_strdup(&rules->arena, name);
}

enum avqa_status avqa_weights_rename(struct avqa_params *params, size_t *n,
                                     const char *rules)
{
    const char **names = NULL;
    struct rules list = {0};
    *n = 0;
    enum avqa_status rc = read_rules(&list, rules);
    if (rc == AVQA_OK)
        rc = avqa_mem_array(&names, params->n, sizeof *names);
    for (size_t i = 0; rc == AVQA_OK && i < params->n; i++)
        names[i] = new_name(&list, params->items[i].name, n);
    for (size_t i = 0; rc == AVQA_OK && i < list.n; i++)
        if (!list.items[i].used)
            rc = avqa_fail(AVQA_EINVAL,
                           "--rename: no tensor is called \"%s\" or \"%s.*\"",
                           list.items[i].old, list.items[i].old);
    if (rc == AVQA_OK && *n > 0)
        rc = move(params, names);
    free(names);
    free(list.items);
    avqa_arena_release(&list.arena);
    return rc;
}
