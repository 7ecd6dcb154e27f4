/* See shards.h. */
#include "pipeline/shards.h"
#include "base/intern.h"
#include "base/mem.h"
#include "base/text.h"
#include "net/s3.h"
#include "shard/convert.h"
#include "shard/reader.h"
#include "shard/verify.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

/* ---- opening -----------------------------------------------------------------------
 */

static bool is_url(const char *place)
{
    return strncasecmp(place, "http://", 7) == 0 ||
           strncasecmp(place, "https://", 8) == 0 || avqa_s3_is(place);
}

static enum avqa_status read_range(void *user, void *out, uint64_t at, size_t len)
{
    return avqa_net_range_read(user, out, at, len);
}

static void close_range(void *user)
{
    avqa_net_range_close(user);
}

enum avqa_status avqa_shards_open(struct avqa_shard **out, const char *place,
                                  const struct avqa_net_range_options *net)
{
    struct avqa_net_range *range;
    struct avqa_net_range_options options = *net;
    if (!is_url(place))
        return avqa_shard_open(out, place);
    options.tail_bytes = AVQA_SHARD_TAIL;
    enum avqa_status rc = avqa_net_range_open(&range, place, &options);
    if (rc != AVQA_OK)
        return rc;
    struct avqa_shard_source source = {.name = avqa_net_range_url(range),
                                       .bytes = avqa_net_range_size(range),
                                       .read = read_range,
                                       .close = close_range,
                                       .user = range};
    return avqa_shard_open_source(out, &source);
}

/* ---- ls ----------------------------------------------------------------------------
 */

static void put_array(struct avqa_json *arrays, const struct avqa_shard_array *a)
{
    struct avqa_json *array = avqa_json_put_object(arrays, NULL);
    int64_t values = (int64_t)(a->n_rows * a->row_values);
    avqa_json_put_string(array, "name", a->name);
    avqa_json_put_string(array, "encoding", avqa_shard_encoding_name(a->encoding));
    avqa_json_put_string(array, "dtype", avqa_npy_type_name(a->npy.type));
    struct avqa_json *shape = avqa_json_put_array(array, "shape");
    for (size_t i = 0; i < a->npy.n_dims; i++)
        avqa_json_put_int(shape, NULL, (int64_t)a->npy.dims[i]);
    if (a->packed)
        avqa_json_put_int(array, "bytes", (int64_t)a->packed);
    else
        avqa_json_put_null(array, "bytes");
    avqa_json_put_int(array, "float32_bytes", 4 * values);
}

static void put_shard(struct avqa_json *list, const struct avqa_shard *shard)
{
    const struct avqa_shard_index *index = avqa_shard_index(shard);
    struct avqa_json *s = avqa_json_put_object(list, NULL);
    avqa_json_put_string(s, "path", avqa_shard_name(shard));
    avqa_json_put_int(s, "bytes", (int64_t)avqa_shard_bytes(shard));
    avqa_json_put_int(s, "frames", (int64_t)index->n_frames);
    struct avqa_json *samples = avqa_json_put_array(s, "samples");
    for (size_t i = 0; i < index->n_samples; i++) {
        struct avqa_json *sample = avqa_json_put_object(samples, NULL);
        avqa_json_put_string(sample, "key", index->samples[i].key);
        struct avqa_json *arrays = avqa_json_put_array(sample, "arrays");
        for (size_t j = 0; j < avqa_shard_n_arrays(shard, i); j++) {
            struct avqa_shard_array a;
            avqa_shard_array_at(&a, shard, i, j);
            put_array(arrays, &a);
        }
    }
}

enum avqa_status avqa_shards_list(struct avqa_json **out,
                                  const struct avqa_shards_config *config)
{
    struct avqa_json *root = avqa_json_new_object();
    struct avqa_json *list = avqa_json_put_array(root, "shards");
    enum avqa_status rc = AVQA_OK;
    for (size_t i = 0; rc == AVQA_OK && i < config->n_places; i++) {
        struct avqa_shard *shard;
        rc = avqa_shards_open(&shard, config->places[i], &config->net);
        if (rc != AVQA_OK)
            break;
        put_shard(list, shard);
        avqa_shard_close(shard);
    }
    if (rc == AVQA_OK)
        *out = root;
    else
        avqa_json_free(root);
    return rc;
}

