/* Damaged shards: whatever was done to one, it is an error that names it, or every byte
 * that comes out is right. Truncation, flips, frames that changed places, tables and
 * headers that lie. */
#include "check.h"
#include "shard/reader.h"
#include "shard/row.h"
#include "shard/verify.h"
#include "shard_fixture.h"

/* Whether the shard was forged (all its checksums are right): then values may be
 * others, and it is for verify to notice. */
enum trust { DAMAGED, FORGED };

static const char NAME[] = "the-shard";
static const char *const keys[] = {"one", "two", "three", NULL};

struct bytes {
    unsigned char *data;
    size_t len;
};

/* ---- a shard in memory, and what is in it ------------------------------------------
 */

static enum avqa_status read_bytes(void *user, void *out, uint64_t at, size_t len)
{
    const struct bytes *b = user;
    assert_true(at <= b->len && len <= b->len - at);
    memcpy(out, b->data + at, len);
    return AVQA_OK;
}

static struct bytes make(enum avqa_shard_encoding encoding)
{
    char *dir = check_folder();
    char *path = avqa_io_join(dir, "x.tar.zst");
    fixture_write(path, keys, encoding);
    struct avqa_buf file = check_read(path);
    free(path);
    check_remove(dir);
    return (struct bytes){(unsigned char *)file.data, file.len};
}

static enum avqa_status open_bytes(struct avqa_shard **out, const struct bytes *b)
{
    struct avqa_shard_source source = {.name = NAME,
                                       .bytes = b->len,
                                       .read = read_bytes,
                                       .user = (void *)(uintptr_t)b};
    return avqa_shard_open_source(out, &source);
}

static void check_named(void)
{
    assert_has(avqa_message(), NAME);
}

/* Each row as it stands: an error that is named, or what expanding it gives. */
static void read_rows(struct avqa_shard_lane *lane, const struct avqa_shard_array *a)
{
    for (size_t r = 0; r < a->n_rows; r++) {
        struct avqa_shard_row row;
        uint16_t wanted[FIXTURE_ROW], got[FIXTURE_ROW];
        unsigned char *room = avqa_mem_new(avqa_shard_row_room(a, r));
        enum avqa_status rc = avqa_shard_row_read(&row, lane, a, r, room);
        if (rc != AVQA_OK) {
            check_named();
        } else if (row.mask) {
            assert_ok(avqa_shard_read(lane, a, r, 1, AVQA_NPY_F2, wanted));
            avqa_sparse_to_halves(got, row.mask, row.values, a->row_values,
                                  AVQA_SPARSE_PLAIN);
            assert_memory_equal(got, wanted, a->row_values * sizeof *got);
        }
        free(room);
    }
}

/* Reads all that is asked of a shard; every value must be right or an error named. */
static bool read_all(const struct avqa_shard *shard, enum trust trust)
{
    struct avqa_shard_lane *lane;
    bool good = true;
    float wanted[FIXTURE_ROWS * FIXTURE_ROW];
    float got[FIXTURE_ROWS * FIXTURE_ROW];
    assert_ok(avqa_shard_lane_new(&lane));
    for (const char *const *k = keys; *k; k++) {
        for (int sound = 0; sound < 2; sound++) {
            size_t sample;
            struct avqa_shard_array a;
            enum avqa_status rc = avqa_shard_find(&sample, shard, *k);
            if (rc == AVQA_OK)
                rc = avqa_shard_array_find(&a, shard, sample,
                                           sound ? "vggish" : "res14");
            if (rc == AVQA_OK && a.row_values > FIXTURE_ROW)
                continue; /* more than there is room for here */
            if (rc == AVQA_OK) {
                read_rows(lane, &a);
                rc = avqa_shard_read(lane, &a, 0, FIXTURE_ROWS, AVQA_NPY_F4, got);
            }
            if (rc != AVQA_OK) {
                check_named();
                good = false;
                continue;
            }
            if (sound)
                fixture_sound(wanted, *k);
            else
                fixture_maps(wanted, *k);
            if (trust == DAMAGED)
                assert_memory_equal(got, wanted,
                                    FIXTURE_ROWS * a.row_values * sizeof *got);
        }
    }
    avqa_shard_lane_free(lane);
    return good;
}

