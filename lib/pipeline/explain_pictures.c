/* See explain_pictures.h. At one picture a second, the picture of a tick is the one
 * that a row of features was made of, so nothing is asked by time. */
#include "pipeline/explain_pictures.h"
#include "base/buf.h"
#include "base/io.h"
#include "base/mem.h"
#include "catalog/clip.h"
#include "catalog/extraction.h"
#include "media/decode.h"
#include "media/verdict.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define US_PER_S INT64_C(1000000)

enum { SHORTER = 240 }; /* pixels: what a column of a page shows, printed */

/* A clip's file. */
struct file {
    struct avqa_explain_pictures *pictures;
    char *path, *shown; /* to open; its name without folders */
    int64_t bytes, start_us, end_us;
    bool is_mirrored; /* the clip is, the file is not */
};

struct finding {
    struct file *files;
    size_t n;
    const char *dataset;
};

struct reading {
    struct avqa_explain_pictures *out;
    const struct avqa_explain_seconds *seconds;
};

void avqa_explain_pictures_release(struct avqa_explain_pictures *pictures)
{
    for (size_t i = 0; pictures->items && i < pictures->n_seconds; i++)
        free(pictures->items[i].rgb);
    free(pictures->items);
    free(pictures->note);
    free(pictures->name);
    *pictures = (struct avqa_explain_pictures){.clip_id = 0};
}

/* Keeps a sentence; the first one stays. */
static void AVQA_PRINTF(2, 3)
    note(struct avqa_explain_pictures *p, const char *fmt, ...)
{
    char text[1024];
    va_list args;
    if (p->note)
        return;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    p->note = avqa_mem_strdup(text);
}

/* ---- files ----------------------------------------------------------------------- */

static enum avqa_status find_file(void *user, const struct avqa_extraction_clip *c)
{
    struct finding *f = user;
    for (size_t i = 0; i < f->n; i++) {
        struct file *file = &f->files[i];
        if (file->pictures->clip_id != c->clip_id || file->path)
            continue;
        file->path = *c->path == '/' ? avqa_mem_strdup(c->path)
                                     : avqa_io_join(f->dataset, c->path);
        const char *slash = strrchr(c->path, '/');
        file->shown = avqa_mem_strdup(slash ? slash + 1 : c->path);
        file->bytes = c->bytes;
        if (!c->is_own && c->start_us != AVQA_CLIP_UNKNOWN)
            file->start_us = c->start_us;
        if (!c->is_own && c->duration_us != AVQA_CLIP_UNKNOWN)
            file->end_us = file->start_us + c->duration_us;
        file->is_mirrored = !c->is_own && c->method && strcmp(c->method, "flip") == 0 &&
                            strcmp(c->picture, c->source) != 0;
    }
    return AVQA_OK;
}

static enum avqa_status name_clip(void *user, const struct avqa_clip *clip)
{
    struct finding *f = user;
    for (size_t i = 0; i < f->n; i++) {
        struct avqa_explain_pictures *p = f->files[i].pictures;
        struct avqa_buf name = AVQA_BUF_INIT;
        if (p->clip_id != clip->id || p->name)
            continue;
        avqa_buf_adds(&name, clip->picture);
        if (strcmp(clip->picture, clip->sound) != 0)
            avqa_buf_addf(&name, "+%s", clip->sound);
        p->name = avqa_mem_strdup(avqa_buf_str(&name));
        avqa_buf_release(&name);
    }
    return AVQA_OK;
}

/* Whether the file is that of which features were made, as far as is seen without
 * opening it. */
static bool can_open(const struct file *file)
{
    struct stat st;
    struct avqa_explain_pictures *p = file->pictures;
    if (!file->path)
        note(p, "The clip has no file, so its pictures are not shown.");
    else if (stat(file->path, &st) != 0)
        note(p, "The clip's file %s is not there, so its pictures are not shown.",
             file->shown);
    else if (file->bytes && st.st_size != file->bytes)
        note(p, "The clip's file %s is another one now, so its pictures are not shown.",
             file->shown);
    else if (file->is_mirrored)
        note(p, "The clip is its source mirrored and has no file of its own, so its "
                "pictures are not shown; avqa segment makes one.");
    else
        return true;
    return false;
}

