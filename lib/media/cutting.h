/* What every way of cutting has in common: the first pass over a source, which finds
 * what lies in the range, and the sound of the second. Both passes begin before the
 * range where the file can be sought in (seek.h), else at its beginning. For the files
 * of this room. */
#ifndef AVQA_MEDIA_CUTTING_H
#define AVQA_MEDIA_CUTTING_H

#include "media/cut.h"
#include "media/encode.h"
#include "media/reader.h"
#include "media/sound.h"
#include "media/upright.h"

struct AVChannelLayout;

/* A video packet of the first pass. */
struct avqa_cutting_packet {
    int64_t at_us; /* its picture, after time 0 */
    int64_t pts;   /* on the stream's clock */
    int64_t length_us;
    bool key;
    bool idr;     /* of H.264: nothing after it needs anything before it */
    bool dropped; /* decoded, but not shown; or known to be damaged */
};

struct avqa_cutting {
    const struct avqa_cut_options *options;
    struct avqa_cut_report *report;
    const char *out, *source;
    void *mode; /* of the file that does it */
    struct avqa_reader reader;
    bool linear; /* nothing is sought */
    bool sought; /* and where it went was not seen to be wrong */
    bool strayed;
    /* found by the first pass */
    bool lists_packets; /* they are wanted */
    struct avqa_cutting_packet *packets;
    size_t n_listed, listed_cap;
    int64_t key_packet; /* video packets before it are not needed */
    int64_t n_in_range; /* packets whose picture begins in the range; -1: unknown */
    int64_t first_us;   /* of the first picture's packet that was read */
    /* of packets of sound, where it is not decoded */
    int64_t first_sound_us, n_sounds;
    int rate_hz; /* 0: no sound */
    struct AVChannelLayout *layout;
    int64_t first_sample, n_samples; /* wanted ones that are there */
    /* both passes */
    int64_t n_packets; /* of video, so far */
    struct avqa_sound *sound;
    int64_t n_heard; /* samples since time 0 */
    /* the second pass */
    int ticks_per_s;
    int64_t offset; /* ticks, of the clip's time 0 on the file's clock */
    struct avqa_upright *upright;
    struct avqa_encoder *encoder;
    float *waiting; /* samples that came before the first picture */
    size_t n_waiting, waiting_cap;
    int64_t last_us, last_end_us; /* of the last picture seen */
};

/* Says what is to be said of the clip, unless something was said before. */
void avqa_cutting_remark(struct avqa_cutting *c, const char *reason,
                         const char *detail);

/* Gives the file its name, unless it is not what it should be: `difference` says in
 * what
 * ("" if in nothing), and that is what is said of the clip. */
AVQA_CHECK enum avqa_status avqa_cutting_publish(struct avqa_cutting *c,
                                                 const char *difference);

/* The first pass. */
AVQA_CHECK enum avqa_status avqa_cutting_measure(struct avqa_cutting *c);

/* Begins the second pass with the callbacks of `reader`; without a picture or a file,
 * c->reader.video is NULL. Whatever an earlier try left is released. */
AVQA_CHECK enum avqa_status avqa_cutting_start(struct avqa_cutting *c,
                                               const struct avqa_reader *reader);
/* Reads to the end; what the sound's filters hold comes too. */
AVQA_CHECK enum avqa_status avqa_cutting_run(struct avqa_cutting *c);

/* Opens the encoder, for pictures like this one or for packets that are copied; samples
 * that were waiting for it are encoded. */
AVQA_CHECK enum avqa_status
avqa_cutting_open_encoder(struct avqa_cutting *c, const struct avqa_encode_form *form);
/* The form of a clip without its pictures. */
struct avqa_encode_form avqa_cutting_form(const struct avqa_cutting *c);

/* A `sound` of the reader: the samples of the range are encoded. */
AVQA_CHECK enum avqa_status avqa_cutting_take_sound(void *user, struct AVFrame *frame);

/* When a picture begins after time 0, and its ticks in the clip. Notes it as the last.
 */
int64_t avqa_cutting_begin_of(struct avqa_cutting *c, const struct AVFrame *frame,
                              int64_t *at);
/* The ticks in the clip of a time of the stream. */
int64_t avqa_cutting_ticks(const struct avqa_cutting *c, int64_t pts);

/* Fills in the report of what is in the clip. */
void avqa_cutting_report(struct avqa_cutting *c, size_t n_pictures);

void avqa_cutting_release(struct avqa_cutting *c);

#endif
