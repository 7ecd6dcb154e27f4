/* A table of opcodes, each with its function; those without one are known by name and
 * refused. Members of containers are links, so that appending to any of them costs the
 * same and a tuple can become a tensor without a copy. */
#include "nn/pickle.h"
#include "base/mem.h"
#include "nn/pickle_class.h"
#include "nn/pickle_run.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_PROTOCOL = 2, LAST_PROTOCOL = 5 };

/* Where the values above the topmost mark begin. */
static enum avqa_status find_mark(size_t *begin, const struct avqa_pickle *p)
{
    size_t i = p->n_stack;
    while (i > 0 && p->stack[i - 1] != AVQA_PICKLE_MARK)
        i--;
    *begin = i;
    return i > 0 ? AVQA_OK : avqa_pickle_bad(p, "there is no mark on the stack");
}

/* ---- plain values; `arg` is of the table ----------------------------------------- */

static enum avqa_status run_proto(struct avqa_pickle *p, int arg)
{
    uint64_t version;
    enum avqa_status rc = avqa_pickle_take_number(&version, p, arg);
    if (rc == AVQA_OK && (version < FIRST_PROTOCOL || version > LAST_PROTOCOL))
        rc = avqa_fail(AVQA_EFORMAT, "%s: byte %u: pickle protocol %u", p->name,
                       p->op_at, (unsigned)version);
    return rc;
}

static enum avqa_status run_frame(struct avqa_pickle *p, int arg)
{
    uint64_t len;
    enum avqa_status rc = avqa_pickle_take_number(&len, p, arg);
    if (rc == AVQA_OK && len > p->len - p->at)
        rc = avqa_pickle_bad(p, "a frame that is longer than the pickle");
    return rc;
}

static enum avqa_status run_none(struct avqa_pickle *p, int arg)
{
    (void)arg;
    return avqa_pickle_push_new(p,
                                &(struct avqa_pickle_value){.kind = AVQA_PICKLE_NONE});
}

static enum avqa_status run_bool(struct avqa_pickle *p, int arg)
{
    return avqa_pickle_push_new(
        p, &(struct avqa_pickle_value){.kind = AVQA_PICKLE_BOOL, .whole = arg});
}

static enum avqa_status run_int(struct avqa_pickle *p, int arg)
{
    uint64_t n;
    enum avqa_status rc = avqa_pickle_take_number(&n, p, arg);
    int64_t whole = arg == 4 ? (int32_t)(uint32_t)n : (int64_t)n;
    return rc != AVQA_OK
               ? rc
               : avqa_pickle_push_new(p, &(struct avqa_pickle_value){
                                             .kind = AVQA_PICKLE_INT, .whole = whole});
}

static enum avqa_status run_long(struct avqa_pickle *p, int arg)
{
    uint64_t n_bytes;
    uint64_t n;
    enum avqa_status rc = avqa_pickle_take_number(&n_bytes, p, arg);
    if (rc == AVQA_OK && n_bytes > 8)
        rc = avqa_fail(AVQA_EFORMAT, "%s: byte %u: a whole number of %u bytes", p->name,
                       p->op_at, (unsigned)n_bytes);
    if (rc == AVQA_OK)
        rc = avqa_pickle_take_number(&n, p, (int)n_bytes);
    if (rc != AVQA_OK)
        return rc;
    if (n_bytes > 0 && n_bytes < 8 && n >> (8 * n_bytes - 1))
        n |= ~(uint64_t)0 << (8 * n_bytes);
    return avqa_pickle_push_new(
        p, &(struct avqa_pickle_value){.kind = AVQA_PICKLE_INT, .whole = (int64_t)n});
}

static enum avqa_status run_float(struct avqa_pickle *p, int arg)
{
    const uint8_t *b;
    uint64_t bits = 0;
    struct avqa_pickle_value made = {.kind = AVQA_PICKLE_REAL};
    enum avqa_status rc = avqa_pickle_take(&b, p, (uint64_t)arg);
    for (int i = 0; rc == AVQA_OK && i < arg; i++)
        bits = bits << 8 | b[i];
    memcpy(&made.real, &bits, sizeof made.real);
    return rc == AVQA_OK ? avqa_pickle_push_new(p, &made) : rc;
}

