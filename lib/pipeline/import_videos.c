/* Manifests of videos: CSV, TSV or JSON lines with video_id, url, start_time, duration;
 * MUSIC-AVQA v2 adds suffix (a second stretch of the same video) and has_flip (a
 * mirrored clip is made of it). Other columns are kept with the clip.
 *
 * A row is brought into one form (names and values), whatever file it came from. */
#include "base/csv.h"
#include "base/hash.h"
#include "base/intern.h"
#include "base/io.h"
#include "base/mem.h"
#include "base/rows.h"
#include "base/text.h"
#include "catalog/clip.h"
#include "catalog/run.h"
#include "pipeline/import.h"
#include "pipeline/import_run.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_COLUMNS = AVQA_CSV_MAX_FIELDS };

/* A row as names and values; both borrowed. */
struct record {
    const char *names[MAX_COLUMNS];
    const char *values[MAX_COLUMNS];
    size_t n;
};

struct importer {
    const struct avqa_import_config *config;
    struct avqa_import_counts *counts;
    struct avqa_catalog *cat;
    struct avqa_clip_store *clips;
    struct avqa_intern seen; /* clip names of this import */
    uint64_t *seen_hash;     /* of the row that named it */
    size_t seen_cap;
    int64_t run_id;
};

static const char *value(const struct record *r, const char *name)
{
    for (size_t i = 0; i < r->n; i++) {
        if (strcmp(r->names[i], name) == 0)
            return *r->values[i] ? r->values[i] : NULL;
    }
    return NULL;
}

static bool parse_number(const char **s, double *out)
{
    char *end;
    size_t len = strspn(*s, "0123456789."); /* strtod would read 1e3 and 0x10 too */
    if (len == 0)
        return false;
    *out = strtod(*s, &end);
    bool whole = end == *s + len && isfinite(*out);
    *s = end;
    return whole;
}

/* "m:ss", "h:mm:ss" or seconds, with or without a fraction, to microseconds. */
static enum avqa_status parse_time(const char *text, const char *name, int64_t *us)
{
    double total = 0;
    const char *s = text;
    *us = AVQA_CLIP_UNKNOWN;
    if (!text)
        return AVQA_OK;
    for (int parts = 0; parts < 3; parts++) {
        double part;
        if (!parse_number(&s, &part) || (parts && part >= 60))
            break;
        total = total * 60 + part;
        if (*s == '\0' && total < 1e9) {
            *us = (int64_t)llround(total * 1e6);
            return AVQA_OK;
        }
        if (*s++ != ':')
            break;
    }
    return avqa_fail(AVQA_EFORMAT, "'%s' is not a time (m:ss or seconds): %s", name,
                     text);
}

static enum avqa_status parse_flag(const char *text, bool *out)
{
    static const char *const yes[] = {"Y", "y", "yes", "true", "True", "1"};
    static const char *const no[] = {"N", "n", "no", "false", "False", "0"};
    *out = false;
    for (size_t i = 0; text && i < sizeof yes / sizeof *yes; i++) {
        *out = strcmp(text, yes[i]) == 0;
        if (*out || strcmp(text, no[i]) == 0)
            return AVQA_OK;
    }
    return text ? avqa_fail(AVQA_EFORMAT, "'has_flip' is neither Y nor N: %s", text)
                : AVQA_OK;
}

/* The columns without a place of their own, as JSON; empty if there are none. */
static void extra_columns(struct avqa_buf *out, const struct record *r)
{
    static const char *const known[] = {"video_id", "url",    "start_time",
                                        "duration", "suffix", "has_flip"};
    struct avqa_json *extra = avqa_json_new_object();
    for (size_t i = 0; i < r->n; i++) {
        bool is_known = false;
        for (size_t k = 0; k < sizeof known / sizeof *known; k++)
            is_known = is_known || strcmp(r->names[i], known[k]) == 0;
        if (!is_known && *r->values[i])
            avqa_json_put_string(extra, r->names[i], r->values[i]);
    }
    if (avqa_json_count(extra))
        avqa_json_print(out, extra, 0);
    avqa_json_free(extra);
}

