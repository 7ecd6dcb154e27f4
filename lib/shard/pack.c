/* See pack.h. An array becomes one plane, or two if it is sparse; planes become members
 * of the tar. Every frame ends where a header or a row begins; the padding of a tar
 * member belongs to the frame of its last byte. */
#include "shard/pack.h"
#include "base/mem.h"
#include "base/half.h"
#include "shard/sparse.h"
#include "shard/tar.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_SAMPLE_BYTES ((size_t)4 << 30) /* packed */

static const char *const encoding_names[] = {"as-is", "sparse16", "fp16", "fp32"};

/* What becomes a member: an array as it is stored. */
struct plane {
    char suffix[AVQA_SHARD_MAX_SUFFIX + 1];
    struct avqa_npy npy, dense;
    const unsigned char *data;
    size_t bytes;
    size_t *ends;  /* of its rows, in bytes; NULL: all of the same size */
    size_t n_rows; /* 0: it stands in the head frame */
};

struct pack {
    struct avqa_shard_packed *out;
    struct avqa_packer *packer;
    const struct avqa_shard_clip *clip;
    struct plane planes[AVQA_SHARD_MAX_MEMBERS];
    size_t n_planes;
    void *owned[2 * AVQA_SHARD_MAX_MEMBERS]; /* what planes point to */
    size_t n_owned;
    struct avqa_buf pending; /* of the frame in hand */
};

const char *avqa_shard_encoding_name(enum avqa_shard_encoding encoding)
{
    return encoding_names[encoding];
}

bool avqa_shard_encoding_find(enum avqa_shard_encoding *out, const char *name)
{
    for (int i = 0; i < (int)(sizeof encoding_names / sizeof *encoding_names); i++) {
        if (strcmp(encoding_names[i], name) == 0) {
            *out = (enum avqa_shard_encoding)i;
            return true;
        }
    }
    return false;
}

void avqa_shard_packed_free(struct avqa_shard_packed *packed)
{
    if (!packed)
        return;
    avqa_buf_release(&packed->bytes);
    free(packed->frames);
    avqa_shard_sample_release(&packed->sample);
    free(packed);
}

/* ---- arrays to planes ------------------------------------------------------------ */

static enum avqa_status own(struct pack *p, void *memory_at, size_t n, size_t size)
{
    void *memory = NULL;
    enum avqa_status rc = avqa_mem_array(&memory, n ? n : 1, size);
    if (rc == AVQA_OK)
        p->owned[p->n_owned++] = memory;
    memcpy(memory_at, &memory, sizeof memory);
    return rc;
}

static size_t count_values(const struct avqa_shard_input *a)
{
    size_t n = 1;
    for (size_t i = 0; i < a->npy.n_dims; i++)
        n *= a->npy.dims[i]; /* the product was checked with the bytes */
    return n;
}

/* The array's values as halves; *out is owned, or the input itself. */
static enum avqa_status as_halves(struct pack *p, const uint16_t **out,
                                  const struct avqa_shard_input *a)
{
    uint16_t *halves;
    size_t n = count_values(a);
    *out = a->data;
    if (a->npy.type == AVQA_NPY_F2)
        return AVQA_OK;
    enum avqa_status rc = own(p, &halves, n, sizeof *halves);
    if (rc == AVQA_OK)
        avqa_halves_from_floats(halves, a->data, n);
    *out = halves;
    return rc;
}

static enum avqa_status as_floats(struct pack *p, const float **out,
                                  const struct avqa_shard_input *a)
{
    float *floats;
    size_t n = count_values(a);
    *out = a->data;
    if (a->npy.type == AVQA_NPY_F4)
        return AVQA_OK;
    enum avqa_status rc = own(p, &floats, n, sizeof *floats);
    if (rc == AVQA_OK)
        avqa_halves_to_floats(floats, a->data, n);
    *out = floats;
    return rc;
}

static struct plane *new_plane(struct pack *p, const struct avqa_shard_input *a,
                               const char *ending)
{
    struct plane *plane = &p->planes[p->n_planes++];
    snprintf(plane->suffix, sizeof plane->suffix, "%s%s.npy", a->name, ending);
    plane->npy = a->npy;
    plane->n_rows = a->by_row ? a->npy.dims[0] : 0;
    return plane;
}

