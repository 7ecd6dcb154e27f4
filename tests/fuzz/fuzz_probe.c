/* Any bytes as a media file: it is probed and decoded within its limits, what is said
 * of it is one plain line, and what is handed over fits together. */
#include "fuzz.h"
#include "media/decode.h"

enum { MAX_US = 60 * 1000000 };

static int64_t n_pictures, n_samples;

static enum avqa_status see(void *user, const struct avqa_decoded *d)
{
    const int64_t *last = user;
    unsigned sum = 0;
    FUZZ_REQUIRE(d->width == 32 && d->height >= 1);
    FUZZ_REQUIRE(d->index >= *last && d->pts_us <= MAX_US);
    for (int i = 0; i < d->width * d->height * 3; i++)
        sum += d->rgb[i];
    n_pictures += sum < UINT32_MAX;
    return AVQA_OK;
}

static enum avqa_status hear(void *user, const float *mono, size_t n)
{
    (void)user;
    float sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += mono[i];
    n_samples += (int64_t)n + (sum > 1e30f);
    return AVQA_OK;
}

static void check(const struct avqa_media_info *info)
{
    const char *s = info->verdict.reason;
    FUZZ_REQUIRE((*s == '\0') == (info->verdict.outcome == AVQA_MEDIA_OK));
    for (; *s; s++)
        FUZZ_REQUIRE((unsigned char)*s >= ' ' && *s != 0x7f);
    if (info->has_video)
        FUZZ_REQUIRE(info->video.shown_width > 0 && info->video.shown_height > 0);
    if (info->has_audio)
        FUZZ_REQUIRE(info->audio.rate_hz > 0 && info->audio.n_channels > 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct avqa_media_info info;
    struct avqa_decode_report report;
    int64_t last = INT64_MIN;
    struct avqa_decode_options o = AVQA_DECODE_DEFAULTS;
    o.width = 32;
    o.picture = see;
    o.samples = hear;
    o.user = &last;
    o.limits = (struct avqa_media_limits){.max_packets = 2000,
                                          .wall_us = 20 * 1000000,
                                          .max_duration_us = MAX_US,
                                          .max_pixels = 1 << 20};
    if (!fuzz_folder[0])
        fuzz_make_folder();
    fuzz_write(fuzz_path("in"), data, size);
    FUZZ_REQUIRE(avqa_media_probe(&info, fuzz_path("in"), &o.limits) == AVQA_OK);
    check(&info);
    n_pictures = n_samples = 0;
    enum avqa_status rc = avqa_decode(&report, fuzz_path("in"), &o);
    fuzz_check_message(rc);
    /* A very flat picture cannot be had 32 wide; nothing else may fail. */
    FUZZ_REQUIRE(rc == AVQA_OK || rc == AVQA_EINVAL);
    if (rc == AVQA_OK) {
        check(&report.info);
        FUZZ_REQUIRE(report.n_given == n_pictures);
        FUZZ_REQUIRE(report.n_samples <= n_samples);
    }
    return 0;
}
