/* See model.h. */
#include "model/model.h"
#include "model/models.h"

#include <stdlib.h>
#include <string.h>

static const struct avqa_model *const models[] = {
    &avqa_model_avst,          &avqa_model_avst_grounding,
    &avqa_model_avst_baseline, &avqa_model_q,
    &avqa_model_a_q,           &avqa_model_v_q,
    &avqa_model_av_q,          &avqa_model_av_q_tg,
};

void avqa_spec_list_release(struct avqa_spec_list *list)
{
    free(list->items);
    avqa_arena_release(&list->arena);
    memset(list, 0, sizeof *list);
}

const struct avqa_model *avqa_model_at(size_t i)
{
    return i < sizeof models / sizeof *models ? models[i] : NULL;
}

const struct avqa_model *avqa_model_find(const char *name)
{
    for (size_t i = 0; i < sizeof models / sizeof *models; i++)
        if (strcmp(models[i]->name, name) == 0)
            return models[i];
    return NULL;
}

enum avqa_status avqa_model_init(struct avqa_weights *weights,
                                 const struct avqa_model *model,
                                 const struct avqa_model_size *size, uint64_t seed)
{
    struct avqa_spec_list list = {0};
    if (model->channels && size->channels != model->channels)
        return avqa_fail(AVQA_EINVAL,
                         "%s compares maps with a sound of %zu numbers, so it needs "
                         "maps of as many channels; these have %zu. v+q and av+q take "
                         "any",
                         model->name, model->channels, size->channels);
    model->list(&list, size);
    enum avqa_status rc = avqa_weights_add(weights, list.items, list.n, seed);
    avqa_spec_list_release(&list);
    return rc;
}

/* Whether a tensor, if there is one, can be a parameter. */
static enum avqa_status check_shape(const struct avqa_weight_spec *spec,
                                    const struct avqa_tensor *t)
{
    char is[AVQA_TENSOR_SHAPE_TEXT];
    char wanted[AVQA_TENSOR_SHAPE_TEXT];
    if (!t || avqa_tensor_has_shape(t, spec->rank, spec->shape))
        return AVQA_OK;
    return avqa_fail(AVQA_EFORMAT, "the tensor \"%s\" has shape %s, not %s", spec->name,
                     avqa_tensor_shape_text(is, t->rank, t->shape),
                     avqa_tensor_shape_text(wanted, spec->rank, spec->shape));
}

enum avqa_status avqa_model_check(const struct avqa_model *model,
                                  const struct avqa_model_size *size,
                                  const struct avqa_params *params)
{
    struct avqa_spec_list list = {0};
    enum avqa_status rc = AVQA_OK;
    size_t n_found = 0;
    model->list(&list, size);
    for (size_t i = 0; rc == AVQA_OK && i < list.n; i++) {
        const struct avqa_tensor *t = avqa_params_find(params, list.items[i].name);
        rc = check_shape(&list.items[i], t);
        n_found += t != NULL;
    }
    if (rc == AVQA_OK && n_found < list.n)
        rc = avqa_fail(AVQA_EFORMAT, "has %zu of the %zu tensors of %s", n_found,
                       list.n, model->name);
    avqa_spec_list_release(&list);
    return rc;
}

enum avqa_status avqa_model_run(struct avqa_answer *out, const struct avqa_model *model,
                                const struct avqa_forward *forward,
                                const struct avqa_batch *batch)
{
    memset(out, 0, sizeof *out);
    model->run(forward, batch, out);
    enum avqa_status rc = avqa_tape_status(forward->tape);
    if (rc != AVQA_OK)
        memset(out, 0, sizeof *out);
    return rc;
}
