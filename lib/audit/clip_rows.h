/* The rows of one clip as rules see them: words as numbers, chained by template, and
 * for each witness how many rows attest a word. One set of buffers takes clip after
 * clip. */
#ifndef AVQA_AUDIT_CLIP_ROWS_H
#define AVQA_AUDIT_CLIP_ROWS_H

#include "audit/table.h"
#include "base/status.h"
#include "qa/rule.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A clip with more questions than this is not judged, because a rule about three
 * questions looks at every three of them; a note says how many such clips there are. */
enum { AVQA_RULE_MAX_CLIP_ROWS = 500, AVQA_CLIP_ROW_NONE = UINT16_MAX };

struct avqa_clip_row {
    const struct avqa_template *template;
    struct avqa_rule_word answer;
    struct avqa_rule_word slots[AVQA_TEMPLATE_MAX_SLOTS];
    uint32_t number; /* in the table */
    uint16_t next;   /* of the same template, or AVQA_CLIP_ROW_NONE */
    size_t attested; /* where what it attests begins; it goes on to the next row's */
};

/* What a row attests to a witness. */
struct avqa_clip_attested {
    uint32_t symbol;
    uint16_t row;
    uint16_t set;
};

struct avqa_clip_witness {
    uint32_t *rows;   /* by symbol: how many rows attest it */
    int64_t distinct; /* symbols with any */
};

struct avqa_clip_rows {
    const struct avqa_audit_table *table;
    const struct avqa_rules *rules;
    /* The last one only ends what is attested. */
    struct avqa_clip_row rows[AVQA_RULE_MAX_CLIP_ROWS + 1];
    size_t n_rows;
    uint16_t *first; /* by template: its first row, or AVQA_CLIP_ROW_NONE */
    struct avqa_clip_witness witnesses[AVQA_WITNESSES_MAX];
    struct avqa_clip_attested *attested;
    size_t n_attested, cap_attested;
    const struct avqa_clip_row *bound[AVQA_RULE_MAX_ROWS]; /* of the case in hand */
    const struct avqa_clip_row *asked; /* a question in hand, the first of its template;
                                          or NULL */
};

/* For a table whose templates have rules. */
void avqa_clip_rows_init(struct avqa_clip_rows *rows, const struct avqa_audit_table *t);
void avqa_clip_rows_release(struct avqa_clip_rows *rows);

/* Takes `n` rows of the table in, at most AVQA_RULE_MAX_CLIP_ROWS; those with a word
 * that its domain lacks are left out. Before the next load they must be forgotten. */
AVQA_CHECK enum avqa_status avqa_clip_rows_load(struct avqa_clip_rows *r,
                                                const uint32_t *numbers, size_t n);
void avqa_clip_rows_forget(struct avqa_clip_rows *r);

/* A row as symbols but for its answer; false if it has a word that its domain lacks. */
bool avqa_clip_rows_question(const struct avqa_clip_rows *r, uint32_t number,
                             struct avqa_clip_row *row);

/* The number of a row's template. */
size_t avqa_clip_rows_template(const struct avqa_clip_rows *r,
                               const struct avqa_clip_row *row);

/* Appends and counts all that a row attests. */
AVQA_CHECK enum avqa_status avqa_clip_rows_attest(struct avqa_clip_rows *r,
                                                  uint16_t row);

/* Counts what is attested from..to, or takes it back. */
void avqa_clip_rows_count(struct avqa_clip_rows *r, size_t from, size_t to, bool there);

/* Calls `take` with every combination of rows bound that a case is about; while a
 * question is asked, of a case without witnesses those with the question only. */
typedef void avqa_clip_rows_fn(void *user, const struct avqa_rule_case *c);
void avqa_clip_rows_bind(struct avqa_clip_rows *rows, const struct avqa_rule_case *c,
                         avqa_clip_rows_fn *take, void *user);

#endif
