/* The facts of one clip in memory: who plays what, where, when and how loud. Answer
 * programs are evaluated over this view and nothing else.
 *
 * Unknown stays unknown, and every member has exactly one way to say it:
 *
 *     number (x, box, loudness, rhythmicity)   NaN; ask isnan()
 *     time (duration, onset, offset, total)    AVQA_FACTS_UNKNOWN
 *     text (place of the scene, instrument)    NULL
 *     truth (visible, and what is derived)     AVQA_UNKNOWN
 *     ranges, instances                        their `known` is false, n is 0
 *
 * A known empty list is something else: no voice-over, an instance that never sounds, a
 * clip without instruments. Nothing here guesses; a value that depends on an unknown
 * one is unknown. docs/facts.md has the format and the rules with their reasons. */
#ifndef AVQA_QA_SCENE_H
#define AVQA_QA_SCENE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define AVQA_FACTS_MAX_INSTANCES 256 /* of a clip */
#define AVQA_FACTS_MAX_RANGES 4096   /* of an instance, or of voice-over */
#define AVQA_FACTS_MAX_BASES 64      /* clips that one was made from */
#define AVQA_FACTS_NAME_MAX 255      /* bytes of any name */
#define AVQA_FACTS_MAX_SECONDS 1e6   /* of a clip */
#define AVQA_FACTS_UNKNOWN INT64_MIN /* a time that nobody gave */

/* Two instances whose x differ by no more than this stand at the same place: nobody
 * would say which of them is further left. */
#define AVQA_FACTS_SAME_X 0.02

/* What rounding may add where parts of the picture are compared: a box that ends at
 * 1.0000004 ends at the edge. */
#define AVQA_FACTS_ROUNDING 1e-6

enum avqa_truth { AVQA_UNKNOWN, AVQA_NO, AVQA_YES };
enum avqa_place {
    AVQA_PLACE_UNKNOWN,
    AVQA_PLACE_LEFT,
    AVQA_PLACE_MIDDLE,
    AVQA_PLACE_RIGHT
};
enum avqa_facts_origin {
    AVQA_FACTS_LABELLED, /* people said so; where the file does not say, too */
    AVQA_FACTS_STUDIO,   /* rendered from a score: exact */
    AVQA_FACTS_COMPOSED, /* follows from the parents' facts */
    AVQA_FACTS_MEASURED, /* out of the audio of a clip with one instrument */
};

/* Half open; 0 <= start_us < end_us. */
struct avqa_range {
    int64_t start_us, end_us;
};

/* In order of time, none overlapping the next; they may touch. */
struct avqa_ranges {
    struct avqa_range *items;
    size_t n;
    bool known;
};

struct avqa_instance {
    const char *id;         /* unique within the clip; never NULL */
    const char *instrument; /* or NULL */
    enum avqa_truth visible;
    /* Its centre, 0 the picture's left edge, 1 its right, as given or else the middle
     * of the box; or NaN. */
    double x;
    /* x and y of its upper left corner, width, height, 0..1; or all NaN. */
    double box[4];
    struct avqa_ranges sounding;
    double loudness_db; /* or NaN */
    double rhythmicity; /* or NaN */
};

struct avqa_scene {
    const char *clip;    /* its name; never NULL */
    int64_t clip_id;     /* of the catalog; 0 if it came from a file */
    int64_t duration_us; /* or AVQA_FACTS_UNKNOWN */
    const char *place;   /* "indoor", "outdoor", as the data calls it; or NULL */
    struct avqa_ranges voiceover;
    const char *video, *audio; /* ids of what is seen and heard, or NULL */
    const char *const *base;   /* names of the clips it was made from */
    size_t n_base;
    enum avqa_facts_origin origin;
    struct avqa_instance *instances; /* in the file's order */
    size_t n_instances;
    bool instances_known;
};

#endif