/* Whether this import named the clip before: the same again, or something else? */
static enum avqa_status check_seen(struct importer *im, const struct avqa_clip *clip,
                                   bool *again)
{
    bool is_new;
    int64_t times[2] = {clip->start_us, clip->duration_us};
    uint64_t hash = avqa_hash64(0, times, sizeof times);
    hash = avqa_hash_str(hash, clip->url ? clip->url : "");
    uint32_t id =
        avqa_intern_add(&im->seen, clip->picture, strlen(clip->picture), &is_new);
    enum avqa_status rc = avqa_mem_grow(&im->seen_hash, &im->seen_cap, (size_t)id + 1,
                                        sizeof *im->seen_hash);
    *again = !is_new;
    if (rc != AVQA_OK)
        return rc;
    if (is_new)
        im->seen_hash[id] = hash;
    else if (im->seen_hash[id] != hash)
        return avqa_fail(AVQA_EFORMAT,
                         "%s stands in an earlier row with another time or "
                         "url",
                         clip->picture);
    return AVQA_OK;
}

static enum avqa_status put_clip(struct importer *im, const struct avqa_clip *clip)
{
    bool again;
    enum avqa_clip_outcome outcome = AVQA_CLIP_SAME;
    enum avqa_status rc = check_seen(im, clip, &again);
    if (rc == AVQA_OK && !again)
        rc = avqa_clip_put(im->clips, clip, &outcome);
    if (rc != AVQA_OK)
        return rc;
    im->counts->clips += outcome == AVQA_CLIP_NEW;
    im->counts->updated += outcome == AVQA_CLIP_UPDATED;
    im->counts->duplicates += outcome == AVQA_CLIP_SAME;
    return AVQA_OK;
}

/* One row: the clip, and the mirrored clip if it has one. */
static enum avqa_status import_record(struct importer *im, const struct record *r,
                                      const char *extra)
{
    char name[2 * AVQA_IMPORT_NAME_MAX + 1]; /* video id and suffix */
    char flipped[2 * AVQA_IMPORT_NAME_MAX + 8];
    bool has_flip;
    const char *id = value(r, "video_id");
    const char *suffix = value(r, "suffix");
    if (value(r, "question_content"))
        return avqa_fail(AVQA_EFORMAT,
                         "these are questions, not videos; they go in with "
                         "avqa import music-avqa");
    struct avqa_clip clip = {.source = id, .url = value(r, "url"), .extra = extra};
    enum avqa_status rc = avqa_import_check_name(id, "video_id");
    if (rc == AVQA_OK && suffix)
        rc = avqa_import_check_name(suffix, "suffix");
    if (rc == AVQA_OK)
        rc = parse_time(value(r, "start_time"), "start_time", &clip.start_us);
    if (rc == AVQA_OK)
        rc = parse_time(value(r, "duration"), "duration", &clip.duration_us);
    if (rc == AVQA_OK)
        rc = parse_flag(value(r, "has_flip"), &has_flip);
    if (rc != AVQA_OK)
        return rc;
    snprintf(name, sizeof name, "%s%s", id, suffix ? suffix : "");
    struct avqa_import_origin origin;
    clip.picture = clip.sound = name;
    avqa_import_origin(&clip, &origin);
    rc = put_clip(im, &clip);
    if (rc != AVQA_OK || !has_flip)
        return rc;
    snprintf(flipped, sizeof flipped, "%s_flip", name);
    clip.picture = clip.sound = flipped;
    avqa_import_origin(&clip, &origin);
    return put_clip(im, &clip);
}

