/* See npy.h. The dictionary is read by hand: it is a literal of three keys, and nothing
 * of a Python reader is wanted here. */
#include "shard/npy.h"
#include "base/mem.h"

#include <string.h>

static const struct {
    const char *name;
    size_t bytes;
} types[AVQA_NPY_N_TYPES] = {
    [AVQA_NPY_F4] = {"<f4", 4}, [AVQA_NPY_F2] = {"<f2", 2}, [AVQA_NPY_U1] = {"|u1", 1},
    [AVQA_NPY_I1] = {"|i1", 1}, [AVQA_NPY_I2] = {"<i2", 2}, [AVQA_NPY_I4] = {"<i4", 4},
    [AVQA_NPY_I8] = {"<i8", 8}, [AVQA_NPY_F8] = {"<f8", 8},
};
static const char MAGIC[] = "\x93NUMPY\x01"; /* and a NUL: version 1.0 */
enum { MAGIC_BYTES = 8, PREFIX_BYTES = MAGIC_BYTES + 2 };

size_t avqa_npy_type_bytes(enum avqa_npy_type type)
{
    return types[type].bytes;
}

const char *avqa_npy_type_name(enum avqa_npy_type type)
{
    return types[type].name;
}

bool avqa_npy_type_find(enum avqa_npy_type *out, const char *name)
{
    for (int i = 0; i < AVQA_NPY_N_TYPES; i++) {
        if (strcmp(types[i].name, name) == 0) {
            *out = (enum avqa_npy_type)i;
            return true;
        }
    }
    return false;
}

static bool product_from(size_t *out, const struct avqa_npy *npy, size_t first)
{
    *out = types[npy->type].bytes;
    for (size_t i = first; i < npy->n_dims; i++) {
        if (!avqa_mem_product(out, *out, npy->dims[i]))
            return false;
    }
    return true;
}

bool avqa_npy_bytes(size_t *out, const struct avqa_npy *npy)
{
    return product_from(out, npy, 0);
}

bool avqa_npy_row_bytes(size_t *out, const struct avqa_npy *npy)
{
    return product_from(out, npy, 1);
}

void avqa_npy_print(struct avqa_buf *out, const struct avqa_npy *npy, size_t align)
{
    struct avqa_buf dict = AVQA_BUF_INIT;
    avqa_buf_addf(&dict, "{'descr': '%s', 'fortran_order': False, 'shape': (",
                  types[npy->type].name);
    for (size_t i = 0; i < npy->n_dims; i++)
        avqa_buf_addf(&dict, "%s%zu", i ? ", " : "", npy->dims[i]);
    avqa_buf_adds(&dict, npy->n_dims == 1 ? ",), }" : "), }");
    size_t whole = (PREFIX_BYTES + dict.len + 1 + align - 1) / align * align;
    while (PREFIX_BYTES + dict.len + 1 < whole)
        avqa_buf_addc(&dict, ' ');
    avqa_buf_addc(&dict, '\n');
    avqa_buf_add(out, MAGIC, MAGIC_BYTES);
    avqa_buf_addc(out, (char)(dict.len & 0xff));
    avqa_buf_addc(out, (char)(dict.len >> 8));
    avqa_buf_add(out, dict.data, dict.len);
    avqa_buf_release(&dict);
}

void avqa_npy_shape(struct avqa_buf *out, const struct avqa_npy *npy)
{
    for (size_t i = 0; i < npy->n_dims; i++)
        avqa_buf_addf(out, "%s%zu", i ? "x" : "", npy->dims[i]);
    if (npy->n_dims == 0)
        avqa_buf_adds(out, "scalar");
}

/* ---- reading --------------------------------------------------------------------- */

struct cursor {
    const char *at, *end;
};

static void skip_spaces(struct cursor *c)
{
    while (c->at < c->end && *c->at == ' ')
        c->at++;
}

/* Whether `text` comes next, after spaces; steps behind it. */
static bool take(struct cursor *c, const char *text)
{
    size_t n = strlen(text);
    skip_spaces(c);
    if ((size_t)(c->end - c->at) < n || memcmp(c->at, text, n) != 0)
        return false;
    c->at += n;
    return true;
}