static enum avqa_status run_text(struct avqa_pickle *p, int arg)
{
    uint64_t len;
    const uint8_t *b = NULL;
    enum avqa_status rc = avqa_pickle_take_number(&len, p, arg);
    if (rc == AVQA_OK && len > UINT32_MAX)
        rc = avqa_pickle_bad(p, "a text that is longer than the pickle");
    if (rc == AVQA_OK)
        rc = avqa_pickle_take(&b, p, len);
    return rc != AVQA_OK ? rc
                         : avqa_pickle_push_new(
                               p, &(struct avqa_pickle_value){.kind = AVQA_PICKLE_TEXT,
                                                              .n = (uint32_t)len,
                                                              .text = (const char *)b});
}

/* ---- stack and memo -------------------------------------------------------------- */

static enum avqa_status run_mark(struct avqa_pickle *p, int arg)
{
    (void)arg;
    return avqa_pickle_push(p, AVQA_PICKLE_MARK);
}

static enum avqa_status remember(struct avqa_pickle *p, uint64_t place)
{
    if (!avqa_pickle_top(p))
        return avqa_pickle_bad(p, "nothing is on the stack for this opcode");
    if (place >= AVQA_PICKLE_MAX_VALUES)
        return avqa_pickle_bad(p, "a place of the memo that is too far away");
    enum avqa_status rc =
        avqa_mem_grow(&p->memo, &p->cap_memo, (size_t)place + 1, sizeof *p->memo);
    if (rc != AVQA_OK)
        return rc;
    p->n_memo += p->memo[place] == 0;
    p->memo[place] = p->stack[p->n_stack - 1] + 1;
    return AVQA_OK;
}

static enum avqa_status run_put(struct avqa_pickle *p, int arg)
{
    uint64_t place;
    enum avqa_status rc = avqa_pickle_take_number(&place, p, arg);
    return rc == AVQA_OK ? remember(p, place) : rc;
}

static enum avqa_status run_memoize(struct avqa_pickle *p, int arg)
{
    (void)arg;
    return remember(p, p->n_memo);
}

static enum avqa_status run_get(struct avqa_pickle *p, int arg)
{
    uint64_t place;
    enum avqa_status rc = avqa_pickle_take_number(&place, p, arg);
    if (rc != AVQA_OK)
        return rc;
    if (place >= p->cap_memo || p->memo[place] == 0)
        return avqa_pickle_bad(p, "a place of the memo that is empty");
    return avqa_pickle_push(p, p->memo[place] - 1);
}

static enum avqa_status run_stop(struct avqa_pickle *p, int arg)
{
    (void)arg;
    enum avqa_status rc = avqa_pickle_pop(&p->root, p);
    if (rc == AVQA_OK && p->n_stack > 0)
        rc = avqa_pickle_bad(p, "values are left on the stack at the end");
    p->done = rc == AVQA_OK;
    return rc;
}

/* ---- containers ------------------------------------------------------------------ */

static enum avqa_status run_empty(struct avqa_pickle *p, int arg)
{
    return avqa_pickle_push_new(
        p, &(struct avqa_pickle_value){.kind = (enum avqa_pickle_kind)arg});
}

/* A tuple of the values from stack place `begin` on; what is below them by `marks` goes
 * too. */
static enum avqa_status make_tuple(struct avqa_pickle *p, size_t begin, size_t marks)
{
    size_t end = p->n_stack;
    uint32_t id = (uint32_t)p->n_values;
    enum avqa_status rc =
        avqa_pickle_push_new(p, &(struct avqa_pickle_value){.kind = AVQA_PICKLE_TUPLE});
    for (size_t i = begin; rc == AVQA_OK && i < end; i++)
        rc = avqa_pickle_append(p, id, p->stack[i]);
    if (rc != AVQA_OK)
        return rc;
    p->n_stack = begin - marks;
    return avqa_pickle_push(p, id);
}

static enum avqa_status run_tuple(struct avqa_pickle *p, int arg)
{
    size_t begin;
    enum avqa_status rc;
    if (arg == 0) {
        rc = find_mark(&begin, p);
        return rc == AVQA_OK ? make_tuple(p, begin, 1) : rc;
    }
    for (size_t i = 0; i < (size_t)arg; i++)
        if (i >= p->n_stack || p->stack[p->n_stack - 1 - i] == AVQA_PICKLE_MARK)
            return avqa_pickle_bad(p, "nothing is on the stack for this opcode");
    return make_tuple(p, p->n_stack - (size_t)arg, 0);
}

