/* See convert.h. A sample is converted in memory; exports go some rows at a time. */
#include "shard/convert.h"
#include "base/mem.h"
#include "shard/tar.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CHUNK_BYTES = 8 << 20 }; /* of rows on their way into an NPY file */

/* What it takes to write a shard out of another. */
struct convert {
    const struct avqa_shard *shard;
    struct avqa_shard_lane *lane;
    struct avqa_packer *packer;
    struct avqa_shard_writer *writer;
    enum avqa_shard_encoding encoding;
};

static enum avqa_status check_stopped(const struct avqa_log *log)
{
    return avqa_log_stopped(log) ? avqa_fail(AVQA_ESTOPPED, "stopped") : AVQA_OK;
}

/* ---- another encoding ------------------------------------------------------------ */

/* Reads a whole array; its data is the caller's to free. */
static enum avqa_status read_input(struct convert *c, struct avqa_shard_input *in,
                                   struct avqa_shard_array *a)
{
    size_t bytes;
    void *data = NULL;
    bool real = a->npy.type == AVQA_NPY_F4 || a->npy.type == AVQA_NPY_F2;
    bool by_row = a->member->row_frame != 0;
    if (!avqa_npy_bytes(&bytes, &a->npy))
        return avqa_fail(AVQA_ENOMEM, "%s is too large", a->name);
    enum avqa_status rc = avqa_mem_array(&data, bytes ? bytes : 1, 1);
    if (rc == AVQA_OK)
        rc = avqa_shard_read(c->lane, a, 0, a->n_rows, a->npy.type, data);
    *in = (struct avqa_shard_input){.name = a->name,
                                    .npy = a->npy,
                                    .data = data,
                                    .by_row = by_row,
                                    .encoding = by_row && real ? c->encoding
                                                               : AVQA_SHARD_AS_IS};
    return rc;
}

static enum avqa_status convert_sample(struct convert *c, size_t sample)
{
    size_t n = avqa_shard_n_arrays(c->shard, sample);
    struct avqa_shard_array *arrays = avqa_mem_new((n + 1) * sizeof *arrays);
    struct avqa_shard_input *inputs = avqa_mem_new((n + 1) * sizeof *inputs);
    struct avqa_shard_packed *packed = NULL;
    struct avqa_json *head = NULL;
    enum avqa_status rc = avqa_shard_head(&head, c->lane, c->shard, sample);
    for (size_t i = 0; rc == AVQA_OK && i < n; i++) {
        avqa_shard_array_at(&arrays[i], c->shard, sample, i);
        rc = read_input(c, &inputs[i], &arrays[i]);
    }
    if (rc == AVQA_OK) {
        struct avqa_shard_clip clip = {
            .key = avqa_shard_index(c->shard)->samples[sample].key,
            .clip = avqa_json_string(avqa_json_get(head, "clip")),
            .source = avqa_json_string(avqa_json_get(head, "source")),
            .provenance = avqa_json_get(head, "provenance"),
            .arrays = inputs,
            .n_arrays = n};
        rc = avqa_shard_pack(&packed, c->packer, &clip);
    }
    if (rc == AVQA_OK)
        rc = avqa_shard_writer_add(c->writer, packed);
    avqa_shard_packed_free(packed);
    avqa_json_free(head);
    for (size_t i = 0; i < n; i++)
        free((void *)(uintptr_t)inputs[i].data);
    free(inputs);
    free(arrays);
    return rc;
}

enum avqa_status avqa_shard_convert(struct avqa_shard_written *out, const char *path,
                                    const struct avqa_shard *shard,
                                    enum avqa_shard_encoding encoding, int level,
                                    const struct avqa_log *log)
{
    struct convert c = {.shard = shard, .encoding = encoding};
    size_t n = avqa_shard_index(shard)->n_samples;
    enum avqa_status rc =
        avqa_packer_new(&c.packer, level ? level : avqa_shard_level(encoding));
    if (rc == AVQA_OK)
        rc = avqa_shard_lane_new(&c.lane);
    if (rc == AVQA_OK)
        rc = avqa_shard_writer_open(&c.writer, path, c.packer);
    for (size_t i = 0; rc == AVQA_OK && i < n; i++) {
        rc = check_stopped(log);
        if (rc == AVQA_OK)
            rc = convert_sample(&c, i);
        avqa_log_progress(log, "samples", (int64_t)i + 1, (int64_t)n);
    }
    if (rc == AVQA_OK) {
        rc = avqa_shard_writer_commit(c.writer, out);
        c.writer = NULL;
    }
    avqa_shard_writer_abort(c.writer);
    avqa_shard_lane_free(c.lane);
    avqa_packer_free(c.packer);
    return rc;
}

