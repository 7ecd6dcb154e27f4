/* What was measured of the files behind sources (schema/004-media.sql). */
#ifndef AVQA_CATALOG_MEASURE_H
#define AVQA_CATALOG_MEASURE_H

#include "catalog/catalog.h"

#include <stdint.h>

#define AVQA_MEASURE_NONE INT64_MIN /* there is no picture, or no sound */

struct avqa_measure {
    int64_t source_id;
    const char *sha256, *outcome, *detail;
    int64_t picture_us, sound_us; /* when each ends, or AVQA_MEASURE_NONE */
    const char *picture, *sound;  /* a letter a second */
    const char *picture_print, *sound_print;
};

/* Replaces what was measured of the source before. */
AVQA_CHECK enum avqa_status avqa_measure_put(struct avqa_catalog *cat,
                                             const struct avqa_measure *m);

/* Calls `fn` for what was measured of files that sources have still, in order of the
 * source's id. Strings are borrowed for the call. */
typedef enum avqa_status avqa_measure_fn(void *user,
                                         const struct avqa_measure *measure);
AVQA_CHECK enum avqa_status avqa_measure_each(struct avqa_catalog *cat,
                                              avqa_measure_fn *fn, void *user);

#endif
