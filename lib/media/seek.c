/* See seek.h. The clock of a clip's sound is a count of samples from time 0 on. After a
 * seek that count follows from how many packets are before, so this is done only where
 * every packet has as many samples as the others. Their times may say something else,
 * as they do in joined files: reading only follows them where they are a tenth of a
 * second off, and so does counting. Sound that must be resampled is not sought in,
 * since its filter remembers. */
#include "media/seek.h"
#include "media/encode.h"
#include "media/sound.h"

#include <stdlib.h>

#include <libavformat/avformat.h>
#include <libavutil/avstring.h>

#define US_PER_S INT64_C(1000000)
enum { LEAST_ENTRIES = 2 };

static bool reaches(AVStream *stream, int64_t time)
{
    int n = avformat_index_get_entries_count(stream);
    const AVIndexEntry *last =
        n >= LEAST_ENTRIES ? avformat_index_get_entry(stream, n - 1) : NULL;
    return last && last->timestamp >= time;
}

static int64_t time_of(AVStream *stream, int i)
{
    return avformat_index_get_entry(stream, i)->timestamp;
}

static bool is_discarded(AVStream *stream, int i)
{
    return (avformat_index_get_entry(stream, i)->flags & AVINDEX_DISCARD_FRAME) != 0;
}

/* The distance of most packets to the next one, or 0. */
static int64_t usual_step(AVStream *stream, int n)
{
    int64_t step = 0;
    int votes = 0; /* of Boyer and Moore */
    int count = 0;
    for (int i = 1; i < n; i++) {
        int64_t here = time_of(stream, i) - time_of(stream, i - 1);
        if (votes == 0)
            step = here;
        votes += here == step ? 1 : -1;
    }
    for (int i = 1; i < n; i++)
        count += time_of(stream, i) - time_of(stream, i - 1) == step;
    return 2 * count >= n - 1 && step > 0 ? step : 0;
}

/* Whether how many samples the packets up to `time` have is known without them. */
static bool counts_samples(AVStream *stream, int64_t time)
{
    const AVCodecParameters *par = stream->codecpar;
    if (par->sample_rate <= 0 ||
        avqa_encode_rate_hz(par->sample_rate) != par->sample_rate ||
        stream->time_base.num != 1 || stream->time_base.den % par->sample_rate != 0)
        return false;
    const int n = avformat_index_get_entries_count(stream);
    const int64_t step = n >= LEAST_ENTRIES ? usual_step(stream, n) : 0;
    if (par->codec_id == AV_CODEC_ID_AAC || par->codec_id == AV_CODEC_ID_MP3)
        return step > 0; /* all of them as many, whatever the times say */
    for (int i = 1; step && i < n && time_of(stream, i - 1) < time; i++) {
        if (time_of(stream, i) - time_of(stream, i - 1) != step)
            return false;
    }
    return step > 0;
}

static int64_t in_stream(const AVStream *stream, int64_t us)
{
    return av_rescale_q(us, AV_TIME_BASE_Q, stream->time_base);
}

bool avqa_seek(struct avqa_container *file, int64_t at_us)
{
    AVStream *video = file->video;
    if (!video || !av_match_name("mov", file->format->iformat->name) ||
        at_us - 2 * US_PER_S < avqa_container_zero_us(file) ||
        !reaches(video, in_stream(video, at_us)))
        return false;
    if (file->audio && !counts_samples(file->audio, in_stream(file->audio, at_us)))
        return false;
    av_seek_frame(file->format, video->index, in_stream(video, at_us - US_PER_S),
                  AVSEEK_FLAG_BACKWARD); /* if it fails: the packets show where it is */
    return true;
}

/* What sound.c does with packets one after the other, without their samples: those
 * before packet `end`. */
static int64_t count_before(const struct avqa_container *file, int end, int64_t step)
{
    AVStream *stream = file->audio;
    const int rate_hz = stream->codecpar->sample_rate;
    const int64_t zero_us = avqa_container_zero_us(file);
    int64_t count = 0;
    bool started = false;
    for (int i = 0; i < end; i++) {
        if (is_discarded(stream, i))
            continue;
        int64_t at = time_of(stream, i);
        int64_t length = step;
        if (!started && stream->start_time > at && stream->start_time - at < step) {
            length -= stream->start_time - at; /* the decoder leaves these out */
            at = stream->start_time;
        }
        length /= stream->time_base.den / rate_hz;
        int64_t off_us = avqa_container_us(stream, at) - zero_us -
                         av_rescale(count, US_PER_S, rate_hz);
        int64_t n = !started || llabs(off_us) > AVQA_SOUND_TOLERANCE_US
                        ? av_rescale(off_us, rate_hz, US_PER_S)
                        : 0;
        started = started || length + n > 0;
        count += length + n > 0 ? length + n : 0;
    }
    return count;
}

int64_t avqa_seek_sample(const struct avqa_container *file, int64_t time)
{
    AVStream *stream = file->audio;
    const int i = av_index_search_timestamp(stream, time, AVSEEK_FLAG_ANY);
    if (i < 0 || time_of(stream, i) != time)
        return -1;
    return count_before(file, i,
                        usual_step(stream, avformat_index_get_entries_count(stream)));
}