/* ---- NPY files ------------------------------------------------------------------- */

enum avqa_status avqa_shard_write_npy(struct avqa_out *out,
                                      struct avqa_shard_lane *lane,
                                      const struct avqa_shard_array *array,
                                      size_t first, size_t n, enum avqa_npy_type as)
{
    struct avqa_buf header = AVQA_BUF_INIT;
    struct avqa_npy npy = array->npy;
    size_t row = array->row_values * avqa_npy_type_bytes(as);
    size_t most = row && row < CHUNK_BYTES ? CHUNK_BYTES / row : 1; /* rows at once */
    unsigned char *bytes;
    npy.type = as;
    if (npy.n_dims)
        npy.dims[0] = n;
    if (most > n)
        most = n ? n : 1;
    enum avqa_status rc = avqa_mem_array(&bytes, most, row ? row : 1);
    if (rc != AVQA_OK)
        return rc;
    avqa_npy_print(&header, &npy, AVQA_NPY_ALIGN);
    rc = avqa_out_write(out, header.data, header.len);
    for (size_t i = 0, k; rc == AVQA_OK && i < n; i += k) {
        k = n - i < most ? n - i : most;
        rc = avqa_shard_read(lane, array, first + i, k, as, bytes);
        if (rc == AVQA_OK)
            rc = avqa_out_write(out, bytes, k * row);
    }
    avqa_buf_release(&header);
    free(bytes);
    return rc;
}

static enum avqa_npy_type published_type(const struct avqa_shard_array *a)
{
    return a->npy.type == AVQA_NPY_F2 ? AVQA_NPY_F4 : a->npy.type;
}

static enum avqa_status export_array(const char *folder, struct avqa_shard_lane *lane,
                                     const struct avqa_shard_array *a)
{
    struct avqa_buf name = AVQA_BUF_INIT;
    struct avqa_out *out = NULL;
    char *dir = avqa_io_join(folder, a->name);
    avqa_buf_addf(&name, "%s.npy", avqa_shard_index(a->shard)->samples[a->sample].key);
    char *path = avqa_io_join(dir, avqa_buf_str(&name));
    enum avqa_status rc = avqa_io_mkdir(dir);
    if (rc == AVQA_OK)
        rc = avqa_out_open(&out, path);
    if (rc == AVQA_OK)
        rc = avqa_shard_write_npy(out, lane, a, 0, a->n_rows, published_type(a));
    if (rc == AVQA_OK)
        rc = avqa_out_commit(out);
    else
        avqa_out_abort(out);
    avqa_buf_release(&name);
    free(dir);
    free(path);
    return rc;
}

enum avqa_status avqa_shard_export_npy(size_t *n_files, const char *folder,
                                       const struct avqa_shard *shard,
                                       const struct avqa_log *log)
{
    struct avqa_shard_lane *lane = NULL;
    size_t n = avqa_shard_index(shard)->n_samples;
    *n_files = 0;
    enum avqa_status rc = avqa_shard_lane_new(&lane);
    for (size_t s = 0; rc == AVQA_OK && s < n; s++) {
        rc = check_stopped(log);
        for (size_t i = 0; rc == AVQA_OK && i < avqa_shard_n_arrays(shard, s); i++) {
            struct avqa_shard_array a;
            avqa_shard_array_at(&a, shard, s, i);
            rc = export_array(folder, lane, &a);
            *n_files += rc == AVQA_OK;
        }
        avqa_log_progress(log, "samples", (int64_t)s + 1, (int64_t)n);
    }
    avqa_shard_lane_free(lane);
    return rc;
}

/* ---- a plain tar ----------------------------------------------------------------- */

static enum avqa_status write_member(struct avqa_out *out, const char *key,
                                     const char *suffix, uint64_t bytes)
{
    char name[AVQA_TAR_MAX_NAME + 1];
    struct avqa_buf header = AVQA_BUF_INIT;
    snprintf(name, sizeof name, "%s.%s", key, suffix);
    enum avqa_status rc = avqa_tar_print(&header, name, bytes);
    if (rc == AVQA_OK)
        rc = avqa_out_write(out, header.data, header.len);
    avqa_buf_release(&header);
    return rc;
}

