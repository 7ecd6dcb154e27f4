/* Rows in memory, as they stand in shards: those that batches hold, and the last ones
 * used besides, as long as all together stay under a bound. A row that several batches
 * hold is there once. Only what batches hold may be more than the bound.
 *
 * It knows neither shards nor threads: who reads a row says so, and who uses it from
 * several threads has a lock of its own. */
#ifndef AVQA_TRAIN_ROWS_H
#define AVQA_TRAIN_ROWS_H

#include "base/status.h"
#include "nn/map.h"
#include "train/negatives.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum avqa_row_state {
    AVQA_ROW_WANTED,  /* by somebody; not there */
    AVQA_ROW_READING, /* by a thread */
    AVQA_ROW_READY,
    AVQA_ROW_FAILED,
};

struct avqa_row {
    struct avqa_row_place place;
    enum avqa_row_state state;
    enum avqa_status rc; /* of reading it */
    char *message;       /* if that failed */
    struct avqa_map map; /* what was read, in `room`; of sound, values alone */
    void *room;
    size_t bytes;     /* of the room */
    uint64_t waiting; /* for the owner: who waits for it */
    struct avqa_row *next_wanted;
    size_t holds;                   /* how often it is held */
    struct avqa_row *older, *newer; /* of those that nobody holds */
    struct avqa_row *next;          /* of the same slot of the table */
};

/* Zero is valid, with a bound of nothing. */
struct avqa_rows {
    size_t bound, bytes, most; /* of all rooms: at most, now, and ever */
    struct avqa_row **slots;
    size_t n_slots, n;
    struct avqa_row *oldest, *newest;
};

void avqa_rows_release(struct avqa_rows *rows);

/* Holds the row, which is added if it is not there (*is_new): then it is wanted, and
 * somebody has to read it. Borrowed until it is let go as often as it was held. */
struct avqa_row *avqa_rows_hold(struct avqa_rows *rows, struct avqa_row_place place,
                                bool *is_new);
/* A row that nobody holds stays if it is ready or being read, within the bound. */
void avqa_rows_let_go(struct avqa_rows *rows, struct avqa_row *row);

/* Gives a wanted row its room; rows that nobody holds make way. It is being read from
 * then on, until _done. */
AVQA_CHECK enum avqa_status avqa_rows_begin(struct avqa_rows *rows,
                                            struct avqa_row *row, size_t bytes);
/* Reading ended with `rc`, whose message is this thread's if it failed. */
void avqa_rows_done(struct avqa_rows *rows, struct avqa_row *row, enum avqa_status rc);

#endif
