/* See paraphrase.h. */
#include "qa/paraphrase.h"
#include "base/arena.h"
#include "base/json.h"
#include "base/mem.h"
#include "qa/document.h"

#include <stdlib.h>

struct texts {
    const char **items;
    size_t n;
};

struct avqa_paraphrases {
    struct avqa_arena arena;
    const struct avqa_templates *templates;
    struct texts by_template[];
};

/* A text of another template would be taken for its question. */
static enum avqa_status check_text(const struct avqa_paraphrases *p, size_t ti,
                                   const char *text)
{
    size_t match = avqa_templates_match(p->templates, text);
    if (match != AVQA_TEMPLATE_NONE && match != ti)
        return avqa_fail(AVQA_EFORMAT, "this is the text of template %s",
                         p->templates->items[match].code);
    return avqa_template_check_text(&p->templates->items[ti], text);
}

static enum avqa_status read_texts(struct avqa_paraphrases *p, size_t ti,
                                   const struct avqa_json *list)
{
    struct texts *texts = &p->by_template[ti];
    size_t n = avqa_json_count(list);
    if (avqa_json_type(list) != AVQA_JSON_ARRAY || n == 0 ||
        n > AVQA_PARAPHRASE_MAX_TEXTS)
        return avqa_fail(AVQA_EFORMAT, "needs a list of 1 to %d texts",
                         AVQA_PARAPHRASE_MAX_TEXTS);
    if (texts->n)
        return avqa_fail(AVQA_EFORMAT, "stands twice");
    texts->items = avqa_arena_alloc(&p->arena, n * sizeof *texts->items);
    for (list = avqa_json_first(list); list; list = avqa_json_next(list)) {
        const char *text = avqa_json_string(list);
        enum avqa_status rc = text && *text
                                  ? check_text(p, ti, text)
                                  : avqa_fail(AVQA_EFORMAT, "is no text, or empty");
        if (rc != AVQA_OK)
            return avqa_fail_in(rc, "text %zu", texts->n + 1);
        texts->items[texts->n++] = avqa_arena_strdup(&p->arena, text);
    }
    return AVQA_OK;
}

static enum avqa_status read_root(struct avqa_paraphrases *p,
                                  const struct avqa_json *root)
{
    const struct avqa_json *texts = avqa_json_get(root, "texts");
    if (!texts || avqa_json_type(texts) != AVQA_JSON_OBJECT)
        return avqa_fail(AVQA_EFORMAT,
                         "'texts' must be an object, a list for each template");
    for (texts = avqa_json_first(texts); texts; texts = avqa_json_next(texts)) {
        size_t ti = avqa_templates_find(p->templates, avqa_json_key(texts));
        if (ti == AVQA_TEMPLATE_NONE)
            return avqa_fail(AVQA_EFORMAT, "'%s' has no template '%.80s'",
                             p->templates->name, avqa_json_key(texts));
        enum avqa_status rc = read_texts(p, ti, texts);
        if (rc != AVQA_OK)
            return avqa_fail_in(rc, "template %s", p->templates->items[ti].code);
    }
    return AVQA_OK;
}

enum avqa_status avqa_paraphrases_parse(struct avqa_paraphrases **out, const char *json,
                                        size_t len,
                                        const struct avqa_templates *templates)
{
    struct avqa_json *root;
    enum avqa_status rc =
        avqa_document_parse(&root, json, len, "a file of paraphrases");
    if (rc != AVQA_OK)
        return rc;
    struct avqa_paraphrases *p =
        avqa_mem_new(sizeof *p + templates->n * sizeof *p->by_template);
    p->templates = templates;
    rc = read_root(p, root);
    avqa_json_free(root);
    if (rc == AVQA_OK)
        *out = p;
    else
        avqa_paraphrases_free(p);
    return rc;
}

void avqa_paraphrases_free(struct avqa_paraphrases *p)
{
    if (!p)
        return;
    avqa_arena_release(&p->arena);
    free(p);
}

const char *avqa_paraphrase_text(const struct avqa_paraphrases *p,
                                 const struct avqa_template *template, uint64_t hash)
{
    if (!p)
        return template->text;
    const struct texts *texts = &p->by_template[template - p->templates->items];
    return texts->n ? texts->items[hash % texts->n] : template->text;
}
