/* See rows.h. A table with chains, and a list of those that nobody holds from the one
 * that was let go first to the last one. */
#include "train/rows.h"
#include "base/hash.h"
#include "base/mem.h"

#include <assert.h>
#include <stdlib.h>

enum { FIRST_SLOTS = 1024 };

static struct avqa_row **slot_of(const struct avqa_rows *rows,
                                 struct avqa_row_place place)
{
    return &rows->slots[avqa_hash64(0, &place, sizeof place) % rows->n_slots];
}

/* Twice as many slots. */
static void grow(struct avqa_rows *rows)
{
    struct avqa_rows larger = *rows;
    larger.n_slots = rows->n_slots ? 2 * rows->n_slots : FIRST_SLOTS;
    larger.slots = avqa_mem_new(larger.n_slots * sizeof(struct avqa_row *));
    for (size_t i = 0; i < rows->n_slots; i++)
        for (struct avqa_row *row = rows->slots[i], *next; row; row = next) {
            struct avqa_row **slot = slot_of(&larger, row->place);
            next = row->next;
            row->next = *slot;
            *slot = row;
        }
    free(rows->slots);
    *rows = larger;
}

static void link_newest(struct avqa_rows *rows, struct avqa_row *row)
{
    row->older = rows->newest;
    row->newer = NULL;
    *(rows->newest ? &rows->newest->newer : &rows->oldest) = row;
    rows->newest = row;
}

static void unlink_row(struct avqa_rows *rows, struct avqa_row *row)
{
    *(row->older ? &row->older->newer : &rows->oldest) = row->newer;
    *(row->newer ? &row->newer->older : &rows->newest) = row->older;
    row->older = row->newer = NULL;
}

static void free_row(struct avqa_row *row)
{
    free(row->room);
    free(row->message);
    free(row);
}

/* Takes a row that is in no list out of the table. */
static void forget(struct avqa_rows *rows, struct avqa_row *row)
{
    struct avqa_row **at = slot_of(rows, row->place);
    while (*at != row)
        at = &(*at)->next;
    *at = row->next;
    rows->n--;
    rows->bytes -= row->bytes;
    free_row(row);
}

/* Lets old rows go until `more` bytes fit, or nobody is left. */
static void make_way(struct avqa_rows *rows, size_t more)
{
    while (rows->oldest && (more > rows->bound || rows->bytes > rows->bound - more)) {
        struct avqa_row *row = rows->oldest;
        unlink_row(rows, row);
        forget(rows, row);
    }
}

void avqa_rows_release(struct avqa_rows *rows)
{
    for (size_t i = 0; i < rows->n_slots; i++)
        for (struct avqa_row *row = rows->slots[i], *next; row; row = next) {
            next = row->next;
            free_row(row);
        }
    free(rows->slots);
    *rows = (struct avqa_rows){.bound = 0};
}

struct avqa_row *avqa_rows_hold(struct avqa_rows *rows, struct avqa_row_place place,
                                bool *is_new)
{
    if (rows->n >= rows->n_slots)
        grow(rows);
    struct avqa_row **slot = slot_of(rows, place);
    struct avqa_row *row = *slot;
    while (row && (row->place.clip != place.clip || row->place.row != place.row))
        row = row->next;
    *is_new = !row;
    if (!row) {
        row = avqa_mem_new(sizeof *row);
        row->place = place;
        row->next = *slot;
        *slot = row;
        rows->n++;
    } else if (row->holds == 0 && row->state == AVQA_ROW_READY) {
        unlink_row(rows, row);
    }
    row->holds++;
    return row;
}

/* What becomes of a row that nobody holds. */
static void keep_or_forget(struct avqa_rows *rows, struct avqa_row *row)
{
    if (row->state == AVQA_ROW_READY) {
        link_newest(rows, row);
        make_way(rows, 0);
    } else if (row->state != AVQA_ROW_READING) {
        forget(rows, row);
    }
}

void avqa_rows_let_go(struct avqa_rows *rows, struct avqa_row *row)
{
    assert(row->holds > 0);
    if (--row->holds == 0)
        keep_or_forget(rows, row);
}

enum avqa_status avqa_rows_begin(struct avqa_rows *rows, struct avqa_row *row,
                                 size_t bytes)
{
    assert(row->state == AVQA_ROW_WANTED && !row->room);
    row->state = AVQA_ROW_READING;
    make_way(rows, bytes);
    row->room = malloc(bytes ? bytes : 1);
    if (!row->room)
        return avqa_fail(AVQA_ENOMEM, "out of memory for a row of %zu bytes", bytes);
    row->bytes = bytes;
    rows->bytes += bytes;
    if (rows->bytes > rows->most)
        rows->most = rows->bytes;
    return AVQA_OK;
}

void avqa_rows_done(struct avqa_rows *rows, struct avqa_row *row, enum avqa_status rc)
{
    assert(row->state == AVQA_ROW_READING);
    row->state = rc == AVQA_OK ? AVQA_ROW_READY : AVQA_ROW_FAILED;
    row->rc = rc;
    if (rc != AVQA_OK)
        row->message = avqa_mem_strdup(avqa_message());
    if (row->holds == 0)
        keep_or_forget(rows, row);
}
