/* Labels of any origin come out as one harmless line; shaped text knows its size and
 * Chinese has letters. The byte sequences are those of the Unicode standard's table of
 * ill-formed UTF-8 (section 3.9). */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "plot/fonts.h"
#include "plot/text.h"

static void assert_cleaned(const char *text, const char *wanted)
{
    struct avqa_buf buf = AVQA_BUF_INIT;

    avqa_text_clean(&buf, text);
    assert_string_equal(avqa_buf_str(&buf), wanted);
    avqa_buf_release(&buf);
}

static void test_clean_keeps_good_text(void **state)
{
    (void)state;
    assert_cleaned("plain", "plain");
    assert_cleaned("小提琴 é 𝄞", "小提琴 é 𝄞");
    assert_cleaned(NULL, "");
}

static void test_clean_makes_one_line(void **state)
{
    (void)state;
    assert_cleaned("  a\t\n b\x01 c\x7f ", "a b c");
    assert_cleaned("a\xe2\x80\xa8z", "a z"); /* U+2028 */
}

static void test_clean_replaces_what_is_not_utf8(void **state)
{
    (void)state;
    assert_cleaned("a\xff", "a\xEF\xBF\xBD");
    assert_cleaned("\xc3(", "\xEF\xBF\xBD(");
    assert_cleaned("\xe5\xb0", "\xEF\xBF\xBD\xEF\xBF\xBD");
    assert_cleaned("\xc0\xaf", "\xEF\xBF\xBD\xEF\xBF\xBD"); /* overlong */
    assert_cleaned("\xed\xa0\x80",
                   "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"); /* surrogate */
    assert_cleaned("\xf4\x90\x80\x80",
                   "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");
}

static void test_clean_drops_direction_marks(void **state)
{
    (void)state;
    assert_cleaned("a\xe2\x80\xaez\xef\xbb\xbf", "az");
}

static void test_clean_cuts_pages_of_prose(void **state)
{
    char text[5000];
    struct avqa_buf buf = AVQA_BUF_INIT;

    (void)state;
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    avqa_text_clean(&buf, text);
    assert_int_equal(buf.len, AVQA_TEXT_MAX_CHARS + strlen("…"));
    assert_string_equal(avqa_buf_str(&buf) + AVQA_TEXT_MAX_CHARS, "…");
    avqa_buf_release(&buf);
}

static struct avqa_extent measure(struct avqa_fonts *fonts,
                                  const struct avqa_text *text)
{
    struct avqa_layout *layout = avqa_fonts_shape(fonts, text);
    struct avqa_extent extent = avqa_layout_extent(layout);

    avqa_layout_unref(layout);
    return extent;
}

static void test_shaped_text_knows_its_size(void **state)
{
    struct avqa_fonts *fonts;
    struct avqa_text text = {.text = "How many instruments are there?", .size_pt = 8};

    (void)state;
    assert_int_equal(avqa_fonts_new(&fonts, NULL), AVQA_OK);
    struct avqa_extent level = measure(fonts, &text);
    assert_true(level.width_pt > 60 && level.width_pt < 200);
    assert_int_equal(level.n_lines, 1);
    assert_false(level.cut);

    text.size_pt = 16;
    assert_true(fabs(measure(fonts, &text).width_pt / level.width_pt - 2) < 0.02);
    text.size_pt = 8;
    text.max_width_pt = 50;
    struct avqa_extent cut = measure(fonts, &text);
    assert_true(cut.cut && cut.width_pt <= 50.1 && cut.n_lines == 1);
    text.max_lines = 9;
    struct avqa_extent wrapped = measure(fonts, &text);
    assert_true(!wrapped.cut && wrapped.n_lines > 1 && wrapped.width_pt <= 50.1);
    assert_true(wrapped.height_pt > cut.height_pt + 8);
    avqa_fonts_free(fonts);
}

static void test_chinese_has_letters(void **state)
{
    struct avqa_fonts *fonts;

    (void)state;
    assert_int_equal(avqa_fonts_new(&fonts, NULL), AVQA_OK);
    bool latin = avqa_fonts_covers(fonts, "violin");
    bool chinese = avqa_fonts_covers(fonts, "小提琴比钢琴更响吗");
    bool nothing = avqa_fonts_covers(fonts, "\xf3\xb0\x80\x81"); /* private use */
    avqa_fonts_free(fonts);
    if (!latin)
        skip();
    assert_false(nothing);
    if (!chinese)
        skip();
}

static void count_letter(void *closure, const char *outline, struct avqa_point at)
{
    size_t *n = closure;

    assert_true(outline[0] == 'M');
    assert_true(at.y_pt > 0);
    (*n)++;
}

static void test_letters_have_outlines(void **state)
{
    struct avqa_fonts *fonts;
    struct avqa_text text = {.text = "a b", .size_pt = 8};
    size_t n = 0;

    (void)state;
    assert_int_equal(avqa_fonts_new(&fonts, NULL), AVQA_OK);
    struct avqa_layout *layout = avqa_fonts_shape(fonts, &text);
    avqa_layout_visit(layout, AVQA_ALIGN_MIDDLE, count_letter, &n);
    assert_int_equal(n, avqa_fonts_available(fonts) ? 2 : 0); /* a space has none */
    avqa_layout_unref(layout);
    avqa_fonts_free(fonts);
}

static void test_many_texts_do_not_pile_up(void **state)
{
    struct avqa_fonts *fonts;
    char name[32];
    struct avqa_text text = {.text = name, .size_pt = 8};

    (void)state;
    assert_int_equal(avqa_fonts_new(&fonts, NULL), AVQA_OK);
    struct avqa_layout *first = NULL;
    for (int i = 0; i < 5000; i++) {
        name[0] = (char)('a' + i % 26);
        name[1] = (char)('a' + i / 26 % 26);
        name[2] = (char)('a' + i / 676);
        name[3] = '\0';
        struct avqa_layout *layout = avqa_fonts_shape(fonts, &text);
        if (first)
            avqa_layout_unref(layout);
        else
            first = layout;
    }
    assert_string_equal(avqa_layout_text(first), "aaa"); /* ours, although forgotten */
    avqa_layout_unref(first);
    avqa_fonts_free(fonts);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_clean_keeps_good_text),
        cmocka_unit_test(test_clean_makes_one_line),
        cmocka_unit_test(test_clean_replaces_what_is_not_utf8),
        cmocka_unit_test(test_clean_drops_direction_marks),
        cmocka_unit_test(test_clean_cuts_pages_of_prose),
        cmocka_unit_test(test_shaped_text_knows_its_size),
        cmocka_unit_test(test_chinese_has_letters),
        cmocka_unit_test(test_letters_have_outlines),
        cmocka_unit_test(test_many_texts_do_not_pile_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
