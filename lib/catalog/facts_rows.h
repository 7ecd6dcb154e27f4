/* The rows beside the facts objects, all of them in three ordered walks: what is known
 * of every clip without parsing its object. */
#ifndef AVQA_CATALOG_FACTS_ROWS_H
#define AVQA_CATALOG_FACTS_ROWS_H

#include "catalog/catalog.h"

#include <stddef.h>
#include <stdint.h>

/* Texts are borrowed for the call. What is unknown: NULL, -1, NaN or
 * AVQA_CLIP_UNKNOWN. */
struct avqa_facts_clip_row {
    int64_t clip_id;
    const char *clip;      /* its name */
    const char *audio;     /* what is heard, if it has another name; or NULL */
    const char *place;     /* or NULL */
    const char *voiceover; /* JSON list, or NULL */
    const char *origin;
    int64_t duration_us;
    int64_t n_instances; /* or -1 */
};

struct avqa_facts_instance_row {
    int64_t clip_id;
    const char *label;
    size_t instrument; /* a number from 1 on, or 0: not known */
    int visible, sounds;
    double x, loudness_db, rhythmicity;
    const int64_t (*ranges_us)[2]; /* [from, to), in order of time */
    size_t n_ranges;
};

/* What is done with the rows: clips in order of their ids, then the names of
 * instruments by number, then instances in the order of their objects, those of a clip
 * one after the other. */
struct avqa_facts_rows {
    enum avqa_status (*clip)(void *user, const struct avqa_facts_clip_row *row);
    enum avqa_status (*instrument)(void *user, size_t number, const char *name);
    enum avqa_status (*instance)(void *user, const struct avqa_facts_instance_row *row);
    void *user;
};

/* AVQA_EFORMAT if the catalog is damaged; a failing function ends it. */
AVQA_CHECK enum avqa_status avqa_facts_rows_each(struct avqa_catalog *cat,
                                                 const struct avqa_facts_rows *rows);

#endif
