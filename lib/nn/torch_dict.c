/* See torch_dict.h. Every index that a tensor could ask for lies in its storage, or the
 * tensor is refused. */
#include "nn/torch_dict.h"
#include "base/mem.h"
#include "base/text.h"
#include "nn/safetensors.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum {
    MAX_NAME = 4096,
    MAX_LISTED = 400, /* bytes of a message */
    MAX_KEYS = 256,   /* of a checkpoint, which is a dict of dicts */
};

struct reader {
    struct avqa_torch_dict *out;
    const struct avqa_pickle *pickle;
    const char *name;
    uint64_t bytes, max_bytes; /* of all tensors */
};

void avqa_torch_dict_release(struct avqa_torch_dict *dict)
{
    free(dict->storages);
    free(dict->tensors);
    avqa_intern_release(&dict->keys);
    avqa_arena_release(&dict->names);
    avqa_buf_release(&dict->omitted);
    memset(dict, 0, sizeof *dict);
}

/* ---- storages -------------------------------------------------------------------- */

static bool is_name(const struct avqa_pickle_value *v)
{
    return v && v->kind == AVQA_PICKLE_TEXT && v->n > 0 && v->n <= MAX_NAME &&
           !memchr(v->text, 0, v->n) && avqa_text_valid(v->text, v->n, NULL);
}

static enum avqa_status add_storage(struct reader *r, const struct avqa_pickle_value *v)
{
    bool is_new;
    struct avqa_torch_dict *d = r->out;
    const struct avqa_pickle_value *key = avqa_pickle_at(r->pickle, v, 2);
    const struct avqa_pickle_value *count = avqa_pickle_at(r->pickle, v, 4);
    if (!is_name(key) || count->whole < 0)
        return avqa_fail(AVQA_EFORMAT,
                         "%s: byte %u: a storage without a proper name "
                         "or size",
                         r->name, v->at);
    struct avqa_torch_storage made = {.type = v->type, .n = (uint64_t)count->whole};
    uint32_t id = avqa_intern_add(&d->keys, key->text, key->n, &is_new);
    made.key = avqa_intern_text(&d->keys, id);
    if (!is_new && (d->storages[id].type != made.type || d->storages[id].n != made.n))
        return avqa_fail(AVQA_EFORMAT,
                         "%s: byte %u: the storage \"%s\" has two types or sizes",
                         r->name, v->at, made.key);
    if (!is_new)
        return AVQA_OK;
    avqa_mem_need(&d->storages, &d->cap_storages, d->n_storages + 1,
                  sizeof *d->storages);
    d->storages[d->n_storages++] = made;
    return AVQA_OK;
}

static enum avqa_status read_storages(struct reader *r)
{
    enum avqa_status rc = AVQA_OK;
    const struct avqa_pickle_value *v;
    for (size_t i = 0; rc == AVQA_OK && (v = avqa_pickle_nth(r->pickle, i)); i++)
        if (v->kind == AVQA_PICKLE_STORAGE)
            rc = add_storage(r, v);
    return rc;
}

/* ---- tensors --------------------------------------------------------------------- */

/* At most AVQA_TENSOR_MAX_RANK numbers, none below 0. */
static bool read_sizes(size_t *out, size_t *n, const struct avqa_pickle *p,
                       const struct avqa_pickle_value *tuple)
{
    uint32_t cursor = tuple->first;
    *n = 0;
    for (const struct avqa_pickle_value *v; (v = avqa_pickle_next(p, &cursor));
         (*n)++) {
        if (*n == AVQA_TENSOR_MAX_RANK || v->kind != AVQA_PICKLE_INT || v->whole < 0)
            return false;
        out[*n] = (size_t)v->whole;
    }
    return true;
}

/* Whether all its numbers lie in a storage of `n` of them. */
static bool lies_in(const struct avqa_torch_tensor *t, uint64_t n)
{
    uint64_t last = t->offset; /* the largest index */
    for (size_t i = 0; t->n > 0 && i < t->rank; i++) {
        size_t way;
        if (!avqa_mem_product(&way, t->shape[i] - 1, t->stride[i]) ||
            way > UINT64_MAX - last)
            return false;
        last += way;
    }
    return t->n == 0 || last < n;
}

