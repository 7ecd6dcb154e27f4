/* See container.h. libav's log is kept from standard error: the last complaint of a
 * thread is remembered instead, for the sentence of a verdict. That, and a bound on any
 * single allocation of libav, is all that is set for the whole process. */
#include "media/container.h"
#include "base/clock.h"
#include "base/mem.h"
#include "media/whole.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/avstring.h>

enum {
    IO_BYTES = 1 << 16,
    PROBE_BYTES = 1 << 20,
    MAX_STREAMS = 64,
    MAX_READ_ERRORS = 64, /* in a row */
    MAX_AUDIO_CHANNELS = 64,
};
static const size_t MAX_ALLOCATION = (size_t)512 << 20;

/* Real containers only: what describes other files (hls, concat, dash) stays out. */
static const char CONTAINERS[] =
    "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,flv,mpegts,mpeg,ogg,wav,w64,mp3,aac,"
    "flac,asf,aiff,au,caf,mxf,nut,ac3,eac3,amr,rm,dv,ivf";

static _Thread_local char complaint[AVQA_VERDICT_REASON];
static pthread_once_t once = PTHREAD_ONCE_INIT;

/* ---- what libav says ------------------------------------------------------------- */

static void hear(void *context, int level, const char *fmt, va_list args)
{
    (void)context;
    if (level > AV_LOG_ERROR)
        return;
    vsnprintf(complaint, sizeof complaint, fmt, args);
    complaint[strcspn(complaint, "\n")] = '\0';
}

static void start_libav(void)
{
    av_log_set_callback(hear);
    av_max_alloc(MAX_ALLOCATION);
}

const char *avqa_container_complaint(void)
{
    return complaint;
}

/* The reason libav gives for `code`: its complaint where there is one. */
static const char *reason_of(int code, char text[AV_ERROR_MAX_STRING_SIZE])
{
    if (*complaint)
        return complaint;
    av_strerror(code, text, AV_ERROR_MAX_STRING_SIZE);
    return text;
}

/* ---- bytes ----------------------------------------------------------------------- */

static int past_deadline(void *user)
{
    struct avqa_container *c = user;
    if (!c->gave_up && avqa_clock_monotonic_us() > c->deadline_us) {
        c->gave_up = true;
        avqa_verdict_set(c->verdict, AVQA_MEDIA_TOO_SLOW,
                         "it was given up after %.1f s",
                         (double)c->limits.wall_us / 1e6);
    }
    return c->gave_up;
}

static int read_bytes(void *user, uint8_t *bytes, int size)
{
    struct avqa_container *c = user;
    if (past_deadline(c))
        return AVERROR_EXIT;
    ssize_t n = read(c->fd, bytes, (size_t)size);
    if (n < 0) { /* to libav it may look like the end of the file */
        int code = AVERROR(errno);
        c->gave_up = true;
        avqa_verdict_set(c->verdict, AVQA_MEDIA_UNREADABLE, "it cannot be read: %s",
                         strerror(errno));
        return code;
    }
    return n ? (int)n : AVERROR_EOF;
}

static int64_t seek_bytes(void *user, int64_t offset, int whence)
{
    struct avqa_container *c = user;
    if (whence & AVSEEK_SIZE)
        return c->size_bytes;
    off_t at = lseek(c->fd, (off_t)offset, whence & ~AVSEEK_FORCE);
    return at < 0 ? AVERROR(errno) : at;
}

/* A file may not make libav open another one. */
static int refuse_to_open(AVFormatContext *format, AVIOContext **pb, const char *url,
                          int flags, AVDictionary **options)
{
    (void)format;
    (void)pb;
    (void)url;
    (void)flags;
    (void)options;
    return AVERROR(EPERM);
}

/* ---- opening --------------------------------------------------------------------- */

