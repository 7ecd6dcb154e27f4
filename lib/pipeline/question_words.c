/* See question_words.h. */
#include "pipeline/question_words.h"
#include "base/json.h"
#include "catalog/phrase.h"

#include <stdlib.h>
#include <string.h>

enum avqa_status avqa_question_words_load(struct avqa_question_words *out,
                                          struct avqa_catalog *cat)
{
    return avqa_phrases_load(cat, &out->kept, &out->texts, &out->n_texts);
}

void avqa_question_words_release(struct avqa_question_words *words)
{
    avqa_arena_release(&words->kept);
    avqa_arena_release(&words->row);
    free(words->texts);
    *words = (struct avqa_question_words){.n_texts = 0};
}

const char *avqa_question_words_text(const struct avqa_question_words *words,
                                     int64_t id)
{
    const bool is_there = id > 0 && (uint64_t)id < words->n_texts && words->texts[id];
    return is_there ? words->texts[id] : "";
}

/* The slot values, a JSON list of strings, into the arena. */
static enum avqa_status read_values(const char *const **values, size_t *n,
                                    struct avqa_arena *arena, const char *text)
{
    struct avqa_json *json = NULL;
    *n = 0;
    *values = NULL;
    enum avqa_status rc = avqa_json_parse(&json, text, strlen(text));
    if (rc != AVQA_OK)
        return rc;
    const char **list =
        avqa_arena_alloc(arena, (avqa_json_count(json) + 1) * sizeof *list);
    for (const struct avqa_json *v = avqa_json_first(json); v; v = avqa_json_next(v)) {
        const char *value = avqa_json_string(v);
        list[(*n)++] = avqa_arena_strdup(arena, value ? value : "");
    }
    avqa_json_free(json);
    *values = list;
    return AVQA_OK;
}

enum avqa_status avqa_question_words_cut(const char *const **list, size_t *n,
                                         struct avqa_question_words *words,
                                         enum avqa_tokens_way way,
                                         const struct avqa_question *q)
{
    const char *text = avqa_question_words_text(words, q->text_id);
    const char *slots = avqa_question_words_text(words, q->slots_id);
    const char *const *values = NULL;
    size_t n_values = 0;
    enum avqa_status rc = AVQA_OK;
    avqa_arena_reset(&words->row);
    if (*slots)
        rc = read_values(&values, &n_values, &words->row, slots);
    if (rc == AVQA_OK)
        rc = avqa_tokens_cut(list, n, &words->row, way, text, values, n_values);
    return rc == AVQA_OK ? rc : avqa_fail_in(rc, "row %lld", (long long)q->row);
}
