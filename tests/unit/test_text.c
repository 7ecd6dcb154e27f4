/* UTF-8 is checked to the byte; texts compare after NFKC and with their spaces
 * collapsed; words are those of UAX 29, ideographs one by one, slot markers whole. */
#include "check.h"

#include "base/text.h"

static void test_valid(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t len;
        size_t bad; /* SIZE_MAX: none */
    } cases[] = {{"", 0, SIZE_MAX},
                 {"plain ascii, longer than eight bytes", 36, SIZE_MAX},
                 {"二胡 é 🎻", 14, SIZE_MAX},
                 {"nul\0inside", 10, SIZE_MAX},
                 {"12345678\xff", 9, 8},
                 {"1234567\x80 12345678", 17, 7},
                 {"a\xc0\xafz", 4, 1},
                 {"a\xe0\x80\xaf", 4, 1},
                 {"ab\xed\xa0\x80", 5, 2},
                 {"abc\xf4\x90\x80\x80", 7, 3},
                 {"cut \xe4\xba", 6, 4},
                 {"cut \xf0\x9f\x8e", 7, 4},
                 {"\xf8\x88\x80\x80\x80", 5, 0}};
    for (size_t i = 0; i < N_OF(cases); i++) {
        size_t bad = SIZE_MAX;
        bool valid = cases[i].bad == SIZE_MAX;
        assert_int_equal(avqa_text_valid(cases[i].bytes, cases[i].len, &bad), valid);
        assert_int_equal(bad, cases[i].bad);
        assert_int_equal(avqa_text_valid(cases[i].bytes, cases[i].len, NULL), valid);
    }
}

static void test_next(void **state)
{
    (void)state;
    static const uint32_t expected[] = {'a', 0xe9, 0x80e1, 0xfffd, 'b', 0x1f3bb};
    const char *text = "aé胡\xff"
                       "b🎻";
    const char *s = text;
    for (size_t i = 0; i < N_OF(expected); i++)
        assert_int_equal(avqa_text_next(&s), expected[i]);
    assert_int_equal(*s, '\0');
    s = "\xe4\xba";
    assert_int_equal(avqa_text_next(&s), 0xfffd);
    assert_int_equal(avqa_text_next(&s), 0xfffd);
    assert_int_equal(*s, '\0');
}

static void test_normal(void **state)
{
    (void)state;
    static const char *const cases[][2] = {{"", ""},
                                           {"  a \t\n b\r\n", "a b"},
                                           {"video？", "video?"},
                                           {"video?", "video?"},
                                           {"Ｖｉｏｌｉｎ　１", "Violin 1"},
                                           {"e\xcc\x81", "\xc3\xa9"},
                                           {"a\xc2\xa0\xe2\x80\x83z", "a z"},
                                           {"\xe3\x80\x80二胡\xe3\x80\x80", "二胡"},
                                           {"ﬁddle ²", "fiddle 2"},
                                           {"Case Stays", "Case Stays"}};
    for (size_t i = 0; i < N_OF(cases); i++) {
        struct avqa_buf out = AVQA_BUF_INIT;
        avqa_buf_adds(&out, ">");
        assert_ok(avqa_text_normal(&out, cases[i][0]));
        assert_string_equal(avqa_buf_str(&out) + 1, cases[i][1]);
        avqa_buf_release(&out);
    }
}

static void assert_words(const char *text, const char *expected)
{
    struct avqa_word *words;
    struct avqa_buf got = AVQA_BUF_INIT;
    size_t n;
    assert_ok(avqa_text_words(&words, &n, text));
    for (size_t i = 0; i < n; i++) {
        avqa_buf_adds(&got, i ? "|" : "");
        avqa_buf_add(&got, text + words[i].start, words[i].len);
    }
    assert_string_equal(avqa_buf_str(&got), expected);
    avqa_buf_release(&got);
    free(words);
}

static void test_words(void **state)
{
    (void)state;
    assert_words("", "");
    assert_words(" ?! ", "");
    assert_words("Is there a <Object> sound?", "Is|there|a|<Object>|sound");
    assert_words("Are there <Object> and <Object>? ",
                 "Are|there|<Object>|and|<Object>");
    assert_words("<LR><Object>", "<LR>|<Object>");
    assert_words("electric_bass's more than 3.5 it’s don't",
                 "electric_bass's|more|than|3.5|it’s|don't");
    assert_words("well-known (duo)", "well|known|duo");
    assert_words("视频中有几件<物体>在发声？", "视|频|中|有|几|件|<物体>|在|发|声");
    assert_words("Das Cello、二胡 und é", "Das|Cello|二|胡|und|é");
    assert_words("e\xcc\x81t\xc3\xa9", "e\xcc\x81t\xc3\xa9");
    assert_words("a🎻b 🎻", "a|b");
}

/* What looks like a marker and is none. */
static void test_no_markers(void **state)
{
    (void)state;
    assert_words("a < b", "a|b");
    assert_words("<>x", "x");
    assert_words("<a b>", "a|b");
    assert_words("<a<b>", "a|<b>");
    assert_words("x<", "x");
    assert_words("<open", "open");
    assert_words("<a>>", "<a>");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_valid), cmocka_unit_test(test_next),
        cmocka_unit_test(test_normal), cmocka_unit_test(test_words),
        cmocka_unit_test(test_no_markers)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
