/* See compose.h. Each part is probed; then its sound is read and added to the mix,
 * which also tells when its picture ends; then pictures and sound are encoded beside
 * each other. So a part is read twice, and what is held is one sound and the mix. */
#include "media/compose.h"
#include "media/encode.h"
#include "media/loudness.h"
#include "media/mix.h"
#include "media/pictures.h"
#include "media/probe.h"
#include "media/stack.h"
#include "media/track.h"
#include "media/verify.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libavutil/channel_layout.h>
#include <libavutil/frame.h>
#include <libavutil/mathematics.h>

#define US_PER_S INT64_C(1000000)
enum { USUAL_RATE = 25, MOST_RATE = 240, TICKS_LEAST = 90000, RATE_TERMS = 100000 };
static const int64_t LEAST_US = 100000; /* shorter is no clip */

/* A part's pictures on the common clock. */
struct view {
    struct avqa_pictures *pictures;
    AVFrame *next; /* read, and not due yet; NULL behind the last one */
    int64_t next_at;
    size_t part;
};

struct composer {
    const struct avqa_compose_options *options;
    struct avqa_compose_report *report;
    const char *out;
    struct avqa_media_info info[AVQA_COMPOSE_MAX_PARTS];
    struct view views[AVQA_COMPOSE_MAX_PARTS];
    size_t n_views;
    struct avqa_mix mix;
    int rate_hz, n_channels; /* of the sound; 0 if none is heard */
    int64_t duration_us;
    int rate_num, rate_den; /* pictures a second, of a grid */
    int ticks_per_s;
    struct avqa_stack *stack;
    struct avqa_encoder *encoder;
    size_t n_sent; /* samples given to the encoder */
};

static bool refuse(struct composer *c, size_t part, const char *reason,
                   const char *detail)
{
    struct avqa_compose_report *r = c->report;
    if (*r->reason)
        return false;
    snprintf(r->reason, sizeof r->reason, "%s", reason);
    snprintf(r->detail, sizeof r->detail, "%s", detail);
    r->bad_part = part;
    return false;
}

static bool refused(const struct composer *c)
{
    return *c->report->reason != '\0';
}

/* Refuses the part if the verdict is a bad one; what it lacks is asked apart. */
static bool is_sound(struct composer *c, size_t i, const struct avqa_verdict *v)
{
    return v->outcome <= AVQA_MEDIA_NO_VIDEO ||
           refuse(c, i, avqa_media_outcome_name(v->outcome), v->reason);
}

/* ---- what the parts are ---------------------------------------------------------- */

static enum avqa_status probe(struct composer *c, size_t i)
{
    const struct avqa_compose_part *part = &c->options->parts[i];
    struct avqa_media_info *info = &c->info[i];
    enum avqa_status rc = avqa_media_probe(info, part->path, &c->options->limits);
    if (rc != AVQA_OK || !is_sound(c, i, &info->verdict))
        return rc;
    if (part->shown && !info->has_video)
        refuse(c, i, "no-video", "it has no picture");
    else if (part->heard && !info->has_audio)
        refuse(c, i, "no-audio", "it has no sound");
    return AVQA_OK;
}

static void choose_sound(struct composer *c)
{
    for (size_t i = 0; i < c->options->n_parts; i++) {
        const struct avqa_media_audio *audio = &c->info[i].audio;
        int rate_hz = avqa_encode_rate_hz(audio->rate_hz);
        if (!c->options->parts[i].heard)
            continue;
        if (rate_hz > c->rate_hz)
            c->rate_hz = rate_hz;
        if (c->n_channels == 0 || audio->n_channels > 1)
            c->n_channels = audio->n_channels > 1 ? AVQA_MIX_MAX_CHANNELS : 1;
    }
}

/* The highest rate of what is shown. */
static void choose_rate(struct composer *c)
{
    c->rate_num = c->rate_den = 0;
    for (size_t i = 0; i < c->options->n_parts; i++) {
        const struct avqa_media_video *v = &c->info[i].video;
        if (!c->options->parts[i].shown || v->rate_num <= 0)
            continue;
        if (!c->rate_den ||
            (int64_t)v->rate_num * c->rate_den > (int64_t)c->rate_num * v->rate_den)
            av_reduce(&c->rate_num, &c->rate_den, v->rate_num, v->rate_den, RATE_TERMS);
    }
    if (c->rate_num <= 0 || c->rate_den <= 0) {
        c->rate_num = USUAL_RATE;
        c->rate_den = 1;
    }
    if (c->rate_num / c->rate_den > MOST_RATE) {
        c->rate_num = MOST_RATE;
        c->rate_den = 1;
    }
    c->ticks_per_s = c->rate_num * ((TICKS_LEAST + c->rate_num - 1) / c->rate_num);
}

