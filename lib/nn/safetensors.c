/* The header is read and judged first; then the numbers are read from front to back,
 * each tensor into its own memory, so that a file is in memory once. */
#include "nn/safetensors.h"
#include "base/io.h"
#include "base/json.h"
#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LENGTH_BYTES = 8, ALIGNMENT = 8 };

/* In the order of enum avqa_tensor_type. */
static const char *const dtypes[] = {"F32", "F16", "BF16", "F64", "I64",
                                     "I32", "U8",  "I16",  "I8",  "BOOL"};
enum { N_DTYPES = sizeof dtypes / sizeof *dtypes };

struct entry {
    const char *name; /* of the header */
    enum avqa_tensor_type type;
    size_t rank;
    size_t shape[AVQA_TENSOR_MAX_RANK];
    uint64_t begin, end; /* after the header */
};

struct file {
    const char *path;
    int fd;
    uint64_t size;
    struct avqa_sha256 *sha;
    char *text; /* the header */
    struct avqa_json *header;
    struct entry *entries; /* by begin */
    size_t n_entries;
    uint64_t data_len;
};

static enum avqa_status read_all(struct file *f, void *out, size_t len)
{
    char *at = out;
    for (size_t done = 0; done < len;) {
        ssize_t got = read(f->fd, at + done, len - done);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return avqa_fail(AVQA_EIO, "%s: cannot read: %s", f->path, strerror(errno));
        if (got == 0)
            return avqa_fail(AVQA_EFORMAT, "%s: the file ends too early", f->path);
        done += (size_t)got;
    }
    avqa_sha256_add(f->sha, out, len);
    return AVQA_OK;
}

static enum avqa_status open_file(struct file *f)
{
    struct stat st;
    f->fd = open(f->path, O_RDONLY | O_CLOEXEC);
    if (f->fd < 0)
        return avqa_fail(errno == ENOENT ? AVQA_ENOENT : AVQA_EIO,
                         "%s: cannot open: %s", f->path, strerror(errno));
    if (fstat(f->fd, &st) != 0 || !S_ISREG(st.st_mode))
        return avqa_fail(AVQA_EIO, "%s: not a regular file", f->path);
    f->size = (uint64_t)st.st_size;
    f->sha = avqa_sha256_new();
    return AVQA_OK;
}

static enum avqa_status read_header(struct file *f)
{
    uint8_t length[LENGTH_BYTES];
    uint64_t len = 0;
    if (f->size < LENGTH_BYTES)
        return avqa_fail(AVQA_EFORMAT, "%s: not a safetensors file: %" PRIu64 " bytes",
                         f->path, f->size);
    enum avqa_status rc = read_all(f, length, LENGTH_BYTES);
    if (rc != AVQA_OK)
        return rc;
    for (int i = LENGTH_BYTES - 1; i >= 0; i--)
        len = len << 8 | length[i];
    if (len < 2 || len > AVQA_SAFETENSORS_MAX_HEADER || len > f->size - LENGTH_BYTES)
        return avqa_fail(AVQA_EFORMAT,
                         "%s: not a safetensors file: a header of %" PRIu64
                         " bytes in a file of %" PRIu64,
                         f->path, len, f->size);
    f->data_len = f->size - LENGTH_BYTES - len;
    rc = avqa_mem_array(&f->text, (size_t)len + 1, 1);
    if (rc == AVQA_OK)
        rc = read_all(f, f->text, (size_t)len);
    if (rc != AVQA_OK)
        return rc;
    if (f->text[0] != '{')
        return avqa_fail(AVQA_EFORMAT, "%s: not a safetensors file: no JSON object",
                         f->path);
    rc = avqa_json_parse(&f->header, f->text, (size_t)len);
    return rc == AVQA_OK ? AVQA_OK : avqa_fail_in(rc, "%s: header", f->path);
}

static bool read_type(enum avqa_tensor_type *out, const struct avqa_json *node)
{
    const char *text = avqa_json_string(node);
    for (int i = 0; text && i < N_DTYPES; i++) {
        if (strcmp(text, dtypes[i]) == 0) {
            *out = (enum avqa_tensor_type)i;
            return true;
        }
    }
    return false;
}

