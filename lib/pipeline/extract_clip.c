/* See extract_clip.h. A second whose greater half has sound is a row, as with pictures
 * (media/pick.h): what is missing of its last one is silence. */
#include "pipeline/extract_clip.h"
#include "base/clock.h"
#include "base/mem.h"
#include "media/decode.h"
#include "shard/index.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define US_PER_S INT64_C(1000000)

/* A clip while it is decoded. */
struct reading {
    struct avqa_extract_clip *clip;
    const struct avqa_extract_tools *tools;
    float *samples;
    size_t n_samples, cap_samples;
    size_t bytes; /* taken so far */
    bool too_long;
};

size_t avqa_extract_clip_bytes(void)
{
    return AVQA_EXTRACT_CLIP_BYTES;
}

/* ---- refusals -------------------------------------------------------------------- */

static void refuse_part(struct avqa_extract_part *part, const char *reason,
                        const char *detail)
{
    part->n = 0;
    part->reason = reason;
    snprintf(part->detail, sizeof part->detail, "%s", detail);
}

static void refuse(struct avqa_extract_clip *clip, const char *reason,
                   const char *detail)
{
    for (size_t i = 0; i < AVQA_EXTRACT_N_INPUTS; i++) {
        if (clip->item->recipes[i])
            refuse_part(&clip->parts[i], reason, detail);
    }
}

/* ---- decoding -------------------------------------------------------------------- */

/* Takes `bytes` more, if the clip may have them. */
static enum avqa_status take(struct reading *r, size_t bytes)
{
    r->bytes += bytes;
    if (bytes <= AVQA_EXTRACT_CLIP_BYTES && r->bytes <= AVQA_EXTRACT_CLIP_BYTES)
        return AVQA_OK;
    r->too_long = true;
    return avqa_fail(AVQA_EINVAL, "the clip is too long");
}

static enum avqa_status prepare(struct reading *r, size_t input,
                                const struct avqa_feature_source *from)
{
    const struct avqa_extract_feature *f = &r->clip->features->by_input[input];
    struct avqa_extract_part *part = &r->clip->parts[input];
    if (part->reason)
        return AVQA_OK;
    enum avqa_status rc = take(r, f->item_bytes + f->row_bytes);
    if (rc == AVQA_OK)
        rc = avqa_mem_grow(&part->items, &part->cap_items, part->n + 1, f->item_bytes);
    if (rc != AVQA_OK)
        return rc;
    rc = avqa_feature_prepare(r->tools->work[input],
                              part->items + part->n * f->item_bytes, from);
    part->n += rc == AVQA_OK;
    if (rc != AVQA_EINVAL)
        return rc;
    refuse_part(part, "unfit", avqa_message());
    return AVQA_OK;
}

static enum avqa_status add_picture(void *user, const struct avqa_decoded *d)
{
    const struct avqa_feature_source from = {
        .picture = {.pixels = d->rgb, .width = d->width, .height = d->height}};
    return prepare(user, AVQA_FEATURE_PICTURE, &from);
}

static enum avqa_status add_samples(void *user, const float *mono, size_t n)
{
    struct reading *r = user;
    enum avqa_status rc = take(r, n * sizeof *mono);
    if (rc == AVQA_OK)
        rc =
            avqa_mem_grow(&r->samples, &r->cap_samples, r->n_samples + n, sizeof *mono);
    if (rc != AVQA_OK)
        return rc;
    memcpy(r->samples + r->n_samples, mono, n * sizeof *mono);
    r->n_samples += n;
    return AVQA_OK;
}

static size_t seconds_of(const struct avqa_feature_info *info, size_t n_samples)
{
    size_t rate = (size_t)info->rate_hz;
    size_t n = (n_samples + rate / 2) / rate;
    return n || n_samples == 0 ? n : 1;
}

static bool is_by_second(const struct avqa_feature_info *info)
{
    return info->hop == (size_t)info->rate_hz;
}

/* The sound as items: windows of it. */
static enum avqa_status cut_sound(struct reading *r)
{
    const struct avqa_feature_info *info =
        r->clip->features->by_input[AVQA_FEATURE_SOUND].info;
    size_t n = is_by_second(info) ? seconds_of(info, r->n_samples)
                                  : avqa_feature_n_rows(info, r->n_samples);
    float *window;
    enum avqa_status rc = avqa_mem_array(&window, info->window, sizeof *window);
    for (size_t k = 0; rc == AVQA_OK && k < n; k++) {
        avqa_feature_cut(info, window, r->samples, r->n_samples, k);
        rc = prepare(r, AVQA_FEATURE_SOUND,
                     &(struct avqa_feature_source){.samples = window});
    }
    free(window);
    return rc;
}

