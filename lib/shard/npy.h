/* The header of NPY 1.0 (numpy's format for one array in a file): magic, version, and a
 * Python dictionary with the type, the order and the shape. Written so that the data
 * behind it is aligned; read strictly: little-endian or single-byte types, C order, one
 * spelling of each key. What numpy.save writes for such arrays is accepted.
 * https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html */
#ifndef AVQA_SHARD_NPY_H
#define AVQA_SHARD_NPY_H

#include "base/buf.h"
#include "base/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum avqa_npy_type {
    AVQA_NPY_F4,
    AVQA_NPY_F2,
    AVQA_NPY_U1,
    AVQA_NPY_I1,
    AVQA_NPY_I2,
    AVQA_NPY_I4,
    AVQA_NPY_I8,
    AVQA_NPY_F8,
    AVQA_NPY_N_TYPES,
};

enum {
    AVQA_NPY_MAX_DIMS = 8,
    AVQA_NPY_MAX_HEADER = 4096, /* bytes, with the magic */
    AVQA_NPY_ALIGN = 64,        /* as numpy aligns */
};

/* An array's type and shape. */
struct avqa_npy {
    enum avqa_npy_type type;
    size_t n_dims;
    size_t dims[AVQA_NPY_MAX_DIMS];
};

size_t avqa_npy_type_bytes(enum avqa_npy_type type);
/* "<f4", "|u1", ... as they stand in the header. Static. */
const char *avqa_npy_type_name(enum avqa_npy_type type);
bool avqa_npy_type_find(enum avqa_npy_type *out, const char *name);

/* Bytes of the array's data; false if they do not fit a size_t. */
bool avqa_npy_bytes(size_t *out, const struct avqa_npy *npy);
/* Bytes of one of its rows (all dimensions but the first; a scalar is no rows). */
bool avqa_npy_row_bytes(size_t *out, const struct avqa_npy *npy);

/* Appends the header, padded with spaces so that its length is a multiple of `align`
 * (a power of two of at least 64). */
void avqa_npy_print(struct avqa_buf *out, const struct avqa_npy *npy, size_t align);

/* Reads a header at the start of `len` bytes; *header_bytes is where the data begins.
 * AVQA_EFORMAT says what is wrong. */
AVQA_CHECK enum avqa_status avqa_npy_parse(struct avqa_npy *out, size_t *header_bytes,
                                           const void *bytes, size_t len);

/* Appends the shape as "60x512x14x14" ("scalar" without dimensions). */
void avqa_npy_shape(struct avqa_buf *out, const struct avqa_npy *npy);

#endif
