/* See sparse.h. Each way has a function of its own, compiled for its instructions and
 * called only where the processor has them. With AVX2, eight values are put into their
 * places by one byte shuffle whose pattern is looked up by their mask; VBMI2 has the
 * instruction for it (vpexpandw), and loads no more than it needs. The other one reads
 * whole vectors of values, so the last ones are left to the plain loop. */
#include "shard/sparse.h"
#include "base/half.h"

#include <stdbool.h>
#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

size_t avqa_sparse_mask_bytes(size_t n)
{
    return n / 8 + (n % 8 != 0);
}

size_t avqa_sparse_pack(unsigned char *mask, uint16_t *values, const uint16_t *in,
                        size_t n)
{
    size_t n_values = 0;
    memset(mask, 0, avqa_sparse_mask_bytes(n));
    for (size_t i = 0; i < n; i++) {
        unsigned kept = in[i] != 0;
        mask[i / 8] = (unsigned char)(mask[i / 8] | kept << i % 8);
        values[n_values] = in[i]; /* overwritten by the next one if not kept */
        n_values += kept;
    }
    if (n_values == 0) {
        mask[0] = 1;
        values[0] = 0;
        n_values = 1;
    }
    return n_values;
}

size_t avqa_sparse_count(const unsigned char *mask, size_t n_bytes)
{
    size_t n = 0;
    size_t i = 0;
    for (; i + 8 <= n_bytes; i += 8) {
        uint64_t word;
        memcpy(&word, mask + i, sizeof word);
        n += (size_t)__builtin_popcountll(word);
    }
    for (; i < n_bytes; i++)
        n += (size_t)__builtin_popcount(mask[i]);
    return n;
}

enum avqa_status avqa_sparse_check(const unsigned char *mask, size_t n, size_t n_values)
{
    size_t bytes = avqa_sparse_mask_bytes(n);
    size_t count = avqa_sparse_count(mask, bytes);
    if (n % 8 && mask[bytes - 1] >> n % 8)
        return avqa_fail(AVQA_EFORMAT, "its mask has bits beyond its last value");
    if (count != n_values)
        return avqa_fail(AVQA_EFORMAT, "its mask has %zu bits for %zu values", count,
                         n_values);
    return AVQA_OK;
}

/* Where an expansion stands: values [0, i) are done with the first `at` of the pair. */
struct place {
    size_t i, at;
};

static void floats_plain(float *out, const unsigned char *mask, const uint16_t *values,
                         size_t n, struct place p)
{
    for (size_t i = p.i; i < n; i++) {
        bool kept = mask[i / 8] >> i % 8 & 1;
        out[i] = kept ? avqa_half_to_float(values[p.at]) : 0;
        p.at += kept;
    }
}

static void halves_plain(uint16_t *out, const unsigned char *mask,
                         const uint16_t *values, size_t n, struct place p)
{
    for (size_t i = p.i; i < n; i++) {
        bool kept = mask[i / 8] >> i % 8 & 1;
        out[i] = kept ? values[p.at] : 0;
        p.at += kept;
    }
}

#if defined(__x86_64__)
/* For each mask of eight bits: which bytes of the next eight values go where (0x80:
 * none, zero). BELOW counts the bits of the mask below one of them. */
#define BIT(m, b) ((m) >> (b)&1)
#define COUNT(m)                                                                       \
    (BIT(m, 0) + BIT(m, 1) + BIT(m, 2) + BIT(m, 3) + BIT(m, 4) + BIT(m, 5) +           \
     BIT(m, 6) + BIT(m, 7))
#define BELOW(m, b) COUNT((m) & ((1 << (b)) - 1))
#define TO(m, b)                                                                       \
    BIT(m, b) ? 2 * BELOW(m, b) : 0x80, BIT(m, b) ? 2 * BELOW(m, b) + 1 : 0x80
#define ROW(m)                                                                         \
    {                                                                                  \
        TO(m, 0), TO(m, 1), TO(m, 2), TO(m, 3), TO(m, 4), TO(m, 5), TO(m, 6), TO(m, 7) \
    }
#define ROWS4(m) ROW(m), ROW((m) + 1), ROW((m) + 2), ROW((m) + 3)
#define ROWS16(m) ROWS4(m), ROWS4((m) + 4), ROWS4((m) + 8), ROWS4((m) + 12)
#define ROWS64(m) ROWS16(m), ROWS16((m) + 16), ROWS16((m) + 32), ROWS16((m) + 48)

static const unsigned char shuffles[256][16] = {ROWS64(0), ROWS64(64), ROWS64(128),
                                                ROWS64(192)};

__attribute__((target("avx2,f16c,popcnt"))) static struct place
floats_avx2(float *out, const unsigned char *mask, const uint16_t *values, size_t n,
            size_t n_values)
{
    struct place p = {0, 0};
    for (; p.i + 8 <= n && p.at + 8 <= n_values; p.i += 8) {
        unsigned m = mask[p.i / 8];
        __m128i v = _mm_loadu_si128((const __m128i *)(const void *)(values + p.at));
        v = _mm_shuffle_epi8(
            v, _mm_loadu_si128((const __m128i *)(const void *)shuffles[m]));
        _mm256_storeu_ps(out + p.i, _mm256_cvtph_ps(v));
        p.at += (size_t)__builtin_popcount(m);
    }
    return p;
}

