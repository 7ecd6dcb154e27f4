/* The pickle is the one that torch.save makes of an OrderedDict of dense tensors on the
 * processor, without the memo where nothing is gained by it; protocol 2. */
#include "base/buf.h"
#include "nn/torch_file.h"
#include "nn/zip_write.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum { KEY_BYTES = 40 };

/* In the order of enum avqa_tensor_type. */
static const char *const storages[] = {
    "FloatStorage", "HalfStorage", "BFloat16Storage", "DoubleStorage", "LongStorage",
    "IntStorage",   "ByteStorage", "ShortStorage",    "CharStorage",   "BoolStorage",
};

static void put(struct avqa_buf *buf, uint64_t value, int n_bytes)
{
    for (int i = 0; i < n_bytes; i++)
        avqa_buf_addc(buf, (char)(value >> (8 * i) & 255));
}

static void put_text(struct avqa_buf *buf, const char *text)
{
    avqa_buf_addc(buf, 'X'); /* BINUNICODE */
    put(buf, strlen(text), 4);
    avqa_buf_adds(buf, text);
}

static void put_int(struct avqa_buf *buf, uint64_t value)
{
    if (value <= 0xff) {
        avqa_buf_addc(buf, 'K'); /* BININT1 */
        put(buf, value, 1);
    } else if (value <= INT32_MAX) {
        avqa_buf_addc(buf, 'J'); /* BININT */
        put(buf, value, 4);
    } else {
        put(buf, 0x088a, 2); /* LONG1 of 8 bytes */
        put(buf, value, 8);
    }
}

/* ("storage", torch.XStorage, key, "cpu", n), as a name of something outside */
static void put_storage(struct avqa_buf *buf, const struct avqa_tensor *t, size_t i)
{
    char key[KEY_BYTES];
    snprintf(key, sizeof key, "%zu", i);
    avqa_buf_addc(buf, '(');
    put_text(buf, "storage");
    avqa_buf_addf(buf, "ctorch\n%s\n", storages[t->type]);
    put_text(buf, key);
    put_text(buf, "cpu");
    put_int(buf, t->n);
    avqa_buf_adds(buf, "tQ");
}

/* _rebuild_tensor_v2(storage, 0, shape, strides, False, OrderedDict()) */
static void put_tensor(struct avqa_buf *buf, const struct avqa_tensor *t, size_t i)
{
    size_t strides[AVQA_TENSOR_MAX_RANK];
    size_t stride = 1;
    avqa_buf_adds(buf, "ctorch._utils\n_rebuild_tensor_v2\n(");
    put_storage(buf, t, i);
    put_int(buf, 0);
    avqa_buf_addc(buf, '(');
    for (size_t k = 0; k < t->rank; k++)
        put_int(buf, t->shape[k]);
    for (size_t k = t->rank; k-- > 0; stride *= t->shape[k] ? t->shape[k] : 1)
        strides[k] = stride;
    avqa_buf_adds(buf, "t(");
    for (size_t k = 0; k < t->rank; k++)
        put_int(buf, strides[k]);
    avqa_buf_adds(buf, "t\x89"); /* NEWFALSE */
    avqa_buf_adds(buf, "ccollections\nOrderedDict\n)RtR");
}

static void put_dict(struct avqa_buf *buf, const struct avqa_params *params)
{
    avqa_buf_adds(buf, "\x80\x02" /* PROTO */ "ccollections\nOrderedDict\n)R(");
    for (size_t i = 0; i < params->n; i++) {
        put_text(buf, params->items[i].name);
        put_tensor(buf, &params->items[i].value, i);
    }
    avqa_buf_adds(buf, "u.");
}

enum avqa_status avqa_torch_write(const char *path, const struct avqa_params *params)
{
    char name[KEY_BYTES];
    struct avqa_buf pickle = AVQA_BUF_INIT;
    struct avqa_zip_out *zip = NULL;
    put_dict(&pickle, params);
    enum avqa_status rc = avqa_buf_status(&pickle);
    if (rc == AVQA_OK)
        rc = avqa_zip_out_open(&zip, path);
    if (rc == AVQA_OK)
        rc = avqa_zip_out_add(zip, "archive/data.pkl", pickle.data, pickle.len);
    if (rc == AVQA_OK)
        rc = avqa_zip_out_add(zip, "archive/byteorder", "little", 6);
    for (size_t i = 0; rc == AVQA_OK && i < params->n; i++) {
        const struct avqa_tensor *t = &params->items[i].value;
        snprintf(name, sizeof name, "archive/data/%zu", i);
        rc = avqa_zip_out_add(zip, name, t->data, avqa_tensor_bytes(t));
    }
    if (rc == AVQA_OK)
        rc = avqa_zip_out_add(zip, "archive/version", "3\n", 2);
    if (rc == AVQA_OK)
        rc = avqa_zip_out_commit(zip);
    else
        avqa_zip_out_abort(zip);
    avqa_buf_release(&pickle);
    return rc;
}
