/* Tensors are taken storage by storage, so that each is read once and only one of them
 * is in memory beside the tensors; the order of the dict is kept. */
#include "nn/torch_file.h"
#include "base/mem.h"
#include "nn/torch_dict.h"
#include "nn/torch_legacy.h"
#include "nn/torch_source.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HEAD_BYTES = 512, TAR_AT = 257, MIB = 1 << 20 };

void avqa_torch_info_release(struct avqa_torch_info *info)
{
    free(info->key);
    free(info->omitted);
    memset(info, 0, sizeof *info);
}

enum avqa_status avqa_torch_recognise(enum avqa_torch_form *out, const char *path)
{
    uint8_t head[HEAD_BYTES] = {0};
    *out = AVQA_TORCH_NO_FILE;
    FILE *f = fopen(path, "rb");
    if (!f)
        return avqa_fail(errno == ENOENT ? AVQA_ENOENT : AVQA_EIO,
                         "%s: cannot open: %s", path, strerror(errno));
    size_t n = fread(head, 1, sizeof head, f);
    bool failed = ferror(f);
    fclose(f);
    if (failed)
        return avqa_fail(AVQA_EIO, "%s: cannot read", path);
    if (n >= 4 && memcmp(head, "PK\3\4", 4) == 0)
        *out = AVQA_TORCH_ZIP;
    else if (n >= AVQA_TORCH_MAGIC_BYTES &&
             memcmp(head, avqa_torch_magic, AVQA_TORCH_MAGIC_BYTES) == 0)
        *out = AVQA_TORCH_LEGACY;
    else if (n > TAR_AT + 5 && memcmp(head + TAR_AT, "ustar", 5) == 0)
        return avqa_fail(AVQA_EFORMAT,
                         "%s: a tar, as PyTorch before 0.1.10 wrote it; save it again: "
                         "torch.save(torch.load(FILE), OTHER)",
                         path);
    else if (n >= 2 && head[0] == 0x80 && head[1] >= 2 && head[1] <= 5)
        return avqa_fail(AVQA_EFORMAT,
                         "%s: a pickle that torch.save has not written; in Python: "
                         "torch.save(state_dict, OTHER)",
                         path);
    return AVQA_OK;
}

/* ---- reading --------------------------------------------------------------------- */

struct take {
    const struct avqa_torch_dict *dict;
    size_t *order;              /* tensors by storage */
    struct avqa_tensor *values; /* by place in the dict */
};

static int compare_storages(const void *a, const void *b, void *dict)
{
    const size_t *x = a;
    const size_t *y = b;
    const struct avqa_torch_tensor *t = ((const struct avqa_torch_dict *)dict)->tensors;
    if (t[*x].storage != t[*y].storage)
        return t[*x].storage < t[*y].storage ? -1 : 1;
    return (*x > *y) - (*x < *y);
}

static bool is_dense(const struct avqa_torch_tensor *t)
{
    size_t stride = 1;
    for (size_t i = t->rank; i-- > 0; stride *= t->shape[i])
        if (t->shape[i] != 1 && t->stride[i] != stride)
            return false;
    return true;
}

/* The numbers of a storage that are the tensor's, in C order. */
static void gather(char *to, const char *storage, const struct avqa_torch_tensor *t)
{
    size_t size = avqa_tensor_type_size(t->type);
    size_t place[AVQA_TENSOR_MAX_RANK] = {0};
    size_t at = (size_t)t->offset;
    if (t->n > 0 && is_dense(t)) {
        memcpy(to, storage + at * size, t->n * size);
        return;
    }
    for (size_t done = 0; done < t->n; done++) {
        memcpy(to + done * size, storage + at * size, size);
        for (size_t i = t->rank; i-- > 0;) {
            at += t->stride[i];
            if (++place[i] < t->shape[i])
                break;
            at -= t->stride[i] * t->shape[i];
            place[i] = 0;
        }
    }
}

static enum avqa_status take_tensors(struct take *k, struct avqa_torch_source *source,
                                     struct avqa_torch_info *info)
{
    enum avqa_status rc = AVQA_OK;
    void *storage = NULL;
    for (size_t i = 0; rc == AVQA_OK && i < k->dict->n; i++) {
        size_t at = k->order[i];
        const struct avqa_torch_tensor *t = &k->dict->tensors[at];
        bool loaded = i > 0 && k->dict->tensors[k->order[i - 1]].storage == t->storage;
        info->n_sharing += loaded;
        if (!loaded) {
            free(storage);
            rc = avqa_torch_source_load(&storage, source, k->dict, t->storage);
        }
        if (rc == AVQA_OK)
            rc = avqa_tensor_init(&k->values[at], t->type, t->rank, t->shape);
        if (rc == AVQA_OK)
            gather(k->values[at].data, storage, t);
    }
    free(storage);
    return rc;
}

/* The dict's tensors into `out`, in its order. */
static enum avqa_status take_all(struct avqa_params *out, struct avqa_torch_info *info,
                                 struct avqa_torch_source *source,
                                 const struct avqa_torch_dict *dict)
{
    struct take k = {.dict = dict};
    enum avqa_status rc = avqa_mem_array(&k.order, dict->n, sizeof *k.order);
    if (rc == AVQA_OK)
        rc = avqa_mem_array(&k.values, dict->n, sizeof *k.values);
    for (size_t i = 0; rc == AVQA_OK && i < dict->n; i++)
        k.order[i] = i;
    if (rc == AVQA_OK) {
        qsort_r(k.order, dict->n, sizeof *k.order, compare_storages, (void *)dict);
        rc = take_tensors(&k, source, info);
    }
    for (size_t i = 0; rc == AVQA_OK && i < dict->n; i++) {
        rc = avqa_params_add(out, dict->tensors[i].name, &k.values[i]);
        if (rc == AVQA_EEXIST)
            rc = avqa_fail_in(AVQA_EFORMAT, "%s", source->path);
    }
    for (size_t i = 0; k.values && i < dict->n; i++)
        avqa_tensor_release(&k.values[i]);
    free(k.values);
    free(k.order);
    return rc;
}

enum avqa_status avqa_torch_read(struct avqa_params *out, struct avqa_torch_info *info,
                                 const char *path,
                                 const struct avqa_torch_options *options)
{
    struct avqa_torch_source source = {0};
    struct avqa_torch_dict dict = {0};
    memset(info, 0, sizeof *info);
    enum avqa_status rc = avqa_torch_recognise(&info->form, path);
    if (rc == AVQA_OK && info->form == AVQA_TORCH_NO_FILE)
        rc = avqa_fail(AVQA_EFORMAT, "%s: not a file of torch.save", path);
    if (rc == AVQA_OK)
        rc = avqa_torch_source_open(&source, info->form, path, options);
    if (rc == AVQA_OK)
        rc = avqa_torch_dict_read(&dict, source.pickle, path, options->key,
                                  AVQA_TORCH_MAX_GROWTH * source.size + MIB);
    if (rc == AVQA_OK)
        rc = take_all(out, info, &source, &dict);
    if (rc == AVQA_OK) {
        info->key = dict.key ? avqa_mem_strdup(dict.key) : NULL;
        info->n_omitted = dict.n_omitted;
        if (dict.n_omitted > 0)
            info->omitted = avqa_mem_strdup(avqa_buf_str(&dict.omitted));
    }
    avqa_torch_dict_release(&dict);
    avqa_torch_source_release(&source);
    return rc;
}
