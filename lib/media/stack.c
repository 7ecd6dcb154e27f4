/* See stack.h. Sizes and offsets are even, since a pixel of colour in 4:2:0 stands for
 * two by two. */
#include "media/stack.h"
#include "base/mem.h"
#include "media/picture.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <libavutil/frame.h>
#include <libavutil/imgutils.h>
#include <libswscale/swscale.h>

enum { BLACK = 16, GREY = 128 };
static const int SCALE_FLAGS =
    SWS_BICUBIC | SWS_FULL_CHR_H_INT | SWS_ACCURATE_RND | SWS_BITEXACT;

struct cell {
    struct SwsContext *sws;
    AVFrame *picture;
    int x, y; /* of its upper left corner in the whole picture */
};

struct avqa_stack {
    int columns, rows, width, height; /* of a cell */
    struct cell *cells;
    AVFrame *like; /* the colours of the first picture */
    AVFrame *whole;
};

struct avqa_stack *avqa_stack_new(int columns, int rows, int width, int height)
{
    struct avqa_stack *s = avqa_mem_new(sizeof *s);
    assert(columns > 0 && rows > 0 && width > 0 && height > 0);
    assert(width % 2 == 0 && height % 2 == 0);
    *s = (struct avqa_stack){columns, rows, width, height, NULL, NULL, NULL};
    s->cells = avqa_mem_new((size_t)columns * (size_t)rows * sizeof *s->cells);
    s->whole = av_frame_alloc();
    if (!s->whole)
        avqa_mem_exhausted();
    return s;
}

void avqa_stack_free(struct avqa_stack *stack)
{
    if (!stack)
        return;
    for (int i = 0; i < stack->columns * stack->rows; i++) {
        sws_freeContext(stack->cells[i].sws);
        av_frame_free(&stack->cells[i].picture);
    }
    free(stack->cells);
    av_frame_free(&stack->like);
    av_frame_free(&stack->whole);
    free(stack);
}

static void copy_colours(AVFrame *to, const AVFrame *from)
{
    to->colorspace = from->colorspace;
    to->color_primaries = from->color_primaries;
    to->color_trc = from->color_trc;
}

static int even(double length, int most)
{
    int n = 2 * (int)(length / 2 + 0.5);
    return n < 2 ? 2 : n > most ? most : n;
}

/* The size with the picture's shape that fits into a cell. */
static void fit(const struct avqa_stack *s, const AVFrame *picture, int *width,
                int *height)
{
    double across = (double)s->width / picture->width;
    double down = (double)s->height / picture->height;
    double by = across < down ? across : down;
    *width = even(picture->width * by, s->width);
    *height = even(picture->height * by, s->height);
}

/* Which matrix makes its colours; what does not say is what small pictures are. */
static int matrix_of(const AVFrame *f)
{
    return f->colorspace == AVCOL_SPC_UNSPECIFIED ? SWS_CS_DEFAULT : (int)f->colorspace;
}

static enum avqa_status scale(struct avqa_stack *s, struct cell *c,
                              const AVFrame *picture)
{
    AVFrame *to = c->picture;
    c->sws = sws_getCachedContext(c->sws, picture->width, picture->height,
                                  AV_PIX_FMT_YUV420P, to->width, to->height,
                                  AV_PIX_FMT_YUV420P, SCALE_FLAGS, NULL, NULL, NULL);
    if (!c->sws)
        return avqa_fail(AVQA_EFORMAT, "pictures of %d x %d cannot be scaled",
                         picture->width, picture->height);
    sws_setColorspaceDetails(c->sws, sws_getCoefficients(matrix_of(picture)), 0,
                             sws_getCoefficients(matrix_of(s->like)), 0, 0, 1 << 16,
                             1 << 16);
    sws_scale(c->sws, (const uint8_t *const *)picture->data, picture->linesize, 0,
              picture->height, to->data, to->linesize);
    return AVQA_OK;
}

enum avqa_status avqa_stack_put(struct avqa_stack *stack, size_t cell,
                                const AVFrame *picture)
{
    struct cell *c = &stack->cells[cell];
    const int column = (int)cell % stack->columns;
    const int row = (int)cell / stack->columns;
    int width;
    int height;
    if (!c->picture)
        c->picture = av_frame_alloc();
    if (!stack->like)
        stack->like = av_frame_alloc();
    if (!c->picture || !stack->like)
        avqa_mem_exhausted();
    if (stack->like->width == 0) {
        stack->like->width = picture->width;
        copy_colours(stack->like, picture);
    }
    fit(stack, picture, &width, &height);
    c->x = column * stack->width + (stack->width - width) / 2 / 2 * 2;
    c->y = row * stack->height + (stack->height - height) / 2 / 2 * 2;
    enum avqa_status rc = avqa_picture_renew(c->picture, width, height);
    if (rc != AVQA_OK)
        return rc;
    if (width == picture->width && height == picture->height &&
        matrix_of(picture) == matrix_of(stack->like)) {
        av_image_copy(c->picture->data, c->picture->linesize,
                      (const uint8_t **)picture->data, picture->linesize,
                      AV_PIX_FMT_YUV420P, width, height);
        return AVQA_OK;
    }
    return scale(stack, c, picture);
}

void avqa_stack_place(const struct avqa_stack *stack, size_t cell, double place[4])
{
    const struct cell *c = &stack->cells[cell];
    const double width = (double)stack->columns * stack->width;
    const double height = (double)stack->rows * stack->height;
    place[0] = c->x / width;
    place[1] = c->y / height;
    place[2] = c->picture ? c->picture->width / width : 0;
    place[3] = c->picture ? c->picture->height / height : 0;
}

static void blacken(const AVFrame *f)
{
    for (int i = 0; i < 3; i++)
        memset(f->data[i], i ? GREY : BLACK,
               (size_t)f->linesize[i] * (size_t)(i ? f->height / 2 : f->height));
}

enum avqa_status avqa_stack_picture(const AVFrame **out, struct avqa_stack *stack)
{
    AVFrame *whole = stack->whole;
    enum avqa_status rc = avqa_picture_renew(whole, stack->columns * stack->width,
                                             stack->rows * stack->height);
    *out = whole;
    if (rc != AVQA_OK)
        return rc;
    blacken(whole);
    if (stack->like)
        copy_colours(whole, stack->like);
    for (int i = 0; i < stack->columns * stack->rows; i++) {
        const struct cell *c = &stack->cells[i];
        for (int k = 0; c->picture && k < 3; k++) {
            int half = k ? 2 : 1;
            av_image_copy_plane(
                whole->data[k] + c->y / half * whole->linesize[k] + c->x / half,
                whole->linesize[k], c->picture->data[k], c->picture->linesize[k],
                c->picture->width / half, c->picture->height / half);
        }
    }
    return AVQA_OK;
}
