/* See eval_set.h. */
#include "pipeline/eval_set.h"
#include "base/mem.h"
#include "pipeline/dataset.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static enum avqa_status load_table(struct avqa_eval_set *out, const char *dataset)
{
    struct avqa_catalog *cat;
    enum avqa_status rc = avqa_dataset_open(&cat, dataset, AVQA_CATALOG_READ);
    if (rc != AVQA_OK)
        return rc;
    out->dataset = avqa_mem_strdup(avqa_catalog_name(cat));
    rc = avqa_catalog_begin_read(cat);
    if (rc == AVQA_OK)
        rc = avqa_audit_table_load(&out->table, cat);
    avqa_catalog_close(cat);
    return rc;
}

static enum avqa_status tally(struct avqa_audit *a)
{
    enum avqa_status rc = AVQA_OK;
    for (int by = 0; rc == AVQA_OK && by < AVQA_N_GROUPINGS; by++) {
        enum avqa_grouping g = (enum avqa_grouping)by;
        rc = a->has_against ? avqa_tally_rows(&a->fits[by], a->t, a->against, g)
                            : avqa_tally_rows(&a->tallies[by], a->t, a->on, g);
    }
    return rc;
}

static void add_answers(struct avqa_eval_set *set)
{
    const struct avqa_templates *t = set->table.templates;
    for (size_t i = 0; i < t->n_answers; i++)
        avqa_intern_add(&set->answers, t->answers[i], strlen(t->answers[i]), NULL);
    for (uint32_t i = 0; i < set->table.answers.n; i++) {
        const char *word = avqa_audit_answer(&set->table, i);
        avqa_intern_add(&set->answers, word, strlen(word), NULL);
    }
}

static bool has_split(const struct avqa_audit_table *t, const char *name)
{
    size_t s = 0;
    while (s < t->n_splits && strcmp(t->splits[s], name) != 0)
        s++;
    return s < t->n_splits;
}

enum avqa_status avqa_eval_set_load(struct avqa_eval_set *out, const char *dataset,
                                    const char *split, const char *prior,
                                    const char *learnt)
{
    struct avqa_audit *a = &out->audit;
    enum avqa_status rc = load_table(out, dataset);
    a->t = &out->table;
    a->opts.split = split;
    if (rc == AVQA_OK)
        rc = avqa_audit_table_range(&out->table, split, &a->on);
    if (rc == AVQA_OK && !prior && learnt && has_split(&out->table, learnt))
        prior = learnt;
    if (rc == AVQA_OK && !prior && has_split(&out->table, AVQA_EVAL_PRIOR_SPLIT))
        prior = AVQA_EVAL_PRIOR_SPLIT;
    if (rc == AVQA_OK && prior && strcmp(prior, split) != 0) {
        a->has_against = true;
        a->opts.against = prior;
        rc = avqa_audit_table_range(&out->table, prior, &a->against);
    }
    if (rc == AVQA_OK)
        rc = tally(a);
    if (rc != AVQA_OK)
        return rc;
    out->n = a->on.to - a->on.from;
    add_answers(out);
    return out->n ? AVQA_OK : avqa_fail(AVQA_ENOENT, "split '%s' is empty", split);
}

void avqa_eval_set_release(struct avqa_eval_set *set)
{
    avqa_audit_release(&set->audit);
    avqa_audit_table_release(&set->table);
    avqa_intern_release(&set->answers);
    free(set->dataset);
    *set = (struct avqa_eval_set){0};
}

const struct avqa_audit_row *avqa_eval_row(const struct avqa_eval_set *set, size_t i)
{
    return &set->table.rows[set->audit.on.from + i];
}

const char *avqa_eval_truth(const struct avqa_eval_set *set, size_t i)
{
    return avqa_audit_answer(&set->table, avqa_eval_row(set, i)->answer);
}

enum avqa_status avqa_eval_model_init(struct avqa_eval_model *out,
                                      const struct avqa_eval_set *set)
{
    enum avqa_status rc = avqa_mem_array(&out->said, set->n, sizeof *out->said);
    for (size_t i = 0; rc == AVQA_OK && i < set->n; i++)
        out->said[i] =
            (struct avqa_eval_said){.answer = AVQA_INTERN_NONE, .share = (double)NAN};
    return rc;
}

void avqa_eval_model_release(struct avqa_eval_model *model)
{
    avqa_arena_release(&model->arena);
    avqa_json_free(model->about);
    avqa_json_free(model->grounding);
    free(model->name);
    free(model->said);
    *model = (struct avqa_eval_model){0};
}

bool avqa_eval_is_right(const struct avqa_eval_set *set,
                        const struct avqa_eval_model *model, size_t i)
{
    uint32_t answer = model->said[i].answer;
    return answer != AVQA_INTERN_NONE && strcmp(avqa_intern_text(&set->answers, answer),
                                                avqa_eval_truth(set, i)) == 0;
}
