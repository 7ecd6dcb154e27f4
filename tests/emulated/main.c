/* On a bare (emulated) machine: grounding's loops at every width that the processor
 * has, as tests/unit/test_widths.c asks them, and the expansion of shards; first as if
 * the operating system kept no registers of AVX-512, when they must not be chosen.
 * Writes to the serial port and switches the machine off. What it links of the library
 * are the very objects of the program (run.sh). */
#include "widths.h"

#include "base/status.h"
#include "shard/sparse.h"

#include <cpuid.h>

void bare_main(void);
void bare_exception(uint64_t number, uint64_t address, uint64_t top, uint64_t next);

/* ---- what there is instead of an operating system -------------------------------- */

static void out_byte(uint16_t port, uint8_t byte)
{
    __asm__ volatile("outb %0, %1" : : "a"(byte), "Nd"(port));
}

static uint8_t in_byte(uint16_t port)
{
    uint8_t byte;
    __asm__ volatile("inb %1, %0" : "=a"(byte) : "Nd"(port));
    return byte;
}

enum { SERIAL = 0x3f8 };

static void open_serial(void)
{
    out_byte(SERIAL + 3, 0x83); /* 8 bits; the next two bytes are the divisor */
    out_byte(SERIAL, 1);
    out_byte(SERIAL + 1, 0);
    out_byte(SERIAL + 3, 0x03);
}

static void say(const char *text)
{
    for (; *text; text++) {
        while (!(in_byte(SERIAL + 5) & 0x20))
            ;
        out_byte(SERIAL, (uint8_t)*text);
    }
}

static void say_number(uint64_t n, unsigned base)
{
    char digits[24];
    size_t i = sizeof digits;
    digits[--i] = 0;
    do
        digits[--i] = "0123456789abcdef"[n % base];
    while (n /= base);
    say(digits + i);
}

_Noreturn static void switch_off(void)
{
    while (!(in_byte(SERIAL + 5) & 0x40)) /* until the last byte is out */
        ;
    for (const char *c = "Shutdown"; *c; c++)
        out_byte(0x8900, (uint8_t)*c);
    for (;;)
        __asm__ volatile("hlt");
}

void bare_exception(uint64_t number, uint64_t address, uint64_t top, uint64_t next)
{
    say("FAILED: exception ");
    say_number(number, 10);
    say(" about address 0x");
    say_number(address, 16);
    say(", stack 0x");
    say_number(top, 16);
    say(" 0x");
    say_number(next, 16);
    say("\n");
    switch_off();
}

/* What the library's objects ask for. */
void *memcpy(void *restrict to, const void *restrict from, size_t n)
{
    void *start = to;
    __asm__ volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(n) : : "memory");
    return start;
}

void *memset(void *to, int byte, size_t n)
{
    void *start = to;
    __asm__ volatile("rep stosb" : "+D"(to), "+c"(n) : "a"(byte) : "memory");
    return start;
}

int memcmp(const void *a, const void *b, size_t n)
{
    int less, equal;
    __asm__ volatile("cmpb %%al, %%al\n repe cmpsb"
                     : "+S"(a), "+D"(b), "+c"(n), "=@ccb"(less), "=@ccz"(equal)
                     :
                     : "memory");
    return equal ? 0 : less ? -1 : 1;
}

_Noreturn void __assert_fail(const char *what, const char *file, unsigned line,
                             const char *function);
_Noreturn void __assert_fail(const char *what, const char *file, unsigned line,
                             const char *function)
{
    (void)line;
    (void)function;
    say("FAILED: ");
    say(file);
    say(": ");
    say(what);
    say("\n");
    switch_off();
}

enum avqa_status avqa_fail(enum avqa_status code, const char *format, ...)
{
    (void)format;
    return code;
}

/* ---- the processor --------------------------------------------------------------- */

/* Of libgcc: what __builtin_cpu_supports reads. */
struct cpu_model {
    unsigned vendor, type, subtype, features;
};
extern struct cpu_model __cpu_model;
extern unsigned __cpu_features2[];

/* Lets the processor keep `registers` of XCR0, as far as it has them, and looks again
 * what it is. */
static void keep_registers(uint32_t registers)
{
    uint32_t has, b, c, d;
    __cpuid_count(13, 0, has, b, c, d);
    __asm__ volatile("xsetbv" : : "c"(0), "a"(registers & has), "d"(0));
    __cpu_model = (struct cpu_model){0};
    __cpu_features2[0] = 0;
    __builtin_cpu_init();
}

/* ---- memory whose end is the end ------------------------------------------------- */

static const uint64_t first_area = 0x400000; /* boot.S has small pages for it */

static void end_areas(struct widths *w)
{
    volatile uint64_t *pages = (volatile uint64_t *)0x4000;
    for (size_t i = 0; i < WIDTHS_AREAS; i++) {
        uint64_t end = first_area + i * (WIDTHS_AREA + 4096) + WIDTHS_AREA;
        w->ends[i] = (char *)end;
        pages[(end - first_area) / 4096] = 0;
        __asm__ volatile("invlpg (%0)" : : "r"(end) : "memory");
    }
}

/* ---- checks ---------------------------------------------------------------------- */

static void report(const char *what, const char *how, size_t n, const char *wrong)
{
    say(wrong ? "FAILED: " : "ok: ");
    say(what);
    say(" ");
    say(how);
    say(", ");
    say_number(n, 10);
    say(" checks");
    if (wrong) {
        say(": ");
        say(wrong);
    }
    say("\n");
}

static struct widths_loops loops_of(enum avqa_width width)
{
    return (struct widths_loops){width, avqa_map_unpack_wide, avqa_sweep_gather,
                                 avqa_sweep_weigh};
}

