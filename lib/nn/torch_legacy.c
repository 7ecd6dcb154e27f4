/* The pickles are looked for in the first bytes of the file, as far as pickles may
 * reach; where a storage begins follows from the counts of those before it. */
#include "nn/torch_legacy.h"
#include "base/io.h"
#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { COUNT_BYTES = 8, VERSION = 1001 };

/* PROTO 2, LONG1 of 10 bytes, 0x1950a86a20f9469cfc6c, STOP */
const uint8_t avqa_torch_magic[AVQA_TORCH_MAGIC_BYTES] = {
    0x80, 0x02, 0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46,
    0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, 0x2e,
};

struct avqa_torch_legacy {
    int fd;
    struct avqa_pickle *keys; /* of the storages, in their order */
    uint64_t storages_at;     /* behind the pickles */
    uint64_t *begins;         /* of the dict's storages; 0: not in the file */
};

void avqa_torch_legacy_close(struct avqa_torch_legacy *legacy)
{
    if (!legacy)
        return;
    if (legacy->fd >= 0)
        close(legacy->fd);
    avqa_pickle_free(legacy->keys);
    free(legacy->begins);
    free(legacy);
}

static enum avqa_status read_at(const struct avqa_torch_source *s, void *out,
                                uint64_t at, size_t len)
{
    return avqa_io_read_at(out, s->legacy->fd, s->path, at, len);
}

static enum avqa_status read_beginning(struct avqa_torch_source *s)
{
    struct stat st;
    s->legacy = avqa_mem_new(sizeof *s->legacy);
    s->legacy->fd = open(s->path, O_RDONLY | O_CLOEXEC);
    if (s->legacy->fd < 0)
        return avqa_fail(AVQA_EIO, "%s: cannot open: %s", s->path, strerror(errno));
    if (fstat(s->legacy->fd, &st) != 0 || !S_ISREG(st.st_mode))
        return avqa_fail(AVQA_EIO, "%s: not a regular file", s->path);
    s->size = (uint64_t)st.st_size;
    s->len = s->size < AVQA_TORCH_MAX_PICKLE ? (size_t)s->size : AVQA_TORCH_MAX_PICKLE;
    enum avqa_status rc = avqa_mem_array(&s->bytes, s->len, 1);
    if (rc == AVQA_OK)
        rc = read_at(s, s->bytes, 0, s->len);
    if (rc == AVQA_OK &&
        (s->len < AVQA_TORCH_MAGIC_BYTES ||
         memcmp(s->bytes, avqa_torch_magic, AVQA_TORCH_MAGIC_BYTES) != 0))
        rc = avqa_fail(AVQA_EFORMAT, "%s: not a file of torch.save", s->path);
    return rc;
}

/* The next pickle from *at on, which moves behind it. */
static enum avqa_status next_pickle(struct avqa_pickle **out, size_t *at,
                                    const struct avqa_torch_source *s)
{
    return avqa_pickle_read(out, at, s->path, s->bytes, s->len);
}

/* The version, and what is said of the machine's byte order. */
static enum avqa_status read_head(struct avqa_torch_source *s, size_t *at)
{
    struct avqa_pickle *version = NULL;
    struct avqa_pickle *machine = NULL;
    enum avqa_status rc = next_pickle(&version, at, s);
    if (rc == AVQA_OK && (avqa_pickle_root(version)->kind != AVQA_PICKLE_INT ||
                          avqa_pickle_root(version)->whole != VERSION))
        rc = avqa_fail(AVQA_EFORMAT, "%s: not version %d of PyTorch's files", s->path,
                       VERSION);
    if (rc == AVQA_OK)
        rc = next_pickle(&machine, at, s);
    if (rc == AVQA_OK && avqa_pickle_root(machine)->kind == AVQA_PICKLE_DICT) {
        uint32_t cursor = avqa_pickle_root(machine)->first;
        const struct avqa_pickle_value *key;
        while ((key = avqa_pickle_next(machine, &cursor))) {
            const struct avqa_pickle_value *v = avqa_pickle_next(machine, &cursor);
            if (avqa_pickle_is_text(key, "little_endian"))
                s->swapped = v->kind == AVQA_PICKLE_BOOL && !v->whole;
        }
    }
    avqa_pickle_free(version);
    avqa_pickle_free(machine);
    return rc;
}

