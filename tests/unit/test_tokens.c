/* Questions as words. The expected words of the published way were made by running the
 * lines of the published loader (Python) on the same texts. */
#include "check.h"

#include "qa/tokens.h"

/* The words, joined by '|'; the caller frees. */
static char *cut(enum avqa_tokens_way way, const char *text, const char *a,
                 const char *b)
{
    const char *values[] = {a, b};
    const char *const *words;
    struct avqa_arena arena = AVQA_ARENA_INIT;
    struct avqa_buf out = AVQA_BUF_INIT;
    size_t n = 0;
    assert_ok(avqa_tokens_cut(&words, &n, &arena, way, text, values,
                              (size_t)(a != NULL) + (b != NULL)));
    for (size_t i = 0; i < n; i++)
        avqa_buf_addf(&out, "%s%s", i ? "|" : "", words[i]);
    char *joined = avqa_mem_strdup(avqa_buf_str(&out));
    avqa_buf_release(&out);
    avqa_arena_release(&arena);
    return joined;
}

struct expectation {
    const char *text, *a, *b, *words;
};

static void check(enum avqa_tokens_way way, const struct expectation *e, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        char *words = cut(way, e[i].text, e[i].a, e[i].b);
        assert_string_equal(words, e[i].words);
        free(words);
    }
}

static void test_published(void **state)
{
    (void)state;
    static const struct expectation all[] = {
        {"Is this sound from the instrument in the video?", NULL, NULL,
         "Is|this|sound|from|the|instrument|in|the|video"},
        /* the full-width question mark is one letter, three bytes */
        {"How many sounding <Object> in the video\xef\xbc\x9f", "violin", NULL,
         "How|many|sounding|violin|in|the|video"},
        /* the last letter goes, whatever it is */
        {"Which is the loudest", NULL, NULL, "Which|is|the|loudes"},
        {"Is it a \xe4\xba\x8c\xe8\x83\xa1", NULL, NULL, "Is|it|a|\xe4\xba\x8c"},
        {"?", NULL, NULL, ""},
        {"", NULL, NULL, ""},
        /* and goes before markers are looked for */
        {"Is it a <Object>?", "erhu", NULL, "Is|it|a|erhu"},
        {"Is it a <Object>", "erhu", NULL, "Is|it|a|erhu"},
        /* a word with '<' is replaced whole; a value stays as it is */
        {"Is the (<Object>), louder than the <Object>'s one?", "acoustic_guitar",
         "Electric bass", "Is|the|acoustic_guitar|louder|than|the|Electric bass|one"},
        /* rstrip is Python's: Unicode's spaces, and the separators of ASCII */
        {"Where is it? \t\n", NULL, NULL, "Where|is|it"},
        {"Where is it?\xe3\x80\x80\xc2\xa0\x1c\x1f", NULL, NULL, "Where|is|it"},
        {"Where is it?\xe2\x80\x8b", NULL, NULL, "Where|is|it?"}, /* not U+200B */
        /* split(' ') keeps what is between two spaces, and knows no other ones */
        {" Where  is\tit?", NULL, NULL, "|Where||is\tit"},
        /* values left over are none of its business */
        {"Is it a <Object>?", "erhu", "pipa", "Is|it|a|erhu"},
    };
    check(AVQA_TOKENS_MUSIC_AVQA, all, N_OF(all));
}

static void test_unicode(void **state)
{
    (void)state;
    static const struct expectation all[] = {
        {"Is the <Object> louder than the <Object>?", "acoustic guitar", "Erhu",
         "is|the|acoustic|guitar|louder|than|the|erhu"},
        {"How many sounding <Object> in the video\xef\xbc\x9f", "violin", NULL,
         "how|many|sounding|violin|in|the|video"},
        {"Isn't 3.5 s -- \"long\"?!", NULL, NULL, "isn't|3.5|s|long"},
        /* full-width letters are the plain ones, E and the accent one letter */
        {"\xef\xbc\xb0\xef\xbc\xa9\xef\xbc\xb0\xef\xbc\xa1 E\xcc\x81TUDE", NULL, NULL,
         "pipa|\xc3\xa9tude"},
        /* a sigma at the end of a word is another one */
        {"\xce\x9b\xce\x8c\xce\x93\xce\x9f\xce\xa3", NULL, NULL,
         "\xce\xbb\xcf\x8c\xce\xb3\xce\xbf\xcf\x82"},
        {"\xe4\xba\x8c\xe8\x83\xa1\xe5\x90\x97\xef\xbc\x9f", NULL, NULL,
         "\xe4\xba\x8c|\xe8\x83\xa1|\xe5\x90\x97"},
        {"Is 3 < 4?", NULL, NULL, "is|3|4"}, /* no marker */
        {"?", NULL, NULL, ""},
        {"", NULL, NULL, ""},
    };
    check(AVQA_TOKENS_UNICODE, all, N_OF(all));
}

static void test_too_few_values(void **state)
{
    (void)state;
    struct avqa_arena arena = AVQA_ARENA_INIT;
    const char *const *words;
    const char *const values[] = {"erhu"};
    size_t n;
    for (int way = AVQA_TOKENS_MUSIC_AVQA; way <= AVQA_TOKENS_UNICODE; way++)
        assert_fails(avqa_tokens_cut(&words, &n, &arena, (enum avqa_tokens_way)way,
                                     "Is <A> or <B> here?", values, 1),
                     AVQA_EFORMAT, "\"Is <A> or <B> here?\" has more markers than");
    avqa_arena_release(&arena);
}

static void test_names(void **state)
{
    (void)state;
    enum avqa_tokens_way way = AVQA_TOKENS_UNICODE;
    assert_ok(avqa_tokens_way_find(&way, "music-avqa"));
    assert_int_equal(way, AVQA_TOKENS_MUSIC_AVQA);
    assert_ok(avqa_tokens_way_find(&way, avqa_tokens_way_name(AVQA_TOKENS_UNICODE)));
    assert_int_equal(way, AVQA_TOKENS_UNICODE);
    assert_fails(avqa_tokens_way_find(&way, "spaces"), AVQA_EINVAL,
                 "\"spaces\" to cut questions into words; there are music-avqa, "
                 "unicode");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_published),
        cmocka_unit_test(test_unicode),
        cmocka_unit_test(test_too_few_values),
        cmocka_unit_test(test_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
