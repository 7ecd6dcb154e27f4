/* Any bytes as a file of words and answers: refused with a message, or a vocabulary
 * that is the same after writing and reading it, and that knows its own words; and as a
 * question, cut both ways. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "qa/tokens.h"
#include "qa/vocabulary.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool good)
{
    if (!good)
        abort();
}

static void check_vocabulary(const struct avqa_vocabulary *v)
{
    struct avqa_vocabulary again = {.length = 0};
    struct avqa_json *json = avqa_vocabulary_json(v);
    check(v->length > 0 && v->words.n > 0 && v->answers.n > 0);
    check(avqa_vocabulary_word(v, AVQA_VOCABULARY_PAD) == 0);
    check(avqa_vocabulary_from_json(&again, json) == AVQA_OK);
    check(again.words.n == v->words.n && again.answers.n == v->answers.n);
    for (uint32_t i = 0; i < v->words.n; i++)
        check(avqa_vocabulary_word(&again, avqa_intern_text(&v->words, i)) ==
              (int32_t)i);
    avqa_vocabulary_release(&again);
    avqa_json_free(json);
}

static void check_tokens(const char *text)
{
    struct avqa_arena arena = AVQA_ARENA_INIT;
    const char *const values[] = {"erhu", "", "a b"};
    const char *const *words;
    for (int way = AVQA_TOKENS_MUSIC_AVQA; way <= AVQA_TOKENS_UNICODE; way++) {
        size_t n = 0;
        if (avqa_tokens_cut(&words, &n, &arena, (enum avqa_tokens_way)way, text, values,
                            3) != AVQA_OK)
            continue;
        check(n > 0 || way == AVQA_TOKENS_UNICODE);
        for (size_t i = 0; i < n; i++)
            check(words[i] && (*words[i] || way == AVQA_TOKENS_MUSIC_AVQA));
    }
    avqa_arena_release(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct avqa_json *json = NULL;
    struct avqa_vocabulary v = {.length = 0};
    enum avqa_status rc = avqa_json_parse(&json, (const char *)data, size);
    if (rc == AVQA_OK) {
        rc = avqa_vocabulary_from_json(&v, json);
        avqa_json_free(json);
    }
    check(rc == AVQA_OK || *avqa_message());
    if (rc == AVQA_OK)
        check_vocabulary(&v);
    avqa_vocabulary_release(&v);
    if (avqa_json_check_text((const char *)data, size) == AVQA_OK) {
        char *text = strndup((const char *)data, size);
        check_tokens(text);
        free(text);
    }
    return 0;
}