/* Whether something noticed the damage: open, read or verify. */
static bool is_noticed(const struct bytes *b, enum trust trust)
{
    struct avqa_shard *shard;
    struct avqa_shard_problems problems = {.n = 0};
    if (open_bytes(&shard, b) != AVQA_OK) {
        check_named();
        return true;
    }
    bool good = read_all(shard, trust);
    assert_ok(avqa_shard_verify(&problems, shard, NULL));
    good = good && problems.n == 0;
    avqa_shard_problems_release(&problems);
    avqa_shard_close(shard);
    return !good;
}

static struct avqa_frame_place *places_of(const struct bytes *b, size_t *n)
{
    struct avqa_shard *shard;
    struct avqa_frame_place *copy;
    assert_ok(open_bytes(&shard, b));
    const struct avqa_frame_place *places = avqa_shard_places(shard, n);
    assert_ok(avqa_mem_array(&copy, *n + 1, sizeof *copy));
    memcpy(copy, places, (*n + 1) * sizeof *copy);
    avqa_shard_close(shard);
    return copy;
}

/* ---- damage ------------------------------------------------------------------------
 */

static void test_whole(void **state)
{
    (void)state;
    for (int e = AVQA_SHARD_SPARSE16; e <= AVQA_SHARD_FP32; e++) {
        struct bytes b = make((enum avqa_shard_encoding)e);
        assert_false(is_noticed(&b, DAMAGED));
        free(b.data);
    }
}

/* Cut anywhere, frame boundaries among it: never opens. */
static void test_truncated(void **state)
{
    struct bytes b = make(AVQA_SHARD_SPARSE16);
    struct avqa_shard *shard;
    (void)state;
    for (size_t len = 0; len < b.len; len++) {
        unsigned char *exact = malloc(len ? len : 1);
        assert_non_null(exact);
        memcpy(exact, b.data, len);
        struct bytes cut = {exact, len};
        assert_fails(open_bytes(&shard, &cut), AVQA_EFORMAT, NAME);
        free(exact);
    }
    free(b.data);
}

/* Every bit of a small shard. What nobody notices changed nothing that can be read. */
static void test_flips(void **state)
{
    struct bytes b = make(AVQA_SHARD_SPARSE16);
    size_t unnoticed = 0;
    (void)state;
    for (size_t i = 0; i < b.len; i++) {
        for (unsigned bit = 0; bit < 8; bit += 1 + (unsigned)(i % 3)) {
            b.data[i] ^= (unsigned char)(1u << bit);
            unnoticed += !is_noticed(&b, DAMAGED);
            b.data[i] ^= (unsigned char)(1u << bit);
        }
    }
    printf("%zu flips of a compressed block's idle bits were not noticed\n", unnoticed);
    assert_true(unnoticed <= 32); /* in the frames of index and end */
    free(b.data);
}

/* Two frames change places, and so do their entries in the table. */
static void test_swapped(void **state)
{
    struct bytes b = make(AVQA_SHARD_FP16);
    size_t n;
    size_t tried = 0;
    struct avqa_frame_place *p = places_of(&b, &n);
    struct bytes other = {malloc(b.len), b.len};
    (void)state;
    assert_non_null(other.data);
    for (size_t i = 0; i + 3 < n; i++) {
        for (int table = 0; table < 2; table++) {
            size_t first = p[i].frame.packed;
            size_t second = p[i + 1].frame.packed;
            unsigned char *at = other.data + p[i].packed_at;
            unsigned char *entry =
                other.data + p[n].packed_at + 8 + i * AVQA_FRAME_ENTRY;
            memcpy(other.data, b.data, b.len);
            memcpy(at, b.data + p[i + 1].packed_at, second);
            memcpy(at + second, b.data + p[i].packed_at, first);
            if (table) {
                unsigned char keep[AVQA_FRAME_ENTRY];
                memcpy(keep, entry, sizeof keep);
                memmove(entry, entry + AVQA_FRAME_ENTRY, AVQA_FRAME_ENTRY);
                memcpy(entry + AVQA_FRAME_ENTRY, keep, sizeof keep);
            }
            if (memcmp(other.data, b.data, b.len) == 0)
                continue;
            assert_true(is_noticed(&other, DAMAGED));
            tried++;
        }
    }
    assert_true(tried > n);
    free(other.data);
    free(b.data);
    free(p);
}

