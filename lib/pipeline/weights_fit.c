/* See weights_fit.h. Models and encoders list what they expect in two ways; here both
 * become one list. */
#include "pipeline/weights_fit.h"
#include "base/mem.h"
#include "encoder/kind.h"
#include "model/model.h"

#include <stdlib.h>
#include <string.h>

struct expected {
    const char *name;
    size_t rank;
    size_t shape[4];
};

/* What a network expects, and what of it is there. */
struct network {
    const char *name;
    bool is_model;
    struct avqa_model_size size;
    struct expected *items;
    size_t n;
    struct avqa_spec_list list;      /* owns the names of a model */
    struct avqa_feature_specs specs; /* of an encoder */
    size_t n_found, n_missing, n_other;
};

static void network_release(struct network *net)
{
    avqa_spec_list_release(&net->list);
    avqa_feature_specs_release(&net->specs);
    free(net->items);
    memset(net, 0, sizeof *net);
}

/* ---- what is expected ------------------------------------------------------------ */

/* A side of a tensor of rank 2; `otherwise` if there is none. */
static size_t side(const struct avqa_params *params, const char *name, size_t i,
                   size_t otherwise)
{
    const struct avqa_tensor *t = avqa_params_find(params, name);
    return t && t->rank == 2 && t->shape[i] > 0 ? t->shape[i] : otherwise;
}

static struct avqa_model_size size_of(const struct avqa_params *params)
{
    struct avqa_model_size s = AVQA_MODEL_SIZE_DEFAULTS;
    s.n_words = side(params, "question_encoder.word2vec.weight", 0, s.n_words);
    s.n_answers = side(params, "fc_ans.weight", 0, s.n_answers);
    s.sound = side(params, "fc_a1.weight", 1, s.sound);
    s.channels = side(params, "fc_gl.weight", 1, 2 * s.channels) / 2;
    return s;
}

static void add(struct network *net, const char *name, size_t rank, const size_t *shape)
{
    struct expected *e = &net->items[net->n++];
    e->name = name;
    e->rank = rank;
    memcpy(e->shape, shape, rank * sizeof *shape);
}

static void list_model(struct network *net, const struct avqa_model *model,
                       const struct avqa_params *params)
{
    net->name = model->name;
    net->is_model = true;
    net->size = size_of(params);
    model->list(&net->list, &net->size);
    net->items = avqa_mem_new((net->list.n + 1) * sizeof *net->items);
    for (size_t i = 0; i < net->list.n; i++)
        add(net, net->list.items[i].name, net->list.items[i].rank,
            net->list.items[i].shape);
}

static void list_encoder(struct network *net, const struct avqa_feature_kind *kind)
{
    net->name = kind->info.weights;
    kind->network->specs(&net->specs, kind);
    net->items = avqa_mem_new((net->specs.n + 1) * sizeof *net->items);
    for (size_t i = 0; i < net->specs.n; i++)
        add(net, net->specs.items[i].name, net->specs.items[i].rank,
            net->specs.items[i].shape);
}

static bool is_first_of_its_weights(size_t i)
{
    const char *name = avqa_feature_kind_at(i)->info.weights;
    for (size_t k = 0; name && k < i; k++) {
        const char *other = avqa_feature_kind_at(k)->info.weights;
        if (other && strcmp(other, name) == 0)
            return false;
    }
    return name != NULL;
}

static void judge(struct network *net, const struct avqa_params *params)
{
    for (size_t i = 0; i < net->n; i++) {
        const struct expected *e = &net->items[i];
        const struct avqa_tensor *t = avqa_params_find(params, e->name);
        net->n_missing += !t;
        net->n_found += t && avqa_tensor_has_shape(t, e->rank, e->shape);
        net->n_other += t && !avqa_tensor_has_shape(t, e->rank, e->shape);
    }
}

/* All networks there are; the caller releases each and frees the list. */
static size_t list_all(struct network **out, const struct avqa_params *params)
{
    size_t n = 0;
    size_t cap = 0;
    *out = NULL;
    for (size_t i = 0; avqa_model_at(i); i++) {
        avqa_mem_need(out, &cap, n + 1, sizeof **out);
        list_model(&(*out)[n++], avqa_model_at(i), params);
    }
    for (size_t i = 0; avqa_feature_kind_at(i); i++) {
        if (!is_first_of_its_weights(i))
            continue;
        avqa_mem_need(out, &cap, n + 1, sizeof **out);
        list_encoder(&(*out)[n++], avqa_feature_kind_at(i));
    }
    for (size_t i = 0; i < n; i++)
        judge(&(*out)[i], params);
    return n;
}

static void release_all(struct network *nets, size_t n)
{
    for (size_t i = 0; i < n; i++)
        network_release(&nets[i]);
    free(nets);
}

/* ---- what fits ------------------------------------------------------------------- */

static bool is_whole(const struct network *net)
{
    return net->n_found == net->n;
}

/* What is there less what is not; the first of equals is the best. */
static bool is_better(const struct network *a, const struct network *b)
{
    return a->n_found + b->n_missing + b->n_other >
           b->n_found + a->n_missing + a->n_other;
}

static void put_shape(struct avqa_json *parent, const char *key, size_t rank,
                      const size_t *shape)
{
    struct avqa_json *list = avqa_json_put_array(parent, key);
    for (size_t i = 0; i < rank; i++)
        avqa_json_put_int(list, NULL, (int64_t)shape[i]);
}

static void put_size(struct avqa_json *fit, const struct network *net)
{
    if (!net->is_model) {
        avqa_json_put_null(fit, "size");
        return;
    }
    struct avqa_json *size = avqa_json_put_object(fit, "size");
    avqa_json_put_int(size, "words", (int64_t)net->size.n_words);
    avqa_json_put_int(size, "answers", (int64_t)net->size.n_answers);
    avqa_json_put_int(size, "sound", (int64_t)net->size.sound);
    avqa_json_put_int(size, "channels", (int64_t)net->size.channels);
}