static void open_descriptor(struct avqa_container *c, const char *path)
{
    struct stat st;
    c->fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC); /* a pipe would block */
    if (c->fd < 0)
        avqa_verdict_set(c->verdict, AVQA_MEDIA_NO_FILE, "it cannot be opened: %s",
                         strerror(errno));
    else if (fstat(c->fd, &st) != 0 || !S_ISREG(st.st_mode))
        avqa_verdict_set(c->verdict, AVQA_MEDIA_NO_FILE, "it is no regular file");
    else if (st.st_size == 0)
        avqa_verdict_set(c->verdict, AVQA_MEDIA_NO_FILE, "it is empty");
    else
        c->size_bytes = st.st_size;
}

static enum avqa_status attach(struct avqa_container *c)
{
    unsigned char *buffer = av_malloc(IO_BYTES);
    c->format = avformat_alloc_context();
    AVIOContext *pb =
        buffer && c->format
            ? avio_alloc_context(buffer, IO_BYTES, 0, c, read_bytes, NULL, seek_bytes)
            : NULL;
    if (!pb) {
        av_free(buffer);
        return avqa_fail(AVQA_ENOMEM, "out of memory for a media file");
    }
    c->format->pb = pb;
    c->format->flags |= AVFMT_FLAG_CUSTOM_IO;
    c->format->max_streams = MAX_STREAMS;
    c->format->io_open = refuse_to_open;
    c->format->interrupt_callback = (AVIOInterruptCB){past_deadline, c};
    return AVQA_OK;
}

/* What the bytes begin like; by content alone, whatever the name ends with. */
static const AVInputFormat *find_format(struct avqa_container *c)
{
    const AVInputFormat *found = NULL;
    int score =
        av_probe_input_buffer2(c->format->pb, &found, NULL, NULL, 0, PROBE_BYTES);
    if (c->gave_up)
        return NULL;
    if (score < AVPROBE_SCORE_RETRY || !found)
        avqa_verdict_set(c->verdict, AVQA_MEDIA_NOT_MEDIA,
                         "it begins like no container that is known");
    else if (!av_match_list(found->name, CONTAINERS, ','))
        avqa_verdict_set(c->verdict, AVQA_MEDIA_NOT_MEDIA,
                         "it is of the format '%s', which is not taken", found->name);
    else
        return found;
    return NULL;
}

static void open_format(struct avqa_container *c)
{
    char text[AV_ERROR_MAX_STRING_SIZE];
    AVIOContext *pb = c->format->pb; /* a failed open frees the format, not this */
    const AVInputFormat *found = find_format(c);
    if (!found) {
        avformat_free_context(c->format);
        c->format = NULL;
    } else {
        complaint[0] = '\0';
        int code = avformat_open_input(&c->format, NULL, found, NULL);
        if (code >= 0)
            code = avformat_find_stream_info(c->format, NULL);
        if (code < 0 && !c->gave_up && c->verdict->outcome < AVQA_MEDIA_TRUNCATED)
            avqa_verdict_set(c->verdict, AVQA_MEDIA_CORRUPT,
                             "its header cannot be read: %s", reason_of(code, text));
        if (code < 0)
            avformat_close_input(&c->format);
    }
    if (!c->format) {
        av_freep(&pb->buffer);
        avio_context_free(&pb);
    }
}

/* ---- streams --------------------------------------------------------------------- */

static bool is_picture(const AVStream *stream)
{
    static const enum AVCodecID stills[] = {AV_CODEC_ID_MJPEG, AV_CODEC_ID_PNG,
                                            AV_CODEC_ID_BMP,   AV_CODEC_ID_WEBP,
                                            AV_CODEC_ID_TIFF,  AV_CODEC_ID_GIF};
    const int marks = AV_DISPOSITION_ATTACHED_PIC | AV_DISPOSITION_TIMED_THUMBNAILS |
                      AV_DISPOSITION_STILL_IMAGE;
    if (stream->disposition & marks)
        return true;
    for (size_t i = 0; i < sizeof stills / sizeof *stills; i++) {
        if (stream->codecpar->codec_id == stills[i])
            return stream->nb_frames == 1;
    }
    return false;
}