enum avqa_status avqa_torch_legacy_open(struct avqa_torch_source *s)
{
    size_t at = AVQA_TORCH_MAGIC_BYTES;
    enum avqa_status rc = read_beginning(s);
    if (rc == AVQA_OK)
        rc = read_head(s, &at);
    if (rc == AVQA_OK)
        rc = next_pickle(&s->pickle, &at, s);
    if (rc == AVQA_OK)
        rc = next_pickle(&s->legacy->keys, &at, s);
    if (rc != AVQA_OK)
        return rc;
    if (avqa_pickle_root(s->legacy->keys)->kind != AVQA_PICKLE_LIST)
        return avqa_fail(AVQA_EFORMAT, "%s: no list of storages is in it", s->path);
    s->legacy->storages_at = at;
    return AVQA_OK;
}

/* Places all storages, one behind the other. */
static enum avqa_status find_storages(struct avqa_torch_source *s,
                                      const struct avqa_torch_dict *dict)
{
    struct avqa_torch_legacy *l = s->legacy;
    uint64_t at = l->storages_at;
    uint32_t cursor = avqa_pickle_root(l->keys)->first;
    const struct avqa_pickle_value *key;
    enum avqa_status rc =
        avqa_mem_array(&l->begins, dict->n_storages + 1, sizeof *l->begins);
    while (rc == AVQA_OK && (key = avqa_pickle_next(l->keys, &cursor))) {
        uint8_t count[COUNT_BYTES];
        uint64_t n = 0;
        uint32_t id = key->kind == AVQA_PICKLE_TEXT
                          ? avqa_intern_find(&dict->keys, key->text, key->n)
                          : AVQA_INTERN_NONE;
        if (id == AVQA_INTERN_NONE || l->begins[id])
            return avqa_fail(AVQA_EFORMAT,
                             "%s: a storage that nothing uses, or that is there twice",
                             s->path);
        rc = read_at(s, count, at, sizeof count);
        if (rc != AVQA_OK)
            return rc;
        for (int i = 0; i < COUNT_BYTES; i++)
            n = n << 8 | count[s->swapped ? i : COUNT_BYTES - 1 - i];
        uint64_t left = s->size - at - COUNT_BYTES;
        size_t size = avqa_tensor_type_size(dict->storages[id].type);
        if (n != dict->storages[id].n || n > left / size)
            return avqa_fail(AVQA_EFORMAT,
                             "%s: the storage \"%s\" has %" PRIu64
                             " numbers, not %" PRIu64 ", or ends behind the file",
                             s->path, dict->storages[id].key, n, dict->storages[id].n);
        l->begins[id] = at + COUNT_BYTES;
        at += COUNT_BYTES + n * size;
    }
    return rc;
}

enum avqa_status avqa_torch_legacy_load(void **out, struct avqa_torch_source *s,
                                        const struct avqa_torch_dict *dict, size_t i)
{
    const struct avqa_torch_storage *storage = &dict->storages[i];
    size_t bytes = (size_t)storage->n * avqa_tensor_type_size(storage->type);
    enum avqa_status rc = AVQA_OK;
    if (!s->legacy->begins)
        rc = find_storages(s, dict);
    if (rc == AVQA_OK && !s->legacy->begins[i])
        rc = avqa_fail(AVQA_EFORMAT, "%s: the storage \"%s\" is not in it", s->path,
                       storage->key);
    if (rc == AVQA_OK)
        rc = avqa_mem_array(out, bytes, 1);
    return rc == AVQA_OK ? read_at(s, *out, s->legacy->begins[i], bytes) : rc;
}
