/* See logmel.h. Computed in double and rounded once. */
#include "encoder/logmel.h"
#include "base/mem.h"
#include "media/dft.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { DFT = 512, BINS = DFT / 2 + 1 };
static const double LOWEST_HZ = 125, HIGHEST_HZ = 7500, OFFSET = 0.01;

/* The bins of one band, which are neighbours. */
struct band {
    size_t first, n;
    double weights[BINS];
};

struct avqa_logmel {
    struct avqa_dft *dft;
    double window[AVQA_LOGMEL_WINDOW];
    struct band bands[AVQA_LOGMEL_BANDS];
};

static double mel(double hz)
{
    return 1127.0 * log(1.0 + hz / 700.0);
}

static void make_band(struct band *band, size_t i)
{
    double step = (mel(HIGHEST_HZ) - mel(LOWEST_HZ)) / (AVQA_LOGMEL_BANDS + 1);
    double low = mel(LOWEST_HZ) + step * (double)i;
    for (size_t k = 1; k < BINS; k++) {
        double at = mel((double)k * AVQA_LOGMEL_RATE_HZ / DFT);
        double rising = (at - low) / step;
        double falling = (low + 2 * step - at) / step;
        double weight = rising < falling ? rising : falling;
        if (weight <= 0)
            continue;
        if (band->n == 0)
            band->first = k;
        band->weights[band->n++] = weight;
    }
}

enum avqa_status avqa_logmel_new(struct avqa_logmel **out)
{
    struct avqa_logmel *made = avqa_mem_new(sizeof *made);
    enum avqa_status rc = avqa_dft_new(&made->dft, DFT);
    if (rc != AVQA_OK) {
        avqa_logmel_free(made);
        return rc;
    }
    for (size_t i = 0; i < AVQA_LOGMEL_WINDOW; i++)
        made->window[i] = 0.5 - 0.5 * cos(2.0 * M_PI * (double)i / AVQA_LOGMEL_WINDOW);
    for (size_t i = 0; i < AVQA_LOGMEL_BANDS; i++)
        make_band(&made->bands[i], i);
    *out = made;
    return AVQA_OK;
}

void avqa_logmel_free(struct avqa_logmel *logmel)
{
    if (!logmel)
        return;
    avqa_dft_free(logmel->dft);
    free(logmel);
}

static void frame(struct avqa_logmel *logmel, float *out, const float *samples)
{
    double bins[BINS];
    double *in = avqa_dft_in(logmel->dft);
    memset(in, 0, DFT * sizeof *in);
    for (size_t i = 0; i < AVQA_LOGMEL_WINDOW; i++)
        in[i] = (double)samples[i] * logmel->window[i];
    avqa_dft_power(logmel->dft, bins);
    for (size_t k = 0; k < BINS; k++)
        bins[k] = sqrt(bins[k]);
    for (size_t b = 0; b < AVQA_LOGMEL_BANDS; b++) {
        const struct band *band = &logmel->bands[b];
        double sum = 0;
        for (size_t k = 0; k < band->n; k++)
            sum += bins[band->first + k] * band->weights[k];
        out[b] = (float)log(sum + OFFSET);
    }
}

void avqa_logmel_example(struct avqa_logmel *logmel, float *out, const float *samples)
{
    for (size_t i = 0; i < AVQA_LOGMEL_FRAMES; i++)
        frame(logmel, out + i * AVQA_LOGMEL_BANDS, samples + i * AVQA_LOGMEL_HOP);
}

enum avqa_status avqa_logmel_tool_new(void **tool, const struct avqa_feature_kind *kind)
{
    struct avqa_logmel *made = NULL;
    (void)kind;
    enum avqa_status rc = avqa_logmel_new(&made);
    *tool = made;
    return rc;
}

void avqa_logmel_tool_free(void *tool)
{
    avqa_logmel_free(tool);
}

enum avqa_status avqa_logmel_prepare(const struct avqa_feature_kind *kind, void *tool,
                                     void *item, const struct avqa_feature_source *from)
{
    (void)kind;
    avqa_logmel_example(tool, item, from->samples);
    return AVQA_OK;
}

static const struct avqa_feature_kind kinds[] = {
    {.info = {.name = "logmel",
              .preset = "vggish",
              .what = "log-mel bands as VGGish hears them, every 0.96 s",
              .input = AVQA_FEATURE_SOUND,
              .type = AVQA_TENSOR_F32,
              .rank = 2,
              .shape = {AVQA_LOGMEL_FRAMES, AVQA_LOGMEL_BANDS},
              .rate_hz = AVQA_LOGMEL_RATE_HZ,
              .window = AVQA_LOGMEL_SAMPLES,
              .hop = AVQA_LOGMEL_FRAMES * AVQA_LOGMEL_HOP},
     .tool_new = avqa_logmel_tool_new,
     .tool_free = avqa_logmel_tool_free,
     .prepare = avqa_logmel_prepare},
    {.info = {.name = "logmel",
              .preset = "music-avqa",
              .what = "the same of the first 0.96 s of each second",
              .input = AVQA_FEATURE_SOUND,
              .type = AVQA_TENSOR_F32,
              .rank = 2,
              .shape = {AVQA_LOGMEL_FRAMES, AVQA_LOGMEL_BANDS},
              .rate_hz = AVQA_LOGMEL_RATE_HZ,
              .window = AVQA_LOGMEL_RATE_HZ,
              .hop = AVQA_LOGMEL_RATE_HZ},
     .tool_new = avqa_logmel_tool_new,
     .tool_free = avqa_logmel_tool_free,
     .prepare = avqa_logmel_prepare},
};

const struct avqa_feature_kind *avqa_logmel_kinds(size_t *n)
{
    *n = sizeof kinds / sizeof *kinds;
    return kinds;
}
