/* A template file: read as a whole here, its domains by domain_read.c and its templates
 * by template_read.c. Everything a template refers to (domains, slots, senseless
 * values) is looked up once, so later code has pointers and no names to check. */
#include "qa/template.h"
#include "base/arena.h"
#include "base/intern.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/text.h"
#include "qa/document.h"
#include "qa/domain_read.h"
#include "qa/program.h"
#include "qa/rule.h"
#include "qa/template_read.h"

#include <stdlib.h>
#include <string.h>

struct avqa_program_scope avqa_template_scope(const struct avqa_template *t)
{
    return (struct avqa_program_scope){t->slots, t->n_slots, t->answers, t->n_answers,
                                       NULL};
}

enum avqa_status avqa_template_check_text(const struct avqa_template *item,
                                          const char *text)
{
    size_t n = 0;
    for (const char *s = strchr(text, '<'); s; s = strchr(s + 1, '<')) {
        size_t len = strcspn(s + 1, "<>");
        if (s[1 + len] != '>')
            continue;
        if (n < item->n_slots && (strlen(item->slot_names[n]) != len ||
                                  memcmp(item->slot_names[n], s + 1, len) != 0))
            return avqa_fail(AVQA_EFORMAT,
                             "marker %zu of the text is <%.*s>, slot %zu is "
                             "%s",
                             n + 1, (int)len, s + 1, n + 1, item->slot_names[n]);
        n++;
    }
    if (n != item->n_slots)
        return avqa_fail(AVQA_EFORMAT, "the text has %zu markers for %zu slots", n,
                         item->n_slots);
    return AVQA_OK;
}

static enum avqa_status read_published(struct avqa_templates *t,
                                       const struct avqa_json *root)
{
    static const char *const keys[] = {"questions", "videos", "templates", "types",
                                       "answers"};
    const struct avqa_json *node = avqa_json_get(root, "published");
    if (avqa_json_count(node) > AVQA_PUBLISHED_MAX)
        return avqa_fail(AVQA_EFORMAT, "'published' has more than %d members",
                         AVQA_PUBLISHED_MAX);
    t->published = avqa_arena_alloc(&t->index->arena,
                                    (avqa_json_count(node) + 1) * sizeof *t->published);
    for (node = avqa_json_first(node); node; node = avqa_json_next(node)) {
        struct avqa_published *p = &t->published[t->n_published++];
        int64_t *const targets[] = {&p->questions, &p->videos, &p->templates, &p->types,
                                    &p->answers};
        enum avqa_status rc =
            avqa_json_only(node, "name questions videos templates types answers");
        if (rc == AVQA_OK)
            rc = avqa_templates_string(node, "name", &p->name);
        if (rc != AVQA_OK)
            return avqa_fail_in(rc, "published");
        p->name = avqa_arena_strdup(&t->index->arena, p->name);
        for (size_t k = 0; k < sizeof keys / sizeof *keys; k++) {
            if (!avqa_json_int(avqa_json_get(node, keys[k]), targets[k]))
                return avqa_fail(AVQA_EFORMAT, "published: '%s' must be a whole number",
                                 keys[k]);
        }
    }
    return AVQA_OK;
}

static enum avqa_status read_vocabulary(struct avqa_templates *t,
                                        const struct avqa_json *list)
{
    enum avqa_status rc = avqa_templates_words(t, list, &t->answers, &t->n_answers);
    return rc == AVQA_OK ? rc : avqa_fail_in(rc, "answers");
}

