/* See phrase.h. The cache maps text to id; when it is full it starts anew, which costs
 * a look-up in the file for each text once. */
#include "catalog/phrase.h"
#include "base/intern.h"
#include "base/mem.h"
#include "catalog/stmt.h"

#include <stdlib.h>
#include <string.h>

enum { CACHE_MAX = 1 << 16 };

static const char SQL_FIND[] = "SELECT id FROM phrase WHERE text = ?";
static const char SQL_ADD[] = "INSERT INTO phrase(text) VALUES (?)";
static const char SQL_ALL[] = "SELECT id, text FROM phrase ORDER BY id";

struct avqa_phrases {
    struct avqa_stmt *find, *add;
    struct avqa_intern cache;
    int64_t *ids; /* by the cache's number */
    size_t cap;
};

enum avqa_status avqa_phrases_open(struct avqa_phrases **out, struct avqa_catalog *cat)
{
    struct avqa_phrases *ph = avqa_mem_new(sizeof *ph);
    enum avqa_status rc = avqa_stmt_prepare(&ph->find, cat, SQL_FIND);
    if (rc == AVQA_OK)
        rc = avqa_stmt_prepare(&ph->add, cat, SQL_ADD);
    if (rc != AVQA_OK) {
        avqa_phrases_close(ph);
        return rc;
    }
    *out = ph;
    return AVQA_OK;
}

static enum avqa_status find_or_add(struct avqa_phrases *ph, const char *text,
                                    int64_t *id)
{
    bool row;
    avqa_stmt_bind_text(ph->find, 1, text);
    enum avqa_status rc = avqa_stmt_step(ph->find, &row);
    if (rc == AVQA_OK && row) {
        *id = avqa_stmt_int(ph->find, 0);
        avqa_stmt_reset(ph->find);
        return AVQA_OK;
    }
    if (rc != AVQA_OK)
        return rc;
    avqa_stmt_bind_text(ph->add, 1, text);
    rc = avqa_stmt_run(ph->add);
    *id = avqa_stmt_last_id(ph->add);
    return rc;
}

enum avqa_status avqa_phrases_id(struct avqa_phrases *ph, const char *text, int64_t *id)
{
    size_t len = strlen(text);
    uint32_t known = avqa_intern_find(&ph->cache, text, len);
    if (known != AVQA_INTERN_NONE) {
        *id = ph->ids[known];
        return AVQA_OK;
    }
    enum avqa_status rc = find_or_add(ph, text, id);
    if (rc != AVQA_OK)
        return rc;
    if (ph->cache.n >= CACHE_MAX)
        avqa_intern_clear(&ph->cache);
    uint32_t n = avqa_intern_add(&ph->cache, text, len, NULL);
    rc = avqa_mem_grow(&ph->ids, &ph->cap, (size_t)n + 1, sizeof *ph->ids);
    if (rc == AVQA_OK)
        ph->ids[n] = *id;
    return rc;
}

enum avqa_status avqa_phrases_load(struct avqa_catalog *cat, struct avqa_arena *arena,
                                   const char ***texts, size_t *n)
{
    struct avqa_stmt *st;
    size_t cap = 0;
    size_t n_rows = 0;
    *texts = NULL;
    *n = 0;
    enum avqa_status rc = avqa_stmt_prepare(&st, cat, SQL_ALL);
    while (avqa_stmt_next(&rc, st)) {
        size_t id;
        rc = avqa_stmt_dense_id(st, 0, n_rows++, &id);
        if (rc == AVQA_OK)
            rc = avqa_mem_grow(texts, &cap, id + 1, sizeof **texts);
        if (rc == AVQA_OK) {
            (*texts)[id] = avqa_arena_strdup(arena, avqa_stmt_text(st, 1));
            *n = id + 1;
        }
    }
    avqa_stmt_free(st);
    return rc;
}

void avqa_phrases_close(struct avqa_phrases *ph)
{
    if (!ph)
        return;
    avqa_stmt_free(ph->find);
    avqa_stmt_free(ph->add);
    avqa_intern_release(&ph->cache);
    free(ph->ids);
    free(ph);
}
