/* See fingerprint.h. */
#include "media/fingerprint.h"
#include "base/mem.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

#include <chromaprint.h>

enum { CELLS_X = 9, CELLS_Y = 8, CHUNK = 4096 };

static int64_t cell_mean(const uint8_t *luma, int width, int height, int x, int y)
{
    int from_x = x * width / CELLS_X;
    int to_x = (x + 1) * width / CELLS_X;
    int from_y = y * height / CELLS_Y;
    int to_y = (y + 1) * height / CELLS_Y;
    int64_t sum = 0;
    for (int row = from_y; row < to_y; row++) {
        for (int column = from_x; column < to_x; column++)
            sum += luma[row * width + column];
    }
    return 256 * sum / ((int64_t)(to_x - from_x) * (to_y - from_y));
}

uint64_t avqa_picture_print(const uint8_t *luma, int width, int height)
{
    uint64_t bits = 0;
    for (int y = 0; y < CELLS_Y; y++) {
        int64_t left = cell_mean(luma, width, height, 0, y);
        for (int x = 1; x < CELLS_X; x++) {
            int64_t right = cell_mean(luma, width, height, x, y);
            bits = bits << 1 | (right > left);
            left = right;
        }
    }
    return bits;
}

struct avqa_sound_print {
    ChromaprintContext *context;
};

static enum avqa_status failed(void)
{
    return avqa_fail(AVQA_ENOMEM, "the sound could not be fingerprinted");
}

enum avqa_status avqa_sound_print_new(struct avqa_sound_print **out, int rate_hz)
{
    struct avqa_sound_print *print = avqa_mem_new(sizeof *print);
    print->context = chromaprint_new(CHROMAPRINT_ALGORITHM_DEFAULT);
    if (!print->context || !chromaprint_start(print->context, rate_hz, 1)) {
        avqa_sound_print_free(print);
        return failed();
    }
    *out = print;
    return AVQA_OK;
}

enum avqa_status avqa_sound_print_add(struct avqa_sound_print *print, const float *mono,
                                      size_t n)
{
    int16_t pcm[CHUNK];
    for (size_t done = 0; done < n;) {
        size_t count = n - done < CHUNK ? n - done : CHUNK;
        for (size_t i = 0; i < count; i++) {
            float level = mono[done + i] * 32767.0F;
            pcm[i] = (int16_t)lrintf(level > 32767.0F    ? 32767.0F
                                     : level > -32767.0F ? level
                                                         : -32767.0F);
        }
        if (!chromaprint_feed(print->context, pcm, (int)count))
            return failed();
        done += count;
    }
    return AVQA_OK;
}

enum avqa_status avqa_sound_print_end(struct avqa_sound_print *print,
                                      struct avqa_buf *hex)
{
    uint32_t *items = NULL;
    int n = 0;
    if (!chromaprint_finish(print->context) ||
        !chromaprint_get_raw_fingerprint(print->context, &items, &n))
        return failed();
    for (int i = 0; i < n; i++)
        avqa_buf_addf(hex, "%08" PRIx32, items[i]);
    chromaprint_dealloc(items);
    return avqa_buf_status(hex);
}

void avqa_sound_print_free(struct avqa_sound_print *print)
{
    if (!print)
        return;
    if (print->context)
        chromaprint_free(print->context);
    free(print);
}