static enum avqa_status read_root(struct avqa_templates *t,
                                  const struct avqa_json *root)
{
    const struct avqa_json *answers;
    enum avqa_status rc =
        avqa_json_only(root, "schema name language description published domains slots "
                             "answers templates witnesses rules");
    if (rc == AVQA_OK)
        rc = avqa_templates_string(root, "name", &t->name);
    if (rc == AVQA_OK)
        rc = avqa_templates_string(root, "language", &t->language);
    if (rc == AVQA_OK)
        rc = avqa_templates_optional(root, "published", AVQA_JSON_ARRAY);
    if (rc == AVQA_OK)
        rc = avqa_templates_optional(root, "slots", AVQA_JSON_OBJECT);
    if (rc != AVQA_OK)
        return rc;
    t->name = avqa_arena_strdup(&t->index->arena, t->name);
    t->language = avqa_arena_strdup(&t->index->arena, t->language);
    t->index->slots = avqa_json_get(root, "slots");
    rc = avqa_domains_read(t, root);
    if (rc == AVQA_OK)
        rc = read_published(t, root);
    if (rc == AVQA_OK)
        rc = avqa_templates_list(root, "answers", &answers, 65536);
    if (rc == AVQA_OK)
        rc = read_vocabulary(t, answers);
    for (size_t i = 0; rc == AVQA_OK && i < t->n_answers; i++)
        avqa_intern_add(&t->index->answers, t->answers[i], strlen(t->answers[i]), NULL);
    return rc == AVQA_OK ? avqa_templates_read_items(t, root) : rc;
}

enum avqa_status avqa_templates_parse(struct avqa_templates **out, const char *json,
                                      size_t len)
{
    struct avqa_json *root;
    enum avqa_status rc = avqa_document_parse(&root, json, len, "a template file");
    if (rc != AVQA_OK)
        return rc;
    struct avqa_templates *t = avqa_mem_new(sizeof *t);
    struct avqa_templates_index *index = avqa_mem_new(sizeof *index);
    t->index = index;
    rc = read_root(t, root);
    if (rc == AVQA_OK)
        rc = avqa_rules_read(&t->rules, t, root);
    avqa_json_free(root);
    index->slots = NULL;
    if (rc != AVQA_OK) {
        avqa_templates_free(t);
        return rc;
    }
    *out = t;
    return AVQA_OK;
}

void avqa_templates_free(struct avqa_templates *t)
{
    if (!t)
        return;
    avqa_rules_free(t->rules);
    avqa_intern_release(&t->index->texts);
    avqa_intern_release(&t->index->codes);
    avqa_intern_release(&t->index->answers);
    avqa_intern_release(&t->index->shapes);
    for (size_t i = 0; i < t->n_domains; i++)
        avqa_intern_release(&t->index->words[i]);
    avqa_arena_release(&t->index->arena);
    free(t->index);
    free(t);
}

static size_t number_of(uint32_t id)
{
    return id == AVQA_INTERN_NONE ? AVQA_TEMPLATE_NONE : id;
}

size_t avqa_templates_match(const struct avqa_templates *t, const char *text)
{
    struct avqa_buf normal = AVQA_BUF_INIT;
    size_t found = AVQA_TEMPLATE_NONE;
    if (avqa_text_normal(&normal, text) == AVQA_OK)
        found = number_of(
            avqa_intern_find(&t->index->texts, avqa_buf_str(&normal), normal.len));
    avqa_buf_release(&normal);
    return found;
}

size_t avqa_templates_find(const struct avqa_templates *t, const char *code)
{
    return number_of(avqa_intern_find(&t->index->codes, code, strlen(code)));
}

const struct avqa_domain *avqa_template_answer_domain(const struct avqa_template *t,
                                                      const char *answer)
{
    for (size_t i = 0; i < t->n_answers; i++) {
        if (avqa_domain_find(t->answers[i], answer) != AVQA_TEMPLATE_NONE)
            return t->answers[i];
    }
    return NULL;
}

bool avqa_templates_has_answer(const struct avqa_templates *t, const char *answer)
{
    return avqa_intern_find(&t->index->answers, answer, strlen(answer)) !=
           AVQA_INTERN_NONE;
}

enum avqa_status avqa_template_fill(struct avqa_buf *out, const char *text,
                                    const char *const *values, size_t n_values)
{
    size_t next = 0;
    for (const char *s = text; *s;) {
        const char *close = *s == '<' ? strchr(s, '>') : NULL;
        if (close && next < n_values) {
            avqa_buf_adds(out, values[next++]);
            s = close + 1;
        } else {
            avqa_buf_addc(out, *s++);
        }
    }
    return avqa_buf_status(out);
}
