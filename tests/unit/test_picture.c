/* Pictures as RGB: the bytes that swscale gives as packed RGB with the flags that
 * lib/media/picture.c explains, whichever way they were drawn. */
#include "check.h"
#include "media/picture.h"

#include "base/rng.h"

#include <libavutil/frame.h>
#include <libavutil/pixdesc.h>
#include <libswscale/swscale.h>

enum { ALIGN = 64 };

static AVFrame *new_frame(enum AVPixelFormat format, int width, int height)
{
    AVFrame *f = av_frame_alloc();
    assert_non_null(f);
    f->format = format;
    f->width = width;
    f->height = height;
    assert_int_equal(av_frame_get_buffer(f, ALIGN), 0);
    return f;
}

/* Noise: every bit that the format has. */
static AVFrame *noise(enum AVPixelFormat format, int width, int height)
{
    const AVPixFmtDescriptor *d = av_pix_fmt_desc_get(format);
    AVFrame *f = new_frame(format, width, height);
    struct avqa_rng rng;
    avqa_rng_init(&rng, 7, d->name);
    for (int b = 0; b < AV_NUM_DATA_POINTERS && f->buf[b]; b++)
        for (size_t i = 0; i < f->buf[b]->size; i++)
            f->buf[b]->data[i] = (uint8_t)(avqa_rng_next(&rng) >> 56 &
                                           (d->comp[0].depth > 8 && i % 2
                                                ? (1U << (d->comp[0].depth - 8)) - 1
                                                : 255));
    return f;
}

/* The frame as packed RGB, as far as swscale itself goes. */
static AVFrame *packed(const AVFrame *frame, int width, int height, bool full,
                       int space)
{
    AVFrame *to = new_frame(AV_PIX_FMT_RGB24, width, height);
    struct SwsContext *sws = sws_getContext(
        frame->width, frame->height, (enum AVPixelFormat)frame->format, width, height,
        AV_PIX_FMT_RGB24,
        SWS_BILINEAR | SWS_FULL_CHR_H_INT | SWS_ACCURATE_RND | SWS_BITEXACT, NULL, NULL,
        NULL);
    assert_non_null(sws);
    const int *matrix = sws_getCoefficients(space);
    sws_setColorspaceDetails(sws, matrix, full, matrix, 0, 0, 1 << 16, 1 << 16);
    assert_int_equal(sws_scale(sws, (const uint8_t *const *)frame->data,
                               frame->linesize, 0, frame->height, to->data,
                               to->linesize),
                     height);
    sws_freeContext(sws);
    return to;
}

static struct avqa_media_video video_of(int width, int height,
                                        struct avqa_media_turn turn)
{
    return (struct avqa_media_video){.width = width,
                                     .height = height,
                                     .turn = turn,
                                     .shown_width = turn.transpose ? height : width,
                                     .shown_height = turn.transpose ? width : height};
}

static void compare(struct avqa_painter *painter, AVFrame *frame, int width, int height)
{
    static const enum AVColorSpace spaces[] = {AVCOL_SPC_BT709, AVCOL_SPC_SMPTE170M,
                                               AVCOL_SPC_BT2020_NCL};
    const struct avqa_media_video video =
        video_of(width, height, (struct avqa_media_turn){0});
    for (size_t i = 0; i < 2 * N_OF(spaces); i++) {
        struct avqa_painted ours = {0};
        const bool full = i % 2;
        frame->colorspace = spaces[i / 2];
        frame->color_range = full ? AVCOL_RANGE_JPEG : AVCOL_RANGE_MPEG;
        AVFrame *theirs = packed(frame, width, height, full, (int)spaces[i / 2]);
        assert_ok(avqa_painter_paint(&ours, painter, frame, &video));
        assert_int_equal(ours.width, width);
        assert_int_equal(ours.height, height);
        for (int y = 0; y < height; y++)
            assert_memory_equal(ours.rgb + (size_t)y * (size_t)width * 3,
                                theirs->data[0] + (ptrdiff_t)y * theirs->linesize[0],
                                (size_t)width * 3);
        av_frame_free(&theirs);
    }
}

/* One painter for all of it: formats and sizes follow each other. */
static void test_packed(void **state)
{
    (void)state;
    static const enum AVPixelFormat formats[] = {
        AV_PIX_FMT_YUV420P,   AV_PIX_FMT_YUVJ420P,    AV_PIX_FMT_YUV420P10,
        AV_PIX_FMT_YUV420P12, AV_PIX_FMT_NV12,        AV_PIX_FMT_YUV422P,
        AV_PIX_FMT_YUV444P,   AV_PIX_FMT_YUV444P10LE, AV_PIX_FMT_YUV410P,
        AV_PIX_FMT_YUV440P,   AV_PIX_FMT_GRAY8,       AV_PIX_FMT_GRAY10,
        AV_PIX_FMT_RGB24,     AV_PIX_FMT_BGRA,        AV_PIX_FMT_GBRP,
        AV_PIX_FMT_RGB48LE};
    static const struct {
        int width, height, painted_width, painted_height;
    } sizes[] = {{320, 240, 320, 240}, {319, 242, 319, 242}, {33, 16, 33, 16},
                 {34, 14, 34, 14},     {34, 17, 34, 17},     {50, 239, 50, 239},
                 {64, 48, 85, 48},     {85, 48, 64, 48},     {64, 48, 32, 24},
                 {64, 48, 96, 72},     {65, 48, 65, 49}};
    struct avqa_picture_size as_shown = {0};
    struct avqa_painter *painter = avqa_painter_new(&as_shown);
    for (size_t f = 0; f < N_OF(formats); f++)
        for (size_t s = 0; s < N_OF(sizes); s++) {
            AVFrame *frame = noise(formats[f], sizes[s].width, sizes[s].height);
            compare(painter, frame, sizes[s].painted_width, sizes[s].painted_height);
            av_frame_free(&frame);
        }
    avqa_painter_free(painter);
}

static void test_turned(void **state)
{
    (void)state;
    enum { WIDTH = 48, HEIGHT = 32 };
    struct avqa_picture_size as_shown = {0};
    struct avqa_painter *painter = avqa_painter_new(&as_shown);
    AVFrame *frame = noise(AV_PIX_FMT_YUV420P, WIDTH, HEIGHT);
    frame->colorspace = AVCOL_SPC_SMPTE170M;
    frame->color_range = AVCOL_RANGE_MPEG;
    AVFrame *theirs = packed(frame, WIDTH, HEIGHT, false, SWS_CS_SMPTE170M);
    for (int i = 0; i < 8; i++) {
        uint8_t out[WIDTH * HEIGHT * 3];
        struct avqa_painted ours = {0};
        const struct avqa_media_turn turn = {i & 1, i & 2, i & 4};
        const struct avqa_media_video video = video_of(WIDTH, HEIGHT, turn);
        assert_ok(avqa_painter_paint(&ours, painter, frame, &video));
        assert_int_equal(ours.width, turn.transpose ? HEIGHT : WIDTH);
        assert_int_equal(ours.height, turn.transpose ? WIDTH : HEIGHT);
        avqa_picture_apply_turn(out, ours.width, ours.height, theirs->data[0],
                                (size_t)theirs->linesize[0], turn);
        assert_memory_equal(ours.rgb, out, sizeof out);
    }
    av_frame_free(&theirs);
    av_frame_free(&frame);
    avqa_painter_free(painter);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_packed),
                                       cmocka_unit_test(test_turned)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
