/* See pixels.h. */
#include "plot/pixels.h"

#include <stdlib.h>
#include <string.h>

#include <cairo.h>

#include "base/mem.h"

enum { CHANNELS = 3 };

static enum avqa_status count_bytes(size_t *bytes, const struct avqa_pixels *pixels)
{
    if (!pixels->rgb || pixels->width <= 0 || pixels->height <= 0 ||
        pixels->width > AVQA_PIXELS_MAX_SIDE || pixels->height > AVQA_PIXELS_MAX_SIDE)
        return avqa_fail(AVQA_EINVAL, "a picture of %d x %d pixels cannot be drawn",
                         pixels->width, pixels->height);
    *bytes = (size_t)pixels->width * (size_t)pixels->height * CHANNELS;
    return AVQA_OK;
}

enum avqa_status avqa_pixels_copy(struct avqa_pixels **out,
                                  const struct avqa_pixels *pixels)
{
    size_t bytes = 0;
    uint8_t *rgb = NULL;
    enum avqa_status status = count_bytes(&bytes, pixels);

    *out = NULL;
    if (status == AVQA_OK)
        status = avqa_mem_array(&rgb, bytes, 1);
    if (status != AVQA_OK)
        return status;
    memcpy(rgb, pixels->rgb, bytes);
    *out = avqa_mem_new(sizeof **out);
    **out = (struct avqa_pixels){pixels->width, pixels->height, rgb};
    return AVQA_OK;
}

void avqa_pixels_free(struct avqa_pixels *pixels)
{
    if (!pixels)
        return;
    free((uint8_t *)(uintptr_t)pixels->rgb);
    free(pixels);
}

/* A surface with its own copy; one in an error state if memory is short. */
static cairo_surface_t *surface_of(const struct avqa_pixels *pixels)
{
    cairo_surface_t *surface =
        cairo_image_surface_create(CAIRO_FORMAT_RGB24, pixels->width, pixels->height);
    unsigned char *data = cairo_image_surface_get_data(surface);
    size_t stride = (size_t)cairo_image_surface_get_stride(surface);
    const uint8_t *from = pixels->rgb;

    for (int y = 0; data && y < pixels->height; y++) {
        unsigned char *row = data + (size_t)y * stride;

        for (int x = 0; x < pixels->width; x++, from += CHANNELS) {
            uint32_t pixel =
                (uint32_t)from[0] << 16 | (uint32_t)from[1] << 8 | (uint32_t)from[2];
            memcpy(row + sizeof pixel * (size_t)x, &pixel, sizeof pixel);
        }
    }
    cairo_surface_mark_dirty(surface);
    return surface;
}

void avqa_pixels_show(const struct avqa_pixels *pixels, void *cairo,
                      const struct avqa_rect *rect)
{
    cairo_t *cr = cairo;
    cairo_surface_t *surface = surface_of(pixels);

    cairo_save(cr);
    cairo_translate(cr, rect->x_pt, rect->y_pt);
    cairo_scale(cr, rect->width_pt / pixels->width, rect->height_pt / pixels->height);
    cairo_set_source_surface(cr, surface, 0, 0);
    cairo_pattern_set_filter(cairo_get_source(cr), CAIRO_FILTER_GOOD);
    /* Between pixels of the page the border must not fade; a PDF's reader sees to it.
     */
    if (cairo_surface_get_type(cairo_get_target(cr)) == CAIRO_SURFACE_TYPE_IMAGE)
        cairo_pattern_set_extend(cairo_get_source(cr), CAIRO_EXTEND_PAD);
    cairo_rectangle(cr, 0, 0, pixels->width, pixels->height);
    cairo_fill(cr);
    cairo_restore(cr);
    cairo_surface_destroy(surface);
}

static cairo_status_t append(void *closure, const unsigned char *data, unsigned len)
{
    struct avqa_buf *buf = closure;

    avqa_buf_add(buf, data, len);
    return buf->failed ? CAIRO_STATUS_WRITE_ERROR : CAIRO_STATUS_SUCCESS;
}

static void add_base64(struct avqa_buf *out, const uint8_t *bytes, size_t len)
{
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    for (size_t i = 0; i < len; i += 3) {
        uint32_t three = (uint32_t)bytes[i] << 16 |
                         (i + 1 < len ? (uint32_t)bytes[i + 1] << 8 : 0) |
                         (i + 2 < len ? (uint32_t)bytes[i + 2] : 0);
        char four[4] = {letters[three >> 18], letters[three >> 12 & 63],
                        i + 1 < len ? letters[three >> 6 & 63] : '=',
                        i + 2 < len ? letters[three & 63] : '='};

        avqa_buf_add(out, four, sizeof four);
    }
}

enum avqa_status avqa_pixels_data_url(struct avqa_buf *out,
                                      const struct avqa_pixels *pixels)
{
    struct avqa_buf png = AVQA_BUF_INIT;
    cairo_surface_t *surface = surface_of(pixels);
    enum avqa_status status = AVQA_OK;

    if (cairo_surface_write_to_png_stream(surface, append, &png) !=
        CAIRO_STATUS_SUCCESS)
        status = avqa_fail(AVQA_ENOMEM, "writing a picture of %d x %d pixels failed",
                           pixels->width, pixels->height);
    cairo_surface_destroy(surface);
    if (status == AVQA_OK) {
        avqa_buf_adds(out, "data:image/png;base64,");
        add_base64(out, (const uint8_t *)png.data, png.len);
        status = avqa_buf_status(out);
    }
    avqa_buf_release(&png);
    return status;
}
