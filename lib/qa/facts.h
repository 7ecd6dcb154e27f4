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
#ifndef AVQA_QA_FACTS_H
#define AVQA_QA_FACTS_H

#include "base/arena.h"
#include "base/json.h"
#include "base/status.h"
#include "catalog/catalog.h"

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

/* ---- reading --------------------------------------------------------------------- */

/* The facts object `json` as a scene whose memory belongs to `arena`; nothing refers to
 * `json` afterwards. AVQA_EFORMAT names the field: "instances[1].sounding: [5, 4] ends
 * before it begins". */
AVQA_CHECK enum avqa_status avqa_scene_read(struct avqa_scene **out,
                                            struct avqa_arena *arena,
                                            const struct avqa_json *json);

/* "labelled", "studio", ... */
const char *avqa_facts_origin_name(enum avqa_facts_origin origin);

/* Calls `fn` for every clip that has facts, in order of clip id. The scene is borrowed
 * for the call. */
typedef enum avqa_status avqa_facts_fn(void *user, const struct avqa_scene *scene);
AVQA_CHECK enum avqa_status avqa_facts_each(struct avqa_catalog *cat, avqa_facts_fn *fn,
                                            void *user);

/* ---- what follows from the facts ------------------------------------------------- */

/* Whether it sounds at all: sounding known and not empty. */
enum avqa_truth avqa_instance_sounds(const struct avqa_instance *in);
/* Whether it sounds and cannot be seen. */
enum avqa_truth avqa_instance_offscreen(const struct avqa_instance *in);
/* Begin of its first range, end of its last one, and how long it sounds in all. First
 * and last are AVQA_FACTS_UNKNOWN if sounding is unknown or there is none; the total of
 * none is 0. */
int64_t avqa_instance_onset_us(const struct avqa_instance *in);
int64_t avqa_instance_offset_us(const struct avqa_instance *in);
int64_t avqa_instance_total_us(const struct avqa_instance *in);

/* The union of `n` range lists, in order, touching ranges joined; unknown if one of
 * them is. Its memory belongs to `arena`. For the time in which several sound. */
struct avqa_ranges avqa_ranges_union(struct avqa_arena *arena,
                                     const struct avqa_ranges *const *lists, size_t n);
/* Sum of the lengths of ranges that do not overlap; AVQA_FACTS_UNKNOWN if not known. */
int64_t avqa_ranges_total_us(const struct avqa_ranges *ranges);
/* Whether two lists share a moment; ranges that only touch do not. */
enum avqa_truth avqa_ranges_overlap(const struct avqa_ranges *a,
                                    const struct avqa_ranges *b);

/* x in whole millionths, in which places are compared: 0.52 and 0.50 are 0.02 apart and
 * not a rounding error more. x is known. */
int64_t avqa_x_steps(double x);

/* Whether the order of the visible instances from left to right is known: the instances
 * are, each one's visible is, and each visible one's x is. If not, every place and rank
 * of the scene is unknown, because the unknown one may stand anywhere. */
bool avqa_scene_order_known(const struct avqa_scene *scene);

/* Where instance `i` is, as a person would say it. Among visible instances that stand
 * apart: one at the leftmost x is left, at the rightmost right, all between are middle.
 * If all of them stand at one place (one alone, as a rule): the third of the picture it
 * stands in, unknown within AVQA_FACTS_SAME_X of the border of two thirds. Unknown also
 * for one that is not visible, and where left and right cannot be told apart. */
enum avqa_place avqa_scene_place(const struct avqa_scene *scene, size_t i);

/* Facts give places and ranks. No answer program asks for a rank: the questions of
 * MUSIC-AVQA only say left, middle and right. It is here for who writes other templates
 * or counts over facts, held to its definition by tests and the fuzzer. */
#define AVQA_RANK_UNKNOWN SIZE_MAX
/* How many visible instances stand left of instance `i`: 0 is the leftmost. Unknown if
 * another one stands at the same place, or `i` is not visible. */
size_t avqa_scene_rank(const struct avqa_scene *scene, size_t i);

#endif