/* The one marked as default, then the largest picture or the most channels. */
static int64_t worth(const AVStream *stream)
{
    const AVCodecParameters *par = stream->codecpar;
    int64_t size = par->codec_type == AVMEDIA_TYPE_VIDEO
                       ? (int64_t)par->width * par->height
                       : par->ch_layout.nb_channels;
    return size + (stream->disposition & AV_DISPOSITION_DEFAULT ? INT64_C(1) << 62 : 0);
}

static bool is_better(const AVStream *stream, const AVStream *best)
{
    return !best || worth(stream) > worth(best);
}

static void choose_streams(struct avqa_container *c)
{
    for (unsigned i = 0; i < c->format->nb_streams; i++) {
        AVStream *stream = c->format->streams[i];
        enum AVMediaType type = stream->codecpar->codec_type;
        bool picture = type == AVMEDIA_TYPE_VIDEO && is_picture(stream);
        c->n_pictures += picture;
        stream->discard = AVDISCARD_ALL;
        if (type == AVMEDIA_TYPE_VIDEO && !picture && is_better(stream, c->video))
            c->video = stream;
        if (type == AVMEDIA_TYPE_AUDIO && is_better(stream, c->audio))
            c->audio = stream;
    }
    if (c->video)
        c->video->discard = AVDISCARD_DEFAULT;
    if (c->audio)
        c->audio->discard = AVDISCARD_DEFAULT;
    if (!c->video && !c->audio)
        avqa_verdict_set(c->verdict, AVQA_MEDIA_NO_STREAMS,
                         "it has neither a picture nor a sound");
    else if (!c->video)
        avqa_verdict_set(c->verdict, AVQA_MEDIA_NO_VIDEO,
                         c->n_pictures ? "it has sound and a still picture, no video"
                                       : "it has sound, no video");
    else if (!c->audio)
        avqa_verdict_set(c->verdict, AVQA_MEDIA_NO_AUDIO, "it has video, no sound");
}

enum avqa_status avqa_container_open(struct avqa_container **out, const char *path,
                                     const struct avqa_media_limits *limits,
                                     struct avqa_verdict *verdict)
{
    struct avqa_container *c = avqa_mem_new(sizeof *c);
    enum avqa_status rc = AVQA_OK;
    *out = NULL;
    *verdict = (struct avqa_verdict){0};
    pthread_once(&once, start_libav);
    c->verdict = verdict;
    c->limits = *limits;
    c->deadline_us = avqa_clock_monotonic_us() + limits->wall_us;
    open_descriptor(c, path);
    if (verdict->outcome == AVQA_MEDIA_OK)
        avqa_whole_sniff(verdict, c->fd);
    if (verdict->outcome == AVQA_MEDIA_OK) {
        avqa_whole_check(verdict, c->fd, c->size_bytes);
        rc = attach(c);
        if (rc == AVQA_OK)
            open_format(c);
    }
    if (rc == AVQA_OK && c->format) {
        choose_streams(c);
        *out = c;
        return AVQA_OK;
    }
    avqa_container_close(c);
    return rc;
}

void avqa_container_close(struct avqa_container *c)
{
    if (!c)
        return;
    if (c->format) {
        AVIOContext *pb = c->format->pb;
        avformat_close_input(&c->format);
        if (pb)
            av_freep(&pb->buffer);
        avio_context_free(&pb);
    }
    if (c->fd >= 0)
        close(c->fd);
    free(c);
}

/* ---- reading --------------------------------------------------------------------- */

bool avqa_container_read(struct avqa_container *c, AVPacket *packet)
{
    int n_errors = 0;
    while (!past_deadline(c) && n_errors < MAX_READ_ERRORS) {
        int code = av_read_frame(c->format, packet);
        if (code == AVERROR_EOF && c->verdict->outcome != AVQA_MEDIA_TRUNCATED)
            return false;
        if (code == AVERROR(ENOMEM)) {
            c->no_memory = true;
            return false;
        }
        if (code < 0) { /* this packet is not there; in a cut file others may be */
            n_errors++;
            continue;
        }
        if (++c->n_packets > c->limits.max_packets) {
            c->gave_up = true;
            avqa_verdict_set(c->verdict, AVQA_MEDIA_TOO_SLOW,
                             "it has more than %lld packets",
                             (long long)c->limits.max_packets);
        } else if ((c->video && packet->stream_index == c->video->index) ||
                   (c->audio && packet->stream_index == c->audio->index)) {
            return true;
        }
        av_packet_unref(packet);
    }
    return false;
}

