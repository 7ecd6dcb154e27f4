/* What is known of a clip: one row of scene with the object as it came, and beside it
 * rows of instance and sounding for those who ask in SQL, and for generating, which
 * asks every clip (facts_rows.h). The object is the truth; the rows follow from it. */
#ifndef AVQA_CATALOG_FACTS_H
#define AVQA_CATALOG_FACTS_H

#include "catalog/catalog.h"

#include <stddef.h>
#include <stdint.h>

/* A number that is not known is NaN, a text NULL, a truth -1, a time AVQA_CLIP_UNKNOWN.
 */
struct avqa_facts_instance {
    const char *label; /* the id within the clip */
    const char *instrument;
    int visible; /* -1, 0 or 1 */
    double x;
    const char *box; /* JSON */
    int sounds;      /* -1, 0 or 1 */
    double loudness_db, rhythmicity;
};

struct avqa_facts_parent {
    const char *name;
    const char *role; /* base, video or audio */
};

struct avqa_facts_record {
    int64_t clip_id;
    int64_t duration_us; /* the clip's, where the catalog has none of its own */
    const char *place;
    const char *voiceover; /* JSON list */
    const char *origin;    /* studio, composed, labelled or measured */
    int64_t n_instances;   /* or -1 */
    const char *facts;     /* the object, on one line */
    const struct avqa_facts_parent *parents; /* replace those an earlier object gave */
    size_t n_parents;
};

enum avqa_facts_outcome {
    AVQA_FACTS_NEW,
    AVQA_FACTS_SAME,     /* the stored object, word for word */
    AVQA_FACTS_UPDATED,  /* another object was stored, by an earlier run */
    AVQA_FACTS_CONFLICT, /* another object was stored by this run; nothing is changed */
};

/* Writes facts for one run, inside its transaction. */
struct avqa_facts_store;

AVQA_CHECK enum avqa_status avqa_facts_store_open(struct avqa_facts_store **out,
                                                  struct avqa_catalog *cat,
                                                  int64_t run_id);
void avqa_facts_store_close(struct avqa_facts_store *store); /* NULL is legal */

/* Stores the object of a clip. After AVQA_FACTS_NEW and AVQA_FACTS_UPDATED the clip has
 * no instances, and the caller adds them. */
AVQA_CHECK enum avqa_status avqa_facts_put(struct avqa_facts_store *store,
                                           const struct avqa_facts_record *record,
                                           enum avqa_facts_outcome *outcome);
/* Adds an instance to the clip of the last put. */
AVQA_CHECK enum avqa_status
avqa_facts_add_instance(struct avqa_facts_store *store,
                        const struct avqa_facts_instance *instance);
/* Adds a range to the instance added last. */
AVQA_CHECK enum avqa_status avqa_facts_add_sounding(struct avqa_facts_store *store,
                                                    int64_t start_us, int64_t end_us);

/* Calls `fn` with every clip's object, in order of clip id. Borrowed for the call. */
typedef enum avqa_status avqa_facts_text_fn(void *user, int64_t clip_id,
                                            const char *facts);
AVQA_CHECK enum avqa_status avqa_facts_text_each(struct avqa_catalog *cat,
                                                 avqa_facts_text_fn *fn, void *user);

#endif
