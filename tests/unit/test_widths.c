/* Grounding's loops at every width of this processor, and those of AVX-512 on any with
 * AVX2: built a second time, as emulated_*, with the compiler's instructions narrowed
 * to AVX2 and the intrinsics spelled out (support/avx512). tests/emulated runs the
 * library's own on an emulated processor. */
#include "check.h"
#include "widths.h"

#include "nn/ground.h"

#include <sys/mman.h>

bool emulated_map_unpack_wide(struct avqa_map_cursor *cursor, avqa_real *out, size_t n);
void emulated_sweep_gather(const struct avqa_gathering *g, enum avqa_width width);
void emulated_sweep_weigh(const struct avqa_weighing *w, enum avqa_width width);

static struct widths_loops ours(enum avqa_width width)
{
    return (struct widths_loops){width, avqa_map_unpack_wide, avqa_sweep_gather,
                                 avqa_sweep_weigh};
}

static struct widths_loops emulated(enum avqa_width width)
{
    return (struct widths_loops){width, emulated_map_unpack_wide, emulated_sweep_gather,
                                 emulated_sweep_weigh};
}

/* Areas with a page behind each that cannot be touched. */
static int make_areas(void **state)
{
    static struct widths w;
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    size_t step = WIDTHS_AREA + page;
    char *all = mmap(NULL, WIDTHS_AREAS * step, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_true(all != MAP_FAILED && WIDTHS_AREA % page == 0);
    for (size_t i = 0; i < WIDTHS_AREAS; i++) {
        w.ends[i] = all + i * step + WIDTHS_AREA;
        assert_int_equal(mprotect(w.ends[i], page, PROT_NONE), 0);
    }
    w.step = 1;
    *state = &w;
    return 0;
}

static void check(struct widths *w, struct widths_loops loops,
                  const struct widths_loops *twin)
{
    w->loops = &loops;
    w->twin = twin;
    widths_check(w);
    if (w->wrong)
        fail_msg("%s: %s (%zu, %zu)", avqa_width_name(loops.width), w->wrong,
                 w->wrong_channels, w->wrong_places);
    assert_true(w->n_checks > 1000);
}

static void test_this_processor(void **state)
{
    const struct widths_loops avx2 = ours(AVQA_WIDTH_AVX2);
    enum avqa_width best = avqa_width_best();
    printf("widths up to %s\n", avqa_width_name(best));
    for (enum avqa_width width = AVQA_WIDTH_PLAIN; width <= best; width++)
        check(*state, ours(width), width > AVQA_WIDTH_AVX2 ? &avx2 : NULL);
}

static void test_avx512_on_any(void **state)
{
    const struct widths_loops avx2 = ours(AVQA_WIDTH_AVX2);
    if (!avqa_is_wide())
        skip();
    check(*state, emulated(AVQA_WIDTH_AVX512), &avx2);
    check(*state, emulated(AVQA_WIDTH_VBMI2), &avx2);
}

static void test_choice(void **state)
{
    (void)state;
    assert_int_equal(avqa_width_of(AVQA_WIDTH_BEST), avqa_width_best());
    assert_int_equal(avqa_width_of(AVQA_WIDTH_PLAIN), AVQA_WIDTH_PLAIN);
    assert_true(avqa_width_best() >= AVQA_WIDTH_PLAIN);
    assert_int_equal(avqa_width_best() >= AVQA_WIDTH_AVX2, avqa_is_wide());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_this_processor),
        cmocka_unit_test(test_avx512_on_any),
        cmocka_unit_test(test_choice),
    };
    return cmocka_run_group_tests(tests, make_areas, NULL);
}