/* ---- the sound ------------------------------------------------------------------- */

static enum avqa_status read_track(struct composer *c, size_t i,
                                   struct avqa_track *track)
{
    const struct avqa_compose_part *part = &c->options->parts[i];
    struct avqa_track_form form = {
        .heard = part->heard,
        .rate_hz = c->rate_hz,
        .n_channels = c->n_channels,
        .max_samples = (size_t)av_rescale(AVQA_COMPOSE_MAX_US, c->rate_hz, US_PER_S),
        .limits = &c->options->limits,
        .log = c->options->log};
    enum avqa_status rc = AVQA_OK;
    if (part->heard && c->info[i].duration_us > AVQA_COMPOSE_MAX_US)
        refuse(c, i, "too-long", "its sound is longer than half an hour");
    else
        rc = avqa_track_read(track, part->path, &form);
    if (rc != AVQA_OK || refused(c) || !is_sound(c, i, &track->verdict))
        return rc;
    int64_t end_us = part->shown ? track->picture_end_us : track->sound_end_us;
    if (track->n_bad)
        refuse(c, i, "damaged", "some of its sound does not decode");
    else if (end_us < LEAST_US)
        refuse(c, i, "nothing-there", "there is next to nothing in it");
    else if (end_us < c->duration_us)
        c->duration_us = end_us;
    return AVQA_OK;
}

/* Measures a sound and says how it is to be changed. */
static enum avqa_status weigh(struct composer *c, size_t i,
                              const struct avqa_track *track)
{
    struct avqa_compose_placed *placed = &c->report->placed[i];
    const double wanted = c->options->loudness_lufs;
    placed->gain_db = c->options->parts[i].gain_db;
    if (isnan(wanted))
        return AVQA_OK;
    enum avqa_status rc = avqa_loudness(&placed->lufs, track->samples, track->n,
                                        c->n_channels, c->rate_hz);
    if (rc == AVQA_OK && !isnan(placed->lufs))
        placed->gain_db += wanted - placed->lufs;
    return rc;
}

static size_t n_samples(const struct composer *c)
{
    return (size_t)av_rescale(c->duration_us, c->rate_hz, US_PER_S);
}

/* The mix is as long as what came so far, so it never has to grow. */
static enum avqa_status add_track(struct composer *c, size_t i,
                                  const struct avqa_track *track)
{
    enum avqa_status rc = weigh(c, i, track);
    if (rc == AVQA_OK && !c->mix.samples)
        rc = avqa_mix_init(&c->mix, n_samples(c), c->n_channels);
    if (rc == AVQA_OK)
        avqa_mix_add(&c->mix, track->samples, track->n, c->report->placed[i].gain_db);
    return rc;
}

static enum avqa_status mix_sound(struct composer *c)
{
    enum avqa_status rc = AVQA_OK;
    c->duration_us = INT64_MAX;
    for (size_t i = 0; rc == AVQA_OK && !refused(c) && i < c->options->n_parts; i++) {
        struct avqa_track track = {0};
        rc = read_track(c, i, &track);
        if (rc == AVQA_OK && !refused(c) && c->options->parts[i].heard)
            rc = add_track(c, i, &track);
        avqa_track_release(&track);
    }
    if (rc != AVQA_OK || refused(c) || !c->rate_hz)
        return rc;
    c->mix.n = n_samples(c);
    c->report->common_gain_db = avqa_mix_fit(&c->mix);
    for (size_t i = 0; i < c->options->n_parts; i++) {
        if (c->options->parts[i].heard)
            c->report->placed[i].gain_db += c->report->common_gain_db;
    }
    return AVQA_OK;
}

/* ---- the file -------------------------------------------------------------------- */

