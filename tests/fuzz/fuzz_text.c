/* Any bytes as text: normal form is a fixed point, words lie in order inside the text.
 */
#include "base/text.h"
#include "fuzz.h"

static void check_normal(const char *text, bool valid)
{
    struct avqa_buf once = AVQA_BUF_INIT;
    struct avqa_buf twice = AVQA_BUF_INIT;
    enum avqa_status rc = avqa_text_normal(&once, text);
    fuzz_check_message(rc);
    FUZZ_REQUIRE(rc == AVQA_OK || !valid);
    if (rc == AVQA_OK) {
        FUZZ_REQUIRE(avqa_text_valid(avqa_buf_str(&once), once.len, NULL));
        FUZZ_REQUIRE(avqa_text_normal(&twice, avqa_buf_str(&once)) == AVQA_OK);
        FUZZ_REQUIRE(strcmp(avqa_buf_str(&once), avqa_buf_str(&twice)) == 0);
    }
    avqa_buf_release(&once);
    avqa_buf_release(&twice);
}

static void check_words(const char *text, bool valid)
{
    struct avqa_word *words = NULL;
    size_t n = 0;
    size_t at = 0;
    enum avqa_status rc = avqa_text_words(&words, &n, text);
    fuzz_check_message(rc);
    FUZZ_REQUIRE(rc == AVQA_OK || !valid);
    for (size_t i = 0; rc == AVQA_OK && i < n; i++) {
        FUZZ_REQUIRE(words[i].start >= at && words[i].len > 0);
        at = words[i].start + words[i].len;
        FUZZ_REQUIRE(at <= strlen(text));
        FUZZ_REQUIRE(!valid ||
                     avqa_text_valid(text + words[i].start, words[i].len, NULL));
    }
    free(words);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = fuzz_string(data, size);
    size_t len = strlen(text);
    size_t bad = 0;
    bool valid = avqa_text_valid(text, len, &bad);
    FUZZ_REQUIRE(valid || bad < len);
    FUZZ_REQUIRE(valid || avqa_text_valid(text, bad, NULL));
    size_t n = 0;
    for (const char *s = text; *s; n++) {
        const char *before = s;
        avqa_text_next(&s);
        FUZZ_REQUIRE(s > before && s <= text + len);
    }
    check_normal(text, valid);
    check_words(text, valid);
    free(text);
    return 0;
}