static struct avqa_decode_options options_of(struct reading *r)
{
    const struct avqa_extract_clip *clip = r->clip;
    struct avqa_decode_options o = AVQA_DECODE_DEFAULTS;
    const int64_t most_us = clip->features->max_seconds * US_PER_S;
    o.start_us = clip->item->start_us;
    o.end_us = clip->item->end_us;
    if (most_us && (o.end_us == 0 || o.end_us - o.start_us > most_us)) {
        o.may_be_shorter = o.end_us == 0;
        o.end_us = o.start_us + most_us;
    }
    if (clip->item->recipes[AVQA_FEATURE_PICTURE])
        o.picture = add_picture;
    if (clip->item->recipes[AVQA_FEATURE_SOUND]) {
        o.samples = add_samples;
        o.rate_hz = clip->features->by_input[AVQA_FEATURE_SOUND].info->rate_hz;
    }
    o.user = r;
    o.log = r->tools->log;
    return o;
}

/* ---- what came of it ------------------------------------------------------------- */

static void set_missing(struct avqa_extract_clip *clip, size_t input,
                        const struct reading *r)
{
    const struct avqa_extract_feature *f = &clip->features->by_input[input];
    struct avqa_extract_part *part = &clip->parts[input];
    if (!clip->item->recipes[input] || part->n || part->reason)
        return;
    if (input == AVQA_FEATURE_PICTURE) {
        part->reason = "no-video";
        snprintf(part->detail, sizeof part->detail, "it has no picture");
    } else if (r->n_samples == 0) {
        part->reason = "no-audio";
        snprintf(part->detail, sizeof part->detail, "it has no sound");
    } else {
        part->reason = "too-short";
        snprintf(part->detail, sizeof part->detail,
                 "it has %.3f s of sound, %s %s needs %.3f s",
                 (double)r->n_samples / f->info->rate_hz, f->info->name,
                 f->info->preset, (double)f->info->window / f->info->rate_hz);
    }
}

static void judge(struct reading *r, const struct avqa_decode_report *report)
{
    struct avqa_extract_clip *clip = r->clip;
    const struct avqa_verdict *v = &report->info.verdict;
    char detail[128];
    clip->media = avqa_media_outcome_name(v->outcome);
    if (r->too_long) {
        snprintf(detail, sizeof detail,
                 "its rows are more than %zu MiB; --max-seconds takes its beginning",
                 AVQA_EXTRACT_CLIP_BYTES >> 20);
        refuse(clip, "too-long", detail);
    } else if (v->outcome > AVQA_MEDIA_TRUNCATED) {
        refuse(clip, clip->media, v->reason);
    } else if (clip->item->start_us && report->n_given == 0 && r->n_samples == 0) {
        refuse(clip, "outside", "its source ends before it begins");
    } else if (v->outcome >= AVQA_MEDIA_DAMAGED) {
        snprintf(clip->flaw, sizeof clip->flaw, "%s", v->reason);
    }
    for (size_t i = 0; i < AVQA_EXTRACT_N_INPUTS; i++)
        set_missing(clip, i, r);
}

static enum avqa_status make_rows(struct avqa_extract_clip *clip)
{
    enum avqa_status rc = AVQA_OK;
    for (size_t i = 0; rc == AVQA_OK && i < AVQA_EXTRACT_N_INPUTS; i++) {
        if (clip->parts[i].n)
            rc = avqa_mem_array(&clip->parts[i].rows, clip->parts[i].n,
                                clip->features->by_input[i].row_bytes);
    }
    return rc;
}

enum avqa_status avqa_extract_clip_decode(struct avqa_extract_clip *clip,
                                          const struct avqa_extract_tools *tools)
{
    struct reading r = {.clip = clip, .tools = tools};
    struct avqa_decode_report report;
    clip->started_us = avqa_clock_wall_us();
    if (avqa_shard_check_key(clip->item->key) != AVQA_OK) {
        refuse(clip, "bad-name",
               "its name is too long for a shard, or is no text; give it another");
        return AVQA_OK;
    }
    struct avqa_decode_options options = options_of(&r);
    enum avqa_status rc = avqa_decode(&report, clip->item->path, &options);
    if (rc == AVQA_OK && r.n_samples)
        rc = cut_sound(&r);
    if (r.too_long)
        rc = AVQA_OK;
    if (rc == AVQA_OK) {
        judge(&r, &report);
        clip->n_seconds = clip->parts[AVQA_FEATURE_PICTURE].n;
        if (r.n_samples) {
            size_t n = seconds_of(clip->features->by_input[AVQA_FEATURE_SOUND].info,
                                  r.n_samples);
            clip->n_seconds = n > clip->n_seconds ? n : clip->n_seconds;
        }
        rc = make_rows(clip);
    }
    free(r.samples);
    return rc;
}

/* ---- packing --------------------------------------------------------------------- */