static enum avqa_status write_padding(struct avqa_out *out, uint64_t bytes)
{
    static const char zeros[AVQA_TAR_BLOCK];
    return avqa_out_write(out, zeros, avqa_tar_padding(bytes));
}

/* KEY.json with what the arrays are here, instead of how the shard keeps them. */
static enum avqa_status write_json(struct avqa_out *out, struct avqa_shard_lane *lane,
                                   const struct avqa_shard *shard, size_t sample)
{
    struct avqa_buf text = AVQA_BUF_INIT;
    struct avqa_json *head;
    const char *key = avqa_shard_index(shard)->samples[sample].key;
    enum avqa_status rc = avqa_shard_head(&head, lane, shard, sample);
    if (rc != AVQA_OK)
        return rc;
    struct avqa_json *json = avqa_json_new_object();
    const struct avqa_json *k = avqa_json_first(head);
    for (; k; k = avqa_json_next(k)) {
        if (strcmp(avqa_json_key(k), "arrays") != 0)
            avqa_json_put_copy(json, avqa_json_key(k), k);
    }
    struct avqa_json *arrays = avqa_json_put_object(json, "arrays");
    for (size_t i = 0; i < avqa_shard_n_arrays(shard, sample); i++) {
        struct avqa_shard_array a;
        avqa_shard_array_at(&a, shard, sample, i);
        struct avqa_json *array = avqa_json_put_object(arrays, a.name);
        avqa_json_put_string(array, "dtype", avqa_npy_type_name(a.npy.type));
        struct avqa_json *shape = avqa_json_put_array(array, "shape");
        for (size_t d = 0; d < a.npy.n_dims; d++)
            avqa_json_put_int(shape, NULL, (int64_t)a.npy.dims[d]);
    }
    avqa_json_print(&text, json, 0);
    avqa_buf_addc(&text, '\n');
    rc = write_member(out, key, "json", text.len);
    if (rc == AVQA_OK)
        rc = avqa_out_write(out, text.data, text.len);
    if (rc == AVQA_OK)
        rc = write_padding(out, text.len);
    avqa_json_free(json);
    avqa_json_free(head);
    avqa_buf_release(&text);
    return rc;
}

static enum avqa_status write_array(struct avqa_out *out, struct avqa_shard_lane *lane,
                                    const struct avqa_shard_array *a)
{
    char suffix[AVQA_SHARD_MAX_SUFFIX + 8];
    struct avqa_buf header = AVQA_BUF_INIT;
    size_t data;
    if (!avqa_npy_bytes(&data, &a->npy))
        return avqa_fail(AVQA_ENOMEM, "%s is too large", a->name);
    snprintf(suffix, sizeof suffix, "%s.npy", a->name);
    avqa_npy_print(&header, &a->npy, AVQA_NPY_ALIGN);
    uint64_t bytes = header.len + data;
    avqa_buf_release(&header);
    enum avqa_status rc = write_member(
        out, avqa_shard_index(a->shard)->samples[a->sample].key, suffix, bytes);
    if (rc == AVQA_OK)
        rc = avqa_shard_write_npy(out, lane, a, 0, a->n_rows, a->npy.type);
    return rc == AVQA_OK ? write_padding(out, bytes) : rc;
}

enum avqa_status avqa_shard_export_tar(struct avqa_out *out,
                                       const struct avqa_shard *shard,
                                       const struct avqa_log *log)
{
    static const char end[2 * AVQA_TAR_BLOCK];
    struct avqa_shard_lane *lane = NULL;
    size_t n = avqa_shard_index(shard)->n_samples;
    enum avqa_status rc = avqa_shard_lane_new(&lane);
    for (size_t s = 0; rc == AVQA_OK && s < n; s++) {
        rc = check_stopped(log);
        if (rc == AVQA_OK)
            rc = write_json(out, lane, shard, s);
        for (size_t i = 0; rc == AVQA_OK && i < avqa_shard_n_arrays(shard, s); i++) {
            struct avqa_shard_array a;
            avqa_shard_array_at(&a, shard, s, i);
            rc = write_array(out, lane, &a);
        }
        avqa_log_progress(log, "samples", (int64_t)s + 1, (int64_t)n);
    }
    avqa_shard_lane_free(lane);
    return rc == AVQA_OK ? avqa_out_write(out, end, sizeof end) : rc;
}
