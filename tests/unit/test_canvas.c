/* The canvas: documents are what they claim to be, equal drawings give equal bytes, and
 * ids of documents with different prefixes cannot meet. Without any font installed the
 * tests hold too: text is then recorded but not drawn. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "plot/canvas.h"

static struct avqa_fonts *fonts;
static struct avqa_canvas *canvas;

static int open_canvas(void **state)
{
    (void)state;
    assert_int_equal(avqa_fonts_new(&fonts, NULL), AVQA_OK);
    assert_int_equal(avqa_canvas_new(&canvas, fonts), AVQA_OK);
    return 0;
}

static int close_canvas(void **state)
{
    (void)state;
    avqa_canvas_free(canvas);
    avqa_fonts_free(fonts);
    return 0;
}

static void draw_something(void)
{
    struct avqa_text text = {
        .text = "Hällo 小提琴 <b>", .size_pt = 9, .angle_deg = -40};
    struct avqa_stroke stroke = {avqa_palette_hex(0x123456), 1, 3};
    struct avqa_wedge wedge = {{120, 80}, 10, 40, 0, 2};
    struct avqa_wedge ring = {{120, 80}, 45, 50, 0, 7};

    avqa_canvas_clear(canvas);
    avqa_canvas_set_size(canvas, 200, 150);
    avqa_canvas_rect(canvas, (struct avqa_rect){10, 10, 50, 20}, avqa_palette_other());
    avqa_canvas_outline(canvas, (struct avqa_rect){10, 10, 50, 20}, stroke);
    avqa_canvas_hatch(canvas, (struct avqa_rect){10, 40, 50, 20}, stroke, 3);
    avqa_canvas_disc(canvas, (struct avqa_point){30, 100}, 5, stroke.color);
    avqa_canvas_triangle(canvas, (struct avqa_point){1, 1}, (struct avqa_point){9, 1},
                         (struct avqa_point){5, 9}, stroke.color);
    avqa_canvas_wedge(canvas, &wedge, avqa_palette_categorical(1), stroke);
    avqa_canvas_wedge(canvas, &ring, avqa_palette_categorical(2), stroke);
    avqa_canvas_line(canvas, (struct avqa_point){0, 0}, (struct avqa_point){9, 9},
                     stroke);
    avqa_canvas_text(canvas, (struct avqa_point){40, 120}, &text);
}

static void write_to(struct avqa_buf *buf, enum avqa_canvas_kind kind,
                     const char *prefix, bool embed)
{
    struct avqa_canvas_target target = {
        .kind = kind, .id_prefix = prefix, .embed = embed, .title = "T & <t>"};

    assert_int_equal(avqa_canvas_write(canvas, &target, buf), AVQA_OK);
}

static void test_documents_are_of_their_kind(void **state)
{
    struct avqa_buf svg = AVQA_BUF_INIT, pdf = AVQA_BUF_INIT, png = AVQA_BUF_INIT;

    (void)state;
    draw_something();
    write_to(&svg, AVQA_CANVAS_SVG, NULL, false);
    write_to(&pdf, AVQA_CANVAS_PDF, NULL, false);
    write_to(&png, AVQA_CANVAS_PNG, NULL, false);
    assert_memory_equal(svg.data, "<?xml", 5);
    assert_non_null(strstr(svg.data, "viewBox=\"0 0 200 150\""));
    assert_non_null(strstr(svg.data, "<title>T &amp; &lt;t&gt;</title>"));
    assert_non_null(strstr(svg.data, "</svg>\n"));
    assert_memory_equal(pdf.data, "%PDF-", 5);
    assert_non_null(memmem(pdf.data, pdf.len, "(20000101000000Z)", 17));
    assert_memory_equal(png.data, "\x89PNG", 4);
    /* Width in the header of the PNG: 200 pt at 144 dpi. */
    assert_memory_equal(png.data + 16, "\0\0\x01\x90", 4);
    avqa_buf_release(&svg);
    avqa_buf_release(&pdf);
    avqa_buf_release(&png);
}

static void test_equal_drawings_give_equal_bytes(void **state)
{
    (void)state;
    for (int kind = AVQA_CANVAS_SVG; kind <= AVQA_CANVAS_PNG; kind++) {
        struct avqa_buf a = AVQA_BUF_INIT, b = AVQA_BUF_INIT;
        struct avqa_fonts *other_fonts;
        struct avqa_canvas *first = canvas;

        draw_something();
        write_to(&a, (enum avqa_canvas_kind)kind, "x-", true);
        assert_int_equal(avqa_fonts_new(&other_fonts, NULL), AVQA_OK);
        assert_int_equal(avqa_canvas_new(&canvas, other_fonts), AVQA_OK);
        draw_something();
        write_to(&b, (enum avqa_canvas_kind)kind, "x-", true);
        avqa_canvas_free(canvas);
        avqa_fonts_free(other_fonts);
        canvas = first;
        assert_int_equal(a.len, b.len);
        assert_memory_equal(a.data, b.data, a.len);
        avqa_buf_release(&a);
        avqa_buf_release(&b);
    }
}

/* Every occurrence of `mark` is followed by `prefix`; how many there are. */
static size_t count_prefixed(const char *text, const char *mark, const char *prefix)
{
    size_t n = 0;

    for (const char *s = strstr(text, mark); s; s = strstr(s + 1, mark), n++)
        assert_memory_equal(s + strlen(mark), prefix, strlen(prefix));
    return n;
}