/* Adds values from `begin` on to the container below them (and below the mark). */
static enum avqa_status add_members(struct avqa_pickle *p, size_t begin, size_t marks,
                                    enum avqa_pickle_kind kind)
{
    enum avqa_status rc = AVQA_OK;
    size_t below = begin - marks;
    uint32_t to = below > 0 ? p->stack[below - 1] : AVQA_PICKLE_MARK;
    if (to == AVQA_PICKLE_MARK || p->values[to].kind != kind)
        return avqa_pickle_bad(p, kind == AVQA_PICKLE_LIST
                                      ? "members for what is no list"
                                      : "members for what is no dict");
    if (kind == AVQA_PICKLE_DICT && (p->n_stack - begin) % 2)
        return avqa_pickle_bad(p, "a key without a value");
    for (size_t i = begin; rc == AVQA_OK && i < p->n_stack; i++)
        rc = avqa_pickle_append(p, to, p->stack[i]);
    p->n_stack = below;
    return rc;
}

static enum avqa_status run_members(struct avqa_pickle *p, int arg)
{
    size_t begin;
    enum avqa_status rc = find_mark(&begin, p);
    return rc == AVQA_OK ? add_members(p, begin, 1, (enum avqa_pickle_kind)arg) : rc;
}

static enum avqa_status run_member(struct avqa_pickle *p, int arg)
{
    size_t n = arg == AVQA_PICKLE_DICT ? 2 : 1;
    for (size_t i = 0; i < n; i++)
        if (i >= p->n_stack || p->stack[p->n_stack - 1 - i] == AVQA_PICKLE_MARK)
            return avqa_pickle_bad(p, "nothing is on the stack for this opcode");
    return add_members(p, p->n_stack - n, 0, (enum avqa_pickle_kind)arg);
}

/* ---- the table ------------------------------------------------------------------- */

struct op {
    const char *name;
    enum avqa_status (*run)(struct avqa_pickle *p, int arg); /* NULL: refused */
    int arg; /* bytes of a number that follows, or what `run` says */
};