/* Samples up to those of this time, so that both streams grow together. */
static enum avqa_status send_samples(struct composer *c, int64_t until)
{
    size_t to = c->rate_hz ? (size_t)av_rescale(until, c->rate_hz, c->ticks_per_s) : 0;
    enum avqa_status rc = AVQA_OK;
    if (to > c->mix.n)
        to = c->mix.n;
    if (to > c->n_sent)
        rc = avqa_encoder_samples(c->encoder,
                                  c->mix.samples + c->n_sent * (size_t)c->n_channels,
                                  to - c->n_sent);
    if (to > c->n_sent)
        c->n_sent = to;
    return rc;
}

static enum avqa_status send_lead(struct composer *c)
{
    const float silence[AVQA_MIX_MAX_CHANNELS] = {0};
    enum avqa_status rc = AVQA_OK;
    for (int i = avqa_encoder_lead(c->encoder); rc == AVQA_OK && i > 0; i--)
        rc = avqa_encoder_samples(c->encoder, silence, 1);
    return rc;
}

static enum avqa_status open_encoder(struct composer *c, const AVFrame *like)
{
    const bool grid = c->stack != NULL;
    const struct avqa_media_video *first = &c->info[c->views[0].part].video;
    AVChannelLayout layout = {0};
    av_channel_layout_default(&layout, c->n_channels ? c->n_channels : 1);
    struct avqa_encode_form form = {.like = like,
                                    .ticks_per_s = c->ticks_per_s,
                                    .rate_num = grid ? c->rate_num : first->rate_num,
                                    .rate_den = grid ? c->rate_den : first->rate_den,
                                    .crf = c->options->crf,
                                    .n_threads = 1,
                                    .preset = AVQA_ENCODE_PRESET,
                                    .rate_hz = c->rate_hz,
                                    .layout = &layout,
                                    .n_samples = (int64_t)c->mix.n,
                                    .lossless = c->options->lossless};
    enum avqa_status rc = avqa_encoder_open(&c->encoder, c->out, &form);
    av_channel_layout_uninit(&layout);
    return rc == AVQA_OK ? send_lead(c) : rc;
}

static enum avqa_status send_picture(struct composer *c, const AVFrame *picture,
                                     int64_t at)
{
    enum avqa_status rc = c->encoder ? AVQA_OK : open_encoder(c, picture);
    if (rc == AVQA_OK)
        rc = avqa_encoder_picture(c->encoder, picture, at);
    if (rc == AVQA_OK)
        rc = send_samples(c, at);
    if (rc == AVQA_OK && avqa_log_stopped(c->options->log))
        rc = avqa_fail(AVQA_ESTOPPED, "stopped");
    return rc;
}

/* ---- pictures -------------------------------------------------------------------- */

static enum avqa_status open_views(struct composer *c)
{
    enum avqa_status rc = AVQA_OK;
    for (size_t i = 0; rc == AVQA_OK && i < c->options->n_parts; i++) {
        struct view *v = &c->views[c->n_views];
        if (!c->options->parts[i].shown)
            continue;
        v->part = i;
        c->n_views++;
        rc = avqa_pictures_open(&v->pictures, c->options->parts[i].path,
                                &c->options->limits);
        c->report->bad_part = i;
    }
    return rc;
}

/* One picture with its own times. */
static enum avqa_status copy_pictures(struct composer *c)
{
    struct avqa_pictures *pictures = c->views[0].pictures;
    enum avqa_status rc = AVQA_OK;
    c->ticks_per_s = avqa_pictures_ticks_per_s(pictures);
    const int64_t end = av_rescale(c->duration_us, c->ticks_per_s, US_PER_S);
    while (rc == AVQA_OK) {
        const AVFrame *picture;
        int64_t at = 0;
        rc = avqa_pictures_next(pictures, &picture, &at);
        if (rc != AVQA_OK || !picture || at >= end)
            break;
        if (at >= 0)
            rc = send_picture(c, picture, at);
    }
    const double whole[4] = {0, 0, 1, 1};
    memcpy(c->report->placed[c->views[0].part].place, whole, sizeof whole);
    return rc;
}

