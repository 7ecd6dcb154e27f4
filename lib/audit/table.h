/* The rows an audit looks at, in memory, as small numbers: 28 bytes a question, so that
 * ten million fit easily. Everything an audit needs of the catalog is here; the checks
 * read it and write nothing.
 *
 * A video is what is seen (a video id); its clips differ by their sound. */
#ifndef AVQA_AUDIT_TABLE_H
#define AVQA_AUDIT_TABLE_H

#include "audit/kin.h"
#include "base/arena.h"
#include "base/intern.h"
#include "base/status.h"
#include "catalog/catalog.h"
#include "catalog/clip.h"
#include "catalog/measure.h"
#include "qa/facts.h"
#include "qa/measure.h"
#include "qa/template.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct avqa_audit_row {
    uint32_t clip;     /* into clips */
    uint32_t slots;    /* into slots */
    uint32_t answer;   /* into answers */
    uint32_t line;     /* row of the imported file, from 1 */
    uint16_t template; /* into templates->items */
    uint16_t split;    /* into splits */
    uint32_t text;     /* into texts */
    bool odd_type;     /* the file stated another type than the template's */
};

struct avqa_audit_clip {
    int64_t id;     /* of the catalog */
    uint32_t video; /* into videos: what is seen */
    uint32_t sound; /* into videos: what is heard */
    bool synthetic;
    bool flip;
    uint32_t parent;               /* the first, into videos, or AVQA_INTERN_NONE */
    int64_t source;                /* of the catalog; 0 if none */
    int64_t start_us, duration_us; /* or AVQA_CLIP_UNKNOWN */
};

/* What was measured of a source's file, see catalog/measure.h; texts are the arena's.
 */
struct avqa_audit_measure {
    int64_t source, picture_us, sound_us;
    const char *outcome, *sha256, *picture, *sound, *picture_print, *sound_print;
};

#define AVQA_AUDIT_NO_NUMBER INT64_MIN

/* The values of one templ_values list. */
struct avqa_audit_slots {
    uint32_t values[AVQA_TEMPLATE_MAX_SLOTS]; /* into words */
    size_t n;
};

/* A stretch of rows: the rows of one split stand together. */
struct avqa_audit_range {
    size_t from, to;
};

struct avqa_audit_table {
    struct avqa_arena arena;
    struct avqa_templates *templates;
    struct avqa_audit_row *rows; /* grouped by split, in order of the catalog */
    size_t n_rows, cap_rows;
    size_t n_deleted; /* rows with question_deleted, left out */
    struct avqa_audit_clip *clips;
    size_t n_clips, cap_clips;
    struct avqa_intern videos;
    struct avqa_intern words;   /* slot values */
    struct avqa_intern answers; /* in order of first appearance */
    struct avqa_intern texts;   /* question texts, verbatim */
    struct avqa_intern slots_texts;
    struct avqa_audit_slots *slots; /* by id in slots_texts */
    size_t cap_slots;
    const struct avqa_scene *
        *scenes;                 /* by clip, NULL without; NULL if none has facts */
    struct avqa_margins margins; /* of the last generation, or the usual ones */
    struct avqa_audit_measure *measures; /* by source */
    size_t n_measures, cap_measures;
    struct avqa_kin kin;   /* by video: what it was made from in the end, or itself */
    uint32_t *answer_rank; /* place of an answer in lexicographic order */
    const char **splits;
    struct avqa_audit_range *split_ranges;
    size_t n_splits, cap_splits, cap_ranges;
    int64_t *numbers; /* published question_id by row, or AVQA_AUDIT_NO_NUMBER */
    size_t cap_numbers;
    int64_t *ids; /* of the catalog, by row */
    size_t cap_ids;
};

/* Reads all questions of the catalog. `*table` starts zero; release it after failure.
 */
AVQA_CHECK enum avqa_status avqa_audit_table_load(struct avqa_audit_table *table,
                                                  struct avqa_catalog *cat);
void avqa_audit_table_release(struct avqa_audit_table *table);

/* The range of a split, or of all rows if `name` is NULL. AVQA_ENOENT if there is no
 * such split. */
AVQA_CHECK enum avqa_status avqa_audit_table_range(const struct avqa_audit_table *table,
                                                   const char *name,
                                                   struct avqa_audit_range *range);

/* What was measured of a clip's source; NULL if nothing was. */
const struct avqa_audit_measure *avqa_audit_measure(const struct avqa_audit_table *t,
                                                    uint32_t clip);

/* Short cuts to strings. Borrowed. */
const char *avqa_audit_answer(const struct avqa_audit_table *t, uint32_t answer);
const char *avqa_audit_word(const struct avqa_audit_table *t, uint32_t word);
const char *avqa_audit_video(const struct avqa_audit_table *t, uint32_t video);
const struct avqa_template *avqa_audit_template(const struct avqa_audit_table *t,
                                                const struct avqa_audit_row *row);

/* Appends the video of a clip and, if it is another's, its sound. */
void avqa_audit_name_clip(struct avqa_buf *out, const struct avqa_audit_table *t,
                          uint32_t clip);

/* Appends the question with its slots filled in; AVQA_ENOMEM if that does not fit. */
AVQA_CHECK enum avqa_status avqa_audit_fill(struct avqa_buf *out,
                                            const struct avqa_audit_table *t,
                                            const struct avqa_audit_row *row);

/* Row numbers of a range, ordered by video, then clip, template and slots, then by
 * their own order. Caller frees. */
AVQA_CHECK enum avqa_status avqa_audit_by_video(const struct avqa_audit_table *t,
                                                struct avqa_audit_range range,
                                                uint32_t **order);

#endif
