/* See feature_file.h. */
#include "pipeline/feature_file.h"
#include "base/io.h"
#include "base/mem.h"
#include "shard/index.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_FILE_BYTES ((size_t)1 << 30)

static const struct avqa_feature_kind kinds[AVQA_FEATURE_KINDS] = {
    {"resnet18", "res14", 4, {0, 512, 14, 14}, true},
    {"vggish", "vggish", 2, {0, 128}, false}};

static const struct avqa_feature_kind *find_kind(const struct avqa_npy *npy)
{
    for (size_t k = 0; k < AVQA_FEATURE_KINDS; k++) {
        bool same = npy->n_dims == kinds[k].n_dims && npy->dims[0] > 0;
        for (size_t d = 1; same && d < npy->n_dims; d++)
            same = npy->dims[d] == kinds[k].dims[d];
        if (same)
            return &kinds[k];
    }
    return NULL;
}

static enum avqa_status read_header(struct avqa_npy *npy, const char *path)
{
    char head[AVQA_NPY_MAX_HEADER];
    size_t used;
    FILE *f = fopen(path, "rb");
    if (!f)
        return avqa_fail(AVQA_EIO, "it cannot be opened: %s", strerror(errno));
    size_t n = fread(head, 1, sizeof head, f);
    fclose(f);
    return avqa_npy_parse(npy, &used, head, n);
}

/* The video id that a file's name says; NULL if it can be none. Caller frees. */
static char *name_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *base = slash ? slash + 1 : path;
    const char *dot = strrchr(base, '.');
    size_t len = dot ? (size_t)(dot - base) : strlen(base);
    char *name = avqa_mem_strndup(base, len);
    struct avqa_buf key = AVQA_BUF_INIT;
    avqa_shard_make_key(&key, name);
    bool good = avqa_shard_check_key(avqa_buf_str(&key)) == AVQA_OK;
    avqa_buf_release(&key);
    if (good)
        return name;
    free(name);
    return NULL;
}

enum avqa_status avqa_feature_file_look(struct avqa_feature_file *out, const char *path,
                                        const char **reason)
{
    struct avqa_buf shape = AVQA_BUF_INIT;
    *out = (struct avqa_feature_file){.path = path};
    *reason = "not-npy";
    enum avqa_status rc = read_header(&out->npy, path);
    if (rc != AVQA_OK)
        return rc;
    out->kind = find_kind(&out->npy);
    if (!out->kind || (out->npy.type != AVQA_NPY_F4 && out->npy.type != AVQA_NPY_F2)) {
        *reason = "other-shape";
        avqa_npy_shape(&shape, &out->npy);
        rc = avqa_fail(AVQA_EFORMAT,
                       "it is %s %s; features are Tx512x14x14 (picture) or Tx128 "
                       "(sound) in <f4 or <f2",
                       avqa_npy_type_name(out->npy.type), avqa_buf_str(&shape));
        avqa_buf_release(&shape);
        return rc;
    }
    *reason = "bad-name";
    out->name = name_of(path);
    return out->name ? AVQA_OK : avqa_fail(AVQA_EFORMAT, "its name can be no video id");
}

void avqa_feature_file_release(struct avqa_feature_file *file)
{
    free(file->name);
    avqa_buf_release(&file->bytes);
}

enum avqa_status avqa_feature_file_read(struct avqa_feature_file *f)
{
    size_t used;
    size_t data;
    struct avqa_npy npy = f->npy;
    struct avqa_sha256 *sha = avqa_sha256_new();
    enum avqa_status rc = avqa_io_read(&f->bytes, f->path, MAX_FILE_BYTES);
    if (rc == AVQA_OK)
        rc = avqa_npy_parse(&npy, &used, f->bytes.data, f->bytes.len);
    if (rc == AVQA_OK && (!avqa_npy_bytes(&data, &npy) || f->bytes.len - used != data ||
                          find_kind(&npy) != f->kind))
        rc = avqa_fail(AVQA_EFORMAT, "it has %zu bytes, its header says otherwise",
                       f->bytes.len);
    if (rc == AVQA_OK)
        avqa_sha256_add(sha, f->bytes.data, f->bytes.len);
    avqa_sha256_hex(sha, f->sha256);
    avqa_sha256_free(sha);
    if (rc == AVQA_OK) /* to where memory is aligned, whatever the header's length */
        memmove(f->bytes.data, f->bytes.data + used, data);
    f->npy = npy;
    return rc;
}

int avqa_feature_file_order(const void *a, const void *b)
{
    const struct avqa_feature_file *x = a;
    const struct avqa_feature_file *y = b;
    int order = strcmp(x->name, y->name);
    if (order == 0)
        order = (x->kind > y->kind) - (x->kind < y->kind);
    return order ? order : strcmp(x->path, y->path);
}