static bool expects(const struct network *net, const char *name)
{
    for (size_t i = 0; i < net->n; i++)
        if (strcmp(net->items[i].name, name) == 0)
            return true;
    return false;
}

static void put_faults(struct avqa_json *fit, const struct network *net,
                       const struct avqa_params *params)
{
    struct avqa_json *missing = avqa_json_put_array(fit, "missing");
    struct avqa_json *other = avqa_json_put_array(fit, "other_shape");
    struct avqa_json *extra = avqa_json_put_array(fit, "extra");
    for (size_t i = 0; i < net->n; i++) {
        const struct expected *e = &net->items[i];
        const struct avqa_tensor *t = avqa_params_find(params, e->name);
        if (!t) {
            avqa_json_put_string(missing, NULL, e->name);
        } else if (!avqa_tensor_has_shape(t, e->rank, e->shape)) {
            struct avqa_json *row = avqa_json_put_object(other, NULL);
            avqa_json_put_string(row, "name", e->name);
            put_shape(row, "shape", t->rank, t->shape);
            put_shape(row, "expected", e->rank, e->shape);
        }
    }
    for (size_t i = 0; i < params->n; i++)
        if (!expects(net, params->items[i].name))
            avqa_json_put_string(extra, NULL, params->items[i].name);
}

static enum avqa_status no_such(const struct network *nets, size_t n, const char *name)
{
    struct avqa_buf list = AVQA_BUF_INIT;
    for (size_t i = 0; i < n; i++)
        avqa_buf_addf(&list, "%s%s", i ? ", " : "", nets[i].name);
    enum avqa_status rc =
        avqa_fail(AVQA_ENOENT, "no model is called \"%s\"; there are %s", name,
                  avqa_buf_str(&list));
    avqa_buf_release(&list);
    return rc;
}

/* The network called `name`, or the best one (NULL: none is half there). */
static enum avqa_status choose(const struct network **best, const struct network *nets,
                               size_t n, const char *name)
{
    *best = NULL;
    for (size_t i = 0; i < n; i++)
        if (name ? strcmp(nets[i].name, name) == 0
                 : !*best || is_better(&nets[i], *best))
            *best = &nets[i];
    if (name)
        return *best ? AVQA_OK : no_such(nets, n, name);
    if (*best && 2 * (*best)->n_found < (*best)->n)
        *best = NULL;
    return AVQA_OK;
}

enum avqa_status avqa_weights_fit(struct avqa_json *object,
                                  const struct avqa_params *params, const char *name)
{
    struct network *nets;
    const struct network *best;
    size_t n = list_all(&nets, params);
    enum avqa_status rc = choose(&best, nets, n, name);
    if (rc != AVQA_OK || !best) {
        avqa_json_put_null(object, "fits");
        release_all(nets, n);
        return rc;
    }
    struct avqa_json *fit = avqa_json_put_object(object, "fits");
    avqa_json_put_string(fit, "name", best->name);
    avqa_json_put_string(fit, "kind", best->is_model ? "model" : "encoder");
    avqa_json_put_bool(fit, "whole", is_whole(best));
    put_size(fit, best);
    avqa_json_put_int(fit, "expected", (int64_t)best->n);
    put_faults(fit, best, params);
    struct avqa_json *also = avqa_json_put_array(fit, "also");
    for (size_t i = 0; i < n; i++)
        if (&nets[i] != best && is_whole(&nets[i]))
            avqa_json_put_string(also, NULL, nets[i].name);
    release_all(nets, n);
    return AVQA_OK;
}

/* ---- keeping --------------------------------------------------------------------- */

static enum avqa_status take_one(struct avqa_params *out, struct avqa_params *from,
                                 const struct network *net, const struct expected *e)
{
    char is[AVQA_TENSOR_SHAPE_TEXT];
    char wanted[AVQA_TENSOR_SHAPE_TEXT];
    struct avqa_param *found = NULL;
    for (size_t i = 0; i < from->n && !found; i++)
        if (strcmp(from->items[i].name, e->name) == 0)
            found = &from->items[i];
    if (!found)
        return avqa_fail(AVQA_EFORMAT, "the tensor \"%s\" of %s is missing", e->name,
                         net->name);
    if (!avqa_tensor_has_shape(&found->value, e->rank, e->shape))
        return avqa_fail(
            AVQA_EFORMAT, "the tensor \"%s\" has shape %s, not %s as %s expects",
            e->name, avqa_tensor_shape_text(is, found->value.rank, found->value.shape),
            avqa_tensor_shape_text(wanted, e->rank, e->shape), net->name);
    return avqa_params_add(out, e->name, &found->value);
}

enum avqa_status avqa_weights_keep(struct avqa_json *left_out,
                                   struct avqa_params *params, const char *name)
{
    struct network *nets;
    struct avqa_params kept = {0};
    size_t n = list_all(&nets, params);
    const struct network *net;
    enum avqa_status rc = choose(&net, nets, n, name);
    for (size_t i = 0; rc == AVQA_OK && net && i < params->n; i++)
        if (!expects(net, params->items[i].name))
            avqa_json_put_string(left_out, NULL, params->items[i].name);
    for (size_t i = 0; rc == AVQA_OK && net && i < net->n; i++)
        rc = take_one(&kept, params, net, &net->items[i]);
    release_all(nets, n);
    if (rc != AVQA_OK) {
        avqa_params_release(&kept);
        return rc;
    }
    avqa_params_release(params);
    *params = kept;
    return AVQA_OK;
}