static void test_every_id_is_prefixed(void **state)
{
    struct avqa_buf buf = AVQA_BUF_INIT;

    (void)state;
    draw_something();
    write_to(&buf, AVQA_CANVAS_SVG, "fig 3\"-", true);
    assert_memory_equal(buf.data, "<svg ", 5); /* no prolog when embedded */
    if (avqa_fonts_available(fonts)) {
        assert_true(count_prefixed(buf.data, " id=\"", "fig-3--") > 5);
        assert_true(count_prefixed(buf.data, "href=\"#", "fig-3--") > 5);
    }
    assert_int_equal(count_prefixed(buf.data, "url(", "#fig-3--"), 0);
    avqa_buf_release(&buf);
}

static void test_nonsense_is_dropped(void **state)
{
    struct avqa_color black = avqa_palette_hex(0), fill;
    struct avqa_rect rect;
    struct avqa_quad quad;
    struct avqa_wedge wedge = {{0, 0}, 0, nan(""), 0, 1};
    struct avqa_text text = {.text = "x", .size_pt = nan(""), .angle_deg = nan("")};
    const char *drawn;

    (void)state;
    avqa_canvas_clear(canvas);
    avqa_canvas_set_size(canvas, 50, 50);
    avqa_canvas_rect(canvas, (struct avqa_rect){nan(""), 0, 1, 1}, black);
    avqa_canvas_rect(canvas, (struct avqa_rect){0, 0, -1, 1}, black);
    avqa_canvas_rect(canvas, (struct avqa_rect){1e300, 0, 1, 1}, black);
    avqa_canvas_wedge(canvas, &wedge, black, (struct avqa_stroke){.width_pt = 0});
    avqa_canvas_text(canvas, (struct avqa_point){1, 1}, &text);
    assert_false(avqa_canvas_rect_at(canvas, 0, &rect, &fill));
    assert_false(avqa_canvas_wedge_at(canvas, 0, &wedge, &fill));
    assert_false(avqa_canvas_text_at(canvas, 0, &drawn, &quad));
    text.angle_deg = 0; /* a size that is no number becomes the smallest */
    avqa_canvas_text(canvas, (struct avqa_point){1, 1}, &text);
    assert_true(avqa_canvas_text_at(canvas, 0, &drawn, &quad));
}

static void test_pages_have_bounds(void **state)
{
    struct avqa_buf buf = AVQA_BUF_INIT;
    struct avqa_canvas_target target = {.kind = AVQA_CANVAS_PDF};

    (void)state;
    avqa_canvas_clear(canvas);
    assert_int_equal(avqa_canvas_write(canvas, &target, &buf), AVQA_EINVAL);
    avqa_canvas_set_size(canvas, 100, AVQA_CANVAS_MAX_PT + 1);
    assert_int_equal(avqa_canvas_write(canvas, &target, &buf), AVQA_EINVAL);
    avqa_canvas_set_size(canvas, 100, 5000);
    target.kind = AVQA_CANVAS_PNG;
    target.dpi = 1200;
    assert_int_equal(avqa_canvas_write(canvas, &target, &buf), AVQA_EINVAL);
    assert_int_equal(buf.len, 0);
}

static void test_full_buffer_is_an_error(void **state)
{
    (void)state;
    draw_something();
    for (int kind = AVQA_CANVAS_SVG; kind <= AVQA_CANVAS_PNG; kind++) {
        struct avqa_buf buf = {.max = 200};
        struct avqa_canvas_target target = {.kind = (enum avqa_canvas_kind)kind};

        assert_int_equal(avqa_canvas_write(canvas, &target, &buf), AVQA_ENOMEM);
        avqa_buf_release(&buf);
    }
}

static void test_anchor_and_angle(void **state)
{
    struct avqa_text text = {.text = "abc", .size_pt = 10, .align = AVQA_ALIGN_END};
    struct avqa_point at = {50, 50};
    struct avqa_quad level = avqa_canvas_quad(canvas, at, &text);

    (void)state;
    assert_true(fabs(level.corner[1].x_pt - 50) < 1e-6 && level.corner[0].x_pt < 40);
    assert_true(level.corner[1].y_pt < 50 && level.corner[2].y_pt > 50);
    text.angle_deg = -90; /* reads upwards, ends at the anchor: lies below it */
    struct avqa_quad upright = avqa_canvas_quad(canvas, at, &text);
    assert_true(upright.corner[0].y_pt > 60 &&
                fabs(upright.corner[1].y_pt - 50) < 1e-6);
}

static void test_clashes_are_counted(void **state)
{
    struct avqa_text text = {.text = "abc", .size_pt = 10};

    (void)state;
    avqa_canvas_clear(canvas);
    avqa_canvas_set_size(canvas, 100, 100);
    avqa_canvas_text(canvas, (struct avqa_point){20, 20}, &text);
    assert_int_equal(avqa_canvas_clashes(canvas, 0), 0);
    avqa_canvas_text(canvas, (struct avqa_point){25, 22}, &text);
    assert_int_equal(avqa_canvas_clashes(canvas, 0), 1);
    avqa_canvas_text(canvas, (struct avqa_point){97, 80}, &text);
    assert_int_equal(avqa_canvas_clashes(canvas, 0), 2); /* off the page */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_documents_are_of_their_kind),
        cmocka_unit_test(test_equal_drawings_give_equal_bytes),
        cmocka_unit_test(test_every_id_is_prefixed),
        cmocka_unit_test(test_nonsense_is_dropped),
        cmocka_unit_test(test_pages_have_bounds),
        cmocka_unit_test(test_full_buffer_is_an_error),
        cmocka_unit_test(test_anchor_and_angle),
        cmocka_unit_test(test_clashes_are_counted),
    };

    return cmocka_run_group_tests(tests, open_canvas, close_canvas);
}
