/* See index.h. */
#include "shard/index.h"
#include "base/intern.h"
#include "base/mem.h"
#include "base/text.h"
#include "shard/sparse.h"
#include "shard/tar.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void avqa_shard_sample_release(struct avqa_shard_sample *sample)
{
    free(sample->key);
    free(sample->members);
    *sample = (struct avqa_shard_sample){.key = NULL};
}

void avqa_shard_index_release(struct avqa_shard_index *index)
{
    for (size_t i = 0; i < index->n_samples; i++)
        avqa_shard_sample_release(&index->samples[i]);
    free(index->samples);
    *index = (struct avqa_shard_index){.samples = NULL};
}

/* ---- names ----------------------------------------------------------------------- */

static bool is_key_byte(unsigned char c)
{
    return c > ' ' && c != 0x7f && c != '.' && c != '/';
}

enum avqa_status avqa_shard_check_key(const char *key)
{
    size_t len = strlen(key);
    bool good = len > 0 && len <= AVQA_SHARD_MAX_KEY && strncmp(key, "__", 2) != 0 &&
                avqa_text_valid(key, len, NULL);
    for (size_t i = 0; i < len; i++)
        good = good && is_key_byte((unsigned char)key[i]);
    return good ? AVQA_OK
                : avqa_fail(AVQA_EINVAL,
                            "'%.300s' cannot be a sample's key: 1 to %d bytes of UTF-8 "
                            "without dot, slash and space, not beginning with __",
                            key, AVQA_SHARD_MAX_KEY);
}

void avqa_shard_make_key(struct avqa_buf *out, const char *name)
{
    bool private_name = strncmp(name, "__", 2) == 0;
    for (const char *c = name; *c; c++) {
        unsigned char byte = (unsigned char)*c;
        bool marks = byte == '%' || byte == '+';
        if (is_key_byte(byte) && !marks && !(private_name && c == name))
            avqa_buf_addc(out, *c);
        else
            avqa_buf_addf(out, "%%%02X", byte);
    }
}