static enum avqa_status read_tensor(struct reader *r, const char *name,
                                    const struct avqa_pickle_value *v)
{
    size_t n_strides;
    size_t bytes;
    struct avqa_torch_tensor t = {.name = name, .type = v->type, .n = 1};
    const struct avqa_pickle *p = r->pickle;
    const struct avqa_pickle_value *key = avqa_pickle_at(p, avqa_pickle_at(p, v, 0), 2);
    const struct avqa_pickle_value *offset = avqa_pickle_at(p, v, 1);
    t.storage = avqa_intern_find(&r->out->keys, key->text, key->n);
    t.offset = (uint64_t)offset->whole;
    if (!read_sizes(t.shape, &t.rank, p, avqa_pickle_at(p, v, 2)) ||
        !read_sizes(t.stride, &n_strides, p, avqa_pickle_at(p, v, 3)) ||
        n_strides != t.rank || offset->whole < 0)
        return avqa_fail(AVQA_EFORMAT,
                         "%s: byte %u: the tensor \"%s\" has no proper shape (at most "
                         "%d dimensions)",
                         r->name, v->at, name, AVQA_TENSOR_MAX_RANK);
    bool fits = true;
    for (size_t i = 0; i < t.rank; i++)
        fits = fits && avqa_mem_product(&t.n, t.n, t.shape[i]);
    fits = fits && avqa_mem_product(&bytes, t.n, avqa_tensor_type_size(t.type));
    if (!fits || bytes > r->max_bytes - r->bytes)
        return avqa_fail(AVQA_EFORMAT,
                         "%s: the tensor \"%s\" is far larger than what the file holds "
                         "(an expanded one? save its .contiguous())",
                         r->name, name);
    if (!lies_in(&t, r->out->storages[t.storage].n))
        return avqa_fail(AVQA_EFORMAT,
                         "%s: byte %u: the tensor \"%s\" reaches out of its storage",
                         r->name, v->at, name);
    r->bytes += bytes;
    avqa_mem_need(&r->out->tensors, &r->out->cap, r->out->n + 1,
                  sizeof *r->out->tensors);
    r->out->tensors[r->out->n++] = t;
    return AVQA_OK;
}

static void omit(struct avqa_torch_dict *d, const struct avqa_pickle_value *key,
                 const struct avqa_pickle_value *v)
{
    d->n_omitted++;
    if (d->omitted.len > MAX_LISTED)
        return;
    avqa_buf_adds(&d->omitted, d->n_omitted > 1 ? ", " : "");
    if (is_name(key))
        avqa_buf_add(&d->omitted, key->text, key->n);
    else
        avqa_buf_addf(&d->omitted, "(%s)", avqa_pickle_kind_name(key));
    avqa_buf_addf(&d->omitted, " (%s)", avqa_pickle_kind_name(v));
}

static enum avqa_status read_members(struct reader *r,
                                     const struct avqa_pickle_value *dict)
{
    enum avqa_status rc = AVQA_OK;
    uint32_t cursor = dict->first;
    for (const struct avqa_pickle_value *key;
         rc == AVQA_OK && (key = avqa_pickle_next(r->pickle, &cursor));) {
        const struct avqa_pickle_value *v = avqa_pickle_next(r->pickle, &cursor);
        if (v->kind != AVQA_PICKLE_TENSOR || key->kind != AVQA_PICKLE_TEXT)
            omit(r->out, key, v);
        else if (!is_name(key) || avqa_pickle_is_text(key, "__metadata__"))
            rc = avqa_fail(AVQA_EFORMAT, "%s: byte %u: a tensor without a proper name",
                           r->name, key->at);
        else if (r->out->n == AVQA_SAFETENSORS_MAX_TENSORS)
            rc = avqa_fail(AVQA_EFORMAT, "%s: more than %d tensors", r->name,
                           AVQA_SAFETENSORS_MAX_TENSORS);
        else
            rc = read_tensor(r, avqa_arena_strndup(&r->out->names, key->text, key->n),
                             v);
    }
    return rc;
}

/* ---- which dict ------------------------------------------------------------------ */

