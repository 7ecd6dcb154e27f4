/* Only the first few different words are kept, so that a file of nothing but new words
 * costs no memory. */
#include "pipeline/import_words.h"
#include "base/io.h"
#include "base/mem.h"
#include "qa/template_load.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum avqa_status avqa_import_words_open(struct avqa_import_words *words,
                                        struct avqa_catalog *cat, const char *path)
{
    struct avqa_buf document = AVQA_BUF_INIT;
    enum avqa_status rc = avqa_templates_load(&words->templates, cat);
    if (rc != AVQA_OK || words->templates || !path || !avqa_io_exists(path))
        return rc;
    rc = avqa_io_read(&document, path, AVQA_TEMPLATES_MAX_BYTES);
    if (rc == AVQA_OK)
        rc = avqa_templates_parse(&words->templates, avqa_buf_str(&document),
                                  document.len);
    avqa_buf_release(&document);
    return rc;
}

/* Whether templates that speak of such things at all lack the word. */
static bool is_strange(const struct avqa_templates *t, enum avqa_domain_kind kind,
                       const char *word)
{
    bool asked = false;
    for (size_t i = 0; i < t->n_domains; i++) {
        const struct avqa_domain *d = &t->domains[i];
        if (d->kind != kind)
            continue;
        size_t at = kind == AVQA_DOMAIN_SCENE ? avqa_domain_scene(d, word)
                                              : avqa_domain_find(d, word);
        if (at != AVQA_DOMAIN_NONE)
            return false;
        asked = true;
    }
    return asked;
}

static void note(struct avqa_import_words_seen *seen, const char *word)
{
    seen->n++;
    for (int i = 0; i < seen->n_first; i++) {
        if (strcmp(seen->first[i], word) == 0)
            return;
    }
    if (seen->n_first < AVQA_IMPORT_WORDS_SHOWN)
        seen->first[seen->n_first++] = avqa_mem_strdup(word);
    else
        seen->more = true;
}

void avqa_import_words_add(struct avqa_import_words *words,
                           const struct avqa_scene *scene)
{
    const struct avqa_templates *t = words->templates;
    if (!t)
        return;
    if (scene->place && is_strange(t, AVQA_DOMAIN_SCENE, scene->place))
        note(&words->scenes, scene->place);
    for (size_t i = 0; i < scene->n_instances; i++) {
        const char *word = scene->instances[i].instrument;
        if (word && is_strange(t, AVQA_DOMAIN_OBJECT, word))
            note(&words->instruments, word);
    }
}

static void warn(const struct avqa_import_words_seen *seen, const char *name,
                 const char *what, const struct avqa_log *log)
{
    struct avqa_buf list = AVQA_BUF_INIT;
    for (int i = 0; i < seen->n_first; i++)
        avqa_buf_addf(&list, "%s%s", i ? ", " : "", seen->first[i]);
    if (seen->n)
        avqa_log_write(log, AVQA_LOG_WARNING,
                       "the templates '%s' have no word for %" PRId64 " %s%s: %s%s",
                       name, seen->n, what, seen->n == 1 ? "" : "s",
                       avqa_buf_str(&list), seen->more ? ", ..." : "");
    avqa_buf_release(&list);
}

void avqa_import_words_warn(const struct avqa_import_words *words,
                            const struct avqa_log *log)
{
    if (!words->templates)
        return;
    warn(&words->instruments, words->templates->name, "instrument", log);
    warn(&words->scenes, words->templates->name, "scene", log);
}

void avqa_import_words_release(struct avqa_import_words *words)
{
    struct avqa_import_words_seen *const lists[] = {&words->instruments,
                                                    &words->scenes};
    for (size_t l = 0; l < 2; l++) {
        for (int i = 0; i < lists[l]->n_first; i++)
            free(lists[l]->first[i]);
    }
    avqa_templates_free(words->templates);
    *words = (struct avqa_import_words){0};
}