static void put_u32(unsigned char *at, uint32_t v)
{
    for (int i = 0; i < 4; i++)
        at[i] = (unsigned char)(v >> 8 * i);
}

/* Every number of the table, made into others; and a number of frames that nobody
 * has. */
static void test_lying_table(void **state)
{
    static const uint32_t lies[] = {0, 1, 0x7fffffff, 0x80000000, 0xffffffff};
    struct bytes b = make(AVQA_SHARD_SPARSE16);
    size_t n;
    struct avqa_frame_place *p = places_of(&b, &n);
    struct avqa_shard *shard;
    size_t table = p[n].packed_at;
    (void)state;
    for (size_t at = table; at + 4 <= b.len; at++) {
        unsigned char keep[4];
        memcpy(keep, b.data + at, 4);
        for (size_t i = 0; i < N_OF(lies); i++) {
            put_u32(b.data + at, lies[i]);
            if (memcmp(keep, b.data + at, 4) != 0)
                assert_fails(open_bytes(&shard, &b), AVQA_EFORMAT, NAME);
        }
        memcpy(b.data + at, keep, 4);
    }
    /* one byte less here, one more there: the sum is right */
    for (size_t i = 0; i + 1 < n; i++) {
        unsigned char *entry = b.data + table + 8 + i * AVQA_FRAME_ENTRY;
        put_u32(entry, p[i].frame.packed - 1);
        put_u32(entry + AVQA_FRAME_ENTRY, p[i + 1].frame.packed + 1);
        assert_true(is_noticed(&b, DAMAGED));
        put_u32(entry, p[i].frame.packed);
        put_u32(entry + AVQA_FRAME_ENTRY, p[i + 1].frame.packed);
    }
    assert_false(is_noticed(&b, DAMAGED));
    free(b.data);
    free(p);
}

/* A frame with bytes behind it that its table counts: more than compression can need.
 */
static void test_blown_up(void **state)
{
    enum { MORE = 1 << 20 };
    struct bytes b = make(AVQA_SHARD_SPARSE16);
    size_t n;
    struct avqa_frame_place *p = places_of(&b, &n);
    struct avqa_shard *shard;
    (void)state;
    for (size_t i = 0; i < n; i++) {
        struct bytes big = {calloc(1, b.len + MORE), b.len + MORE};
        size_t end = p[i + 1].packed_at;
        assert_non_null(big.data);
        memcpy(big.data, b.data, end);
        memcpy(big.data + end + MORE, b.data + end, b.len - end);
        put_u32(big.data + p[n].packed_at + MORE + 8 + i * AVQA_FRAME_ENTRY,
                p[i].frame.packed + MORE);
        assert_fails(open_bytes(&shard, &big), AVQA_EFORMAT,
                     "takes more bytes than its contents need");
        check_named();
        free(big.data);
    }
    free(b.data);
    free(p);
}

/* Two shards in one file are none. */
static void test_joined(void **state)
{
    struct bytes b = make(AVQA_SHARD_FP16);
    struct bytes twice = {malloc(2 * b.len), 2 * b.len};
    struct avqa_shard *shard;
    (void)state;
    assert_non_null(twice.data);
    memcpy(twice.data, b.data, b.len);
    memcpy(twice.data + b.len, b.data, b.len);
    assert_fails(open_bytes(&shard, &twice), AVQA_EFORMAT, NAME);
    free(twice.data);
    free(b.data);
}

