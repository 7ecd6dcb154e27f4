/* Two neighbours make one complex value, so that a transform of half the length does
 * it: with Z the transform of z[t] = x[2t] + i x[2t + 1], the even and odd values'
 * transforms are (Z[k] +- conj Z[n/2 - k]) / 2, and X[k] = even + odd exp(-2 pi i k /
 * n).
 */
#include "media/dft.h"
#include "base/mem.h"

#include <math.h>
#include <stdlib.h>

#include <libavutil/mem.h>
#include <libavutil/tx.h>

struct avqa_dft {
    size_t half; /* n / 2 */
    AVTXContext *context;
    av_tx_fn transform;
    AVComplexDouble *in, *out;
    AVComplexDouble *turns; /* exp(-2 pi i k / n), 0 <= k <= half */
};

void avqa_dft_free(struct avqa_dft *dft)
{
    if (!dft)
        return;
    av_tx_uninit(&dft->context);
    av_free(dft->in);
    av_free(dft->out);
    free(dft->turns);
    free(dft);
}

enum avqa_status avqa_dft_new(struct avqa_dft **out, size_t n)
{
    if (n < 4 || n > AVQA_DFT_MAX || (n & (n - 1)) != 0)
        return avqa_fail(AVQA_EINVAL, "a transform of %zu values: not a power of two",
                         n);
    struct avqa_dft *dft = avqa_mem_new(sizeof *dft);
    dft->half = n / 2;
    dft->in = av_calloc(dft->half, sizeof *dft->in);
    dft->out = av_calloc(dft->half, sizeof *dft->out);
    dft->turns = avqa_mem_new((dft->half + 1) * sizeof *dft->turns);
    if (!dft->in || !dft->out ||
        av_tx_init(&dft->context, &dft->transform, AV_TX_DOUBLE_FFT, 0, (int)dft->half,
                   NULL, 0) < 0) {
        avqa_dft_free(dft);
        return avqa_fail(AVQA_ENOMEM, "no transform of %zu values", n);
    }
    for (size_t k = 0; k <= dft->half; k++) {
        double angle = -2.0 * M_PI * (double)k / (double)n;
        dft->turns[k] = (AVComplexDouble){cos(angle), sin(angle)};
    }
    *out = dft;
    return AVQA_OK;
}

double *avqa_dft_in(struct avqa_dft *dft)
{
    return &dft->in[0].re;
}

void avqa_dft_power(struct avqa_dft *dft, double *power)
{
    dft->transform(dft->context, dft->out, dft->in, sizeof *dft->in);
    for (size_t k = 0; k <= dft->half; k++) {
        AVComplexDouble a = dft->out[k % dft->half];
        AVComplexDouble b = dft->out[(dft->half - k) % dft->half];
        AVComplexDouble even = {(a.re + b.re) / 2, (a.im - b.im) / 2};
        AVComplexDouble odd = {(a.im + b.im) / 2, (b.re - a.re) / 2};
        AVComplexDouble turn = dft->turns[k];
        double re = even.re + odd.re * turn.re - odd.im * turn.im;
        double im = even.im + odd.re * turn.im + odd.im * turn.re;
        power[k] = re * re + im * im;
    }
}
