/* See template_set.h. */
#include "pipeline/template_set.h"
#include "base/io.h"
#include "catalog/template.h"

#include <string.h>

static enum avqa_status store(const struct avqa_templates *t, const char *document,
                              int64_t **ids, struct avqa_arena *arena,
                              struct avqa_catalog *cat)
{
    const char **codes = avqa_arena_alloc(arena, (t->n + 1) * sizeof *codes);
    *ids = avqa_arena_alloc(arena, (t->n + 1) * sizeof **ids);
    for (size_t i = 0; i < t->n; i++)
        codes[i] = t->items[i].code;
    struct avqa_template_set set = {t->name, document, codes, t->n};
    return avqa_template_set_put(cat, &set, *ids);
}

static enum avqa_status parse(struct avqa_templates **templates,
                              const struct avqa_buf *document, const char *what)
{
    enum avqa_status rc =
        avqa_templates_parse(templates, avqa_buf_str(document), document->len);
    return rc == AVQA_OK ? rc : avqa_fail_in(rc, "%s", what);
}

enum avqa_status avqa_template_set_replace(struct avqa_templates **templates,
                                           int64_t **ids, struct avqa_arena *arena,
                                           struct avqa_catalog *cat, const char *path)
{
    struct avqa_buf document = AVQA_BUF_INIT;
    enum avqa_status rc = avqa_io_read(&document, path, AVQA_TEMPLATES_MAX_BYTES);
    if (rc == AVQA_OK)
        rc = parse(templates, &document, path);
    if (rc == AVQA_OK)
        rc = store(*templates, avqa_buf_str(&document), ids, arena, cat);
    avqa_buf_release(&document);
    return rc;
}

enum avqa_status avqa_template_set_use(struct avqa_templates **templates, int64_t **ids,
                                       struct avqa_arena *arena,
                                       struct avqa_catalog *cat, const char *path)
{
    struct avqa_buf document = AVQA_BUF_INIT;
    bool found = false;
    enum avqa_status rc = avqa_template_set_read(cat, &document, &found);
    if (rc == AVQA_OK && !found) {
        avqa_buf_release(&document);
        return avqa_template_set_replace(templates, ids, arena, cat, path);
    }
    if (rc == AVQA_OK)
        rc = parse(templates, &document, "stored templates");
    if (rc == AVQA_OK)
        rc = store(*templates, avqa_buf_str(&document), ids, arena, cat);
    avqa_buf_release(&document);
    return rc;
}

enum avqa_status avqa_template_set_differs(bool *differs, struct avqa_catalog *cat,
                                           const char *path)
{
    struct avqa_buf document = AVQA_BUF_INIT;
    struct avqa_buf stored = AVQA_BUF_INIT;
    bool found = false;
    enum avqa_status rc = avqa_io_read(&document, path, AVQA_TEMPLATES_MAX_BYTES);
    if (rc == AVQA_OK)
        rc = avqa_template_set_read(cat, &stored, &found);
    *differs = found && strcmp(avqa_buf_str(&stored), avqa_buf_str(&document)) != 0;
    avqa_buf_release(&document);
    avqa_buf_release(&stored);
    return rc;
}