static bool take_type(struct cursor *c, struct avqa_npy *out)
{
    char name[4] = "";
    if (!take(c, "'") || c->end - c->at < 4 || c->at[3] != '\'')
        return false;
    memcpy(name, c->at, 3);
    c->at += 4;
    return avqa_npy_type_find(&out->type, name);
}

static bool take_number(struct cursor *c, size_t *out)
{
    skip_spaces(c);
    const char *first = c->at;
    *out = 0;
    for (; c->at < c->end && *c->at >= '0' && *c->at <= '9'; c->at++) {
        if (c->at - first >= 15)
            return false;
        *out = *out * 10 + (size_t)(*c->at - '0');
    }
    return c->at > first && (*first != '0' || c->at == first + 1);
}

static bool take_shape(struct cursor *c, struct avqa_npy *out)
{
    bool comma = false;
    if (!take(c, "("))
        return false;
    while (!take(c, ")")) {
        if (out->n_dims == AVQA_NPY_MAX_DIMS || (out->n_dims && !comma) ||
            !take_number(c, &out->dims[out->n_dims]))
            return false;
        out->n_dims++;
        comma = take(c, ",");
    }
    return out->n_dims == 0 ? !comma : out->n_dims > 1 || comma;
}

/* The three keys in any order, each once. Says what is wrong, or gives NULL. */
static const char *take_dictionary(struct cursor *c, struct avqa_npy *out)
{
    unsigned seen = 0;
    if (!take(c, "{"))
        return "its header is no dictionary";
    for (int i = 0; i < 3; i++) {
        unsigned key;
        if (i && !take(c, ","))
            return "its header is no dictionary of three keys";
        if (take(c, "'descr':")) {
            key = 1;
            if (!take_type(c, out))
                return "its type is none of <f4 <f2 <f8 |u1 |i1 <i2 <i4 <i8";
        } else if (take(c, "'fortran_order':")) {
            key = 2;
            if (!take(c, "False"))
                return "it is in Fortran order";
        } else if (take(c, "'shape':")) {
            key = 4;
            if (!take_shape(c, out))
                return "its shape is malformed or has more than 8 dimensions";
        } else {
            return "its header has an unknown key";
        }
        if (seen & key)
            return "its header has a key twice";
        seen |= key;
    }
    (void)take(c, ",");
    if (!take(c, "}"))
        return "its header is no dictionary of three keys";
    skip_spaces(c);
    return c->end - c->at == 1 && *c->at == '\n' ? NULL : "its header does not end";
}

enum avqa_status avqa_npy_parse(struct avqa_npy *out, size_t *header_bytes,
                                const void *bytes, size_t len)
{
    const unsigned char *b = bytes;
    size_t data;
    *out = (struct avqa_npy){.n_dims = 0};
    if (len < PREFIX_BYTES || memcmp(b, MAGIC, MAGIC_BYTES) != 0)
        return avqa_fail(AVQA_EFORMAT, "it is no NPY 1.0 array");
    size_t whole = PREFIX_BYTES + ((size_t)b[8] | (size_t)b[9] << 8);
    if (whole > AVQA_NPY_MAX_HEADER)
        return avqa_fail(AVQA_EFORMAT, "its NPY header has %zu bytes, more than %d",
                         whole, AVQA_NPY_MAX_HEADER);
    if (whole > len)
        return avqa_fail(AVQA_EFORMAT, "it ends within its NPY header");
    struct cursor c = {(const char *)b + PREFIX_BYTES, (const char *)b + whole};
    const char *wrong = take_dictionary(&c, out);
    if (wrong)
        return avqa_fail(AVQA_EFORMAT, "%s", wrong);
    if (!avqa_npy_bytes(&data, out) || data > (size_t)1 << 48)
        return avqa_fail(AVQA_EFORMAT, "its shape has more values than there are");
    *header_bytes = whole;
    return AVQA_OK;
}