static enum avqa_status add_dense(struct pack *p, const struct avqa_shard_input *a)
{
    const uint16_t *halves = NULL;
    const float *floats = NULL;
    enum avqa_status rc = AVQA_OK;
    if (a->encoding == AVQA_SHARD_FP16)
        rc = as_halves(p, &halves, a);
    if (a->encoding == AVQA_SHARD_FP32)
        rc = as_floats(p, &floats, a);
    if (rc != AVQA_OK)
        return rc;
    struct plane *plane = new_plane(p, a, "");
    plane->data = a->data;
    if (halves) {
        plane->npy.type = AVQA_NPY_F2;
        plane->data = (const unsigned char *)halves;
    } else if (floats) {
        plane->npy.type = AVQA_NPY_F4;
        plane->data = (const unsigned char *)floats;
    }
    return avqa_npy_bytes(&plane->bytes, &plane->npy)
               ? AVQA_OK
               : avqa_fail(AVQA_ENOMEM, "%s is too large", a->name);
}

static enum avqa_status add_sparse(struct pack *p, const struct avqa_shard_input *a)
{
    const uint16_t *halves;
    unsigned char *mask;
    uint16_t *values;
    size_t *ends;
    size_t n_rows = a->npy.dims[0];
    size_t n = count_values(a);
    size_t row = n / n_rows;
    size_t row_bytes = avqa_sparse_mask_bytes(row);
    enum avqa_status rc = as_halves(p, &halves, a);
    if (rc == AVQA_OK)
        rc = own(p, &mask, n_rows, row_bytes);
    if (rc == AVQA_OK)
        rc = own(p, &values, n, sizeof *values);
    if (rc == AVQA_OK)
        rc = own(p, &ends, n_rows, sizeof *ends);
    if (rc != AVQA_OK)
        return rc;
    size_t n_values = 0;
    for (size_t i = 0; i < n_rows; i++) {
        n_values += avqa_sparse_pack(mask + i * row_bytes, values + n_values,
                                     halves + i * row, row);
        ends[i] = n_values * sizeof *values;
    }
    struct plane *m = new_plane(p, a, "_mask");
    m->npy = (struct avqa_npy){AVQA_NPY_U1, 2, {n_rows, row_bytes}};
    m->dense = a->npy;
    m->dense.type = AVQA_NPY_F2;
    m->data = mask;
    m->bytes = n_rows * row_bytes;
    struct plane *v = new_plane(p, a, "_nz");
    v->npy = (struct avqa_npy){AVQA_NPY_F2, 1, {n_values}};
    v->data = (const unsigned char *)values;
    v->bytes = n_values * sizeof *values;
    v->ends = ends;
    return AVQA_OK;
}

static enum avqa_status add_array(struct pack *p, const struct avqa_shard_input *a)
{
    size_t row;
    size_t all;
    bool real = a->npy.type == AVQA_NPY_F4 || a->npy.type == AVQA_NPY_F2;
    enum avqa_status rc = avqa_shard_check_name(a->name);
    if (rc != AVQA_OK)
        return rc;
    if (!avqa_npy_bytes(&all, &a->npy) || all > AVQA_TAR_MAX_SIZE / 2)
        return avqa_fail(AVQA_EINVAL, "%s is too large for a shard", a->name);
    if (a->by_row && (a->npy.n_dims == 0 || a->npy.dims[0] == 0 ||
                      !avqa_npy_row_bytes(&row, &a->npy) || row == 0))
        return avqa_fail(AVQA_EINVAL, "%s has no rows", a->name);
    if (a->encoding != AVQA_SHARD_AS_IS && !real)
        return avqa_fail(AVQA_EINVAL, "%s is %s and cannot become %s", a->name,
                         avqa_npy_type_name(a->npy.type),
                         avqa_shard_encoding_name(a->encoding));
    if (a->encoding == AVQA_SHARD_SPARSE16 && !a->by_row)
        return avqa_fail(AVQA_EINVAL, "%s cannot be sparse in the head frame", a->name);
    return a->encoding == AVQA_SHARD_SPARSE16 ? add_sparse(p, a) : add_dense(p, a);
}

static enum avqa_status add_arrays(struct pack *p)
{
    const struct avqa_shard_clip *clip = p->clip;
    enum avqa_status rc = AVQA_OK;
    if (clip->n_arrays > AVQA_SHARD_MAX_MEMBERS / 2 - 1)
        return avqa_fail(AVQA_EINVAL, "it has %zu arrays, more than %d", clip->n_arrays,
                         AVQA_SHARD_MAX_MEMBERS / 2 - 1);
    for (int by_row = 0; by_row < 2; by_row++) {
        for (size_t i = 0; rc == AVQA_OK && i < clip->n_arrays; i++) {
            const struct avqa_shard_input *a = &clip->arrays[i];
            if (a->by_row == (by_row == 1))
                rc = add_array(p, a);
        }
    }
    return rc;
}

