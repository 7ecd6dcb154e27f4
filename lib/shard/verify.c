/* See verify.h. */
#include "shard/verify.h"
#include "base/hash.h"
#include "base/mem.h"
#include "shard/reader.h"
#include "shard/tar.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Where the walk through a sample's tar stands. */
struct walk {
    const struct avqa_shard *shard;
    const struct avqa_frame_place *places;
    struct avqa_shard_problems *problems;
    struct avqa_shard_lane *lane;
    struct avqa_sha256 *sha;        /* of the member in hand */
    struct avqa_sha256 *packed_sha; /* of all frames as they stand */
    const struct avqa_shard_sample *sample;
    size_t member;    /* the one in hand, or the next */
    uint64_t content; /* bytes of it that are still to come */
    size_t padding;   /* and of zeros behind it */
    bool inside;      /* its header was read */
    bool lost;        /* something was wrong: the rest of the sample is only unpacked */
};

void avqa_shard_problems_add(struct avqa_shard_problems *problems, const char *fmt, ...)
{
    char raw[1000];
    char text[1200];
    va_list args;
    va_start(args, fmt);
    vsnprintf(raw, sizeof raw, fmt, args);
    va_end(args);
    avqa_status_escape(text, sizeof text, raw);
    if (problems->n < AVQA_SHARD_MAX_PROBLEMS)
        problems->texts[problems->n] = avqa_mem_strdup(text);
    problems->n++;
}

void avqa_shard_problems_release(struct avqa_shard_problems *problems)
{
    for (size_t i = 0; i < problems->n && i < AVQA_SHARD_MAX_PROBLEMS; i++)
        free(problems->texts[i]);
    problems->n = 0;
}

static void lose(struct walk *w, const char *what)
{
    avqa_shard_problems_add(w->problems, "%s.%s: %s", w->sample->key,
                            w->sample->members[w->member].suffix, what);
    w->lost = true;
}

static bool same_npy(const struct avqa_npy *a, const struct avqa_npy *b)
{
    return a->type == b->type && a->n_dims == b->n_dims &&
           memcmp(a->dims, b->dims, a->n_dims * sizeof *a->dims) == 0;
}

/* The tar header of the next member, and its NPY header. Returns the bytes used. */
static size_t read_header(struct walk *w, const unsigned char *bytes, size_t len)
{
    const struct avqa_shard_member *m = &w->sample->members[w->member];
    char name[AVQA_TAR_MAX_NAME + 1];
    struct avqa_tar_entry entry;
    struct avqa_npy npy;
    size_t used = len;
    size_t header;
    snprintf(name, sizeof name, "%s.%s", w->sample->key, m->suffix);
    if (avqa_tar_parse(&entry, &used, bytes, len) != AVQA_OK)
        lose(w, avqa_message());
    else if (strcmp(entry.name, name) != 0 || entry.size != m->bytes)
        lose(w, "its tar header has another name or size than the index");
    else if (m->is_array &&
             avqa_npy_parse(&npy, &header, bytes + used, len - used) != AVQA_OK)
        lose(w, avqa_message());
    else if (m->is_array && !same_npy(&npy, &m->npy))
        lose(w, "its NPY header has another type or shape than the index");
    w->inside = true;
    w->content = m->bytes;
    w->padding = avqa_tar_padding(m->bytes);
    return used;
}

static void end_member(struct walk *w)
{
    char hex[AVQA_SHA256_HEX];
    avqa_sha256_hex(w->sha, hex);
    if (strcmp(hex, w->sample->members[w->member].sha256) != 0)
        lose(w, "its bytes do not hash to what the index says");
    w->inside = false;
    w->member++;
}

static bool is_zero(const unsigned char *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (bytes[i])
            return false;
    }
    return true;
}

/* The plain bytes of the sample's next frame. */
static void feed(struct walk *w, const unsigned char *bytes, size_t len)
{
    while (len && !w->lost) {
        size_t n;
        if (w->member == w->sample->n_members) {
            avqa_shard_problems_add(w->problems, "%s: bytes behind its last member",
                                    w->sample->key);
            w->lost = true;
            return;
        }
        if (!w->inside) {
            n = read_header(w, bytes, len);
        } else if (w->content) {
            n = w->content < len ? (size_t)w->content : len;
            avqa_sha256_add(w->sha, bytes, n);
            w->content -= n;
        } else {
            n = w->padding < len ? w->padding : len;
            w->padding -= n;
            if (!is_zero(bytes, n))
                lose(w, "its padding is not zero");
        }
        if (w->inside && w->content == 0 && w->padding == 0 && !w->lost)
            end_member(w);
        bytes += n;
        len -= n;
    }
}

/* A row of a mask: has it a bit for each value of its row? */
static void check_mask(struct walk *w, size_t frame, const unsigned char *bytes)
{
    const struct avqa_shard_sample *s = w->sample;
    for (size_t i = 0; i + 1 < s->n_members; i++) {
        const struct avqa_shard_member *m = &s->members[i];
        size_t n_rows = m->npy.dims[0];
        size_t row_values = 1;
        if (!m->dense.n_dims || frame < m->row_frame || frame - m->row_frame >= n_rows)
            continue;
        size_t row = frame - m->row_frame;
        size_t plain = w->places[m[1].row_frame + row].frame.plain;
        size_t padding = row + 1 == n_rows ? avqa_tar_padding(m[1].bytes) : 0;
        for (size_t d = 1; d < m->dense.n_dims; d++)
            row_values *= m->dense.dims[d];
        if (avqa_sparse_check(bytes, row_values, (plain - padding) / 2) != AVQA_OK)
            avqa_shard_problems_add(w->problems, "%s.%s: row %zu: %s", s->key,
                                    m->suffix, row, avqa_message());
    }
}

