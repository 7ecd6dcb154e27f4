/* See spectrogram.h. In double, rounded once. */
#include "encoder/spectrogram.h"
#include "base/mem.h"
#include "media/dft.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum variant { CREMA_D, VGGSOUND, AVE, CREMA_D_PAPER };
static const double FLOOR = 1e-7, DEVIATION_FLOOR = 1e-9, TAPER = 0.25;

static const struct form {
    size_t length, hop; /* samples of a frame, and from frame to frame */
    bool density;       /* as scipy's spectrogram, else as librosa's stft */
} forms[] = {
    [CREMA_D] = {512, 353, false},
    [VGGSOUND] = {256, 128, false},
    [AVE] = {512, 159, true},
    [CREMA_D_PAPER] = {512, 159, true},
};

struct tool {
    struct avqa_dft *dft;
    double *window, *power;
    double scale; /* of power to density */
};

static double hann(size_t i, size_t n)
{
    return 0.5 - 0.5 * cos(2.0 * M_PI * (double)i / (double)n);
}

/* A cosine taper over a quarter of the length, half at either end (of n + 1 points,
 * the last left out, as scipy's get_window makes it). */
static double tukey(size_t i, size_t n)
{
    double at = (double)i / (double)n;
    double edge = at < 0.5 ? at : 1.0 - at;
    if (edge >= TAPER / 2)
        return 1.0;
    return 0.5 * (1.0 + cos(M_PI * (2.0 * edge / TAPER - 1.0)));
}

static void tool_free(void *user)
{
    struct tool *tool = user;
    if (!tool)
        return;
    avqa_dft_free(tool->dft);
    free(tool->window);
    free(tool->power);
    free(tool);
}

static enum avqa_status tool_new(void **out, const struct avqa_feature_kind *kind)
{
    const struct form *form = &forms[kind->variant];
    struct tool *tool = avqa_mem_new(sizeof *tool);
    enum avqa_status rc = avqa_dft_new(&tool->dft, form->length);
    if (rc != AVQA_OK) {
        tool_free(tool);
        return rc;
    }
    double energy = 0;
    tool->window = avqa_mem_new(form->length * sizeof *tool->window);
    tool->power = avqa_mem_new((form->length / 2 + 1) * sizeof *tool->power);
    for (size_t i = 0; i < form->length; i++) {
        tool->window[i] =
            form->density ? tukey(i, form->length) : hann(i, form->length);
        energy += tool->window[i] * tool->window[i];
    }
    tool->scale = 1.0 / (energy * kind->info.rate_hz);
    *out = tool;
    return AVQA_OK;
}

/* The samples from `from` on (which may lie before the first), zeros outside, clipped.
 */
static void load(double *in, const float *samples, size_t n_samples, int64_t from,
                 size_t length)
{
    for (size_t i = 0; i < length; i++) {
        int64_t at = from + (int64_t)i;
        double x = at < 0 || at >= (int64_t)n_samples ? 0.0 : (double)samples[at];
        in[i] = x > 1.0 ? 1.0 : x < -1.0 ? -1.0 : x;
    }
}

static void frame(struct tool *tool, const struct form *form, const float *samples,
                  size_t n_samples, size_t t)
{
    size_t n_bins = form->length / 2 + 1;
    double *in = avqa_dft_in(tool->dft);
    int64_t start = (int64_t)(t * form->hop);
    double mean = 0;
    load(in, samples, n_samples,
         form->density ? start : start - (int64_t)form->length / 2, form->length);
    for (size_t i = 0; form->density && i < form->length; i++)
        mean += in[i] / (double)form->length;
    for (size_t i = 0; i < form->length; i++)
        in[i] = (in[i] - mean) * tool->window[i];
    avqa_dft_power(tool->dft, tool->power);
    for (size_t k = 0; k < n_bins; k++) {
        bool paired = k > 0 && k + 1 < n_bins; /* stands for its negative, too */
        double x = form->density ? tool->power[k] * tool->scale * (paired ? 2.0 : 1.0)
                                 : sqrt(tool->power[k]);
        tool->power[k] = log(x + FLOOR);
    }
}

static void normalise(float *row, size_t n)
{
    double sum = 0;
    double squares = 0;
    for (size_t i = 0; i < n; i++)
        sum += (double)row[i];
    double mean = sum / (double)n;
    for (size_t i = 0; i < n; i++)
        squares += ((double)row[i] - mean) * ((double)row[i] - mean);
    double deviation = sqrt(squares / (double)n) + DEVIATION_FLOOR;
    for (size_t i = 0; i < n; i++)
        row[i] = (float)(((double)row[i] - mean) / deviation);
}

static enum avqa_status prepare(const struct avqa_feature_kind *kind, void *user,
                                void *item, const struct avqa_feature_source *from)
{
    const struct form *form = &forms[kind->variant];
    struct tool *tool = user;
    float *row = item;
    size_t n_bins = kind->info.shape[0];
    size_t n_frames = kind->info.shape[1];
    for (size_t t = 0; t < n_frames; t++) {
        frame(tool, form, from->samples, kind->info.window, t);
        for (size_t k = 0; k < n_bins; k++)
            row[k * n_frames + t] = (float)tool->power[k];
    }
    if (form->density)
        normalise(row, n_bins * n_frames);
    return AVQA_OK;
}

static const struct avqa_feature_kind kinds[] = {
    {.info = {.name = "spectrogram",
              .preset = "crema-d",
              .what = "log magnitudes of the first 3 s at 22.05 kHz",
              .input = AVQA_FEATURE_SOUND,
              .type = AVQA_TENSOR_F32,
              .rank = 2,
              .shape = {257, 188},
              .rate_hz = 22050,
              .window = 66150,
              .tiles = true},
     .variant = CREMA_D,
     .tool_new = tool_new,
     .tool_free = tool_free,
     .prepare = prepare},
    {.info = {.name = "spectrogram",
              .preset = "vggsound",
              .what = "log magnitudes of the first 5 s at 16 kHz",
              .input = AVQA_FEATURE_SOUND,
              .type = AVQA_TENSOR_F32,
              .rank = 2,
              .shape = {129, 626},
              .rate_hz = 16000,
              .window = 80000,
              .tiles = true},
     .variant = VGGSOUND,
     .tool_new = tool_new,
     .tool_free = tool_free,
     .prepare = prepare},
    {.info = {.name = "spectrogram",
              .preset = "ave",
              .what = "log densities of the first 10 s, normalised",
              .input = AVQA_FEATURE_SOUND,
              .type = AVQA_TENSOR_F32,
              .rank = 2,
              .shape = {257, 1004},
              .rate_hz = 16000,
              .window = 160000,
              .tiles = true},
     .variant = AVE,
     .tool_new = tool_new,
     .tool_free = tool_free,
     .prepare = prepare},
    {.info = {.name = "spectrogram",
              .preset = "crema-d-paper",
              .what = "log densities of the first 3 s, normalised",
              .input = AVQA_FEATURE_SOUND,
              .type = AVQA_TENSOR_F32,
              .rank = 2,
              .shape = {257, 299},
              .rate_hz = 16000,
              .window = 48000,
              .tiles = true},
     .variant = CREMA_D_PAPER,
     .tool_new = tool_new,
     .tool_free = tool_free,
     .prepare = prepare},
};

const struct avqa_feature_kind *avqa_spectrogram_kinds(size_t *n)
{
    *n = sizeof kinds / sizeof *kinds;
    return kinds;
}