enum avqa_status avqa_container_status(const struct avqa_container *c)
{
    return c->no_memory ? avqa_fail(AVQA_ENOMEM, "out of memory for a packet")
                        : AVQA_OK;
}

static bool within_limits(const struct avqa_container *c, const AVCodecParameters *par)
{
    if (par->codec_type == AVMEDIA_TYPE_VIDEO &&
        (int64_t)par->width * par->height > c->limits.max_pixels) {
        avqa_verdict_set(c->verdict, AVQA_MEDIA_UNSUPPORTED,
                         "its picture of %d x %d is beyond the limit of %lld pixels",
                         par->width, par->height, (long long)c->limits.max_pixels);
        return false;
    }
    if (par->codec_type == AVMEDIA_TYPE_AUDIO &&
        par->ch_layout.nb_channels > MAX_AUDIO_CHANNELS) {
        avqa_verdict_set(c->verdict, AVQA_MEDIA_UNSUPPORTED,
                         "its sound has %d channels", par->ch_layout.nb_channels);
        return false;
    }
    return true;
}

enum avqa_status avqa_container_decoder(AVCodecContext **out, struct avqa_container *c,
                                        const AVStream *stream, int n_threads)
{
    const AVCodecParameters *par = stream->codecpar;
    const AVCodec *codec = avcodec_find_decoder(par->codec_id);
    *out = NULL;
    if (!codec) {
        avqa_verdict_set(c->verdict, AVQA_MEDIA_UNSUPPORTED,
                         "there is no decoder for '%s' here",
                         avcodec_get_name(par->codec_id));
        return AVQA_OK;
    }
    if (!within_limits(c, par))
        return AVQA_OK;
    AVCodecContext *ctx = avcodec_alloc_context3(codec);
    if (!ctx || avcodec_parameters_to_context(ctx, par) < 0) {
        avcodec_free_context(&ctx);
        return avqa_fail(AVQA_ENOMEM, "out of memory for a decoder");
    }
    ctx->pkt_timebase = stream->time_base;
    ctx->thread_count = n_threads;
    ctx->max_pixels = c->limits.max_pixels;
    complaint[0] = '\0';
    if (avcodec_open2(ctx, codec, NULL) < 0) {
        avqa_verdict_set(c->verdict, AVQA_MEDIA_CORRUPT,
                         "its '%s' decoder cannot be started: %s", codec->name,
                         complaint);
        avcodec_free_context(&ctx);
        return AVQA_OK;
    }
    *out = ctx;
    return AVQA_OK;
}

/* ---- time ------------------------------------------------------------------------ */

int64_t avqa_container_us(const AVStream *stream, int64_t time)
{
    const int64_t most = INT64_C(1) << 60;
    int64_t us = av_rescale_q(time, stream->time_base, AV_TIME_BASE_Q);
    return us > most ? most : us < -most ? -most : us;
}

int64_t avqa_container_start_us(const AVStream *stream)
{
    const AVCodecParameters *par = stream->codecpar;
    int64_t start = stream->start_time;
    if (start == AV_NOPTS_VALUE)
        return 0;
    if (start < 0 && par->initial_padding > 0 && par->sample_rate > 0)
        start += av_rescale_q(par->initial_padding, (AVRational){1, par->sample_rate},
                              stream->time_base);
    return avqa_container_us(stream, start);
}

int64_t avqa_container_zero_us(const struct avqa_container *c)
{
    int64_t video_us = c->video ? avqa_container_start_us(c->video) : INT64_MAX;
    int64_t audio_us = c->audio ? avqa_container_start_us(c->audio) : INT64_MAX;
    return video_us < audio_us ? video_us : audio_us;
}
