/* See map.h. Eight fp16 become eight floats with one instruction (F16C), sixteen with
 * AVX-512; those of a sparse map are spread first, by a shuffle that the byte of the
 * mask chooses, or 32 by the instruction that was made for it (VBMI2). What the widest
 * way leaves, the next one takes. */
#include "nn/map.h"
#include "nn/wide.h"

_Static_assert(sizeof(avqa_real) == sizeof(float), "map_wide.c is of float alone");

#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>

enum { AHEAD = 1024 }; /* bytes */

/* Byte 2 j and 2 j + 1 of row m: where the fp16 for bit j of m comes from, among those
 * that follow; 0x80 makes zero. */
#define BIT(m, j) ((m) >> (j)&1)
#define BELOW(m, j)                                                                    \
    ((j) > 0 ? BIT((m) & ((1 << (j)) - 1), 0) + BIT((m) & ((1 << (j)) - 1), 1) +       \
                   BIT((m) & ((1 << (j)) - 1), 2) + BIT((m) & ((1 << (j)) - 1), 3) +   \
                   BIT((m) & ((1 << (j)) - 1), 4) + BIT((m) & ((1 << (j)) - 1), 5) +   \
                   BIT((m) & ((1 << (j)) - 1), 6)                                      \
             : 0)
#define TAKE(m, j)                                                                     \
    BIT(m, j) ? 2 * (BELOW(m, j)) : 0x80, BIT(m, j) ? 2 * (BELOW(m, j)) + 1 : 0x80
#define ROW(m)                                                                         \
    {                                                                                  \
        TAKE(m, 0), TAKE(m, 1), TAKE(m, 2), TAKE(m, 3), TAKE(m, 4), TAKE(m, 5),        \
            TAKE(m, 6), TAKE(m, 7)                                                     \
    }
#define ROWS4(m) ROW(m), ROW((m) + 1), ROW((m) + 2), ROW((m) + 3)
#define ROWS16(m) ROWS4(m), ROWS4((m) + 4), ROWS4((m) + 8), ROWS4((m) + 12)
#define ROWS64(m) ROWS16(m), ROWS16((m) + 16), ROWS16((m) + 32), ROWS16((m) + 48)
static const uint8_t spread[256][16] = {ROWS64(0), ROWS64(64), ROWS64(128),
                                        ROWS64(192)};

/* Multiples of 16. */
AVQA_WIDEST static void unpack_dense_widest(struct avqa_map_cursor *cursor, float *out,
                                            size_t n)
{
    const uint16_t *values = (const uint16_t *)cursor->map->values + cursor->at_value;
    for (size_t i = 0; i < n; i += 16) {
        __m256i packed =
            _mm256_loadu_si256((const __m256i *)(const void *)(values + i));
        _mm512_storeu_ps(out + i, _mm512_cvtph_ps(packed));
    }
    cursor->at += n;
    cursor->at_value += n;
}

AVQA_WIDE static void unpack_dense(struct avqa_map_cursor *cursor, float *out, size_t n)
{
    const uint16_t *values = (const uint16_t *)cursor->map->values + cursor->at_value;
    for (size_t i = 0; i < n; i += 8) {
        __m128i packed = _mm_loadu_si128((const __m128i *)(const void *)(values + i));
        _mm256_storeu_ps(out + i, _mm256_cvtph_ps(packed));
    }
    cursor->at += n;
    cursor->at_value += n;
}

/* Fetches what is read soon: the numbers come from memory, and a map is too short for
 * the processor to notice that by itself. */
AVQA_INLINE void fetch_ahead(const void *here)
{
    _mm_prefetch((const char *)((uintptr_t)here + AHEAD), _MM_HINT_T0);
}