static const struct op ops[256] = {
    /* of values */
    [0x80] = {"PROTO", run_proto, 1},
    [0x95] = {"FRAME", run_frame, 8},
    ['N'] = {"NONE", run_none, 0},
    [0x88] = {"NEWTRUE", run_bool, 1},
    [0x89] = {"NEWFALSE", run_bool, 0},
    ['J'] = {"BININT", run_int, 4},
    ['K'] = {"BININT1", run_int, 1},
    ['M'] = {"BININT2", run_int, 2},
    [0x8a] = {"LONG1", run_long, 1},
    ['G'] = {"BINFLOAT", run_float, 8},
    ['X'] = {"BINUNICODE", run_text, 4},
    [0x8c] = {"SHORT_BINUNICODE", run_text, 1},
    [0x8d] = {"BINUNICODE8", run_text, 8},
    ['U'] = {"SHORT_BINSTRING", run_text, 1},
    ['T'] = {"BINSTRING", run_text, 4},
    /* of stack and memo */
    ['('] = {"MARK", run_mark, 0},
    ['q'] = {"BINPUT", run_put, 1},
    ['r'] = {"LONG_BINPUT", run_put, 4},
    [0x94] = {"MEMOIZE", run_memoize, 0},
    ['h'] = {"BINGET", run_get, 1},
    ['j'] = {"LONG_BINGET", run_get, 4},
    ['.'] = {"STOP", run_stop, 0},
    /* of containers */
    [')'] = {"EMPTY_TUPLE", run_empty, AVQA_PICKLE_TUPLE},
    [']'] = {"EMPTY_LIST", run_empty, AVQA_PICKLE_LIST},
    ['}'] = {"EMPTY_DICT", run_empty, AVQA_PICKLE_DICT},
    ['t'] = {"TUPLE", run_tuple, 0},
    [0x85] = {"TUPLE1", run_tuple, 1},
    [0x86] = {"TUPLE2", run_tuple, 2},
    [0x87] = {"TUPLE3", run_tuple, 3},
    ['a'] = {"APPEND", run_member, AVQA_PICKLE_LIST},
    ['e'] = {"APPENDS", run_members, AVQA_PICKLE_LIST},
    ['s'] = {"SETITEM", run_member, AVQA_PICKLE_DICT},
    ['u'] = {"SETITEMS", run_members, AVQA_PICKLE_DICT},
    /* of classes */
    ['c'] = {"GLOBAL", avqa_pickle_global, 0},
    [0x93] = {"STACK_GLOBAL", avqa_pickle_stack_global, 0},
    ['R'] = {"REDUCE", avqa_pickle_reduce, 0},
    [0x81] = {"NEWOBJ", avqa_pickle_newobj, 0},
    ['b'] = {"BUILD", avqa_pickle_build, 0},
    ['Q'] = {"BINPERSID", avqa_pickle_persid, 0},
    /* what a state dict does not need */
    ['0'] = {"POP", NULL, 0},
    ['1'] = {"POP_MARK", NULL, 0},
    ['2'] = {"DUP", NULL, 0},
    ['I'] = {"INT", NULL, 0},
    ['L'] = {"LONG", NULL, 0},
    [0x8b] = {"LONG4", NULL, 0},
    ['F'] = {"FLOAT", NULL, 0},
    ['S'] = {"STRING", NULL, 0},
    ['V'] = {"UNICODE", NULL, 0},
    ['B'] = {"BINBYTES", NULL, 0},
    ['C'] = {"SHORT_BINBYTES", NULL, 0},
    [0x8e] = {"BINBYTES8", NULL, 0},
    [0x96] = {"BYTEARRAY8", NULL, 0},
    [0x97] = {"NEXT_BUFFER", NULL, 0},
    [0x98] = {"READONLY_BUFFER", NULL, 0},
    ['l'] = {"LIST", NULL, 0},
    ['d'] = {"DICT", NULL, 0},
    [0x8f] = {"EMPTY_SET", NULL, 0},
    [0x90] = {"ADDITEMS", NULL, 0},
    [0x91] = {"FROZENSET", NULL, 0},
    ['p'] = {"PUT", NULL, 0},
    ['g'] = {"GET", NULL, 0},
    ['P'] = {"PERSID", NULL, 0},
    ['i'] = {"INST", NULL, 0},
    ['o'] = {"OBJ", NULL, 0},
    [0x92] = {"NEWOBJ_EX", NULL, 0},
    [0x82] = {"EXT1", NULL, 0},
    [0x83] = {"EXT2", NULL, 0},
    [0x84] = {"EXT4", NULL, 0},
};

static enum avqa_status run_one(struct avqa_pickle *p)
{
    const uint8_t *code;
    p->op_at = (uint32_t)p->at;
    enum avqa_status rc = avqa_pickle_take(&code, p, 1);
    if (rc != AVQA_OK)
        return avqa_pickle_bad(p, "the pickle ends without STOP");
    const struct op *op = &ops[*code];
    if (op->run)
        return op->run(p, op->arg);
    return avqa_fail(AVQA_EFORMAT,
                     "%s: byte %u: opcode %s (0x%02x) is no part of a state dict",
                     p->name, p->op_at, op->name ? op->name : "?", *code);
}

enum avqa_status avqa_pickle_read(struct avqa_pickle **out, size_t *at,
                                  const char *name, const uint8_t *bytes, size_t len)
{
    enum avqa_status rc = AVQA_OK;
    *out = NULL;
    if (len > UINT32_MAX)
        return avqa_fail(AVQA_EFORMAT, "%s: a pickle of %zu bytes", name, len);
    struct avqa_pickle *p = avqa_mem_new(sizeof *p);
    p->name = name;
    p->bytes = bytes;
    p->len = len;
    p->at = at ? *at : 0;
    while (rc == AVQA_OK && !p->done)
        rc = run_one(p);
    if (rc != AVQA_OK) {
        avqa_pickle_free(p);
        return rc;
    }
    if (at)
        *at = p->at;
    *out = p;
    return AVQA_OK;
}

void avqa_pickle_free(struct avqa_pickle *p)
{
    if (!p)
        return;
    free(p->values);
    free(p->links);
    free(p->stack);
    free(p->memo);
    free(p);
}

const struct avqa_pickle_value *avqa_pickle_root(const struct avqa_pickle *p)
{
    return &p->values[p->root];
}