static size_t count_tensors(const struct avqa_pickle *p,
                            const struct avqa_pickle_value *dict)
{
    size_t n = 0;
    uint32_t cursor = dict->first;
    for (const struct avqa_pickle_value *key; (key = avqa_pickle_next(p, &cursor));)
        n += avqa_pickle_next(p, &cursor)->kind == AVQA_PICKLE_TENSOR &&
             key->kind == AVQA_PICKLE_TEXT;
    return n;
}

/* Says what keys there are instead of what was asked for. */
static enum avqa_status refuse(const struct reader *r,
                               const struct avqa_pickle_value *root, const char *what)
{
    struct avqa_buf list = AVQA_BUF_INIT;
    uint32_t cursor = root->first;
    for (const struct avqa_pickle_value *key;
         (key = avqa_pickle_next(r->pickle, &cursor));) {
        const struct avqa_pickle_value *v = avqa_pickle_next(r->pickle, &cursor);
        size_t n = v->kind == AVQA_PICKLE_DICT ? count_tensors(r->pickle, v) : 0;
        if (!is_name(key) || list.len > MAX_LISTED)
            continue;
        avqa_buf_adds(&list, list.len ? ", " : "");
        avqa_buf_add(&list, key->text, key->n < MAX_LISTED ? key->n : MAX_LISTED);
        if (n > 0)
            avqa_buf_addf(&list, " (%zu tensor%s)", n, avqa_text_plural((int64_t)n));
        else
            avqa_buf_addf(&list, " (%s)", avqa_pickle_kind_name(v));
    }
    enum avqa_status rc = avqa_fail(AVQA_EINVAL, "%s: %s; its keys are: %s", r->name,
                                    what, list.len ? avqa_buf_str(&list) : "none");
    avqa_buf_release(&list);
    return rc;
}

static enum avqa_status choose(const struct avqa_pickle_value **dict, struct reader *r,
                               const char *wanted)
{
    const struct avqa_pickle_value *root = avqa_pickle_root(r->pickle);
    const struct avqa_pickle_value *found_key = NULL;
    size_t n_found = 0;
    *dict = root;
    if (root->kind != AVQA_PICKLE_DICT)
        return avqa_fail(AVQA_EFORMAT, "%s: it is %s, not a state dict", r->name,
                         avqa_pickle_kind_name(root));
    if (!wanted && count_tensors(r->pickle, root) > 0)
        return AVQA_OK;
    if (root->n > 2 * MAX_KEYS)
        return avqa_fail(AVQA_EFORMAT, "%s: a dict of %u things, but no tensors",
                         r->name, root->n / 2);
    uint32_t cursor = root->first;
    for (const struct avqa_pickle_value *key;
         (key = avqa_pickle_next(r->pickle, &cursor));) {
        const struct avqa_pickle_value *v = avqa_pickle_next(r->pickle, &cursor);
        if (v->kind != AVQA_PICKLE_DICT || !is_name(key) ||
            (wanted && !avqa_pickle_is_text(key, wanted)) ||
            count_tensors(r->pickle, v) == 0)
            continue;
        *dict = v;
        found_key = key;
        n_found++;
    }
    if (n_found == 0)
        return refuse(r, root,
                      wanted ? "there is no state dict under that key"
                             : "no tensors and no state dict are in it");
    if (n_found > 1)
        return refuse(r, root, "several state dicts are in it, --key says which one");
    r->out->key = avqa_arena_strndup(&r->out->names, found_key->text, found_key->n);
    return AVQA_OK;
}

enum avqa_status avqa_torch_dict_read(struct avqa_torch_dict *out,
                                      const struct avqa_pickle *pickle,
                                      const char *name, const char *key,
                                      uint64_t max_bytes)
{
    const struct avqa_pickle_value *dict = NULL;
    struct reader r = {
        .out = out, .pickle = pickle, .name = name, .max_bytes = max_bytes};
    enum avqa_status rc = read_storages(&r);
    if (rc == AVQA_OK)
        rc = choose(&dict, &r, key);
    if (rc == AVQA_OK)
        rc = read_members(&r, dict);
    return rc == AVQA_OK ? avqa_buf_status(&out->omitted) : rc;
}