static enum avqa_status import_row(struct importer *im, const char *file, int64_t row,
                                   const struct record *r)
{
    struct avqa_buf extra = AVQA_BUF_INIT;
    im->counts->rows++;
    extra_columns(&extra, r);
    enum avqa_status rc = import_record(im, r, extra.len ? avqa_buf_str(&extra) : NULL);
    avqa_buf_release(&extra);
    return avqa_import_refuse(im->counts, rc, file, row);
}

/* ---- CSV and TSV ----------------------------------------------------------------- */

struct header {
    char *names[MAX_COLUMNS];
    size_t n;
};

static enum avqa_status read_header(struct header *h, struct avqa_csv *csv,
                                    const char *file)
{
    const char *const *fields;
    bool has_id = false;
    size_t n;
    enum avqa_status rc = avqa_csv_next(csv, &fields, &n);
    if (rc != AVQA_OK)
        return rc;
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < i; k++) {
            if (strcmp(fields[k], fields[i]) == 0)
                return avqa_fail(AVQA_EFORMAT, "%s: line %lld: '%s' stands twice", file,
                                 (long long)avqa_csv_line(csv), fields[i]);
        }
        h->names[h->n++] = avqa_mem_strdup(fields[i]);
        has_id = has_id || strcmp(fields[i], "video_id") == 0;
    }
    if (n == 0)
        return avqa_fail(AVQA_EFORMAT, "%s: is empty", file);
    if (!has_id)
        return avqa_fail(AVQA_EFORMAT, "%s: the first line names no column 'video_id'",
                         file);
    return AVQA_OK;
}

static enum avqa_status import_records(struct importer *im, struct avqa_csv *csv,
                                       const struct header *h, const char *file)
{
    struct record r;
    for (int64_t row = 1;; row++) {
        const char *const *fields;
        enum avqa_status rc = avqa_csv_next(csv, &fields, &r.n);
        if (rc != AVQA_OK || r.n == 0)
            return rc;
        if (avqa_log_stopped(im->config->log))
            return avqa_fail(AVQA_ESTOPPED, "stopped; nothing was imported");
        if (r.n != h->n)
            return avqa_fail(AVQA_EFORMAT,
                             "%s: line %lld: %zu field%s, the first line has %zu", file,
                             (long long)avqa_csv_line(csv), r.n,
                             avqa_text_plural((int64_t)r.n), h->n);
        memcpy(r.names, h->names, h->n * sizeof *r.names);
        memcpy(r.values, fields, r.n * sizeof *r.values);
        rc = import_row(im, file, row, &r);
        if (rc != AVQA_OK)
            return rc;
    }
}

static enum avqa_status import_csv(struct importer *im, const char *file,
                                   char separator)
{
    struct avqa_csv *csv;
    struct header header = {0};
    enum avqa_status rc = avqa_csv_open(&csv, file, separator);
    if (rc != AVQA_OK)
        return rc;
    rc = read_header(&header, csv, file);
    if (rc == AVQA_OK)
        rc = import_records(im, csv, &header, file);
    if (rc == AVQA_OK)
        rc = avqa_run_add_input(im->cat, im->run_id, file, avqa_csv_bytes_read(csv),
                                avqa_csv_sha256(csv));
    for (size_t i = 0; i < header.n; i++)
        free(header.names[i]);
    avqa_csv_close(csv);
    return rc;
}

/* ---- JSON lines ------------------------------------------------------------------ */

/* Names are strings (a number would lose its leading zeros), and a key stands once. */
static enum avqa_status check_member(const struct avqa_json *object,
                                     const struct avqa_json *m)
{
    static const char *const strings[] = {"video_id", "url", "suffix"};
    const char *key = avqa_json_key(m);
    if (avqa_json_get(object, key) != m)
        return avqa_fail(AVQA_EFORMAT, "'%s' stands twice", key);
    if (avqa_json_string(m) || avqa_json_type(m) == AVQA_JSON_NULL)
        return AVQA_OK;
    for (size_t i = 0; i < sizeof strings / sizeof *strings; i++) {
        if (strcmp(key, strings[i]) == 0)
            return avqa_fail(AVQA_EFORMAT, "'%s' is %s, not a string", key,
                             avqa_json_type_name(m));
    }
    return AVQA_OK;
}