/* ---- verify ------------------------------------------------------------------------
 */

static enum avqa_status verify_one(struct avqa_json *list, size_t *n_bad,
                                   const struct avqa_shards_config *config,
                                   const char *place)
{
    struct avqa_shard *shard = NULL;
    struct avqa_shard_problems problems = {.n = 0};
    struct avqa_json *s = avqa_json_put_object(list, NULL);
    enum avqa_status rc = avqa_shards_open(&shard, place, &config->net);
    avqa_json_put_string(s, "path", place);
    if (rc == AVQA_OK) {
        avqa_json_put_int(s, "bytes", (int64_t)avqa_shard_bytes(shard));
        avqa_json_put_int(s, "samples", (int64_t)avqa_shard_index(shard)->n_samples);
        rc = avqa_shard_verify(&problems, shard, config->log);
    } else if (rc != AVQA_ENOMEM) {
        avqa_shard_problems_add(&problems, "%s", avqa_message());
        rc = AVQA_OK;
    }
    struct avqa_json *texts = avqa_json_put_array(s, "problems");
    for (size_t i = 0; i < problems.n && i < AVQA_SHARD_MAX_PROBLEMS; i++)
        avqa_json_put_string(texts, NULL, problems.texts[i]);
    avqa_json_put_int(s, "n_problems", (int64_t)problems.n);
    *n_bad += problems.n > 0;
    avqa_shard_problems_release(&problems);
    avqa_shard_close(shard);
    return rc;
}

enum avqa_status avqa_shards_verify(struct avqa_json **out, size_t *n_bad,
                                    const struct avqa_shards_config *config)
{
    struct avqa_json *root = avqa_json_new_object();
    struct avqa_json *list = avqa_json_put_array(root, "shards");
    enum avqa_status rc = AVQA_OK;
    *n_bad = 0;
    for (size_t i = 0; rc == AVQA_OK && i < config->n_places; i++)
        rc = verify_one(list, n_bad, config, config->places[i]);
    avqa_json_put_int(root, "bad", (int64_t)*n_bad);
    if (rc == AVQA_OK)
        *out = root;
    else
        avqa_json_free(root);
    return rc;
}

/* ---- cat ---------------------------------------------------------------------------
 */

/* "3" or "3..5" within n rows. */
static enum avqa_status parse_rows(size_t *first, size_t *end, const char *text,
                                   size_t n)
{
    *first = 0;
    *end = n;
    if (!text)
        return AVQA_OK;
    char *rest;
    unsigned long long a = strtoull(text, &rest, 10);
    unsigned long long b = a + 1;
    bool good = *text >= '0' && *text <= '9';
    if (good && strncmp(rest, "..", 2) == 0 && rest[2] >= '0' && rest[2] <= '9')
        b = strtoull(rest + 2, &rest, 10);
    if (!good || *rest || a >= b)
        return avqa_fail(AVQA_EINVAL,
                         "'%s' is no range of rows; use 3 for one row or 3..5 for the "
                         "rows 3 and 4",
                         text);
    if (b > n)
        return avqa_fail(AVQA_EINVAL, "there %s %zu row%s, not %s",
                         n == 1 ? "is" : "are", n, avqa_text_plural((int64_t)n), text);
    *first = (size_t)a;
    *end = (size_t)b;
    return AVQA_OK;
}

static enum avqa_status cat_json(struct avqa_out *out, struct avqa_shard_lane *lane,
                                 const struct avqa_shard *shard, size_t sample)
{
    struct avqa_json *head;
    struct avqa_buf text = AVQA_BUF_INIT;
    enum avqa_status rc = avqa_shard_head(&head, lane, shard, sample);
    if (rc != AVQA_OK)
        return rc;
    avqa_json_print(&text, head, 0);
    avqa_buf_addc(&text, '\n');
    rc = avqa_out_write(out, text.data, text.len);
    avqa_buf_release(&text);
    avqa_json_free(head);
    return rc;
}

