/* See seek.h. The clock of a clip's sound is a count of samples from time 0 on. After a
 * seek that count is taken from the time of a packet, so this is done only where both
 * are the same: times in samples, every packet as long as the first. Sound that must be
 * resampled is not sought in, since its filter remembers. */
#include "media/seek.h"
#include "media/encode.h"

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

/* Whether sample n of the sound is at time n, as far as `time`. */
static bool counts_samples(AVStream *stream, int64_t time)
{
    const AVCodecParameters *par = stream->codecpar;
    if (par->sample_rate <= 0 ||
        avqa_encode_rate_hz(par->sample_rate) != par->sample_rate ||
        stream->time_base.num != 1 || stream->time_base.den % par->sample_rate != 0)
        return false;
    const int n = avformat_index_get_entries_count(stream);
    if (n < LEAST_ENTRIES)
        return false;
    int64_t last = avformat_index_get_entry(stream, 0)->timestamp;
    const int64_t step = avformat_index_get_entry(stream, 1)->timestamp - last;
    for (int i = 1; i < n && last < time; i++) {
        int64_t at = avformat_index_get_entry(stream, i)->timestamp;
        if (at - last != step)
            return false;
        last = at;
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
