/* See vocabulary.h. A file is judged whole before it is used: numbers of words are
 * rows of a trained table. */
#include "qa/vocabulary.h"

#include <string.h>

enum { MAX_LENGTH = 4096, MAX_WORDS = 1 << 20, MAX_ANSWERS = 1 << 20 };
#define MAX_FILE_BYTES ((size_t)64 << 20)

void avqa_vocabulary_release(struct avqa_vocabulary *vocabulary)
{
    avqa_intern_release(&vocabulary->words);
    avqa_intern_release(&vocabulary->answers);
    *vocabulary = (struct avqa_vocabulary){.length = 0};
}

static enum avqa_status read_list(struct avqa_intern *out, const struct avqa_json *json,
                                  const char *key, uint32_t most)
{
    const struct avqa_json *list = avqa_json_get(json, key);
    bool is_new;
    if (!list || avqa_json_type(list) != AVQA_JSON_ARRAY || !avqa_json_first(list))
        return avqa_fail(AVQA_EFORMAT, "\"%s\" is no list with something in it", key);
    for (const struct avqa_json *v = avqa_json_first(list); v; v = avqa_json_next(v)) {
        const char *text = avqa_json_string(v);
        if (!text)
            return avqa_fail(AVQA_EFORMAT, "\"%s\" has %s in it; it may have strings",
                             key, avqa_json_type_name(v));
        if (out->n == most)
            return avqa_fail(AVQA_EFORMAT, "\"%s\" is longer than %u", key, most);
        (void)avqa_intern_add(out, text, strlen(text), &is_new);
        if (!is_new)
            return avqa_fail(AVQA_EFORMAT, "\"%s\" has \"%s\" twice", key, text);
    }
    return AVQA_OK;
}

static enum avqa_status read_all(struct avqa_vocabulary *out,
                                 const struct avqa_json *json)
{
    const char *way = avqa_json_string(avqa_json_get(json, "tokens"));
    int64_t length = 0;
    if (avqa_json_type(json) != AVQA_JSON_OBJECT)
        return avqa_fail(AVQA_EFORMAT, "a vocabulary is an object, not %s",
                         avqa_json_type_name(json));
    enum avqa_status rc = avqa_json_only(json, "tokens length words answers");
    if (rc == AVQA_OK && !way)
        rc = avqa_fail(AVQA_EFORMAT, "\"tokens\" is missing: \"%s\" or \"%s\"",
                       avqa_tokens_way_name(AVQA_TOKENS_MUSIC_AVQA),
                       avqa_tokens_way_name(AVQA_TOKENS_UNICODE));
    if (rc == AVQA_OK && avqa_tokens_way_find(&out->way, way) != AVQA_OK)
        rc = avqa_fail_in(AVQA_EFORMAT, "\"tokens\"");
    if (rc == AVQA_OK && (!avqa_json_int(avqa_json_get(json, "length"), &length) ||
                          length < 1 || length > MAX_LENGTH))
        rc = avqa_fail(AVQA_EFORMAT,
                       "\"length\" is no number of words of a question (1 to %d)",
                       MAX_LENGTH);
    out->length = (size_t)length;
    if (rc == AVQA_OK)
        rc = read_list(&out->words, json, "words", MAX_WORDS);
    if (rc == AVQA_OK && strcmp(avqa_intern_text(&out->words, 0), AVQA_VOCABULARY_PAD))
        rc = avqa_fail(AVQA_EFORMAT, "the first of \"words\" is \"%s\", not \"%s\"",
                       avqa_intern_text(&out->words, 0), AVQA_VOCABULARY_PAD);
    if (rc == AVQA_OK)
        rc = read_list(&out->answers, json, "answers", MAX_ANSWERS);
    return rc;
}

enum avqa_status avqa_vocabulary_from_json(struct avqa_vocabulary *out,
                                           const struct avqa_json *json)
{
    enum avqa_status rc = read_all(out, json);
    if (rc != AVQA_OK)
        avqa_vocabulary_release(out);
    return rc;
}

enum avqa_status avqa_vocabulary_read(struct avqa_vocabulary *out, const char *path)
{
    struct avqa_json *json = NULL;
    enum avqa_status rc = avqa_json_read(&json, path, MAX_FILE_BYTES);
    if (rc != AVQA_OK)
        return rc;
    rc = avqa_vocabulary_from_json(out, json);
    if (rc != AVQA_OK)
        rc = avqa_fail_in(rc, "%s", path);
    avqa_json_free(json);
    return rc;
}

static void put_list(struct avqa_json *out, const char *key,
                     const struct avqa_intern *texts)
{
    struct avqa_json *list = avqa_json_put_array(out, key);
    for (uint32_t i = 0; i < texts->n; i++)
        avqa_json_put_string(list, NULL, avqa_intern_text(texts, i));
}

struct avqa_json *avqa_vocabulary_json(const struct avqa_vocabulary *vocabulary)
{
    struct avqa_json *out = avqa_json_new_object();
    avqa_json_put_string(out, "tokens", avqa_tokens_way_name(vocabulary->way));
    avqa_json_put_int(out, "length", (int64_t)vocabulary->length);
    put_list(out, "words", &vocabulary->words);
    put_list(out, "answers", &vocabulary->answers);
    return out;
}

static int32_t number_of(const struct avqa_intern *texts, const char *text)
{
    const uint32_t id = avqa_intern_find(texts, text, strlen(text));
    return id == AVQA_INTERN_NONE ? AVQA_VOCABULARY_UNKNOWN : (int32_t)id;
}

int32_t avqa_vocabulary_word(const struct avqa_vocabulary *vocabulary, const char *word)
{
    return number_of(&vocabulary->words, word);
}

int32_t avqa_vocabulary_answer(const struct avqa_vocabulary *vocabulary,
                               const char *answer)
{
    return number_of(&vocabulary->answers, answer);
}
