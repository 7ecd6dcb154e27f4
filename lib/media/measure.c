/* See measure.h. */
#include "media/measure.h"
#include "media/fingerprint.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    WIDTH = 64,
    HEIGHT = 48,
    N_PIXELS = WIDTH * HEIGHT,
    RATE_HZ = 16000,
    BLACK_LUMA = 25,     /* blackdetect: pixel_black_th 0.10 of 255 */
    BLACK_PERCENT = 98,  /* picture_black_ratio_th 0.98 */
    CLIPPED_RUN = 3,     /* samples on end at the limit */
    MAX_SECONDS = 86400, /* as AVQA_MEDIA_DURATION_US_DEFAULT */
};
static const double FROZEN_DIFFERENCE = 0.001 * 255; /* freezedetect: -60 dB */
static const float SILENT_PEAK = 0.001F;             /* silencedetect: -60 dB */
static const float CLIPPED_LEVEL = 0.99F;

struct meter {
    struct avqa_media_measures *out;
    uint8_t luma[2][N_PIXELS]; /* this second's and the one before */
    int64_t last;              /* tick of the picture before; -1 for none */
    float peak;
    int run;       /* samples at the limit, up to now */
    bool clipped;  /* in this second */
    int n_samples; /* of this second */
    struct avqa_sound_print *print;
};

static void set_luma(uint8_t *luma, const uint8_t *rgb)
{
    for (int i = 0; i < N_PIXELS; i++, rgb += 3)
        luma[i] = (uint8_t)((299 * rgb[0] + 587 * rgb[1] + 114 * rgb[2]) / 1000);
}

static bool is_black(const uint8_t *luma)
{
    int n = 0;
    for (int i = 0; i < N_PIXELS; i++)
        n += luma[i] <= BLACK_LUMA;
    return n * 100 >= BLACK_PERCENT * N_PIXELS;
}

static bool is_frozen(const uint8_t *luma, const uint8_t *before)
{
    int64_t sum = 0;
    for (int i = 0; i < N_PIXELS; i++)
        sum += abs(luma[i] - before[i]);
    return (double)sum <= FROZEN_DIFFERENCE * N_PIXELS;
}

static enum avqa_status see(void *user, const struct avqa_decoded *d)
{
    struct meter *m = user;
    struct avqa_buf *out = &m->out->picture;
    uint8_t *luma = m->luma[d->index & 1];
    const uint8_t *before = m->luma[(d->index & 1) ^ 1];
    if (d->index >= MAX_SECONDS)
        return AVQA_OK;
    while ((int64_t)out->len < d->index) /* it begins late */
        avqa_buf_addc(out, '-');
    set_luma(luma, d->rgb);
    bool follows = m->last >= 0 && m->last == d->index - 1;
    avqa_buf_addc(out, is_black(luma)                       ? 'b'
                       : follows && is_frozen(luma, before) ? 'f'
                                                            : '.');
    m->last = d->index;
    avqa_buf_addf(&m->out->picture_print, "%016" PRIx64,
                  avqa_picture_print(luma, WIDTH, HEIGHT));
    return avqa_buf_status(out);
}

static void end_second(struct meter *m)
{
    struct avqa_buf *out = &m->out->sound;
    if (m->n_samples && out->len < MAX_SECONDS)
        avqa_buf_addc(out, m->clipped ? 'c' : m->peak < SILENT_PEAK ? 's' : '.');
    m->n_samples = 0;
    m->peak = 0;
    m->clipped = false;
}

static enum avqa_status hear(void *user, const float *mono, size_t n)
{
    struct meter *m = user;
    for (size_t i = 0; i < n; i++) {
        float level = fabsf(mono[i]);
        m->peak = level > m->peak ? level : m->peak;
        m->run = level >= CLIPPED_LEVEL ? m->run + 1 : 0;
        m->clipped = m->clipped || m->run >= CLIPPED_RUN;
        if (++m->n_samples == RATE_HZ)
            end_second(m);
    }
    enum avqa_status rc = avqa_buf_status(&m->out->sound);
    return rc == AVQA_OK ? avqa_sound_print_add(m->print, mono, n) : rc;
}

enum avqa_status avqa_media_measure(struct avqa_media_measures *out, const char *path,
                                    const struct avqa_media_limits *limits,
                                    const struct avqa_log *log)
{
    struct meter m = {.out = out, .last = -1};
    struct avqa_decode_options o = AVQA_DECODE_DEFAULTS;
    *out = (struct avqa_media_measures){0};
    o.rate_hz = RATE_HZ;
    o.width = WIDTH;
    o.height = HEIGHT;
    o.all_sequences = true;
    o.picture = see;
    o.samples = hear;
    o.user = &m;
    o.log = log;
    if (limits)
        o.limits = *limits;
    enum avqa_status rc = avqa_sound_print_new(&m.print, RATE_HZ);
    if (rc == AVQA_OK)
        rc = avqa_decode(&out->report, path, &o);
    if (rc == AVQA_OK && (m.n_samples >= RATE_HZ / 2 || out->sound.len == 0))
        end_second(&m); /* less than half a second says nothing */
    if (rc == AVQA_OK && out->report.n_samples)
        rc = avqa_sound_print_end(m.print, &out->sound_print);
    avqa_sound_print_free(m.print);
    return rc;
}

void avqa_media_measures_release(struct avqa_media_measures *m)
{
    avqa_buf_release(&m->picture);
    avqa_buf_release(&m->sound);
    avqa_buf_release(&m->picture_print);
    avqa_buf_release(&m->sound_print);
}
