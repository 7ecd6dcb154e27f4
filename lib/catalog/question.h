/* Questions as they were published or generated: text verbatim, slots, answer, and
 * where the row came from. Nothing is corrected here; what is wrong is the audit's to
 * say. */
#ifndef AVQA_CATALOG_QUESTION_H
#define AVQA_CATALOG_QUESTION_H

#include "catalog/catalog.h"

#include <stdbool.h>
#include <stdint.h>

/* The *_id members are ids of phrases; 0 means none. */
struct avqa_question {
    int64_t id;
    int64_t split_id, clip_id, template_id;
    int64_t text_id, slots_id, answer_id;
    int64_t shape_id, extra_id;
    int64_t program_id;    /* version of the program that answered it (qa/version.h) */
    int64_t neighbours_id; /* JSON: refused fillings of its template, by reason */
    int64_t number;        /* published question_id, if has_number */
    int64_t row; /* of the imported file, from 1; a split's further files count on */
    bool has_number;
    bool deleted;
    bool generated;       /* by us, not imported */
    const char *evidence; /* JSON, or NULL */
    const char *entails;  /* JSON: numbers of questions that it gives away; or NULL */
};

enum avqa_question_outcome {
    AVQA_QUESTION_NEW,
    AVQA_QUESTION_SAME,      /* stored by an earlier import, word for word */
    AVQA_QUESTION_UPDATED,   /* stored by an earlier import, and not quite like this */
    AVQA_QUESTION_DUPLICATE, /* stands twice in this file; stored twice */
    AVQA_QUESTION_CONFLICT,  /* as before, but with another answer; stored twice */
};

/* The id of a split, made if it is new. */
AVQA_CHECK enum avqa_status avqa_split_ensure(struct avqa_catalog *cat,
                                              const char *name, int64_t *id);
/* The id of a split; AVQA_ENOENT names those that there are. */
AVQA_CHECK enum avqa_status avqa_split_find(struct avqa_catalog *cat, const char *name,
                                            int64_t *id);

/* Calls `fn` for every split, in order of id. */
typedef enum avqa_status avqa_split_fn(void *user, int64_t id, const char *name);
AVQA_CHECK enum avqa_status avqa_split_each(struct avqa_catalog *cat, avqa_split_fn *fn,
                                            void *user);
/* The highest row number of a split; 0 if it is empty. */
AVQA_CHECK enum avqa_status avqa_split_last_row(struct avqa_catalog *cat, int64_t id,
                                                int64_t *row);

/* Deletes all questions of a split. */
AVQA_CHECK enum avqa_status avqa_split_clear(struct avqa_catalog *cat, int64_t id);

/* Moves all questions about a clip to a split. */
AVQA_CHECK enum avqa_status avqa_split_assign(struct avqa_catalog *cat, int64_t clip_id,
                                              int64_t split_id);
/* Moves one question. */
AVQA_CHECK enum avqa_status avqa_question_move(struct avqa_catalog *cat, int64_t id,
                                               int64_t split_id);
/* After moving: drops splits without questions, and numbers the rows of each split
 * anew, in their order, as an export writes them. */
AVQA_CHECK enum avqa_status avqa_split_tidy(struct avqa_catalog *cat);

/* Deletes the generated questions of a split; imported ones stay. */
AVQA_CHECK enum avqa_status avqa_split_clear_generated(struct avqa_catalog *cat,
                                                       int64_t id);

/* Calls `fn` for every split that has generated questions which were made for another
 * one and moved, in order of id. */
AVQA_CHECK enum avqa_status avqa_split_each_moved(struct avqa_catalog *cat,
                                                  avqa_split_fn *fn, void *user);
/* Deletes all generated questions, wherever they are. */
AVQA_CHECK enum avqa_status avqa_question_clear_generated(struct avqa_catalog *cat);

/* How many questions a split has. */
AVQA_CHECK enum avqa_status avqa_split_count(struct avqa_catalog *cat, int64_t id,
                                             int64_t *n_questions);

/* A hash of what a question asks: its number, text and slots. */
int64_t avqa_question_key_hash(const struct avqa_question *q);

#define AVQA_QUESTION_MAX_SAME 1000

/* Writes questions for one import run into one split. */
struct avqa_question_store;

AVQA_CHECK enum avqa_status avqa_question_store_open(struct avqa_question_store **out,
                                                     struct avqa_catalog *cat,
                                                     int64_t run_id, int64_t split_id);
void avqa_question_store_close(struct avqa_question_store *store); /* NULL is legal */

/* Stores a row. A row that an earlier import stored (same split, clip, number, text and
 * slots) is matched with it; a row that stands twice in one file is kept twice, but the
 * same question more than AVQA_QUESTION_MAX_SAME times is AVQA_EFORMAT. */
AVQA_CHECK enum avqa_status avqa_question_put(struct avqa_question_store *store,
                                              const struct avqa_question *question,
                                              enum avqa_question_outcome *outcome);

/* Calls `fn` for every question of a split (0: of all), in order of id. */
typedef enum avqa_status avqa_question_fn(void *user, const struct avqa_question *q);
AVQA_CHECK enum avqa_status avqa_question_each(struct avqa_catalog *cat,
                                               int64_t split_id, avqa_question_fn *fn,
                                               void *user);

#endif