/* How many rows an input has when it is as long as the clip. */
static size_t rows_of(const struct avqa_extract_clip *clip, size_t input)
{
    const struct avqa_feature_info *info = clip->features->by_input[input].info;
    size_t n = clip->n_seconds;
    if (input == AVQA_FEATURE_SOUND && !is_by_second(info))
        n = avqa_feature_n_rows(info, n * (size_t)info->rate_hz);
    return n > clip->parts[input].n ? n : clip->parts[input].n;
}

static enum avqa_status pad(struct avqa_extract_clip *clip, size_t input)
{
    const struct avqa_extract_feature *f = &clip->features->by_input[input];
    struct avqa_extract_part *part = &clip->parts[input];
    const enum avqa_extract_pad how = clip->features->pad;
    const bool missing = part->reason && (strcmp(part->reason, "no-audio") == 0 ||
                                          strcmp(part->reason, "no-video") == 0 ||
                                          strcmp(part->reason, "too-short") == 0);
    size_t have = part->n;
    part->n_rows = part->n;
    if (how == AVQA_EXTRACT_NONE || (part->reason && !missing) ||
        (how == AVQA_EXTRACT_REPEAT && part->n == 0))
        return AVQA_OK;
    part->n_rows = rows_of(clip, input);
    if (part->n_rows == 0)
        return AVQA_OK;
    part->reason = NULL;
    enum avqa_status rc = avqa_mem_grow(&part->rows, &have, part->n_rows, f->row_bytes);
    for (size_t i = part->n; rc == AVQA_OK && i < part->n_rows; i++) {
        unsigned char *row = part->rows + i * f->row_bytes;
        if (how == AVQA_EXTRACT_REPEAT)
            memcpy(row, row - f->row_bytes, f->row_bytes);
        else
            memset(row, 0, f->row_bytes);
    }
    return rc;
}

static enum avqa_status pack(struct avqa_extract_clip *clip,
                             const struct avqa_extract_tools *tools)
{
    struct avqa_shard_input inputs[AVQA_EXTRACT_N_INPUTS] = {{.name = NULL}};
    struct avqa_json *all = avqa_json_new_object();
    size_t n = 0;
    for (size_t i = 0; i < AVQA_EXTRACT_N_INPUTS; i++) {
        const struct avqa_extract_feature *f = &clip->features->by_input[i];
        const struct avqa_extract_part *part = &clip->parts[i];
        struct avqa_buf text = AVQA_BUF_INIT;
        if (part->n_rows == 0)
            continue;
        const struct avqa_extract_outcome outcome = {
            f, part->n_rows, part->n_rows - part->n, clip->media};
        struct avqa_json *p = avqa_json_put(
            all, f->array, avqa_extract_provenance(clip->item->recipes[i], &outcome));
        avqa_json_print(&text, p, 0);
        clip->provenance[i] = avqa_mem_strdup(avqa_buf_str(&text));
        avqa_buf_release(&text);
        struct avqa_npy npy = f->row;
        npy.dims[0] = part->n_rows;
        inputs[n++] = (struct avqa_shard_input){.name = f->array,
                                                .npy = npy,
                                                .data = part->rows,
                                                .by_row = f->by_row,
                                                .encoding = f->encoding};
    }
    const struct avqa_shard_clip sample = {.key = clip->item->key,
                                           .clip = clip->item->name,
                                           .source = clip->item->source,
                                           .provenance = all,
                                           .arrays = inputs,
                                           .n_arrays = n};
    enum avqa_status rc =
        n ? avqa_shard_pack(&clip->packed, tools->packer, &sample) : AVQA_OK;
    avqa_json_free(all);
    return rc;
}

static void release_numbers(struct avqa_extract_clip *clip)
{
    for (size_t i = 0; i < AVQA_EXTRACT_N_INPUTS; i++) {
        free(clip->parts[i].items);
        free(clip->parts[i].rows);
        clip->parts[i].items = clip->parts[i].rows = NULL;
    }
}

enum avqa_status avqa_extract_clip_pack(struct avqa_extract_clip *clip,
                                        const struct avqa_extract_tools *t)
{
    enum avqa_status rc = AVQA_OK;
    for (size_t i = 0; rc == AVQA_OK && i < AVQA_EXTRACT_N_INPUTS; i++) {
        if (clip->item->recipes[i])
            rc = pad(clip, i);
    }
    if (rc == AVQA_OK)
        rc = pack(clip, t);
    if (rc == AVQA_EINVAL) {
        refuse(clip, "unfit", avqa_message());
        rc = AVQA_OK;
    }
    release_numbers(clip);
    clip->ended_us = avqa_clock_wall_us();
    return rc;
}

void avqa_extract_clip_release(struct avqa_extract_clip *clip)
{
    release_numbers(clip);
    avqa_shard_packed_free(clip->packed);
    for (size_t i = 0; i < AVQA_EXTRACT_N_INPUTS; i++)
        free(clip->provenance[i]);
    *clip = (struct avqa_extract_clip){.item = NULL};
}
