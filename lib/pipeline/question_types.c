/* See question_types.h. The questions of a set stand in the order of the catalog, so
 * both are walked over at once. */
#include "pipeline/question_types.h"
#include "base/mem.h"
#include "catalog/question.h"
#include "catalog/template.h"
#include "qa/template_load.h"

#include <stdlib.h>
#include <string.h>

struct loading {
    struct avqa_question_types *out;
    struct avqa_templates *templates;
    const struct avqa_train_set *set;
    uint32_t *by_template; /* by id of the catalog */
    size_t n_templates, cap_templates;
    size_t at; /* in the set */
};

void avqa_question_types_release(struct avqa_question_types *types)
{
    avqa_arena_release(&types->arena);
    free(types->names);
    free(types->of);
    memset(types, 0, sizeof *types);
}

static enum avqa_status read_templates(struct loading *l, struct avqa_catalog *cat)
{
    enum avqa_status rc = avqa_templates_load(&l->templates, cat);
    return rc == AVQA_OK && !l->templates
               ? avqa_fail(AVQA_ENOENT, "the dataset has no templates")
               : rc;
}

/* The group of a label, which gets one if it is new. */
static uint32_t group_of(struct avqa_question_types *out, const char *label)
{
    for (size_t i = 0; i < out->n; i++)
        if (strcmp(out->names[i], label) == 0)
            return (uint32_t)i;
    out->names[out->n] = avqa_arena_strdup(&out->arena, label);
    return (uint32_t)out->n++;
}

static enum avqa_status take_code(void *user, int64_t id, const char *code)
{
    struct loading *l = user;
    size_t t = avqa_templates_find(l->templates, code);
    if (t == AVQA_TEMPLATE_NONE)
        return avqa_fail(AVQA_EFORMAT, "the catalog is damaged: no template '%s'",
                         code);
    enum avqa_status rc = avqa_mem_grow(&l->by_template, &l->cap_templates,
                                        (size_t)id + 1, sizeof *l->by_template);
    if (rc != AVQA_OK)
        return rc;
    l->by_template[id] = group_of(l->out, l->templates->items[t].label);
    l->n_templates = (size_t)id + 1;
    return AVQA_OK;
}

static enum avqa_status take(void *user, const struct avqa_question *q)
{
    struct loading *l = user;
    if (l->at == l->set->n_questions || l->set->questions[l->at].id != q->id)
        return AVQA_OK;
    if ((uint64_t)q->template_id >= l->n_templates)
        return avqa_fail(AVQA_EFORMAT, "the catalog is damaged: row %lld has no type",
                         (long long)q->row);
    l->out->of[l->at++] = l->by_template[q->template_id];
    return AVQA_OK;
}

enum avqa_status avqa_question_types_load(struct avqa_question_types *out,
                                          struct avqa_catalog *cat, const char *split,
                                          const struct avqa_train_set *set)
{
    struct loading l = {.out = out, .set = set};
    int64_t split_id = 0;
    enum avqa_status rc = read_templates(&l, cat);
    if (rc == AVQA_OK)
        rc = avqa_mem_array(&out->names, l.templates->n, sizeof *out->names);
    if (rc == AVQA_OK)
        rc = avqa_mem_array(&out->of, set->n_questions, sizeof *out->of);
    if (rc == AVQA_OK)
        rc = avqa_template_codes(cat, take_code, &l);
    if (rc == AVQA_OK)
        rc = avqa_split_find(cat, split, &split_id);
    if (rc == AVQA_OK)
        rc = avqa_question_each(cat, split_id, take, &l);
    if (rc == AVQA_OK && l.at < set->n_questions)
        rc = avqa_fail(AVQA_EFORMAT, "split '%s' changed while it was read", split);
    avqa_templates_free(l.templates);
    free(l.by_template);
    return rc;
}
