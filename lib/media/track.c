/* See track.h. */
#include "media/track.h"
#include "base/mem.h"
#include "media/reader.h"
#include "media/sound.h"

#include <stdlib.h>

#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>

struct listener {
    struct avqa_track *track;
    const struct avqa_track_form *form;
    struct avqa_reader reader;
    struct avqa_sound *sound;
    int n_channels; /* as they come */
    size_t cap;
};

static bool note_packet(void *user, const AVPacket *packet)
{
    struct listener *l = user;
    const AVStream *stream = l->reader.file->video;
    const AVRational rate = stream->avg_frame_rate;
    if (packet->pts == AV_NOPTS_VALUE || packet->flags & AV_PKT_FLAG_DISCARD)
        return false;
    int64_t us = avqa_container_us(stream, packet->pts + packet->duration);
    if (packet->duration <= 0 && rate.num > 0 && rate.den > 0)
        us += av_rescale(AV_TIME_BASE, rate.den, rate.num);
    us -= l->reader.zero_us;
    if (us > l->track->picture_end_us)
        l->track->picture_end_us = us;
    return false;
}

static enum avqa_status keep(void *user, const float *samples, size_t n)
{
    struct listener *l = user;
    struct avqa_track *t = l->track;
    const size_t n_out = (size_t)l->form->n_channels;
    const size_t n_in = (size_t)l->n_channels;
    if (n > l->form->max_samples - t->n)
        return avqa_fail(AVQA_ENOMEM, "its sound is too long to be mixed");
    enum avqa_status rc =
        avqa_mem_grow(&t->samples, &l->cap, (t->n + n) * n_out, sizeof *t->samples);
    if (rc != AVQA_OK)
        return rc;
    float *to = t->samples + t->n * n_out;
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < n_out; k++)
            *to++ = samples[i * n_in + (k < n_in ? k : 0)];
    }
    t->n += n;
    return AVQA_OK;
}

static enum avqa_status take_sound(void *user, AVFrame *frame)
{
    struct listener *l = user;
    int64_t at_us = AVQA_SOUND_FOLLOWS;
    if (!l->sound) {
        AVChannelLayout layout = {0};
        l->n_channels = frame->ch_layout.nb_channels < l->form->n_channels
                            ? 1
                            : l->form->n_channels;
        av_channel_layout_default(&layout, l->n_channels);
        l->sound = avqa_sound_new_laid_out(l->form->rate_hz, &layout, keep, l);
        av_channel_layout_uninit(&layout);
    }
    if (frame->best_effort_timestamp != AV_NOPTS_VALUE)
        at_us = avqa_container_us(l->reader.file->audio, frame->best_effort_timestamp) -
                l->reader.zero_us;
    enum avqa_status rc = avqa_sound_add(l->sound, frame, at_us);
    if (rc != AVQA_EFORMAT)
        return rc;
    l->reader.n_audio_bad++;
    return AVQA_OK;
}

static enum avqa_status end_sound(struct listener *l)
{
    if (!l->sound)
        return AVQA_OK;
    enum avqa_status rc = avqa_sound_end(l->sound);
    l->track->sound_end_us = avqa_sound_end_us(l->sound);
    avqa_sound_free(l->sound);
    return rc == AVQA_EFORMAT ? AVQA_OK : rc;
}

enum avqa_status avqa_track_read(struct avqa_track *track, const char *path,
                                 const struct avqa_track_form *form)
{
    struct avqa_media_info info = {0};
    struct listener l = {.track = track, .form = form};
    *track = (struct avqa_track){0};
    l.reader = (struct avqa_reader){
        .user = &l, .wants = note_packet, .sound = form->heard ? take_sound : NULL};
    enum avqa_status rc = avqa_reader_open(&l.reader, &info, path, form->limits);
    if (rc == AVQA_OK && l.reader.file)
        rc = avqa_reader_run(&l.reader, form->log);
    enum avqa_status ended = end_sound(&l);
    track->n_bad = l.reader.n_audio_bad;
    avqa_reader_close(&l.reader);
    track->verdict = info.verdict;
    return rc == AVQA_OK ? ended : rc;
}

void avqa_track_release(struct avqa_track *track)
{
    free(track->samples);
    *track = (struct avqa_track){0};
}
