/* JSON values: parsing with limits, reading, building and printing, over cJSON.
 *
 * cJSON is generous: it stops at a NUL, lets invalid UTF-8 through and nests deep. Text
 * from outside is therefore checked first (depth, UTF-8, NUL bytes and \u0000) and only
 * then handed over. Nodes are opaque; a node belongs to its root, which the caller
 * frees. */
#ifndef AVQA_BASE_JSON_H
#define AVQA_BASE_JSON_H

#include "base/buf.h"
#include "base/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct avqa_json; /* a node */

enum avqa_json_type {
    AVQA_JSON_NULL,
    AVQA_JSON_BOOL,
    AVQA_JSON_NUMBER,
    AVQA_JSON_STRING,
    AVQA_JSON_ARRAY,
    AVQA_JSON_OBJECT,
};

#define AVQA_JSON_MAX_DEPTH 32

/* ---- reading --------------------------------------------------------------------- */

/* Parses exactly one value out of `len` bytes, nested at most AVQA_JSON_MAX_DEPTH deep.
 * AVQA_EFORMAT tells the byte where it went wrong. `*out` is yours. */
AVQA_CHECK enum avqa_status avqa_json_parse(struct avqa_json **out, const char *text,
                                            size_t len);

/* Reads and parses a whole file of at most `max` bytes; messages name the file. */
AVQA_CHECK enum avqa_status avqa_json_read(struct avqa_json **out, const char *path,
                                           size_t max);

/* The parts of avqa_json_parse, for a reader that walks the text itself (rows.c). Text
 * that is not valid UTF-8 or has a NUL, plain or escaped, must not reach cJSON. */
AVQA_CHECK enum avqa_status avqa_json_check_text(const char *text, size_t len);
/* Index behind the closing quote of the string whose inside begins at i, which lies
 * behind its opening quote; len + 1 if it is not closed before len. */
size_t avqa_json_skip_string(const char *s, size_t i, size_t len);
/* Parses text that passed the check and is nested at most AVQA_JSON_MAX_DEPTH deep. */
AVQA_CHECK enum avqa_status avqa_json_parse_checked(struct avqa_json **out,
                                                    const char *text, size_t len);

void avqa_json_free(struct avqa_json *root); /* NULL is legal */

enum avqa_json_type avqa_json_type(const struct avqa_json *node);
/* "a string", "an object", ... for messages. */
const char *avqa_json_type_name(const struct avqa_json *node);

/* Member of an object by exact name; NULL if there is none or it is no object. */
const struct avqa_json *avqa_json_get(const struct avqa_json *node, const char *key);
/* That an object has no keys but these, which stand with a space between them:
 * AVQA_EFORMAT names the first other one. What is no object has none. */
AVQA_CHECK enum avqa_status avqa_json_only(const struct avqa_json *node,
                                           const char *keys);
/* First child and next sibling, in file order; NULL at the end. */
const struct avqa_json *avqa_json_first(const struct avqa_json *node);
const struct avqa_json *avqa_json_next(const struct avqa_json *node);
size_t avqa_json_count(const struct avqa_json *node);
/* Name of an object's member; NULL for anything else. */
const char *avqa_json_key(const struct avqa_json *node);

/* The string, or NULL if the node is NULL or not a string. Borrowed. */
const char *avqa_json_string(const struct avqa_json *node);
/* A whole number below 2^53, exact as it stood, into *out; false if the node is
 * anything else. */
bool avqa_json_int(const struct avqa_json *node, int64_t *out);
bool avqa_json_double(const struct avqa_json *node, double *out);
bool avqa_json_true(const struct avqa_json *node);

/* ---- building -------------------------------------------------------------------- */

struct avqa_json *avqa_json_new_object(void);
struct avqa_json *avqa_json_new_array(void);

/* Adds to an object (key) or to an array (key NULL). The parent takes the child; the
 * child is returned so that it can be filled. */
struct avqa_json *avqa_json_put(struct avqa_json *parent, const char *key,
                                struct avqa_json *child);
struct avqa_json *avqa_json_put_object(struct avqa_json *parent, const char *key);
struct avqa_json *avqa_json_put_array(struct avqa_json *parent, const char *key);
void avqa_json_put_string(struct avqa_json *parent, const char *key, const char *text);
void avqa_json_put_int(struct avqa_json *parent, const char *key, int64_t value);
/* Makes another number of the one that has this key in the object `section`. */
void avqa_json_set_int(struct avqa_json *parent, const char *section, const char *key,
                       int64_t value);
/* Rounded to six decimals; NaN and infinity become null. */
void avqa_json_put_double(struct avqa_json *parent, const char *key, double value);
/* With all digits that tell it from its neighbours; NaN and infinity become null. */
void avqa_json_put_exact(struct avqa_json *parent, const char *key, double value);
void avqa_json_put_bool(struct avqa_json *parent, const char *key, bool value);
void avqa_json_put_null(struct avqa_json *parent, const char *key);
/* A deep copy of a node from elsewhere. */
void avqa_json_put_copy(struct avqa_json *parent, const char *key,
                        const struct avqa_json *node);

/* Appends the value as text: `indent` spaces a level, or on one line if 0. */
void avqa_json_print(struct avqa_buf *out, const struct avqa_json *node, int indent);
/* Appends a string with its quotes, escaped; "ascii" writes other letters as \uXXXX,
 * as Python's json.dumps does by default. */
void avqa_json_quote(struct avqa_buf *out, const char *text, bool ascii);

#endif