/* ---- decoding -------------------------------------------------------------------- */

static enum avqa_status keep_picture(void *user, const struct avqa_decoded *d)
{
    struct reading *r = user;
    const int64_t stride = (int64_t)r->seconds->stride;
    if (d->index % stride != 0 || d->index / stride >= (int64_t)r->out->n_seconds)
        return AVQA_OK;
    struct avqa_explain_picture *p = &r->out->items[d->index / stride];
    size_t bytes = (size_t)d->width * (size_t)d->height * 3;
    enum avqa_status rc = p->rgb ? AVQA_OK : avqa_mem_array(&p->rgb, bytes, 1);
    if (rc != AVQA_OK)
        return rc;
    memcpy(p->rgb, d->rgb, bytes);
    p->width = d->width;
    p->height = d->height;
    r->out->n_found++;
    return AVQA_OK;
}

static void judge(struct avqa_explain_pictures *p,
                  const struct avqa_explain_seconds *seconds,
                  const struct avqa_verdict *verdict)
{
    size_t first = 0;
    bool says_why = verdict->outcome >= AVQA_MEDIA_NO_VIDEO;
    if (p->n_found == p->n_seconds)
        return;
    while (first < p->n_seconds && p->items[first].rgb)
        first++;
    if (p->n_found)
        note(p, "The clip has no picture at second %zu%s%s.", first * seconds->stride,
             says_why ? ": " : "; its file ends before",
             says_why ? verdict->reason : "");
    else
        note(p, "The clip's pictures cannot be shown%s%s.", says_why ? ": " : "",
             says_why ? verdict->reason : "");
}

static enum avqa_status read_pictures(struct avqa_explain_pictures *p,
                                      const struct file *file,
                                      const struct avqa_explain_seconds *seconds,
                                      const struct avqa_log *log)
{
    struct reading r = {p, seconds};
    struct avqa_decode_report report;
    struct avqa_decode_options o = AVQA_DECODE_DEFAULTS;
    const int64_t last_us =
        file->start_us + (int64_t)((seconds->n - 1) * seconds->stride + 1) * US_PER_S;
    o.start_us = file->start_us;
    o.end_us = file->end_us && file->end_us < last_us ? file->end_us : last_us;
    o.may_be_shorter = true;
    o.shorter = SHORTER;
    o.picture = keep_picture;
    o.user = &r;
    o.log = log;
    enum avqa_status rc = avqa_decode(&report, file->path, &o);
    if (rc == AVQA_EINVAL) { /* a shape that cannot be scaled so */
        note(p, "The clip's pictures are not shown: %s.", avqa_message());
        return AVQA_OK;
    }
    if (rc == AVQA_OK)
        judge(p, seconds, &report.info.verdict);
    return rc;
}

static void release_files(struct file *files, size_t n)
{
    for (size_t i = 0; files && i < n; i++) {
        free(files[i].path);
        free(files[i].shown);
    }
    free(files);
}

enum avqa_status avqa_explain_pictures_read(struct avqa_explain_pictures *all, size_t n,
                                            struct avqa_catalog *cat,
                                            const char *dataset,
                                            const struct avqa_explain_seconds *seconds,
                                            const struct avqa_log *log)
{
    struct finding f = {.n = n, .dataset = dataset};
    enum avqa_status rc = avqa_mem_array(&f.files, n + 1, sizeof *f.files);
    for (size_t i = 0; rc == AVQA_OK && i < n; i++) {
        f.files[i].pictures = &all[i];
        all[i].n_seconds = seconds->n;
        rc = avqa_mem_array(&all[i].items, seconds->n, sizeof *all[i].items);
    }
    if (rc == AVQA_OK)
        rc = avqa_extraction_clip_each(cat, find_file, &f);
    if (rc == AVQA_OK)
        rc = avqa_clip_each(cat, name_clip, &f);
    for (size_t i = 0; rc == AVQA_OK && i < n; i++) {
        if (can_open(&f.files[i]))
            rc = read_pictures(&all[i], &f.files[i], seconds, log);
        avqa_log_progress(log, "clips", (int64_t)i + 1, (int64_t)n);
    }
    release_files(f.files, n);
    return rc;
}