static bool same_shape(const struct avqa_json *shape, const struct avqa_npy *npy)
{
    const struct avqa_json *d = avqa_json_first(shape);
    for (size_t i = 0; i < npy->n_dims; i++, d = avqa_json_next(d)) {
        int64_t v;
        if (!avqa_json_int(d, &v) || v < 0 || (size_t)v != npy->dims[i])
            return false;
    }
    return avqa_json_count(shape) == npy->n_dims;
}

/* The row offsets that KEY.json has of a sparse array, against the frames. */
static bool same_offsets(const struct walk *w, const struct avqa_shard_array *a,
                         const struct avqa_json *offsets)
{
    const struct avqa_shard_member *m = a->member + 1;
    const struct avqa_json *o = avqa_json_first(offsets);
    uint64_t values = 0;
    for (size_t row = 0; row <= a->n_rows; row++, o = avqa_json_next(o)) {
        int64_t v;
        if (!avqa_json_int(o, &v) || v < 0 || (uint64_t)v != values)
            return false;
        if (row < a->n_rows)
            values += w->places[m->row_frame + row].frame.plain / 2;
        if (row + 1 == a->n_rows)
            values -= avqa_tar_padding(m->bytes) / 2;
    }
    return avqa_json_count(offsets) == a->n_rows + 1;
}

static void check_json(struct walk *w, size_t sample)
{
    struct avqa_json *head;
    if (avqa_shard_head(&head, w->lane, w->shard, sample) != AVQA_OK) {
        avqa_shard_problems_add(w->problems, "%s", avqa_message());
        return;
    }
    const struct avqa_json *arrays = avqa_json_get(head, "arrays");
    size_t n = avqa_shard_n_arrays(w->shard, sample);
    bool same = avqa_json_count(arrays) == n;
    for (size_t i = 0; same && i < n; i++) {
        struct avqa_shard_array a;
        avqa_shard_array_at(&a, w->shard, sample, i);
        const struct avqa_json *told = avqa_json_get(arrays, a.name);
        const char *encoding = avqa_json_string(avqa_json_get(told, "encoding"));
        same = encoding &&
               strcmp(encoding, avqa_shard_encoding_name(a.encoding)) == 0 &&
               same_shape(avqa_json_get(told, "shape"), &a.npy) &&
               (a.encoding != AVQA_SHARD_SPARSE16 ||
                same_offsets(w, &a, avqa_json_get(told, "offsets")));
    }
    if (!same)
        avqa_shard_problems_add(w->problems,
                                "%s.json: tells of other arrays than there are",
                                w->sample->key);
    avqa_json_free(head);
}

static enum avqa_status verify_sample(struct walk *w, size_t sample, size_t end)
{
    w->sample = &avqa_shard_index(w->shard)->samples[sample];
    w->member = 0;
    w->inside = w->lost = false;
    avqa_sha256_free(w->sha);
    w->sha = avqa_sha256_new();
    for (size_t i = w->sample->frame; i < end; i++) {
        const unsigned char *bytes;
        const unsigned char *packed;
        enum avqa_status rc = avqa_shard_frame(&bytes, &packed, w->lane, w->shard, i);
        if (packed)
            avqa_sha256_add(w->packed_sha, packed, w->places[i].frame.packed);
        if (rc == AVQA_OK) {
            check_mask(w, i, bytes);
            feed(w, bytes, w->places[i].frame.plain);
            continue;
        }
        if (rc == AVQA_ENOMEM)
            return rc;
        avqa_shard_problems_add(w->problems, "%s: %s", w->sample->key, avqa_message());
        w->lost = true;
    }
    if (!w->lost && w->member < w->sample->n_members)
        lose(w, "is not there");
    if (!w->lost)
        check_json(w, sample);
    return AVQA_OK;
}

enum avqa_status avqa_shard_verify(struct avqa_shard_problems *problems,
                                   const struct avqa_shard *shard,
                                   const struct avqa_log *log)
{
    size_t n_frames;
    char hex[AVQA_SHA256_HEX];
    const struct avqa_shard_index *index = avqa_shard_index(shard);
    struct walk w = {.shard = shard,
                     .places = avqa_shard_places(shard, &n_frames),
                     .problems = problems,
                     .packed_sha = avqa_sha256_new()};
    enum avqa_status rc = avqa_shard_lane_new(&w.lane);
    for (size_t i = 0; rc == AVQA_OK && i < index->n_samples; i++) {
        bool last = i + 1 == index->n_samples;
        if (avqa_log_stopped(log))
            rc = avqa_fail(AVQA_ESTOPPED, "stopped");
        else
            rc = verify_sample(&w, i,
                               last ? index->n_frames : index->samples[i + 1].frame);
        avqa_log_progress(log, "samples", (int64_t)i + 1, (int64_t)index->n_samples);
    }
    avqa_sha256_hex(w.packed_sha, hex);
    if (rc == AVQA_OK && problems->n == 0 && strcmp(hex, index->packed_sha256) != 0)
        avqa_shard_problems_add(problems,
                                "its frames are not the bytes that were "
                                "written, though what they unpack to is right");
    avqa_shard_lane_free(w.lane);
    avqa_sha256_free(w.sha);
    avqa_sha256_free(w.packed_sha);
    return rc;
}