AVQA_WIDE static void unpack_sparse(struct avqa_map_cursor *cursor, float *out,
                                    size_t n)
{
    const struct avqa_map *map = cursor->map;
    const uint16_t *values = (const uint16_t *)map->values + cursor->at_value;
    const uint8_t *mask = map->mask + cursor->at / 8;
    const uint16_t *begin = values;
    for (size_t i = 0; i < n / 8; i++) {
        unsigned m = mask[i];
        if (i % 4 == 0)
            fetch_ahead(values);
        __m128i packed = _mm_loadu_si128((const __m128i *)(const void *)values);
        __m128i how = _mm_loadu_si128((const __m128i *)(const void *)spread[m]);
        _mm256_storeu_ps(out + 8 * i, _mm256_cvtph_ps(_mm_shuffle_epi8(packed, how)));
        values += __builtin_popcount(m);
    }
    cursor->at += n;
    cursor->at_value += (size_t)(values - begin);
}

/* Multiples of 32. Of the values as many are loaded as the mask has bits: none beyond
 * the end of a map. (Were they loaded by the instruction that expands them, processors
 * would do the same, but not Bochs 2.7, in which tests/emulated tries this.) */
AVQA_EXPANDING static void unpack_sparse_widest(struct avqa_map_cursor *cursor,
                                                float *out, size_t n)
{
    const uint16_t *values = (const uint16_t *)cursor->map->values + cursor->at_value;
    const uint8_t *mask = cursor->map->mask + cursor->at / 8;
    const uint16_t *begin = values;
    for (size_t i = 0; i < n; i += 32) {
        uint32_t m;
        memcpy(&m, mask + i / 8, sizeof m);
        size_t n_values = (size_t)__builtin_popcount(m);
        uint32_t first = (uint32_t)((UINT64_C(1) << n_values) - 1);
        fetch_ahead(values);
        __m512i packed = _mm512_maskz_loadu_epi16(first, values);
        __m512i v = _mm512_maskz_expand_epi16(m, packed);
        _mm512_storeu_ps(out + i, _mm512_cvtph_ps(_mm512_castsi512_si256(v)));
        _mm512_storeu_ps(out + i + 16,
                         _mm512_cvtph_ps(_mm512_extracti64x4_epi64(v, 1)));
        values += n_values;
    }
    cursor->at += n;
    cursor->at_value += (size_t)(values - begin);
}

/* What may be read 8 values at a time: a sparse map near its end must not be read
 * beyond it. */
static size_t whole_groups(const struct avqa_map_cursor *cursor, size_t n)
{
    const struct avqa_map *map = cursor->map;
    size_t at = cursor->at_value;
    if (map->kind == AVQA_MAP_F16 || at + n <= map->n_values)
        return n / 8;
    size_t i = 0;
    for (; i < n / 8 && at + 8 <= map->n_values; i++)
        at += (size_t)__builtin_popcount(map->mask[cursor->at / 8 + i]);
    return i;
}

/* What goes into the widest vectors; returns how many numbers these are. */
static size_t unpack_widest(struct avqa_map_cursor *cursor, float *out, size_t n,
                            enum avqa_width width)
{
    bool sparse = cursor->map->kind == AVQA_MAP_SPARSE16;
    if (width < AVQA_WIDTH_AVX512 || (sparse && width < AVQA_WIDTH_VBMI2))
        return 0;
    size_t whole = sparse ? n / 32 * 32 : n / 16 * 16;
    if (sparse)
        unpack_sparse_widest(cursor, out, whole);
    else
        unpack_dense_widest(cursor, out, whole);
    return whole;
}

bool avqa_map_unpack_wide(struct avqa_map_cursor *cursor, avqa_real *out, size_t n)
{
    enum avqa_width width = avqa_width_of(cursor->width);
    if (width == AVQA_WIDTH_PLAIN)
        return false;
    size_t done = unpack_widest(cursor, out, n, width);
    out += done;
    n -= done;
    size_t whole = 8 * whole_groups(cursor, n);
    if (cursor->map->kind == AVQA_MAP_F16)
        unpack_dense(cursor, out, whole);
    else
        unpack_sparse(cursor, out, whole);
    avqa_map_unpack_plain(cursor, out + whole, n - whole);
    return true;
}
#else
bool avqa_map_unpack_wide(struct avqa_map_cursor *cursor, avqa_real *out, size_t n)
{
    (void)cursor;
    (void)out;
    (void)n;
    return false;
}
#endif