/* A list of at most `max` whole numbers, none below 0; false for anything else. */
static bool read_numbers(uint64_t *out, size_t *n, size_t max,
                         const struct avqa_json *node)
{
    int64_t value;
    *n = 0;
    if (!node || avqa_json_type(node) != AVQA_JSON_ARRAY)
        return false;
    for (node = avqa_json_first(node); node; node = avqa_json_next(node)) {
        if (*n == max || !avqa_json_int(node, &value) || value < 0)
            return false;
        out[(*n)++] = (uint64_t)value;
    }
    return true;
}

static enum avqa_status read_entry(struct entry *e, const struct avqa_json *node,
                                   uint64_t data_len)
{
    uint64_t shape[AVQA_TENSOR_MAX_RANK];
    uint64_t offsets[2];
    size_t n_offsets;
    e->name = avqa_json_key(node);
    if (avqa_json_type(node) != AVQA_JSON_OBJECT || avqa_json_count(node) != 3)
        return avqa_fail(AVQA_EFORMAT,
                         "the tensor \"%s\" is not {dtype, shape, data_offsets}",
                         e->name);
    if (!read_type(&e->type, avqa_json_get(node, "dtype")))
        return avqa_fail(AVQA_EFORMAT,
                         "the tensor \"%s\" has a dtype that is not known here",
                         e->name);
    if (!read_numbers(shape, &e->rank, AVQA_TENSOR_MAX_RANK,
                      avqa_json_get(node, "shape")))
        return avqa_fail(AVQA_EFORMAT, "the tensor \"%s\" has no shape", e->name);
    if (!read_numbers(offsets, &n_offsets, 2, avqa_json_get(node, "data_offsets")) ||
        n_offsets != 2 || offsets[0] > offsets[1] || offsets[1] > data_len)
        return avqa_fail(AVQA_EFORMAT, "the tensor \"%s\" lies outside of the file",
                         e->name);
    size_t bytes = avqa_tensor_type_size(e->type);
    bool fits = true;
    for (size_t i = 0; i < e->rank; i++) {
        e->shape[i] = (size_t)shape[i];
        fits = fits && avqa_mem_product(&bytes, bytes, e->shape[i]);
    }
    e->begin = offsets[0];
    e->end = offsets[1];
    if (!fits || bytes != e->end - e->begin)
        return avqa_fail(AVQA_EFORMAT,
                         "the tensor \"%s\" has %" PRIu64
                         " bytes, which its shape does not",
                         e->name, e->end - e->begin);
    return AVQA_OK;
}

static int compare_entries(const void *a, const void *b)
{
    const struct entry *x = a;
    const struct entry *y = b;
    if (x->begin != y->begin)
        return x->begin < y->begin ? -1 : 1;
    if (x->end != y->end)
        return x->end < y->end ? -1 : 1;
    return strcmp(x->name, y->name);
}

static enum avqa_status read_entries(struct file *f)
{
    size_t n = avqa_json_count(f->header);
    uint64_t at = 0;
    if (n > AVQA_SAFETENSORS_MAX_TENSORS)
        return avqa_fail(AVQA_EFORMAT, "%zu tensors (at most %d)", n,
                         AVQA_SAFETENSORS_MAX_TENSORS);
    enum avqa_status rc = avqa_mem_array(&f->entries, n, sizeof *f->entries);
    const struct avqa_json *node = avqa_json_first(f->header);
    for (; rc == AVQA_OK && node; node = avqa_json_next(node)) {
        if (strcmp(avqa_json_key(node), "__metadata__") == 0)
            continue;
        rc = read_entry(&f->entries[f->n_entries++], node, f->data_len);
    }
    if (rc != AVQA_OK)
        return rc;
    qsort(f->entries, f->n_entries, sizeof *f->entries, compare_entries);
    for (size_t i = 0; i < f->n_entries; i++) {
        if (f->entries[i].begin != at)
            return avqa_fail(AVQA_EFORMAT,
                             "the tensor \"%s\" begins at byte %" PRIu64
                             " of the numbers, not at %" PRIu64,
                             f->entries[i].name, f->entries[i].begin, at);
        at = f->entries[i].end;
    }
    if (at != f->data_len)
        return avqa_fail(AVQA_EFORMAT, "%" PRIu64 " bytes belong to no tensor",
                         f->data_len - at);
    return AVQA_OK;
}