/* ---- an index that lies, in a file that is otherwise well -------------------------
 */

/* The index of a shard as JSON, and the shard written anew around another text. */
static struct bytes with_index(const struct bytes *b, const char *index)
{
    static const char zeros[1024];
    size_t n;
    struct avqa_packer *packer;
    struct avqa_frame_place *p = places_of(b, &n);
    struct avqa_buf out = AVQA_BUF_INIT;
    struct avqa_buf member = AVQA_BUF_INIT;
    struct avqa_frame *frames = malloc(n * sizeof *frames);
    size_t len = strlen(index);
    assert_non_null(frames);
    assert_ok(avqa_packer_new(&packer, 1));
    for (size_t i = 0; i < n; i++)
        frames[i] = p[i].frame;
    avqa_buf_add(&out, b->data, p[n - 2].packed_at);
    unsigned char head[512];
    const struct avqa_frame_place *at = &p[n - 2];
    struct avqa_unpacker *u;
    unsigned char *plain = malloc(at->frame.plain);
    assert_ok(avqa_unpacker_new(&u));
    assert_ok(avqa_unpacker_run(u, plain, &at->frame, b->data + at->packed_at));
    memcpy(head, plain, sizeof head);
    if (len) { /* its size, and with it the checksum, in the tar header */
        unsigned sum = 0;
        char text[32];
        snprintf(text, sizeof text, "%011zo", len);
        memcpy(head + 124, text, 11);
        memset(head + 148, ' ', 8);
        for (size_t i = 0; i < sizeof head; i++)
            sum += head[i];
        snprintf(text, sizeof text, "%06o", sum);
        memcpy(head + 148, text, 7);
        avqa_buf_add(&member, head, sizeof head);
        avqa_buf_add(&member, index, len);
        avqa_buf_add(&member, zeros, (512 - len % 512) % 512);
        assert_ok(
            avqa_packer_add(packer, &out, &frames[n - 2], member.data, member.len));
    } else {
        avqa_buf_add(&out, plain + 512, at->frame.plain - 512);
    }
    if (len) {
        assert_ok(avqa_packer_add(packer, &out, &frames[n - 1], zeros, sizeof zeros));
        avqa_frame_table_print(&out, frames, n);
    }
    avqa_packer_free(packer);
    avqa_unpacker_free(u);
    avqa_buf_release(&member);
    free(plain);
    free(frames);
    free(p);
    return (struct bytes){(unsigned char *)out.data, out.len};
}

/* The JSON of the index as text, with a NUL; without the frames before it. */
static char *index_of(const struct bytes *b)
{
    size_t n;
    struct avqa_frame_place *p = places_of(b, &n);
    struct bytes all = with_index(b, "");
    size_t from = p[n - 2].packed_at;
    char *text = calloc(1, all.len - from + 1);
    assert_non_null(text);
    memcpy(text, all.data + from, strnlen((char *)all.data + from, all.len - from));
    free(all.data);
    free(p);
    return text;
}

/* `text` with the n-th `old` replaced by `new`; NULL if there are not so many. */
static char *replaced(const char *text, const char *old, const char *new, size_t nth)
{
    const char *at = text;
    for (size_t i = 0;; i++, at++) {
        at = strstr(at, old);
        if (!at)
            return NULL;
        if (i == nth)
            break;
    }
    size_t len = strlen(text) + strlen(new) + 1;
    char *out = malloc(len);
    assert_non_null(out);
    snprintf(out, len, "%.*s%s%s", (int)(at - text), text, new, at + strlen(old));
    return out;
}