/* ---- planes to frames ------------------------------------------------------------ */

static enum avqa_status add_frame(struct pack *p, const void *bytes, size_t len)
{
    struct avqa_shard_packed *out = p->out;
    enum avqa_status rc = avqa_mem_grow(&out->frames, &out->cap_frames,
                                        out->n_frames + 1, sizeof *out->frames);
    if (rc == AVQA_OK)
        rc = avqa_packer_add(p->packer, &out->bytes, &out->frames[out->n_frames], bytes,
                             len);
    if (rc == AVQA_OK) {
        out->n_frames++;
        out->plain += len;
    }
    return rc;
}

static enum avqa_status flush(struct pack *p)
{
    enum avqa_status rc = avqa_buf_status(&p->pending);
    if (rc == AVQA_OK)
        rc = add_frame(p, p->pending.data, p->pending.len);
    avqa_buf_clear(&p->pending);
    return rc;
}

static void pad(struct avqa_buf *buf, uint64_t size)
{
    static const char zeros[AVQA_TAR_BLOCK];
    avqa_buf_add(buf, zeros, avqa_tar_padding(size));
}

/* Writes the tar header of the next member and notes where its content begins. */
static enum avqa_status begin_member(struct pack *p, const char *suffix, uint64_t bytes,
                                     struct avqa_shard_member **out)
{
    char name[AVQA_TAR_MAX_NAME + 1];
    struct avqa_shard_sample *s = &p->out->sample;
    struct avqa_shard_member *m = &s->members[s->n_members++];
    *out = m;
    snprintf(m->suffix, sizeof m->suffix, "%s", suffix);
    snprintf(name, sizeof name, "%s.%s", p->clip->key, suffix);
    enum avqa_status rc = avqa_tar_print(&p->pending, name, bytes);
    m->at = p->out->plain + p->pending.len;
    m->bytes = bytes;
    return rc;
}

static enum avqa_status add_rows(struct pack *p, const struct plane *plane,
                                 uint64_t member_bytes)
{
    enum avqa_status rc = AVQA_OK;
    size_t start = 0;
    for (size_t i = 0; rc == AVQA_OK && i < plane->n_rows; i++) {
        size_t end =
            plane->ends ? plane->ends[i] : plane->bytes / plane->n_rows * (i + 1);
        if (i + 1 < plane->n_rows) {
            rc = add_frame(p, plane->data + start, end - start);
        } else {
            avqa_buf_add(&p->pending, plane->data + start, end - start);
            pad(&p->pending, member_bytes);
            rc = flush(p);
        }
        start = end;
    }
    return rc;
}

static enum avqa_status add_plane(struct pack *p, const struct plane *plane)
{
    struct avqa_buf header = AVQA_BUF_INIT;
    struct avqa_shard_member *m;
    struct avqa_sha256 *sha = avqa_sha256_new();
    avqa_npy_print(&header, &plane->npy,
                   plane->n_rows ? AVQA_SHARD_ROW_HEADER : AVQA_NPY_ALIGN);
    uint64_t bytes = header.len + plane->bytes;
    enum avqa_status rc = begin_member(p, plane->suffix, bytes, &m);
    m->is_array = true;
    m->npy = plane->npy;
    m->dense = plane->dense;
    avqa_buf_add(&p->pending, header.data, header.len);
    avqa_sha256_add(sha, header.data, header.len);
    avqa_sha256_add(sha, plane->data, plane->bytes);
    avqa_sha256_hex(sha, m->sha256);
    if (rc == AVQA_OK && plane->n_rows) {
        rc = flush(p);
        m->row_frame = p->out->n_frames;
        if (rc == AVQA_OK)
            rc = add_rows(p, plane, bytes);
    } else if (rc == AVQA_OK) {
        avqa_buf_add(&p->pending, plane->data, plane->bytes);
        pad(&p->pending, bytes);
    }
    avqa_sha256_free(sha);
    avqa_buf_release(&header);
    return rc;
}

/* ---- the json -------------------------------------------------------------------- */

/* The name of the array that a plane is of. */
static void plane_name(char name[AVQA_SHARD_MAX_SUFFIX + 1], const struct plane *plane)
{
    const char *ending = plane->dense.n_dims ? "_mask.npy" : ".npy";
    size_t n = strlen(plane->suffix) - strlen(ending);
    memcpy(name, plane->suffix, n);
    name[n] = '\0';
}

