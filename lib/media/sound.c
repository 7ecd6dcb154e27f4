/* See sound.h. libswresample does both, mixing and resampling, with its defaults, so
 * the samples are those of the ffmpeg program with the same mix. */
#include "media/sound.h"
#include "base/mem.h"

#include <stdbool.h>
#include <stdlib.h>

#include <libavutil/channel_layout.h>
#include <libavutil/frame.h>
#include <libavutil/mathematics.h>
#include <libavutil/samplefmt.h>
#include <libswresample/swresample.h>

enum { MAX_CHANNELS = 64, SILENCE_SAMPLES = 4096 };
#define US_PER_S INT64_C(1000000)

struct avqa_sound {
    int rate_hz;
    AVChannelLayout layout; /* of what comes out */
    bool mean;              /* of all channels */
    avqa_samples_fn *fn;
    void *user;
    struct SwrContext *swr;
    AVFrame *like; /* the format that swr was made for, without samples */
    int64_t base_us, fed;
    bool started;
    float *out;
    size_t out_cap;
    int64_t filled_us, n_samples;
};

struct avqa_sound *avqa_sound_new_laid_out(int rate_hz, const AVChannelLayout *layout,
                                           avqa_samples_fn *fn, void *user)
{
    struct avqa_sound *s = avqa_mem_new(sizeof *s);
    s->rate_hz = rate_hz;
    if (av_channel_layout_copy(&s->layout, layout) < 0)
        avqa_mem_exhausted();
    s->fn = fn;
    s->user = user;
    s->like = av_frame_alloc();
    if (!s->like)
        avqa_mem_exhausted();
    return s;
}

struct avqa_sound *avqa_sound_new(int rate_hz, avqa_samples_fn *fn, void *user)
{
    const AVChannelLayout mono = AV_CHANNEL_LAYOUT_MONO;
    struct avqa_sound *s = avqa_sound_new_laid_out(rate_hz, &mono, fn, user);
    s->mean = true;
    return s;
}

void avqa_sound_free(struct avqa_sound *sound)
{
    if (!sound)
        return;
    swr_free(&sound->swr);
    av_frame_free(&sound->like);
    av_channel_layout_uninit(&sound->layout);
    free(sound->out);
    free(sound);
}

void avqa_sound_begin_at(struct avqa_sound *sound, int64_t at_us)
{
    sound->base_us = at_us;
}

/* Converts `n` samples (data NULL: what is left) and hands the result on. */
static enum avqa_status convert(struct avqa_sound *s, const uint8_t **data, int n)
{
    int room = swr_get_out_samples(s->swr, n);
    size_t need = (room > 0 ? (size_t)room : 1) * (size_t)s->layout.nb_channels;
    enum avqa_status rc = avqa_mem_grow(&s->out, &s->out_cap, need, sizeof *s->out);
    if (rc != AVQA_OK)
        return rc;
    uint8_t *out = (uint8_t *)s->out;
    int got = swr_convert(s->swr, &out, room, data, n);
    if (got < 0)
        return avqa_fail(AVQA_EFORMAT, "its sound cannot be resampled");
    s->n_samples += got;
    return got ? s->fn(s->user, s->out, (size_t)got) : AVQA_OK;
}

static enum avqa_status flush(struct avqa_sound *s)
{
    return s->swr ? convert(s, NULL, 0) : AVQA_OK;
}

static bool same_format(const AVFrame *a, const AVFrame *b)
{
    return a->format == b->format && a->sample_rate == b->sample_rate &&
           av_channel_layout_compare(&a->ch_layout, &b->ch_layout) == 0;
}

static bool is_sound(const AVFrame *f)
{
    return f->sample_rate > 0 && f->sample_rate <= 1000000 &&
           f->ch_layout.nb_channels > 0 && f->ch_layout.nb_channels <= MAX_CHANNELS;
}

/* A converter for frames like this one. */
static int make_converter(struct avqa_sound *s, const AVFrame *frame)
{
    AVChannelLayout in = {0};
    double matrix[MAX_CHANNELS];
    int n = frame->ch_layout.nb_channels;
    if (frame->ch_layout.order == AV_CHANNEL_ORDER_UNSPEC)
        av_channel_layout_default(&in, n);
    else if (av_channel_layout_copy(&in, &frame->ch_layout) < 0)
        return AVERROR(ENOMEM);
    for (int i = 0; i < n; i++)
        matrix[i] = 1.0 / n;
    int code = swr_alloc_set_opts2(&s->swr, &s->layout, AV_SAMPLE_FMT_FLT, s->rate_hz,
                                   &in, (enum AVSampleFormat)frame->format,
                                   frame->sample_rate, 0, NULL);
    if (code >= 0 && s->mean)
        code = swr_set_matrix(s->swr, matrix, n);
    if (code >= 0)
        code = swr_init(s->swr);
    av_channel_layout_uninit(&in);
    return code;
}

