/* Decoded sound as floats at one rate, laid out on the clip's own clock: sample n
 * belongs to time n / rate after time 0. It is one channel, the mean of all, whatever
 * they are; or a layout that was asked for. What begins late is led by silence, what
 * begins before time 0 is cut, and a hole of more than a tenth of a second is filled.
 * For the files of this room. */
#ifndef AVQA_MEDIA_SOUND_H
#define AVQA_MEDIA_SOUND_H

#include "base/status.h"

#include <stddef.h>
#include <stdint.h>

struct AVChannelLayout;
struct AVFrame;

/* `n` samples that follow those given before. Borrowed for the call. Of several
 * channels, a sample has one value each, side by side. */
typedef enum avqa_status avqa_samples_fn(void *user, const float *samples, size_t n);

/* What is off by less is no hole. That of the ffmpeg program's aresample filter:
 * containers round times, and sound must not be torn for that. */
enum { AVQA_SOUND_TOLERANCE_US = 100000 };

struct avqa_sound;
struct avqa_sound *avqa_sound_new(int rate_hz, avqa_samples_fn *fn, void *user);
/* The same with the channels of a layout, which is copied. */
struct avqa_sound *avqa_sound_new_laid_out(int rate_hz,
                                           const struct AVChannelLayout *layout,
                                           avqa_samples_fn *fn, void *user);
void avqa_sound_free(struct avqa_sound *sound); /* NULL is legal */

/* Before the first frame: the first sample given is that of this time, not of 0. */
void avqa_sound_begin_at(struct avqa_sound *sound, int64_t at_us);

#define AVQA_SOUND_FOLLOWS                                                             \
    INT64_MIN /* the time of a frame that does not say its own                         \
               */

/* A frame that is to be heard from at_us on. AVQA_EFORMAT if it cannot be converted. */
AVQA_CHECK enum avqa_status avqa_sound_add(struct avqa_sound *sound,
                                           const struct AVFrame *frame, int64_t at_us);
/* What is left in the filters. */
AVQA_CHECK enum avqa_status avqa_sound_end(struct avqa_sound *sound);

int64_t avqa_sound_end_us(const struct avqa_sound *sound);    /* of what was added */
int64_t avqa_sound_filled_us(const struct avqa_sound *sound); /* holes, not the lead */
int64_t avqa_sound_n_samples(const struct avqa_sound *sound);

#endif
