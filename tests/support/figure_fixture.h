/* What the tests of figures share: a canvas for each test, a check that a figure can be
 * written in every kind, and labels and values as a careless dataset may hold them. */
#ifndef AVQA_TESTS_FIGURE_FIXTURE_H
#define AVQA_TESTS_FIGURE_FIXTURE_H

#include "base/buf.h"
#include "plot/canvas.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static struct avqa_fonts *fonts;
static struct avqa_canvas *canvas;

static inline int open_canvas(void **state)
{
    (void)state;
    assert_int_equal(avqa_fonts_new(&fonts, NULL), AVQA_OK);
    assert_int_equal(avqa_canvas_new(&canvas, fonts), AVQA_OK);
    return 0;
}

static inline int close_canvas(void **state)
{
    (void)state;
    avqa_canvas_free(canvas);
    avqa_fonts_free(fonts);
    return 0;
}

/* Every kind can be written, is not empty and comes out the same twice. */
static inline void assert_written(void)
{
    for (int kind = AVQA_CANVAS_SVG; kind <= AVQA_CANVAS_PNG; kind++) {
        struct avqa_canvas_target target = {.kind = (enum avqa_canvas_kind)kind,
                                            .dpi = 36};
        struct avqa_buf a = AVQA_BUF_INIT, b = AVQA_BUF_INIT;

        assert_int_equal(avqa_canvas_write(canvas, &target, &a), AVQA_OK);
        assert_int_equal(avqa_canvas_write(canvas, &target, &b), AVQA_OK);
        assert_true(a.len > 100);
        assert_int_equal(a.len, b.len);
        assert_memory_equal(a.data, b.data, a.len);
        avqa_buf_release(&a);
        avqa_buf_release(&b);
    }
}

static inline bool is_drawn(const char *wanted)
{
    const char *text;
    struct avqa_quad quad;

    for (size_t i = 0; avqa_canvas_text_at(canvas, i, &text, &quad); i++)
        if (strcmp(text, wanted) == 0)
            return true;
    return false;
}

/* Labels as a careless dataset may hold them. */
static inline const char *hostile_label(size_t i)
{
    static const char *const labels[] = {
        "",
        "plain",
        "\xff\xfe\xc3(",
        "tab\tnew\nline\x01",
        "小提琴比钢琴更响吗",
        "a label that goes on and on and on, far past anything that could ever be "
        "drawn in "
        "a figure of this size, and then goes on some more",
        "\xe2\x80\xae"
        "turned",
        NULL,
        "<b>&amp;\"</b>",
        "Wwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwww"};

    return labels[i % (sizeof labels / sizeof *labels)];
}

static inline double hostile_value(size_t i)
{
    const double values[] = {1,    0,   -5, 3.7, (double)NAN, 1e300, (double)INFINITY,
                             1e-9, 250, 12};

    return values[i % (sizeof values / sizeof *values)];
}

#endif