/* Makes the converter fit the frame; what the old one held comes out first. */
static enum avqa_status adapt(struct avqa_sound *s, const AVFrame *frame)
{
    if (!is_sound(frame))
        return avqa_fail(AVQA_EFORMAT, "its sound says %d Hz and %d channels",
                         frame->sample_rate, frame->ch_layout.nb_channels);
    if (s->swr && same_format(s->like, frame))
        return AVQA_OK;
    enum avqa_status rc = flush(s);
    if (rc != AVQA_OK)
        return rc;
    s->base_us = avqa_sound_end_us(s);
    s->fed = 0;
    swr_free(&s->swr);
    av_frame_unref(s->like);
    s->like->format = frame->format;
    s->like->sample_rate = frame->sample_rate;
    if (av_channel_layout_copy(&s->like->ch_layout, &frame->ch_layout) < 0)
        return avqa_fail(AVQA_ENOMEM, "out of memory for a channel layout");
    if (make_converter(s, frame) < 0)
        return avqa_fail(AVQA_EFORMAT, "its sound of %d channels cannot be mixed",
                         frame->ch_layout.nb_channels);
    return AVQA_OK;
}

/* `n` samples of silence in the format of the frames. */
static enum avqa_status add_silence(struct avqa_sound *s, int64_t n)
{
    uint8_t *data[MAX_CHANNELS] = {0};
    enum AVSampleFormat format = (enum AVSampleFormat)s->like->format;
    int channels = s->like->ch_layout.nb_channels;
    enum avqa_status rc = AVQA_OK;
    if (av_samples_alloc(data, NULL, channels, SILENCE_SAMPLES, format, 0) < 0)
        return avqa_fail(AVQA_ENOMEM, "out of memory for silence");
    av_samples_set_silence(data, 0, SILENCE_SAMPLES, channels, format);
    for (int64_t left = n; rc == AVQA_OK && left > 0; left -= SILENCE_SAMPLES)
        rc = convert(s, (const uint8_t **)data,
                     left < SILENCE_SAMPLES ? (int)left : SILENCE_SAMPLES);
    s->fed += n;
    av_freep(&data[0]);
    return rc;
}

/* The frame without its first `skip` samples. */
static enum avqa_status add_rest(struct avqa_sound *s, const AVFrame *frame, int skip)
{
    const uint8_t *data[MAX_CHANNELS];
    bool planar = av_sample_fmt_is_planar((enum AVSampleFormat)frame->format);
    int channels = frame->ch_layout.nb_channels;
    int bytes = av_get_bytes_per_sample((enum AVSampleFormat)frame->format);
    if (skip >= frame->nb_samples)
        return AVQA_OK;
    for (int i = 0; i < (planar ? channels : 1); i++)
        data[i] =
            frame->extended_data[i] + (ptrdiff_t)skip * bytes * (planar ? 1 : channels);
    s->fed += frame->nb_samples - skip;
    return convert(s, data, frame->nb_samples - skip);
}

enum avqa_status avqa_sound_add(struct avqa_sound *sound, const AVFrame *frame,
                                int64_t at_us)
{
    int64_t skip = 0;
    enum avqa_status rc = adapt(sound, frame);
    if (rc != AVQA_OK)
        return rc;
    int64_t off_us = 0;
    if (at_us != AVQA_SOUND_FOLLOWS)
        off_us = at_us - avqa_sound_end_us(sound);
    bool hole = sound->started && llabs(off_us) > AVQA_SOUND_TOLERANCE_US;
    if (!sound->started || hole) {
        int64_t n = av_rescale(off_us, frame->sample_rate, US_PER_S);
        if (n > 0)
            rc = add_silence(sound, n);
        else
            skip = -n;
        sound->filled_us += hole && off_us > 0 ? off_us : 0;
    }
    if (rc != AVQA_OK)
        return rc;
    sound->started = sound->started || skip < frame->nb_samples;
    return add_rest(sound, frame, skip < INT32_MAX ? (int)skip : INT32_MAX);
}

enum avqa_status avqa_sound_end(struct avqa_sound *sound)
{
    return flush(sound);
}

int64_t avqa_sound_end_us(const struct avqa_sound *sound)
{
    int rate = sound->like->sample_rate;
    return sound->base_us + (rate > 0 ? av_rescale(sound->fed, US_PER_S, rate) : 0);
}

int64_t avqa_sound_filled_us(const struct avqa_sound *sound)
{
    return sound->filled_us;
}

int64_t avqa_sound_n_samples(const struct avqa_sound *sound)
{
    return sound->n_samples;
}