static int hex_digit(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

char *avqa_shard_key_name(const char *key)
{
    struct avqa_buf again = AVQA_BUF_INIT;
    char *name = avqa_mem_strdup(key);
    char *to = name;
    for (const char *c = key; *c; c++) {
        int high = *c == '%' ? hex_digit(c[1]) : -1;
        int low = high < 0 ? -1 : hex_digit(c[2]);
        *to++ = low < 0 ? *c : (char)(16 * high + low);
        c += low < 0 ? 0 : 2;
    }
    *to = '\0';
    avqa_shard_make_key(&again, name);
    bool same = strcmp(avqa_buf_str(&again), key) == 0;
    avqa_buf_release(&again);
    if (same)
        return name;
    free(name);
    return NULL;
}

static bool ends_with(const char *text, const char *end)
{
    size_t n = strlen(text);
    size_t m = strlen(end);
    return n >= m && strcmp(text + n - m, end) == 0;
}

static bool is_name(const char *name, size_t len)
{
    bool good = len > 0 && len <= AVQA_SHARD_MAX_NAME;
    for (size_t i = 0; good && i < len; i++)
        good = (name[i] >= 'a' && name[i] <= 'z') ||
               (name[i] >= '0' && name[i] <= '9') || name[i] == '_';
    return good;
}

enum avqa_status avqa_shard_check_name(const char *name)
{
    if (is_name(name, strlen(name)) && !ends_with(name, "_mask") &&
        !ends_with(name, "_nz"))
        return AVQA_OK;
    return avqa_fail(
        AVQA_EINVAL,
        "'%.100s' cannot be an array's name: 1 to %d of a-z, 0-9 and _, not "
        "ending in _mask or _nz",
        name, AVQA_SHARD_MAX_NAME);
}

void avqa_shard_frames_sha256(char hex[AVQA_SHA256_HEX],
                              const struct avqa_frame *frames, size_t n)
{
    struct avqa_buf text = AVQA_BUF_INIT;
    struct avqa_sha256 *sha = avqa_sha256_new();
    enum { BATCH = 4096, BEFORE = 8 };
    for (size_t i = 0; i < n; i += BATCH) {
        size_t count = n - i < BATCH ? n - i : BATCH;
        avqa_buf_clear(&text);
        avqa_frame_table_print(&text, frames + i, count);
        avqa_sha256_add(sha, text.data + BEFORE, count * AVQA_FRAME_ENTRY);
    }
    avqa_sha256_hex(sha, hex);
    avqa_sha256_free(sha);
    avqa_buf_release(&text);
}

/* ---- writing --------------------------------------------------------------------- */

static void put_shape(struct avqa_json *out, const char *key,
                      const struct avqa_npy *npy)
{
    struct avqa_json *shape = avqa_json_put_array(out, key);
    for (size_t i = 0; i < npy->n_dims; i++)
        avqa_json_put_int(shape, NULL, (int64_t)npy->dims[i]);
}

static void put_member(struct avqa_json *out, const struct avqa_shard_member *m)
{
    struct avqa_json *member = avqa_json_put_object(out, m->suffix);
    if (m->is_array) {
        avqa_json_put_string(member, "dtype", avqa_npy_type_name(m->npy.type));
        put_shape(member, "shape", &m->npy);
    }
    if (m->dense.n_dims)
        put_shape(member, "dense", &m->dense);
    avqa_json_put_int(member, "offset", (int64_t)m->at);
    avqa_json_put_int(member, "bytes", (int64_t)m->bytes);
    if (m->row_frame)
        avqa_json_put_int(member, "frame", (int64_t)m->row_frame);
    avqa_json_put_string(member, "sha256", m->sha256);
}

void avqa_shard_index_print(struct avqa_buf *out, const struct avqa_shard_index *index)
{
    struct avqa_json *root = avqa_json_new_object();
    avqa_json_put_string(root, "format", "avqa-shard");
    avqa_json_put_int(root, "version", AVQA_SHARD_VERSION);
    struct avqa_json *frames = avqa_json_put_object(root, "frames");
    avqa_json_put_int(frames, "n", (int64_t)index->n_frames);
    avqa_json_put_string(frames, "table_sha256", index->frames_sha256);
    avqa_json_put_string(frames, "packed_sha256", index->packed_sha256);
    struct avqa_json *samples = avqa_json_put_object(root, "samples");
    for (size_t i = 0; i < index->n_samples; i++) {
        const struct avqa_shard_sample *s = &index->samples[i];
        struct avqa_json *sample = avqa_json_put_object(samples, s->key);
        avqa_json_put_int(sample, "frame", (int64_t)s->frame);
        struct avqa_json *members = avqa_json_put_object(sample, "members");
        for (size_t j = 0; j < s->n_members; j++)
            put_member(members, &s->members[j]);
    }
    avqa_json_print(out, root, 0);
    avqa_json_free(root);
}

/* ---- reading --------------------------------------------------------------------- */

static bool get_size(uint64_t *out, const struct avqa_json *node, const char *key)
{
    int64_t v;
    if (!avqa_json_int(avqa_json_get(node, key), &v) || v < 0)
        return false;
    *out = (uint64_t)v;
    return true;
}

static bool get_hash(char out[AVQA_SHA256_HEX], const struct avqa_json *node,
                     const char *key)
{
    const char *text = avqa_json_string(avqa_json_get(node, key));
    if (!text || strlen(text) != AVQA_SHA256_HEX - 1 ||
        strspn(text, "0123456789abcdef") != AVQA_SHA256_HEX - 1)
        return false;
    memcpy(out, text, AVQA_SHA256_HEX);
    return true;
}

static bool get_shape(struct avqa_npy *out, const struct avqa_json *shape)
{
    if (avqa_json_type(shape) != AVQA_JSON_ARRAY)
        return false;
    const struct avqa_json *d = avqa_json_first(shape);
    for (; d; d = avqa_json_next(d)) {
        int64_t v;
        if (out->n_dims == AVQA_NPY_MAX_DIMS || !avqa_json_int(d, &v) || v < 0)
            return false;
        out->dims[out->n_dims++] = (size_t)v;
    }
    return true;
}

static bool get_suffix(struct avqa_shard_member *m, const char *suffix)
{
    size_t len = strlen(suffix);
    m->is_array = strcmp(suffix, "json") != 0;
    if (len > AVQA_SHARD_MAX_SUFFIX ||
        (m->is_array && (len < 4 || !ends_with(suffix, ".npy"))))
        return false;
    memcpy(m->suffix, suffix, len + 1);
    size_t stem = len - 4;
    for (size_t i = 0; m->is_array && i < stem; i++) {
        char c = suffix[i];
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'))
            return false;
    }
    return !m->is_array || stem > 0;
}

/* The bytes that an array's member must have, header and all. */
static bool array_bytes(uint64_t *out, const struct avqa_shard_member *m)
{
    struct avqa_buf header = AVQA_BUF_INIT;
    size_t data;
    if (!avqa_npy_bytes(&data, &m->npy) || data > AVQA_TAR_MAX_SIZE)
        return false;
    avqa_npy_print(&header, &m->npy,
                   m->row_frame ? AVQA_SHARD_ROW_HEADER : AVQA_NPY_ALIGN);
    *out = header.len + data;
    avqa_buf_release(&header);
    return true;
}

static const char *parse_array(struct avqa_shard_member *m,
                               const struct avqa_json *node)
{
    const char *type = avqa_json_string(avqa_json_get(node, "dtype"));
    const struct avqa_json *dense = avqa_json_get(node, "dense");
    uint64_t frame = 0;
    uint64_t bytes;
    if (!type || !avqa_npy_type_find(&m->npy.type, type))
        return "has no known dtype";
    if (!get_shape(&m->npy, avqa_json_get(node, "shape")))
        return "has no shape";
    if (avqa_json_get(node, "frame") &&
        (!get_size(&frame, node, "frame") || frame == 0))
        return "has no frame of its first row";
    m->row_frame = (size_t)frame;
    if (m->row_frame && (m->npy.n_dims == 0 || m->npy.dims[0] == 0))
        return "has frames of rows and no rows";
    if (!array_bytes(&bytes, m) || bytes != m->bytes)
        return "has other bytes than its shape says";
    if (dense) {
        size_t row;
        m->dense.type = AVQA_NPY_F2;
        if (!get_shape(&m->dense, dense) || m->dense.n_dims == 0 ||
            !avqa_npy_row_bytes(&row, &m->dense) || row == 0 || m->npy.n_dims != 2 ||
            m->npy.type != AVQA_NPY_U1 || m->npy.dims[0] != m->dense.dims[0] ||
            m->npy.dims[1] != avqa_sparse_mask_bytes(row / 2) || !m->row_frame)
            return "is no mask of the shape that it is said to expand to";
    }
    return NULL;
}

/* What is wrong with a member, or NULL. */
static const char *parse_member(struct avqa_shard_member *m,
                                const struct avqa_json *node)
{
    if (!get_suffix(m, avqa_json_key(node)))
        return "has no name of a member";
    if (!get_size(&m->at, node, "offset") || !get_size(&m->bytes, node, "bytes") ||
        m->bytes > AVQA_TAR_MAX_SIZE)
        return "has no place";
    if (!get_hash(m->sha256, node, "sha256"))
        return "has no sha256";
    return m->is_array ? parse_array(m, node) : NULL;
}

static bool is_mask(const struct avqa_shard_member *m)
{
    return m->dense.n_dims > 0;
}

/* A mask is followed by its values, and values come behind a mask only. */
static bool is_values_of(const struct avqa_shard_member *values,
                         const struct avqa_shard_member *mask)
{
    size_t stem = strlen(mask->suffix) - strlen("_mask.npy");
    return ends_with(mask->suffix, "_mask.npy") && stem > 0 &&
           strncmp(values->suffix, mask->suffix, stem) == 0 &&
           strcmp(values->suffix + stem, "_nz.npy") == 0 &&
           values->npy.type == AVQA_NPY_F2 && values->npy.n_dims == 1 &&
           values->row_frame && !is_mask(values);
}

static const char *check_members(const struct avqa_shard_sample *s)
{
    for (size_t i = 0; i < s->n_members; i++) {
        const struct avqa_shard_member *m = &s->members[i];
        for (size_t j = 0; j < i; j++) {
            if (strcmp(s->members[j].suffix, m->suffix) == 0)
                return "is there twice";
        }
        bool wants = i > 0 && is_mask(&s->members[i - 1]);
        bool values = m->is_array && ends_with(m->suffix, "_nz.npy");
        if (wants ? !is_values_of(m, m - 1) : values)
            return "is no half of a sparse pair";
        if (is_mask(m) && i + 1 == s->n_members)
            return "is a mask without values";
        if (m->row_frame == 0 && i > 0 && s->members[i - 1].row_frame)
            return "stands behind the rows of another";
        if ((strcmp(m->suffix, "json") == 0) != (i == 0))
            return "is not where the json stands";
    }
    return NULL;
}

static enum avqa_status parse_sample(struct avqa_shard_sample *s,
                                     const struct avqa_json *node)
{
    const struct avqa_json *members = avqa_json_get(node, "members");
    size_t n = avqa_json_count(members);
    uint64_t frame;
    const char *key = avqa_json_key(node);
    s->key = avqa_mem_strdup(key);
    if (avqa_shard_check_key(key) != AVQA_OK)
        return avqa_fail_in(AVQA_EFORMAT, "its index");
    if (avqa_json_type(members) != AVQA_JSON_OBJECT || n == 0 ||
        n > AVQA_SHARD_MAX_MEMBERS || !get_size(&frame, node, "frame"))
        return avqa_fail(AVQA_EFORMAT, "its index: %s has no frame or no members", key);
    enum avqa_status rc = avqa_mem_array(&s->members, n, sizeof *s->members);
    if (rc != AVQA_OK)
        return rc;
    s->frame = (size_t)frame;
    const char *wrong = NULL;
    const struct avqa_json *m = avqa_json_first(members);
    for (; m && !wrong; m = avqa_json_next(m))
        wrong = parse_member(&s->members[s->n_members++], m);
    if (!wrong)
        wrong = check_members(s);
    return wrong ? avqa_fail(AVQA_EFORMAT, "its index: a member of %s %s", key, wrong)
                 : AVQA_OK;
}

static enum avqa_status parse_root(struct avqa_shard_index *out,
                                   const struct avqa_json *root)
{
    const struct avqa_json *frames = avqa_json_get(root, "frames");
    const struct avqa_json *samples = avqa_json_get(root, "samples");
    const char *format = avqa_json_string(avqa_json_get(root, "format"));
    uint64_t version;
    uint64_t n;
    if (!format || strcmp(format, "avqa-shard") != 0 ||
        !get_size(&version, root, "version") || version == 0)
        return avqa_fail(AVQA_EFORMAT, "its index is not one of avqa");
    if (version > AVQA_SHARD_VERSION)
        return avqa_fail(AVQA_EVERSION,
                         "it was written by a newer avqa (version %" PRIu64
                         " of the format; this one reads %d)",
                         version, AVQA_SHARD_VERSION);
    if (!get_size(&n, frames, "n") ||
        !get_hash(out->frames_sha256, frames, "table_sha256") ||
        !get_hash(out->packed_sha256, frames, "packed_sha256") ||
        avqa_json_type(samples) != AVQA_JSON_OBJECT)
        return avqa_fail(AVQA_EFORMAT, "its index has no frames or no samples");
    out->n_frames = (size_t)n;
    size_t count = avqa_json_count(samples);
    return avqa_mem_array(&out->samples, count ? count : 1, sizeof *out->samples);
}

enum avqa_status avqa_shard_index_parse(struct avqa_shard_index *out, const char *text,
                                        size_t len)
{
    struct avqa_json *root = NULL;
    struct avqa_intern keys = {0};
    bool is_new = true;
    *out = (struct avqa_shard_index){.samples = NULL};
    enum avqa_status rc = avqa_json_parse(&root, text, len);
    if (rc != AVQA_OK)
        return avqa_fail_in(rc, "its index");
    rc = parse_root(out, root);
    const struct avqa_json *s =
        rc == AVQA_OK ? avqa_json_first(avqa_json_get(root, "samples")) : NULL;
    for (; rc == AVQA_OK && s; s = avqa_json_next(s)) {
        rc = parse_sample(&out->samples[out->n_samples++], s);
        const char *key = avqa_json_key(s);
        avqa_intern_add(&keys, key, strlen(key), &is_new);
        if (rc == AVQA_OK && !is_new)
            rc = avqa_fail(AVQA_EFORMAT, "its index has %s twice", key);
    }
    avqa_intern_release(&keys);
    avqa_json_free(root);
    if (rc != AVQA_OK)
        avqa_shard_index_release(out);
    return rc;
}

/* ---- index and table ------------------------------------------------------------- */

/* Where the check stands: the next frame and the next byte of the tar. */
struct walk {
    const struct avqa_frame_place *places;
    size_t n_frames, frame;
};

static size_t header_bytes(const char *key, const struct avqa_shard_member *m)
{
    size_t name = strlen(key) + 1 + strlen(m->suffix);
    return name > 100 ? AVQA_TAR_MAX_HEADER : AVQA_TAR_BLOCK;
}

/* The rows of a member have frames of exactly their size; the last one also has the
 * padding. Of a sparse pair's values only the sum is known. */
static bool check_rows(struct walk *w, const struct avqa_shard_member *m, size_t n_rows,
                       bool fixed)
{
    size_t data = (size_t)m->bytes - AVQA_SHARD_ROW_HEADER;
    size_t row = data / n_rows;
    uint64_t sum = 0;
    if (m->row_frame != w->frame || n_rows > w->n_frames - w->frame ||
        w->places[w->frame].plain_at != m->at + AVQA_SHARD_ROW_HEADER)
        return false;
    for (size_t i = 0; i < n_rows; i++) {
        size_t padding = i + 1 == n_rows ? avqa_tar_padding(m->bytes) : 0;
        size_t plain = w->places[w->frame++].frame.plain;
        if (plain <= padding || (fixed && plain != row + padding) ||
            (plain - padding) % avqa_npy_type_bytes(m->npy.type))
            return false;
        sum += plain - padding;
    }
    return sum == data;
}

/* What one sample says of its frames, from its head frame on. */
static bool check_sample(struct walk *w, const struct avqa_shard_sample *s)
{
    if (s->frame != w->frame || w->frame >= w->n_frames)
        return false;
    uint64_t at = w->places[w->frame].plain_at;
    uint64_t end = w->places[w->frame + 1].plain_at;
    w->frame++;
    for (size_t i = 0; i < s->n_members; i++) {
        const struct avqa_shard_member *m = &s->members[i];
        bool values = i > 0 && is_mask(m - 1);
        size_t rows = values ? m[-1].npy.dims[0] : m->npy.dims[0];
        if (m->at != at + header_bytes(s->key, m))
            return false;
        at = m->at + m->bytes + avqa_tar_padding(m->bytes);
        if (!m->row_frame)
            continue;
        if (m->at + AVQA_SHARD_ROW_HEADER != end || !check_rows(w, m, rows, !values))
            return false;
        end = at;
        if (i + 1 < s->n_members) { /* the next one's header has a frame of its own */
            if (w->frame >= w->n_frames)
                return false;
            end = w->places[++w->frame].plain_at;
        }
    }
    return at == end;
}

enum avqa_status avqa_shard_index_check(const struct avqa_shard_index *index,
                                        const struct avqa_frame_place *places,
                                        size_t n_frames)
{
    char hex[AVQA_SHA256_HEX];
    struct avqa_frame *frames;
    if (n_frames < 2 || index->n_frames != n_frames - 2)
        return avqa_fail(AVQA_EFORMAT,
                         "its index is of %zu frames, its seek table of %zu",
                         index->n_frames + 2, n_frames);
    struct walk w = {places, index->n_frames, 0};
    enum avqa_status rc = avqa_mem_array(&frames, n_frames, sizeof *frames);
    if (rc != AVQA_OK)
        return rc;
    for (size_t i = 0; i < index->n_frames; i++)
        frames[i] = places[i].frame;
    avqa_shard_frames_sha256(hex, frames, index->n_frames);
    free(frames);
    if (strcmp(hex, index->frames_sha256) != 0)
        return avqa_fail(AVQA_EFORMAT,
                         "its seek table is not the one that its index was made with");
    for (size_t i = 0; i < index->n_samples; i++) {
        if (!check_sample(&w, &index->samples[i]))
            return avqa_fail(AVQA_EFORMAT,
                             "its index and its seek table disagree on %s",
                             index->samples[i].key);
    }
    if (w.frame != index->n_frames)
        return avqa_fail(AVQA_EFORMAT, "its index knows nothing of frame %zu", w.frame);
    return AVQA_OK;
}
