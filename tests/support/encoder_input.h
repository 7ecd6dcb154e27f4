/* The pictures and sounds of tests/golden/encoder_reference.py, made here in the same
 * way, and short ways to a row. */
#ifndef AVQA_TESTS_ENCODER_INPUT_H
#define AVQA_TESTS_ENCODER_INPUT_H

#include "check.h"

#include "encoder/feature.h"
#include "nn/params.h"

enum { INPUT_SEED = 7 };

/* width * height * 3 bytes; the caller frees them. */
static inline uint8_t *input_picture(int width, int height)
{
    char name[64];
    size_t n = (size_t)width * (size_t)height * 3;
    float *noise = NULL;
    uint8_t *rgb = NULL;
    snprintf(name, sizeof name, "picture %dx%d", width, height);
    assert_ok(avqa_mem_array(&noise, n, sizeof *noise));
    assert_ok(avqa_mem_array(&rgb, n, 1));
    avqa_params_units(noise, INPUT_SEED, name, 0, n);
    for (size_t i = 0; i < n; i++) {
        size_t x = i / 3 % (size_t)width;
        size_t y = i / 3 / (size_t)width;
        size_t slope = (x * 2 + y + i % 3 * 60) % 192;
        rgb[i] = (uint8_t)((size_t)(noise[i] * 64) + slope);
    }
    free(noise);
    return rgb;
}

static inline float *input_sound(size_t n)
{
    float *samples = NULL;
    assert_ok(avqa_mem_array(&samples, n, sizeof *samples));
    avqa_params_units(samples, INPUT_SEED, "sound", 0, n);
    for (size_t i = 0; i < n; i++) {
        int noise = (int)(samples[i] * 2048) - 1024;
        int place = (int)(i % 200);
        int triangle = (place < 200 - place ? place : 200 - place) - 50;
        samples[i] = (float)(noise + triangle * 128) / 32768.0F;
    }
    return samples;
}

static inline struct avqa_feature_encoder *
input_encoder(const char *name, const char *preset, const char *weights, size_t batch)
{
    struct avqa_feature_encoder *enc = NULL;
    struct avqa_feature_options options = AVQA_FEATURE_DEFAULTS;
    options.name = name;
    options.preset = preset;
    options.weights = weights;
    options.batch = batch;
    assert_ok(avqa_feature_encoder_new(&enc, &options));
    return enc;
}

/* The item of the picture of that size, or of the sound's first window. */
static inline void input_prepare(struct avqa_feature_work *work, void *item,
                                 const struct avqa_feature_info *info, int width,
                                 int height)
{
    struct avqa_feature_source from = {.picture = {.width = width, .height = height}};
    uint8_t *rgb = NULL;
    float *samples = NULL;
    float *window = NULL;
    if (info->input == AVQA_FEATURE_PICTURE) {
        from.picture.pixels = rgb = input_picture(width, height);
    } else {
        size_t n =
            info->rate_hz == 16000 && info->window > 66150 ? 66150 : info->window;
        samples = input_sound(n);
        assert_ok(avqa_mem_array(&window, info->window, sizeof *window));
        avqa_feature_cut(info, window, samples, n, 0);
        from.samples = window;
    }
    assert_ok(avqa_feature_prepare(work, item, &from));
    free(rgb);
    free(samples);
    free(window);
}

#endif