static void check_widths(struct widths *w)
{
    const struct widths_loops avx2 = loops_of(AVQA_WIDTH_AVX2);
    for (enum avqa_width width = AVQA_WIDTH_AVX2; width <= avqa_width_best(); width++) {
        struct widths_loops loops = loops_of(width);
        w->loops = &loops;
        w->twin = width > AVQA_WIDTH_AVX2 ? &avx2 : NULL;
        widths_check(w);
        report("grounding", avqa_width_name(width), w->n_checks, w->wrong);
    }
}

static const char *expand(struct widths *w, const struct avqa_map *map, size_t n,
                          enum avqa_sparse_way way)
{
    float *floats = widths_room(w, 2, n * sizeof *floats);
    float *wanted = widths_room(w, 3, n * sizeof *wanted);
    avqa_sparse_to_floats(floats, map->mask, map->values, n, way);
    avqa_sparse_to_floats(wanted, map->mask, map->values, n, AVQA_SPARSE_PLAIN);
    if (memcmp(floats, wanted, n * sizeof *floats) != 0)
        return "other floats";
    uint16_t *halves = widths_room(w, 2, n * sizeof *halves);
    uint16_t *as_they_were = widths_room(w, 3, n * sizeof *as_they_were);
    avqa_sparse_to_halves(halves, map->mask, map->values, n, way);
    avqa_sparse_to_halves(as_they_were, map->mask, map->values, n, AVQA_SPARSE_PLAIN);
    return memcmp(halves, as_they_were, n * sizeof *halves) != 0 ? "other halves"
                                                                 : NULL;
}

static void check_shards(struct widths *w)
{
    static const unsigned zeros[] = {0, 50, 97, 100};
    for (enum avqa_sparse_way way = AVQA_SPARSE_AVX2; way <= avqa_sparse_best();
         way++) {
        const char *wrong = NULL;
        size_t n_checks = 0;
        for (size_t n = 1; n <= WIDTHS_MOST_NUMBERS; n += n < 150 ? w->step : 97)
            for (size_t z = 0; z < sizeof zeros / sizeof *zeros; z++) {
                struct avqa_map map = widths_map(w, AVQA_MAP_SPARSE16, n, zeros[z]);
                const char *here = expand(w, &map, n, way);
                wrong = wrong ? wrong : here;
                n_checks++;
            }
        report("shards", avqa_sparse_way_name(way), n_checks, wrong);
    }
}

/* ---- what it takes --------------------------------------------------------------- */

enum { CHANNELS = 512, PLACES = 196, NUMBERS = CHANNELS * PLACES };

/* A map of AVST: its numbers, and what grounding makes of it on its way forwards. */
struct scene {
    struct avqa_map map;
    uint16_t halves[NUMBERS];
    uint8_t mask[NUMBERS / 8];
    float numbers[NUMBERS];
    float f[CHANNELS], dot[PLACES], square[PLACES], out[CHANNELS], sum[CHANNELS];
};

static void make_scene(struct widths *w, struct scene *s, enum avqa_map_kind kind)
{
    size_t n = 0;
    memset(s->mask, 0, sizeof s->mask);
    for (size_t i = 0; i < NUMBERS; i++) {
        bool there = widths_draw(w) % 100 >= 60;
        if (there)
            s->mask[i / 8] = (uint8_t)(s->mask[i / 8] | 1U << i % 8);
        if (there || kind == AVQA_MAP_F16)
            s->halves[n++] = 0x3c00; /* 1 */
    }
    s->map = (struct avqa_map){kind, s->halves, s->mask, n};
}

static uint64_t instructions_of(struct scene *s, enum avqa_width width)
{
    struct avqa_map_cursor cursor = {.map = &s->map, .width = width};
    uint64_t start = __builtin_ia32_rdtsc();
    for (size_t c = 0; c < CHANNELS; c += AVQA_GATHER_AT_MOST) {
        float *x = s->numbers + c * PLACES;
        avqa_map_unpack_wide(&cursor, x, (size_t)AVQA_GATHER_AT_MOST * PLACES);
        avqa_sweep_gather(&(struct avqa_gathering){s->dot, s->square, x, s->f + c,
                                                   AVQA_GATHER_AT_MOST, PLACES, true},
                          width);
    }
    avqa_sweep_weigh(
        &(struct avqa_weighing){s->out, s->sum, s->numbers, s->dot, CHANNELS, PLACES},
        width);
    return __builtin_ia32_rdtsc() - start;
}

/* The emulator's clock counts instructions. */
static void count_instructions(struct widths *w)
{
    static struct scene s;
    for (int sparse = 0; sparse < 2; sparse++) {
        make_scene(w, &s, sparse ? AVQA_MAP_SPARSE16 : AVQA_MAP_F16);
        for (enum avqa_width width = AVQA_WIDTH_AVX2; width <= avqa_width_best();
             width++) {
            say(sparse ? "a sparse map, " : "a dense map, ");
            say(avqa_width_name(width));
            say(": ");
            say_number(instructions_of(&s, width), 10);
            say(" instructions\n");
        }
    }
}

void bare_main(void)
{
    static struct widths w = {.step = 3};
    open_serial();
    end_areas(&w);
    keep_registers(0x7);
    say("without registers of AVX-512: ");
    say(avqa_width_name(avqa_width_best()));
    say(" and ");
    say(avqa_sparse_way_name(avqa_sparse_best()));
    keep_registers(0xe7);
    say("\nwith them: ");
    say(avqa_width_name(avqa_width_best()));
    say(" and ");
    say(avqa_sparse_way_name(avqa_sparse_best()));
    say("\n");
    check_widths(&w);
    check_shards(&w);
    count_instructions(&w);
    say("done\n");
    switch_off();
}