static enum avqa_status look_ahead(struct view *v)
{
    const AVFrame *picture;
    av_frame_free(&v->next);
    enum avqa_status rc = avqa_pictures_next(v->pictures, &picture, &v->next_at);
    if (rc == AVQA_OK && picture) {
        v->next = av_frame_clone(picture);
        if (!v->next)
            rc = avqa_fail(AVQA_ENOMEM, "out of memory for a picture");
    }
    return rc;
}

/* Whether the view's next picture is shown at tick k of the grid: its time rounds to k
 * or below, as FFmpeg's fps filter has it. */
static bool is_due(const struct composer *c, const struct view *v, int64_t k)
{
    int64_t per_s = (int64_t)avqa_pictures_ticks_per_s(v->pictures) * c->rate_den;
    return v->next && av_rescale(v->next_at, c->rate_num, per_s) <= k;
}

/* Puts what is to be seen at tick k into the view's cell; a late first picture is shown
 * from the beginning. */
static enum avqa_status advance(struct composer *c, size_t cell, int64_t k)
{
    struct view *v = &c->views[cell];
    AVFrame *due = NULL;
    enum avqa_status rc = AVQA_OK;
    while (rc == AVQA_OK && v->next && ((k == 0 && !due) || is_due(c, v, k))) {
        av_frame_free(&due);
        due = v->next;
        v->next = NULL;
        rc = look_ahead(v);
    }
    if (rc == AVQA_OK && due)
        rc = avqa_stack_put(c->stack, cell, due);
    av_frame_free(&due);
    return rc;
}

/* Cells of the first picture's size, if none was asked for; false if that is too much.
 */
static bool make_stack(struct composer *c)
{
    const struct avqa_compose_options *o = c->options;
    int width = o->cell_width;
    int height = o->cell_height;
    if (!width) {
        width = c->views[0].next->width;
        height = c->views[0].next->height;
    }
    if (width > AVQA_COMPOSE_MAX_SIDE / o->columns ||
        height > AVQA_COMPOSE_MAX_SIDE / o->rows)
        return refuse(c, o->n_parts, "too-large",
                      "its cells would make a picture beyond 8192 x 8192; name a "
                      "smaller size of a cell");
    c->stack = avqa_stack_new(o->columns, o->rows, width, height);
    return true;
}

static enum avqa_status draw_grid(struct composer *c)
{
    const int64_t step = (int64_t)(c->ticks_per_s / c->rate_num) * c->rate_den;
    const int64_t n =
        av_rescale(c->duration_us, c->rate_num, (int64_t)c->rate_den * US_PER_S);
    enum avqa_status rc = AVQA_OK;
    for (int64_t k = 0; rc == AVQA_OK && k < (n > 0 ? n : 1); k++) {
        const AVFrame *picture;
        for (size_t i = 0; rc == AVQA_OK && i < c->n_views; i++)
            rc = advance(c, i, k);
        if (rc == AVQA_OK)
            rc = avqa_stack_picture(&picture, c->stack);
        if (rc == AVQA_OK)
            rc = send_picture(c, picture, k * step);
    }
    for (size_t i = 0; i < c->n_views; i++)
        avqa_stack_place(c->stack, i, c->report->placed[c->views[i].part].place);
    return rc;
}

static enum avqa_status stack_pictures(struct composer *c)
{
    enum avqa_status rc = AVQA_OK;
    choose_rate(c);
    for (size_t i = 0; rc == AVQA_OK && i < c->n_views; i++) {
        c->report->bad_part = c->views[i].part;
        rc = look_ahead(&c->views[i]);
        if (rc == AVQA_OK && !c->views[i].next)
            refuse(c, c->views[i].part, "corrupt", "none of its pictures decodes");
    }
    if (rc != AVQA_OK || refused(c) || !make_stack(c))
        return rc;
    return draw_grid(c);
}

/* ---- the end --------------------------------------------------------------------- */

static void check_views(struct composer *c)
{
    for (size_t i = 0; i < c->n_views; i++) {
        const struct view *v = &c->views[i];
        if (is_sound(c, v->part, avqa_pictures_verdict(v->pictures)) &&
            avqa_pictures_n_bad(v->pictures))
            refuse(c, v->part, "damaged", "some of its pictures do not decode");
    }
    if (!c->encoder)
        refuse(c, c->views[0].part, "corrupt", "none of its pictures decodes");
}

