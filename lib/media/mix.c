/* See mix.h. */
#include "media/mix.h"
#include "base/mem.h"

#include <math.h>
#include <stdlib.h>

enum avqa_status avqa_mix_init(struct avqa_mix *mix, size_t n, int n_channels)
{
    size_t values;
    *mix = (struct avqa_mix){.n = n, .n_channels = n_channels};
    if (!avqa_mem_product(&values, n, (size_t)n_channels))
        return avqa_fail(AVQA_ENOMEM, "%zu samples are too many", n);
    return avqa_mem_array(&mix->samples, values, sizeof *mix->samples);
}

void avqa_mix_release(struct avqa_mix *mix)
{
    free(mix->samples);
    *mix = (struct avqa_mix){0};
}

double avqa_mix_factor(double gain_db)
{
    return pow(10, gain_db / 20);
}

void avqa_mix_add(struct avqa_mix *mix, const float *samples, size_t n, double gain_db)
{
    const double factor = avqa_mix_factor(gain_db);
    const size_t n_values = (n < mix->n ? n : mix->n) * (size_t)mix->n_channels;
    for (size_t i = 0; i < n_values; i++)
        mix->samples[i] =
            (float)((double)mix->samples[i] + (double)samples[i] * factor);
}

double avqa_mix_peak(const struct avqa_mix *mix)
{
    const size_t n_values = mix->n * (size_t)mix->n_channels;
    float peak = 0;
    for (size_t i = 0; i < n_values; i++) {
        if (fabsf(mix->samples[i]) > peak)
            peak = fabsf(mix->samples[i]);
    }
    return (double)peak;
}

double avqa_mix_fit(struct avqa_mix *mix)
{
    const size_t n_values = mix->n * (size_t)mix->n_channels;
    const double peak = avqa_mix_peak(mix);
    if (peak <= 1)
        return 0;
    for (size_t i = 0; i < n_values; i++)
        mix->samples[i] = (float)((double)mix->samples[i] / peak);
    return -20 * log10(peak);
}