__attribute__((target("avx2,popcnt"))) static struct place
halves_avx2(uint16_t *out, const unsigned char *mask, const uint16_t *values, size_t n,
            size_t n_values)
{
    struct place p = {0, 0};
    for (; p.i + 8 <= n && p.at + 8 <= n_values; p.i += 8) {
        unsigned m = mask[p.i / 8];
        __m128i v = _mm_loadu_si128((const __m128i *)(const void *)(values + p.at));
        v = _mm_shuffle_epi8(
            v, _mm_loadu_si128((const __m128i *)(const void *)shuffles[m]));
        _mm_storeu_si128((__m128i *)(void *)(out + p.i), v);
        p.at += (size_t)__builtin_popcount(m);
    }
    return p;
}

#define EXPANDING __attribute__((target("avx512f,avx512bw,avx512vbmi2,popcnt")))

/* The next 32, at the bits of the mask; `at` goes on. */
EXPANDING static inline __m512i expand_avx512(const unsigned char *mask,
                                              const uint16_t *values, struct place *p)
{
    uint32_t m;
    memcpy(&m, mask + p->i / 8, sizeof m);
    size_t n = (size_t)__builtin_popcount(m);
    uint32_t first = (uint32_t)((UINT64_C(1) << n) - 1);
    __m512i v = _mm512_maskz_loadu_epi16(first, values + p->at);
    p->at += n;
    return _mm512_maskz_expand_epi16(m, v);
}

EXPANDING static struct place floats_avx512(float *out, const unsigned char *mask,
                                            const uint16_t *values, size_t n)
{
    struct place p = {0, 0};
    for (; p.i + 32 <= n; p.i += 32) {
        __m512i v = expand_avx512(mask, values, &p);
        _mm512_storeu_ps(out + p.i, _mm512_cvtph_ps(_mm512_castsi512_si256(v)));
        _mm512_storeu_ps(out + p.i + 16,
                         _mm512_cvtph_ps(_mm512_extracti64x4_epi64(v, 1)));
    }
    return p;
}

EXPANDING static struct place halves_avx512(uint16_t *out, const unsigned char *mask,
                                            const uint16_t *values, size_t n)
{
    struct place p = {0, 0};
    for (; p.i + 32 <= n; p.i += 32)
        _mm512_storeu_si512(out + p.i, expand_avx512(mask, values, &p));
    return p;
}

enum avqa_sparse_way avqa_sparse_best(void)
{
    if (__builtin_cpu_supports("avx512vbmi2") && __builtin_cpu_supports("avx512bw") &&
        __builtin_cpu_supports("avx512f"))
        return AVQA_SPARSE_AVX512;
    if (__builtin_cpu_supports("avx2")) /* whatever has it has F16C */
        return AVQA_SPARSE_AVX2;
    return AVQA_SPARSE_PLAIN;
}
#else
static struct place floats_avx2(float *out, const unsigned char *mask,
                                const uint16_t *values, size_t n, size_t n_values)
{
    (void)out, (void)mask, (void)values, (void)n, (void)n_values;
    return (struct place){0, 0};
}

static struct place halves_avx2(uint16_t *out, const unsigned char *mask,
                                const uint16_t *values, size_t n, size_t n_values)
{
    (void)out, (void)mask, (void)values, (void)n, (void)n_values;
    return (struct place){0, 0};
}

static struct place floats_avx512(float *out, const unsigned char *mask,
                                  const uint16_t *values, size_t n)
{
    return floats_avx2(out, mask, values, n, 0);
}

static struct place halves_avx512(uint16_t *out, const unsigned char *mask,
                                  const uint16_t *values, size_t n)
{
    return halves_avx2(out, mask, values, n, 0);
}

enum avqa_sparse_way avqa_sparse_best(void)
{
    return AVQA_SPARSE_PLAIN;
}
#endif

const char *avqa_sparse_way_name(enum avqa_sparse_way way)
{
    static const char *const names[] = {"plain", "avx2", "avx512"};
    return names[way];
}

void avqa_sparse_to_floats(float *out, const unsigned char *mask,
                           const uint16_t *values, size_t n, enum avqa_sparse_way way)
{
    struct place p = {0, 0};
    size_t n_values = avqa_sparse_count(mask, avqa_sparse_mask_bytes(n));
    if (way == AVQA_SPARSE_AVX2)
        p = floats_avx2(out, mask, values, n, n_values);
    else if (way == AVQA_SPARSE_AVX512)
        p = floats_avx512(out, mask, values, n);
    floats_plain(out, mask, values, n, p);
}

void avqa_sparse_to_halves(uint16_t *out, const unsigned char *mask,
                           const uint16_t *values, size_t n, enum avqa_sparse_way way)
{
    struct place p = {0, 0};
    size_t n_values = avqa_sparse_count(mask, avqa_sparse_mask_bytes(n));
    if (way == AVQA_SPARSE_AVX2)
        p = halves_avx2(out, mask, values, n, n_values);
    else if (way == AVQA_SPARSE_AVX512)
        p = halves_avx512(out, mask, values, n);
    halves_plain(out, mask, values, n, p);
}
