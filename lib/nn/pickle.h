/* What a pickled state dict holds, without being Python: a stack, a memo and values.
 * Nothing is called and nothing is looked up. The classes that a state dict is made of
 * are known by name and become kinds of values; any other class, any opcode that a
 * state dict does not need, and any use of either that it does not make, is an error
 * that says what was met and at which byte. There is no recursion, and memory is
 * bounded by a number of values, whatever the bytes say. The opcodes: Python's
 * Lib/pickletools.py, protocols 2 to 5. */
#ifndef AVQA_NN_PICKLE_H
#define AVQA_NN_PICKLE_H

#include "base/status.h"
#include "nn/tensor.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    AVQA_PICKLE_MAX_VALUES = 1 << 22, /* of one pickle, 48 bytes each */
    AVQA_PICKLE_MAX_LINKS = 1 << 23,  /* members of lists, tuples and dicts */
};

enum avqa_pickle_kind {
    AVQA_PICKLE_NONE,
    AVQA_PICKLE_BOOL,
    AVQA_PICKLE_INT,
    AVQA_PICKLE_REAL,
    AVQA_PICKLE_TEXT,
    AVQA_PICKLE_TUPLE,
    AVQA_PICKLE_LIST,
    AVQA_PICKLE_DICT,    /* also an OrderedDict; members are key, value, key, ... */
    AVQA_PICKLE_CLASS,   /* `class` */
    AVQA_PICKLE_STORAGE, /* members: what BINPERSID named it with */
    AVQA_PICKLE_TENSOR,  /* members: what _rebuild_tensor was to be given */
};

/* What may stand behind a GLOBAL. */
enum avqa_pickle_class {
    AVQA_PICKLE_ORDERED_DICT,
    AVQA_PICKLE_SIZE,
    AVQA_PICKLE_REBUILD_TENSOR,
    AVQA_PICKLE_REBUILD_PARAMETER,
    AVQA_PICKLE_PARAMETER,
    AVQA_PICKLE_STORAGE_TYPE, /* value.type says of what */
};

/* Texts lie in the bytes that were read, without a NUL behind them. */
struct avqa_pickle_value {
    enum avqa_pickle_kind kind;
    uint32_t at;          /* the byte of the opcode that made it */
    uint32_t first, last; /* links of TUPLE to DICT, STORAGE, TENSOR; 0: none */
    uint32_t n;           /* members; of a TEXT: bytes */
    enum avqa_tensor_type type;
    union {
        int64_t whole; /* BOOL, INT */
        double real;
        const char *text;
        enum avqa_pickle_class class;
    };
};

struct avqa_pickle;

/* Reads one pickle out of `bytes`, which must stay as they are while it is used; it
 * begins at byte *at, which moves behind it (NULL: at the first). `name` is for
 * messages and borrowed. AVQA_EFORMAT, naming the byte. `*out` is yours. */
AVQA_CHECK enum avqa_status avqa_pickle_read(struct avqa_pickle **out, size_t *at,
                                             const char *name, const uint8_t *bytes,
                                             size_t len);
void avqa_pickle_free(struct avqa_pickle *pickle); /* NULL is legal */

/* What it is all about. Borrowed, as all values are. */
const struct avqa_pickle_value *avqa_pickle_root(const struct avqa_pickle *pickle);
/* All values in the order they were made; the i-th, NULL at the end. */
const struct avqa_pickle_value *avqa_pickle_nth(const struct avqa_pickle *pickle,
                                                size_t i);
/* The members of a value one after the other: *cursor is value->first at the start.
 * NULL at the end. A list may be a member of itself: who goes down counts. */
const struct avqa_pickle_value *avqa_pickle_next(const struct avqa_pickle *pickle,
                                                 uint32_t *cursor);
/* The i-th member; NULL if there are not so many. */
const struct avqa_pickle_value *avqa_pickle_at(const struct avqa_pickle *pickle,
                                               const struct avqa_pickle_value *value,
                                               size_t i);
/* Whether it is a text, and this one. */
bool avqa_pickle_is_text(const struct avqa_pickle_value *value, const char *text);
/* "a list", "a tensor"; for messages. */
const char *avqa_pickle_kind_name(const struct avqa_pickle_value *value);

#endif