/* Values that are not strings are written out as JSON, so that numbers serve as times.
 */
static enum avqa_status import_object(struct importer *im, const char *file,
                                      int64_t number, const struct avqa_json *object)
{
    struct record r = {0};
    struct avqa_buf printed[MAX_COLUMNS] = {0};
    enum avqa_status rc = AVQA_OK;
    if (avqa_json_count(object) > MAX_COLUMNS)
        return avqa_fail(AVQA_EFORMAT, "%s: row %lld: more than %d keys", file,
                         (long long)number, MAX_COLUMNS);
    for (const struct avqa_json *m = avqa_json_first(object); rc == AVQA_OK && m;
         m = avqa_json_next(m)) {
        rc = check_member(object, m);
        r.names[r.n] = avqa_json_key(m);
        r.values[r.n] = avqa_json_string(m);
        if (!r.values[r.n]) {
            if (avqa_json_type(m) != AVQA_JSON_NULL)
                avqa_json_print(&printed[r.n], m, 0);
            r.values[r.n] = avqa_buf_str(&printed[r.n]);
        }
        r.n++;
    }
    rc = rc == AVQA_OK ? import_row(im, file, number, &r)
                       : avqa_import_refuse(im->counts, rc, file, number);
    for (size_t i = 0; i < r.n; i++)
        avqa_buf_release(&printed[i]);
    return rc;
}

static enum avqa_status import_jsonl(struct importer *im, const char *file)
{
    struct avqa_rows *rows;
    const struct avqa_json *object;
    enum avqa_status rc = avqa_rows_open(&rows, file);
    if (rc != AVQA_OK)
        return rc;
    do {
        rc = avqa_rows_next(rows, &object);
        if (rc == AVQA_OK && object)
            rc = import_object(im, file, avqa_rows_number(rows), object);
        if (rc == AVQA_OK && avqa_log_stopped(im->config->log))
            rc = avqa_fail(AVQA_ESTOPPED, "stopped; nothing was imported");
    } while (rc == AVQA_OK && object);
    if (rc == AVQA_OK)
        rc = avqa_run_add_input(im->cat, im->run_id, file, avqa_rows_bytes_read(rows),
                                avqa_rows_sha256(rows));
    avqa_rows_close(rows);
    return rc;
}

/* ---- files ----------------------------------------------------------------------- */

static bool has_suffix(const char *path, const char *suffix)
{
    size_t n = strlen(path);
    size_t m = strlen(suffix);
    return n >= m && strcmp(path + n - m, suffix) == 0;
}

static enum avqa_status import_file(struct importer *im, const char *file)
{
    if (avqa_io_is_dir(file))
        return avqa_fail(AVQA_EINVAL, "%s: is a directory, not a file", file);
    if (has_suffix(file, ".jsonl") || has_suffix(file, ".json"))
        return import_jsonl(im, file);
    return import_csv(im, file, has_suffix(file, ".tsv") ? '\t' : ',');
}

static enum avqa_status import_all(void *user, struct avqa_catalog *cat, int64_t run_id)
{
    struct importer *im = user;
    im->cat = cat;
    im->run_id = run_id;
    enum avqa_status rc = avqa_clip_store_open(&im->clips, cat, run_id);
    for (size_t i = 0; rc == AVQA_OK && i < im->config->n_files; i++)
        rc = import_file(im, im->config->files[i]);
    avqa_clip_store_close(im->clips);
    avqa_intern_release(&im->seen);
    free(im->seen_hash);
    return rc;
}

enum avqa_status avqa_import_videos(const struct avqa_import_config *config,
                                    struct avqa_import_counts *counts)
{
    struct importer im = {.config = config, .counts = counts};
    return avqa_import_run(config, counts, "import videos", import_all, &im);
}
