/* See torch_source.h. In a zip all entries lie under one folder: data.pkl, byteorder
 * (since 2.1) and data/KEY for each storage. */
#include "nn/torch_source.h"
#include "base/buf.h"
#include "base/mem.h"
#include "nn/torch_legacy.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const char PICKLE[] = "/data.pkl";

void avqa_torch_source_release(struct avqa_torch_source *s)
{
    avqa_pickle_free(s->pickle);
    avqa_torch_legacy_close(s->legacy);
    avqa_zip_close(s->zip);
    free(s->bytes);
    free(s->prefix);
    free(s->label);
    memset(s, 0, sizeof *s);
}

/* The entry PREFIX/NAME/KEY (`key` may be NULL); NULL if there is none. */
static const struct avqa_zip_entry *find(const struct avqa_torch_source *s,
                                         const char *name, const char *key)
{
    struct avqa_buf path = AVQA_BUF_INIT;
    avqa_buf_addf(&path, "%s/%s%s%s", s->prefix, name, key ? "/" : "", key ? key : "");
    const struct avqa_zip_entry *found = avqa_zip_find(s->zip, avqa_buf_str(&path));
    avqa_buf_release(&path);
    return found;
}

/* The one entry FOLDER/data.pkl. */
static enum avqa_status find_pickle(const struct avqa_zip_entry **out,
                                    struct avqa_torch_source *s)
{
    const struct avqa_zip_entry *e;
    *out = NULL;
    for (size_t i = 0; (e = avqa_zip_at(s->zip, i)); i++) {
        const char *slash = strchr(e->name, '/');
        if (!slash || strcmp(slash, PICKLE) != 0)
            continue;
        if (*out)
            return avqa_fail(AVQA_EFORMAT, "%s: two pickles are in it, %s and %s",
                             s->path, (*out)->name, e->name);
        *out = e;
        s->prefix = avqa_mem_strndup(e->name, (size_t)(slash - e->name));
    }
    if (!*out)
        return avqa_fail(AVQA_EFORMAT,
                         "%s: a zip file, but not PyTorch's: no data.pkl is in it",
                         s->path);
    if ((*out)->size > AVQA_TORCH_MAX_PICKLE)
        return avqa_fail(AVQA_EFORMAT, "%s: a pickle of %" PRIu64 " bytes (at most %d)",
                         s->path, (*out)->size, AVQA_TORCH_MAX_PICKLE);
    return AVQA_OK;
}

static enum avqa_status read_byte_order(struct avqa_torch_source *s)
{
    char order[8] = "";
    const struct avqa_zip_entry *e = find(s, "byteorder", NULL);
    if (!e)
        return AVQA_OK;
    enum avqa_status rc = AVQA_OK;
    if (e->size < sizeof order)
        rc = avqa_zip_read(order, s->zip, e, !s->unchecked);
    if (rc != AVQA_OK)
        return rc;
    s->swapped = strcmp(order, "big") == 0;
    if (!s->swapped && strcmp(order, "little") != 0)
        return avqa_fail(AVQA_EFORMAT, "%s: the byte order is neither little nor big",
                         s->path);
    return AVQA_OK;
}

static enum avqa_status open_zip(struct avqa_torch_source *s)
{
    const struct avqa_zip_entry *e = NULL;
    enum avqa_status rc = avqa_zip_open(&s->zip, s->path);
    if (rc != AVQA_OK)
        return rc;
    s->size = avqa_zip_file_size(s->zip);
    rc = find_pickle(&e, s);
    if (rc != AVQA_OK || !e)
        return rc;
    if (find(s, "constants.pkl", NULL))
        rc =
            avqa_fail(AVQA_EFORMAT,
                      "%s: a TorchScript archive; in Python: torch.save(torch.jit.load("
                      "FILE).state_dict(), OTHER)",
                      s->path);
    if (rc == AVQA_OK)
        rc = read_byte_order(s);
    if (rc == AVQA_OK)
        rc = avqa_mem_array(&s->bytes, (size_t)e->size, 1);
    if (rc == AVQA_OK)
        rc = avqa_zip_read(s->bytes, s->zip, e, !s->unchecked);
    if (rc != AVQA_OK)
        return rc;
    struct avqa_buf label = AVQA_BUF_INIT;
    avqa_buf_addf(&label, "%s: %s", s->path, e->name);
    s->label = avqa_mem_strdup(avqa_buf_str(&label));
    avqa_buf_release(&label);
    return avqa_pickle_read(&s->pickle, NULL, s->label, s->bytes, (size_t)e->size);
}

enum avqa_status avqa_torch_source_open(struct avqa_torch_source *out,
                                        enum avqa_torch_form form, const char *path,
                                        const struct avqa_torch_options *options)
{
    *out = (struct avqa_torch_source){.path = path, .unchecked = options->unchecked};
    return form == AVQA_TORCH_ZIP ? open_zip(out) : avqa_torch_legacy_open(out);
}

static void swap(uint8_t *bytes, size_t n, size_t size)
{
    for (; n > 0; n--, bytes += size)
        for (size_t i = 0; i < size / 2; i++) {
            uint8_t b = bytes[i];
            bytes[i] = bytes[size - 1 - i];
            bytes[size - 1 - i] = b;
        }
}

static enum avqa_status load_entry(void **out, const struct avqa_torch_source *s,
                                   const struct avqa_torch_storage *storage,
                                   size_t bytes)
{
    const struct avqa_zip_entry *e = find(s, "data", storage->key);
    if (!e)
        return avqa_fail(AVQA_EFORMAT, "%s: the storage \"%s\" is not in it", s->path,
                         storage->key);
    if (e->size != bytes)
        return avqa_fail(AVQA_EFORMAT,
                         "%s: the storage \"%s\" has %" PRIu64 " bytes, not %zu",
                         s->path, storage->key, e->size, bytes);
    enum avqa_status rc = avqa_mem_array(out, bytes, 1);
    return rc == AVQA_OK ? avqa_zip_read(*out, s->zip, e, !s->unchecked) : rc;
}

enum avqa_status avqa_torch_source_load(void **out, struct avqa_torch_source *s,
                                        const struct avqa_torch_dict *dict, size_t i)
{
    const struct avqa_torch_storage *storage = &dict->storages[i];
    size_t size = avqa_tensor_type_size(storage->type);
    size_t bytes;
    *out = NULL;
    if (storage->n > SIZE_MAX || !avqa_mem_product(&bytes, (size_t)storage->n, size) ||
        bytes > s->size)
        return avqa_fail(AVQA_EFORMAT,
                         "%s: the storage \"%s\" is said to be larger than the file",
                         s->path, storage->key);
    enum avqa_status rc = s->zip ? load_entry(out, s, storage, bytes)
                                 : avqa_torch_legacy_load(out, s, dict, i);
    if (rc == AVQA_OK && s->swapped && *out)
        swap(*out, (size_t)storage->n, size);
    return rc;
}