static enum avqa_status cat_array(struct avqa_out *out, struct avqa_shard_lane *lane,
                                  const struct avqa_shard *shard, size_t sample,
                                  const struct avqa_shards_cat *what)
{
    struct avqa_shard_array a;
    size_t first;
    size_t end;
    enum avqa_status rc = avqa_shard_array_find(&a, shard, sample, what->array);
    if (rc == AVQA_OK)
        rc = parse_rows(&first, &end, what->rows, a.n_rows);
    if (rc != AVQA_OK)
        return rc;
    bool widen = !what->as_stored && a.npy.type == AVQA_NPY_F2;
    return avqa_shard_write_npy(out, lane, &a, first, end - first,
                                widen ? AVQA_NPY_F4 : a.npy.type);
}

/* By its key, or by the clip's name that the key was made of. */
static enum avqa_status find_sample(size_t *sample, const struct avqa_shard *shard,
                                    const char *name)
{
    struct avqa_buf key = AVQA_BUF_INIT;
    enum avqa_status rc = avqa_shard_find(sample, shard, name);
    if (rc == AVQA_OK)
        return rc;
    avqa_shard_make_key(&key, name);
    if (avqa_shard_find(sample, shard, avqa_buf_str(&key)) == AVQA_OK)
        rc = AVQA_OK;
    else
        rc = avqa_shard_find(sample, shard, name); /* this one's message */
    avqa_buf_release(&key);
    return rc;
}

enum avqa_status avqa_shards_cat(struct avqa_out *out,
                                 const struct avqa_shards_config *config,
                                 const struct avqa_shards_cat *what)
{
    struct avqa_shard *shard = NULL;
    struct avqa_shard_lane *lane = NULL;
    size_t sample;
    enum avqa_status rc = avqa_shards_open(&shard, config->places[0], &config->net);
    if (rc == AVQA_OK)
        rc = find_sample(&sample, shard, what->key);
    if (rc == AVQA_OK)
        rc = avqa_shard_lane_new(&lane);
    if (rc == AVQA_OK && what->array)
        rc = cat_array(out, lane, shard, sample, what);
    else if (rc == AVQA_OK)
        rc = cat_json(out, lane, shard, sample);
    avqa_shard_lane_free(lane);
    avqa_shard_close(shard);
    return rc;
}

/* ---- export and convert ------------------------------------------------------------
 */

/* FOLDER/NAME.tar of a shard NAME.tar.zst. Caller frees. */
static char *tar_path(const char *folder, const char *place)
{
    struct avqa_buf name = AVQA_BUF_INIT;
    const char *slash = strrchr(place, '/');
    const char *base = slash ? slash + 1 : place;
    const char *ending = strstr(base, ".tar");
    avqa_buf_add(&name, base, ending ? (size_t)(ending - base) : strcspn(base, "?"));
    avqa_buf_adds(&name, ".tar");
    char *path = avqa_io_join(folder, avqa_buf_str(&name));
    avqa_buf_release(&name);
    return path;
}

/* Remembers a file of this export; one that it would write twice is refused, and one
 * that is there. */
static enum avqa_status claim(struct avqa_intern *written, const char *path,
                              const char *place)
{
    bool is_new;
    avqa_intern_add(written, path, strlen(path), &is_new);
    if (!is_new)
        return avqa_fail(AVQA_EEXIST,
                         "%s: would be written twice, the second time for %s; "
                         "export them into different folders",
                         path, place);
    if (avqa_io_exists(path))
        return avqa_fail(AVQA_EEXIST,
                         "%s is there already; remove it first, or export into another "
                         "folder",
                         path);
    return AVQA_OK;
}

/* The same for every array of a shard. */
static enum avqa_status claim_npy(struct avqa_intern *written, const char *folder,
                                  const char *place, const struct avqa_shard *shard)
{
    const struct avqa_shard_index *index = avqa_shard_index(shard);
    enum avqa_status rc = AVQA_OK;
    for (size_t i = 0; i < index->n_samples; i++) {
        for (size_t j = 0; rc == AVQA_OK && j < avqa_shard_n_arrays(shard, i); j++) {
            struct avqa_shard_array a;
            struct avqa_buf path = AVQA_BUF_INIT;
            avqa_shard_array_at(&a, shard, i, j);
            avqa_buf_addf(&path, "%s/%s/%s.npy", folder, a.name, index->samples[i].key);
            rc = claim(written, avqa_buf_str(&path), place);
            avqa_buf_release(&path);
        }
    }
    return rc;
}