static enum avqa_status read_tensor(struct avqa_params *out, struct file *f,
                                    const struct entry *e)
{
    struct avqa_tensor value;
    enum avqa_status rc = avqa_tensor_init(&value, e->type, e->rank, e->shape);
    if (rc != AVQA_OK)
        return rc;
    rc = read_all(f, value.data, avqa_tensor_bytes(&value));
    if (rc != AVQA_OK) {
        avqa_tensor_release(&value);
        return rc;
    }
    rc = avqa_params_add(out, e->name, &value);
    return rc == AVQA_EEXIST ? avqa_fail_in(AVQA_EFORMAT, "%s", f->path) : rc;
}

enum avqa_status avqa_safetensors_read(struct avqa_params *out,
                                       char sha256[AVQA_SHA256_HEX], const char *path)
{
    struct file f = {.path = path, .fd = -1};
    enum avqa_status rc = open_file(&f);
    if (rc == AVQA_OK)
        rc = read_header(&f);
    if (rc == AVQA_OK) {
        rc = read_entries(&f);
        if (rc != AVQA_OK)
            rc = avqa_fail_in(rc, "%s", path);
    }
    for (size_t i = 0; rc == AVQA_OK && i < f.n_entries; i++)
        rc = read_tensor(out, &f, &f.entries[i]);
    if (rc == AVQA_OK && sha256)
        avqa_sha256_hex(f.sha, sha256);
    free(f.entries);
    avqa_json_free(f.header);
    free(f.text);
    avqa_sha256_free(f.sha);
    if (f.fd >= 0)
        close(f.fd);
    return rc;
}

static void describe(struct avqa_buf *header, const struct avqa_params *params)
{
    uint64_t at = 0;
    avqa_buf_addc(header, '{');
    for (size_t i = 0; i < params->n; i++) {
        const struct avqa_tensor *t = &params->items[i].value;
        uint64_t end = at + avqa_tensor_bytes(t);
        avqa_buf_adds(header, i ? "," : "");
        avqa_json_quote(header, params->items[i].name, false);
        avqa_buf_addf(header, ":{\"dtype\":\"%s\",\"shape\":[", dtypes[t->type]);
        for (size_t k = 0; k < t->rank; k++)
            avqa_buf_addf(header, "%s%zu", k ? "," : "", t->shape[k]);
        avqa_buf_addf(header, "],\"data_offsets\":[%" PRIu64 ",%" PRIu64 "]}", at, end);
        at = end;
    }
    avqa_buf_addc(header, '}');
    while (header->len % ALIGNMENT)
        avqa_buf_addc(header, ' ');
}

enum avqa_status avqa_safetensors_write(const char *path,
                                        const struct avqa_params *params)
{
    struct avqa_buf header = AVQA_BUF_INIT;
    struct avqa_out *out = NULL;
    uint8_t length[LENGTH_BYTES];
    describe(&header, params);
    for (int i = 0; i < LENGTH_BYTES; i++)
        length[i] = (uint8_t)((uint64_t)header.len >> (8 * i));
    enum avqa_status rc = avqa_buf_status(&header);
    if (rc == AVQA_OK)
        rc = avqa_out_open(&out, path);
    if (rc == AVQA_OK)
        rc = avqa_out_write(out, length, sizeof length);
    if (rc == AVQA_OK)
        rc = avqa_out_write(out, header.data, header.len);
    for (size_t i = 0; rc == AVQA_OK && i < params->n; i++)
        rc = avqa_out_write(out, params->items[i].value.data,
                            avqa_tensor_bytes(&params->items[i].value));
    if (rc == AVQA_OK)
        rc = avqa_out_commit(out);
    else
        avqa_out_abort(out);
    avqa_buf_release(&header);
    return rc;
}
