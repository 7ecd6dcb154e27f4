/* Pictures on a page: every kind of document has each pixel where it belongs, as other
 * people's programs read it. Those are looked for; what is not installed is not tried.
 */
#include "plot/pixels.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/io.h"
#include "check.h"
#include "figure_fixture.h"

enum { SIDE = 8, SCALE = 10, PAGE = 100, AT = 10 };

static char *folder;
static uint8_t rgb[SIDE * SIDE * 3];

/* Each pixel another colour, not far from its neighbours': readers smooth between. */
static void draw(void)
{
    for (int i = 0; i < SIDE * SIDE; i++) {
        rgb[i * 3] = (uint8_t)(i % SIDE * 36);
        rgb[i * 3 + 1] = (uint8_t)(i / SIDE * 36);
        rgb[i * 3 + 2] = (uint8_t)((i % SIDE + i / SIDE) * 18);
    }
    struct avqa_pixels pixels = {SIDE, SIDE, rgb};
    avqa_canvas_clear(canvas);
    avqa_canvas_set_size(canvas, PAGE, PAGE);
    avqa_canvas_picture(canvas, (struct avqa_rect){AT, AT, SIDE * SCALE, SIDE * SCALE},
                        &pixels);
    memset(rgb, 0, sizeof rgb); /* the canvas has a copy */
}

static void write_page(const char *name, enum avqa_canvas_kind kind)
{
    char *path = avqa_io_join(folder, name);
    struct avqa_canvas_target target = {.kind = kind, .dpi = 72};

    assert_int_equal(avqa_canvas_save(canvas, &target, path), AVQA_OK);
    free(path);
}

/* Runs a command in the folder that leaves 100 x 100 pixels of RGB in "raw", and looks
 * at the middle of each pixel. */
static void assert_pixels(const char *tool, const char *command)
{
    char line[512];
    uint8_t page[PAGE * PAGE * 3];

    snprintf(line, sizeof line,
             "command -v %s >/dev/null && command -v ffmpeg >/dev/null", tool);
    if (system(line) != 0) {
        printf("not tried: %s or ffmpeg is not installed\n", tool);
        return;
    }
    snprintf(line, sizeof line, "cd %s && %s", folder, command);
    assert_int_equal(system(line), 0);
    snprintf(line, sizeof line, "%s/raw", folder);
    FILE *file = fopen(line, "rb");
    assert_non_null(file);
    assert_int_equal(fread(page, 1, sizeof page, file), sizeof page);
    fclose(file);
    for (int i = 0; i < SIDE * SIDE; i++) {
        int x = AT + i % SIDE * SCALE + SCALE / 2,
            y = AT + i / SIDE * SCALE + SCALE / 2;
        const uint8_t *p = page + (y * PAGE + x) * 3;

        assert_true(abs(p[0] - i % SIDE * 36) <= 20);
        assert_true(abs(p[1] - i / SIDE * 36) <= 20);
        assert_true(abs(p[2] - (i % SIDE + i / SIDE) * 18) <= 20);
    }
    assert_int_equal(page[0], 255);
}

#define RAW " -f rawvideo -pix_fmt rgb24 -y raw"

static void test_png(void **state)
{
    (void)state;
    draw();
    write_page("a.png", AVQA_CANVAS_PNG);
    assert_pixels("ffmpeg", "ffmpeg -v error -i a.png" RAW);
}

static void test_svg(void **state)
{
    (void)state;
    draw();
    write_page("a.svg", AVQA_CANVAS_SVG);
    assert_pixels("rsvg-convert",
                  "rsvg-convert -w 100 -h 100 -b white a.svg -o b.png && "
                  "ffmpeg -v error -i b.png" RAW);
}

static void test_pdf(void **state)
{
    (void)state;
    draw();
    write_page("a.pdf", AVQA_CANVAS_PDF);
    assert_pixels("pdftoppm", "pdftoppm -r 72 -singlefile -png a.pdf c && "
                              "ffmpeg -v error -i c.png" RAW);
}

static void test_nonsense_is_refused(void **state)
{
    struct avqa_rect rect = {0, 0, 10, 10};
    struct avqa_pixels none = {0}, huge = {AVQA_PIXELS_MAX_SIDE + 1, 1, rgb};
    struct avqa_pixels found;
    struct avqa_buf buf = AVQA_BUF_INIT;
    struct avqa_canvas_target target = {.kind = AVQA_CANVAS_PNG};

    (void)state;
    avqa_canvas_clear(canvas);
    avqa_canvas_set_size(canvas, 10, 10);
    avqa_canvas_picture(canvas, rect, &none);
    assert_false(avqa_canvas_picture_at(canvas, 0, &rect, &found));
    assert_int_equal(avqa_canvas_write(canvas, &target, &buf), AVQA_EINVAL);
    avqa_canvas_clear(canvas);
    avqa_canvas_set_size(canvas, 10, 10);
    avqa_canvas_picture(canvas, rect, &huge);
    assert_int_equal(avqa_canvas_write(canvas, &target, &buf), AVQA_EINVAL);
    avqa_buf_release(&buf);
}

static int open_all(void **state)
{
    folder = check_folder();
    return open_canvas(state);
}

static int close_all(void **state)
{
    check_remove(folder);
    return close_canvas(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_png),
        cmocka_unit_test(test_svg),
        cmocka_unit_test(test_pdf),
        cmocka_unit_test(test_nonsense_is_refused),
    };

    return cmocka_run_group_tests(tests, open_all, close_all);
}