static const char *plane_encoding(const struct plane *plane)
{
    if (plane->dense.n_dims)
        return "sparse16";
    if (plane->npy.type == AVQA_NPY_F2)
        return "fp16";
    return plane->npy.type == AVQA_NPY_F4 ? "fp32" : "as-is";
}

static void put_array(struct avqa_json *arrays, const struct plane *plane)
{
    char name[AVQA_SHARD_MAX_SUFFIX + 1];
    const struct avqa_npy *npy = plane->dense.n_dims ? &plane->dense : &plane->npy;
    plane_name(name, plane);
    struct avqa_json *a = avqa_json_put_object(arrays, name);
    avqa_json_put_string(a, "encoding", plane_encoding(plane));
    avqa_json_put_string(a, "dtype", avqa_npy_type_name(npy->type));
    struct avqa_json *shape = avqa_json_put_array(a, "shape");
    for (size_t i = 0; i < npy->n_dims; i++)
        avqa_json_put_int(shape, NULL, (int64_t)npy->dims[i]);
    if (!plane->dense.n_dims)
        return;
    struct avqa_json *offsets = avqa_json_put_array(a, "offsets");
    avqa_json_put_int(offsets, NULL, 0);
    for (size_t i = 0; i < plane->n_rows; i++)
        avqa_json_put_int(offsets, NULL,
                          (int64_t)(plane[1].ends[i] / sizeof(uint16_t)));
}

static enum avqa_status add_json(struct pack *p)
{
    struct avqa_buf text = AVQA_BUF_INIT;
    struct avqa_json *root = avqa_json_new_object();
    struct avqa_shard_member *m;
    struct avqa_sha256 *sha = avqa_sha256_new();
    avqa_json_put_string(root, "clip", p->clip->clip ? p->clip->clip : p->clip->key);
    if (p->clip->source)
        avqa_json_put_string(root, "source", p->clip->source);
    if (p->clip->provenance)
        avqa_json_put_copy(root, "provenance", p->clip->provenance);
    struct avqa_json *arrays = avqa_json_put_object(root, "arrays");
    for (size_t i = 0; i < p->n_planes; i++) {
        put_array(arrays, &p->planes[i]);
        i += p->planes[i].dense.n_dims > 0; /* its values are told with it */
    }
    avqa_json_print(&text, root, 0);
    avqa_buf_addc(&text, '\n');
    enum avqa_status rc = begin_member(p, "json", text.len, &m);
    avqa_buf_add(&p->pending, text.data, text.len);
    pad(&p->pending, text.len);
    avqa_sha256_add(sha, text.data, text.len);
    avqa_sha256_hex(sha, m->sha256);
    avqa_sha256_free(sha);
    avqa_json_free(root);
    avqa_buf_release(&text);
    return rc;
}

static enum avqa_status pack(struct pack *p)
{
    struct avqa_shard_sample *s = &p->out->sample;
    enum avqa_status rc = avqa_shard_check_key(p->clip->key);
    if (rc != AVQA_OK)
        return rc;
    s->key = avqa_mem_strdup(p->clip->key);
    rc = add_arrays(p);
    if (rc == AVQA_OK)
        rc = avqa_mem_array(&s->members, p->n_planes + 1, sizeof *s->members);
    if (rc == AVQA_OK)
        rc = add_json(p);
    for (size_t i = 0; rc == AVQA_OK && i < p->n_planes; i++)
        rc = add_plane(p, &p->planes[i]);
    if (rc == AVQA_OK && p->pending.len)
        rc = flush(p);
    return rc == AVQA_OK ? rc : avqa_fail_in(rc, "%s", p->clip->key);
}

enum avqa_status avqa_shard_pack(struct avqa_shard_packed **out,
                                 struct avqa_packer *packer,
                                 const struct avqa_shard_clip *clip)
{
    struct pack *p = avqa_mem_new(sizeof *p);
    *p = (struct pack){.packer = packer, .clip = clip};
    p->out = avqa_mem_new(sizeof *p->out);
    p->out->bytes.max = MAX_SAMPLE_BYTES;
    enum avqa_status rc = pack(p);
    if (rc == AVQA_OK)
        *out = p->out;
    else
        avqa_shard_packed_free(p->out);
    for (size_t i = 0; i < p->n_owned; i++)
        free(p->owned[i]);
    avqa_buf_release(&p->pending);
    free(p);
    return rc;
}