static void test_lying_index(void **state)
{
    static const char *const lies[][2] = {
        {"\"shape\": [5,", "\"shape\": [6,"},
        {"\"shape\": [5,", "\"shape\": [4,"},
        {"\"shape\": [5,", "\"shape\": [900000000000000,"},
        {"\"shape\": [5,", "\"shape\": [4503599627370496,8,8,8,8,"},
        {"\"shape\": [5,", "\"shape\": [-5,"},
        {"\"shape\": [5,", "\"shape\": [5.5,"},
        {"\"dense\": [5, 3, 7, 5]", "\"dense\": [5, 3, 7, 6]"},
        {"\"dense\": [5, 3, 7, 5]", "\"dense\": [5,8,14]"},
        {"\"dense\": [5, 3, 7, 5]", "\"dense\": [5,0,7,5]"},
        {"\"dense\": [5, 3, 7, 5]", "\"dense\": []"},
        {"\"frame\": ", "\"frame\": 1"},
        {"\"frame\": ", "\"frame\":9000000"},
        {"\"frame\": ", "\"frames\": "},
        {"\"offset\": ", "\"offset\": 1"},
        {"\"offset\": ", "\"offset\":-"},
        {"\"offset\": ", "\"offset\":900000000000"},
        {"\"bytes\": ", "\"bytes\": 1"},
        {"\"bytes\": ", "\"bytes\":9007199254740"},
        {"\"dtype\": \"", "\"dtype\": \"<f2"},
        {"\"dtype\": \"<f4\"", "\"dtype\": \"<i4\""},
        {"\"dtype\": \"<f2\"", "\"dtype\": \"<i2\""},
        {"_mask.npy", ".npy"},
        {"_nz.npy", "_n.npy"},
        {"\"two\"", "\"one\""},
        {"\"two\"", "\"t.wo\""},
        {"\"two\"", "\"t/wo\""},
        {"\"two\"", "\"\""},
        {"\"json\"", "\"yaml\""},
        {"sha256\": \"", "sha256\": \"0"},
        {"\"version\": 1", "\"version\":2"},
        {"\"version\": 1", "\"version\":0"},
        {"avqa-shard", "other"},
        {"\"n\": ", "\"n\": 1"},
        {"\"members\"", "\"Members\""},
    };
    (void)state;
    struct bytes b = make(AVQA_SHARD_SPARSE16);
    char *index = index_of(&b);
    struct bytes same = with_index(&b, index);
    assert_false(is_noticed(&same, FORGED)); /* the surgery itself does no harm */
    free(same.data);
    for (size_t i = 0; i < N_OF(lies); i++) {
        char *text;
        size_t nth = 0;
        for (; (text = replaced(index, lies[i][0], lies[i][1], nth)); nth++) {
            struct bytes lying = with_index(&b, text);
            if (!is_noticed(&lying, FORGED))
                fail_msg("nobody noticed %s for %s (%zu)", lies[i][1], lies[i][0], nth);
            free(lying.data);
            free(text);
        }
        if (nth == 0)
            fail_msg("%s is not in the index", lies[i][0]);
    }
    free(index);
    free(b.data);
}

/* A hash that lies is for verify to find. */
static void test_lying_hash(void **state)
{
    (void)state;
    struct bytes b = make(AVQA_SHARD_FP32);
    char *index = index_of(&b);
    char *at = strstr(index, "\"shape\": [5, 3, 7, 5]");
    assert_non_null(at);
    at = strstr(at, "sha256\": \"") + 10;
    *at = *at == '0' ? '1' : '0';
    struct bytes lying = with_index(&b, index);
    struct avqa_shard *shard;
    struct avqa_shard_problems problems = {.n = 0};
    assert_ok(open_bytes(&shard, &lying));
    assert_ok(avqa_shard_verify(&problems, shard, NULL));
    assert_int_equal(problems.n, 1);
    assert_string_equal(problems.texts[0],
                        "one.res14.npy: its bytes do not hash to what the index says");
    avqa_shard_problems_release(&problems);
    avqa_shard_close(shard);
    free(lying.data);
    free(index);
    free(b.data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_whole),       cmocka_unit_test(test_truncated),
        cmocka_unit_test(test_flips),       cmocka_unit_test(test_swapped),
        cmocka_unit_test(test_lying_table), cmocka_unit_test(test_blown_up),
        cmocka_unit_test(test_joined),      cmocka_unit_test(test_lying_index),
        cmocka_unit_test(test_lying_hash)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