static enum avqa_status export_tar(const char *folder, const char *place,
                                   const struct avqa_shard *shard,
                                   const struct avqa_log *log)
{
    struct avqa_out *out = NULL;
    char *path = tar_path(folder, place);
    enum avqa_status rc = avqa_io_mkdir(folder);
    if (rc == AVQA_OK)
        rc = avqa_out_open(&out, path);
    if (rc == AVQA_OK)
        rc = avqa_shard_export_tar(out, shard, log);
    if (rc == AVQA_OK)
        rc = avqa_out_commit(out);
    else
        avqa_out_abort(out);
    free(path);
    return rc;
}

/* What an export writes, and where to. */
struct export
{
    const struct avqa_shards_config *config;
    const char *tar, *npy;      /* folders, or NULL */
    struct avqa_intern written; /* paths */
    int64_t n_files;
};

static enum avqa_status claim_all(struct export *e, const char *place,
                                  const struct avqa_shard *shard)
{
    enum avqa_status rc = AVQA_OK;
    if (e->tar) {
        char *path = tar_path(e->tar, place);
        rc = claim(&e->written, path, place);
        free(path);
    }
    return rc == AVQA_OK && e->npy ? claim_npy(&e->written, e->npy, place, shard) : rc;
}

static enum avqa_status export_all(struct export *e, const char *place,
                                   const struct avqa_shard *shard)
{
    enum avqa_status rc = AVQA_OK;
    size_t n = 0;
    if (e->tar)
        rc = export_tar(e->tar, place, shard, e->config->log);
    if (rc == AVQA_OK && e->npy)
        rc = avqa_shard_export_npy(&n, e->npy, shard, e->config->log);
    e->n_files += (int64_t)n;
    return rc;
}

typedef enum avqa_status export_step(struct export *e, const char *place,
                                     const struct avqa_shard *shard);

static enum avqa_status each_shard(struct export *e, export_step *step)
{
    enum avqa_status rc = AVQA_OK;
    for (size_t i = 0; rc == AVQA_OK && i < e->config->n_places; i++) {
        struct avqa_shard *shard;
        rc = avqa_shards_open(&shard, e->config->places[i], &e->config->net);
        if (rc != AVQA_OK)
            return rc;
        rc = step(e, e->config->places[i], shard);
        avqa_shard_close(shard);
    }
    return rc;
}

enum avqa_status avqa_shards_export(struct avqa_json **out,
                                    const struct avqa_shards_config *config,
                                    const char *tar, const char *npy)
{
    struct export e = {.config = config, .tar = tar, .npy = npy};
    enum avqa_status rc = each_shard(&e, claim_all); /* before anything is written */
    if (rc == AVQA_OK)
        rc = each_shard(&e, export_all);
    avqa_intern_release(&e.written);
    if (rc != AVQA_OK)
        return rc;
    *out = avqa_json_new_object();
    avqa_json_put_int(*out, "shards", (int64_t)config->n_places);
    avqa_json_put_int(*out, "tars", tar ? (int64_t)config->n_places : 0);
    avqa_json_put_int(*out, "files", e.n_files);
    return AVQA_OK;
}

enum avqa_status avqa_shards_convert(struct avqa_json **out,
                                     const struct avqa_shards_config *config,
                                     const char *path,
                                     enum avqa_shard_encoding encoding, int level)
{
    struct avqa_shard *shard;
    struct avqa_shard_written written;
    struct stat st;
    if (lstat(path, &st) == 0)
        return avqa_fail(AVQA_EEXIST,
                         "%s: is there already; the new shard is a file of its own, "
                         "give another name with -o",
                         path);
    enum avqa_status rc = avqa_shards_open(&shard, config->places[0], &config->net);
    if (rc != AVQA_OK)
        return rc;
    int64_t from = (int64_t)avqa_shard_bytes(shard);
    rc = avqa_shard_convert(&written, path, shard, encoding, level, config->log);
    avqa_shard_close(shard);
    if (rc != AVQA_OK)
        return rc;
    *out = avqa_json_new_object();
    avqa_json_put_string(*out, "path", path);
    avqa_json_put_int(*out, "bytes", written.bytes);
    avqa_json_put_int(*out, "samples", (int64_t)written.n_samples);
    avqa_json_put_string(*out, "sha256", written.sha256);
    avqa_json_put_int(*out, "from_bytes", from);
    return AVQA_OK;
}