static enum avqa_status finish(struct composer *c)
{
    struct avqa_compose_report *r = c->report;
    char difference[AVQA_VERDICT_REASON];
    struct avqa_verify_expected expected = {.ticks_per_s = c->ticks_per_s,
                                            .n_samples = (int64_t)c->mix.n};
    const int64_t end = av_rescale(c->duration_us, c->ticks_per_s, US_PER_S);
    enum avqa_status rc = send_samples(c, INT32_MAX * (int64_t)c->ticks_per_s);
    if (rc == AVQA_OK)
        rc = avqa_encoder_finish(c->encoder, end);
    if (rc != AVQA_OK)
        return rc;
    expected.times = avqa_encoder_times(c->encoder, &expected.n_times);
    rc = avqa_verify(difference, sizeof difference, avqa_encoder_temp(c->encoder),
                     &expected, c->options->log);
    if (rc == AVQA_OK && *difference)
        refuse(c, c->options->n_parts, "not-verified", difference);
    if (rc != AVQA_OK || refused(c))
        return rc;
    rc = avqa_encoder_publish(c->encoder);
    r->written = rc == AVQA_OK;
    r->duration_us = c->duration_us;
    r->n_pictures = (int64_t)expected.n_times;
    r->n_samples = (int64_t)c->mix.n;
    r->rate_hz = c->rate_hz;
    r->n_channels = c->rate_hz ? c->n_channels : 0;
    return rc;
}

static enum avqa_status make_pictures(struct composer *c)
{
    const bool grid = c->options->columns * c->options->rows > 1;
    enum avqa_status rc = open_views(c);
    if (rc == AVQA_OK)
        rc = grid ? stack_pictures(c) : copy_pictures(c);
    if (rc == AVQA_EFORMAT) { /* a part's pictures cannot be drawn */
        refuse(c, c->report->bad_part, "unsupported", avqa_message());
        rc = AVQA_OK;
    }
    if (rc == AVQA_OK && !refused(c))
        check_views(c);
    return rc;
}

static void release(struct composer *c)
{
    for (size_t i = 0; i < c->n_views; i++) {
        avqa_pictures_close(c->views[i].pictures);
        av_frame_free(&c->views[i].next);
    }
    avqa_stack_free(c->stack);
    avqa_encoder_free(c->encoder);
    avqa_mix_release(&c->mix);
}

static enum avqa_status check_options(const struct avqa_compose_options *o)
{
    size_t n_shown = 0;
    for (size_t i = 0; i < o->n_parts; i++)
        n_shown += o->parts[i].shown;
    if (o->n_parts < 1 || o->n_parts > AVQA_COMPOSE_MAX_PARTS || o->columns < 1 ||
        o->rows < 1 || n_shown != (size_t)o->columns * (size_t)o->rows)
        return avqa_fail(AVQA_EINVAL,
                         "%zu pictures for a grid of %d x %d are asked for", n_shown,
                         o->columns, o->rows);
    if (o->cell_width < 0 || o->cell_height < 0 || o->cell_width % 2 ||
        o->cell_height % 2 || !o->cell_width != !o->cell_height)
        return avqa_fail(AVQA_EINVAL, "cells of %d x %d are asked for; sides are even",
                         o->cell_width, o->cell_height);
    if (o->crf < 0 || o->crf > 51)
        return avqa_fail(AVQA_EINVAL, "a quality of %d is asked for", o->crf);
    return AVQA_OK;
}

enum avqa_status avqa_compose(struct avqa_compose_report *report, const char *out,
                              const struct avqa_compose_options *options)
{
    struct composer c = {.options = options, .report = report, .out = out};
    memset(report, 0, sizeof *report);
    enum avqa_status rc = check_options(options);
    if (rc != AVQA_OK)
        return rc;
    for (size_t i = 0; i < options->n_parts; i++)
        report->placed[i].lufs = (double)NAN;
    for (size_t i = 0; rc == AVQA_OK && !refused(&c) && i < options->n_parts; i++)
        rc = probe(&c, i);
    choose_sound(&c);
    if (rc == AVQA_OK && !refused(&c))
        rc = mix_sound(&c);
    if (rc == AVQA_OK && !refused(&c))
        rc = make_pictures(&c);
    if (rc == AVQA_OK && !refused(&c))
        rc = finish(&c);
    release(&c);
    return rc;
}
