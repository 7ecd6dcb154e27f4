/* Writing and reading shards: what goes in comes out, in every encoding, by any rows;
 * the same samples give the same bytes; what cannot be kept is refused. */
#include "base/hash.h"
#include "check.h"
#include "shard/convert.h"
#include "base/half.h"
#include "shard/reader.h"
#include "shard/row.h"
#include "shard/verify.h"
#include "shard_fixture.h"

#define LONG_KEY                                                                       \
    "a_key_that_is_longer_than_the_hundred_bytes_that_a_name_may_have_in_a_tar_"       \
    "header_"                                                                          \
    "and_so_needs_a_pax_record"

static const char *const keys[] = {"00000001", "00000002_flip", LONG_KEY, NULL};
static const enum avqa_shard_encoding encodings[] = {AVQA_SHARD_SPARSE16,
                                                     AVQA_SHARD_FP16, AVQA_SHARD_FP32};

static void check_rows(struct avqa_shard_lane *lane, const struct avqa_shard_array *a,
                       const float *wanted)
{
    float got[FIXTURE_ROWS * FIXTURE_ROW];
    uint16_t halves[FIXTURE_ROWS * FIXTURE_ROW];
    for (size_t first = 0; first <= a->n_rows; first++) {
        for (size_t n = 0; first + n <= a->n_rows; n++) {
            size_t values = n * a->row_values;
            memset(got, 0xee, sizeof got);
            assert_ok(avqa_shard_read(lane, a, first, n, AVQA_NPY_F4, got));
            assert_memory_equal(got, wanted + first * a->row_values,
                                values * sizeof *got);
            assert_ok(avqa_shard_read(lane, a, first, n, AVQA_NPY_F2, halves));
            for (size_t i = 0; i < values; i++)
                assert_int_equal(halves[i], avqa_half_from_float(got[i]));
        }
    }
    assert_fails(avqa_shard_read(lane, a, 0, a->n_rows + 1, AVQA_NPY_F4, got),
                 AVQA_EINVAL, "has 5 rows");
    assert_fails(avqa_shard_read(lane, a, SIZE_MAX, 2, AVQA_NPY_F4, got), AVQA_EINVAL,
                 "has 5 rows");
    assert_fails(avqa_shard_read(lane, a, 0, 1, AVQA_NPY_I4, got), AVQA_EINVAL,
                 "cannot be read as <i4");
}

static void check_shard(const char *path, enum avqa_shard_encoding encoding)
{
    struct avqa_shard *shard;
    struct avqa_shard_lane *lane;
    struct avqa_shard_array a;
    size_t sample;
    float maps[FIXTURE_ROWS * FIXTURE_ROW];
    float sound[FIXTURE_ROWS * FIXTURE_SOUND];
    assert_ok(avqa_shard_open(&shard, path));
    assert_ok(avqa_shard_lane_new(&lane));
    assert_int_equal(avqa_shard_index(shard)->n_samples, 3);
    for (const char *const *k = keys; *k; k++) {
        struct avqa_json *head;
        assert_ok(avqa_shard_find(&sample, shard, *k));
        assert_int_equal(sample, k - keys);
        fixture_maps(maps, *k);
        fixture_sound(sound, *k);
        assert_ok(avqa_shard_array_find(&a, shard, sample, "res14"));
        assert_int_equal(a.encoding, encoding);
        assert_int_equal(a.npy.n_dims, 4);
        assert_int_equal(a.npy.dims[3], 5);
        check_rows(lane, &a, maps);
        avqa_shard_lane_expand(lane, AVQA_SPARSE_PLAIN);
        check_rows(lane, &a, maps);
        avqa_shard_lane_expand(lane, avqa_sparse_best());
        assert_ok(avqa_shard_array_find(&a, shard, sample, "vggish"));
        check_rows(lane, &a, sound);
        assert_ok(avqa_shard_head(&head, lane, shard, sample));
        assert_string_equal(check_string(head, "clip", NULL), *k);
        assert_string_equal(check_string(head, "provenance", "encoder", NULL), "test");
        assert_int_equal(check_int(head, "arrays", "res14", "shape", "#1", NULL), 3);
        avqa_json_free(head);
    }
    assert_fails(avqa_shard_find(&sample, shard, "none"), AVQA_ENOENT, path);
    assert_fails(avqa_shard_array_find(&a, shard, 0, "res"), AVQA_ENOENT,
                 "it has: vggish, res14");
    struct avqa_shard_problems problems = {.n = 0};
    assert_ok(avqa_shard_verify(&problems, shard, NULL));
    if (problems.n)
        fail_msg("%s", problems.texts[0]);
    avqa_shard_lane_free(lane);
    avqa_shard_close(shard);
}

static void test_round_trip(void **state)
{
    char *dir = check_folder();
    char *path = avqa_io_join(dir, "000000.tar.zst");
    (void)state;
    for (size_t i = 0; i < N_OF(encodings); i++) {
        int64_t bytes;
        char hex[AVQA_SHA256_HEX];
        struct avqa_shard_written first = fixture_write(path, keys, encodings[i]);
        assert_ok(avqa_sha256_file(hex, &bytes, path));
        assert_string_equal(first.sha256, hex);
        assert_int_equal(first.bytes, bytes);
        assert_int_equal(first.n_samples, 3);
        check_shard(path, encodings[i]);
        struct avqa_shard_written again = fixture_write(path, keys, encodings[i]);
        assert_string_equal(first.sha256, again.sha256);
    }
    free(path);
    check_remove(dir);
}

/* A row as it stands, against the same row expanded. */
static void check_row(struct avqa_shard_lane *lane, const struct avqa_shard_array *a,
                      size_t row)
{
    uint16_t wanted[FIXTURE_ROW], halves[FIXTURE_ROW];
    float floats[FIXTURE_ROW];
    struct avqa_shard_row got;
    size_t bytes = avqa_shard_row_room(a, row);
    unsigned char *room = avqa_mem_new(bytes);
    assert_ok(avqa_shard_row_read(&got, lane, a, row, room));
    assert_true((uintptr_t)got.values % 2 == 0);
    assert_in_range((uintptr_t)got.values, (uintptr_t)room, (uintptr_t)room + bytes);
    if (a->encoding == AVQA_SHARD_SPARSE16) {
        assert_ok(avqa_shard_read(lane, a, row, 1, AVQA_NPY_F2, wanted));
        assert_int_equal(got.type, AVQA_NPY_F2);
        assert_ok(avqa_sparse_check(got.mask, a->row_values, got.n_values));
        avqa_sparse_to_halves(halves, got.mask, got.values, a->row_values,
                              AVQA_SPARSE_PLAIN);
        assert_memory_equal(halves, wanted, sizeof wanted);
    } else {
        assert_ok(avqa_shard_read(lane, a, row, 1, a->npy.type, floats));
        assert_int_equal(got.type, a->npy.type);
        assert_null(got.mask);
        assert_int_equal(got.n_values, a->row_values);
        assert_memory_equal(got.values, floats,
                            a->row_values * avqa_npy_type_bytes(a->npy.type));
    }
    free(room);
}

static void test_rows_as_they_stand(void **state)
{
    char *dir = check_folder();
    char *path = avqa_io_join(dir, "000000.tar.zst");
    (void)state;
    for (size_t i = 0; i < N_OF(encodings); i++) {
        struct avqa_shard *shard;
        struct avqa_shard_source source;
        struct avqa_shard_lane *lane;
        struct avqa_shard_array a;
        struct avqa_shard_row row;
        unsigned char room[FIXTURE_ROW * 4];
        fixture_write(path, keys, encodings[i]);
        assert_ok(avqa_shard_source_watched(&source, path));
        assert_ok(avqa_shard_open_source(&shard, &source));
        assert_ok(avqa_shard_lane_new(&lane));
        for (size_t sample = 0; sample < 3; sample++)
            for (size_t k = 0; k < avqa_shard_n_arrays(shard, sample); k++) {
                avqa_shard_array_at(&a, shard, sample, k);
                for (size_t r = 0; r < a.n_rows; r++)
                    check_row(lane, &a, r);
            }
        assert_fails(avqa_shard_row_read(&row, lane, &a, a.n_rows, room), AVQA_EINVAL,
                     "has 5 rows");
        avqa_shard_lane_free(lane);
        avqa_shard_close(shard);
    }
    free(path);
    check_remove(dir);
}

/* From any encoding to any other: as if it had been written so. */
static void test_convert(void **state)
{
    char *dir = check_folder();
    char *from = avqa_io_join(dir, "from.tar.zst");
    char *to = avqa_io_join(dir, "to.tar.zst");
    (void)state;
    for (size_t i = 0; i < N_OF(encodings); i++) {
        struct avqa_shard *shard;
        fixture_write(from, keys, encodings[i]);
        assert_ok(avqa_shard_open(&shard, from));
        for (size_t j = 0; j < N_OF(encodings); j++) {
            struct avqa_shard_written made;
            assert_ok(avqa_shard_convert(&made, to, shard, encodings[j],
                                         AVQA_SHARD_LEVEL, NULL));
            struct avqa_shard_written wanted = fixture_write(to, keys, encodings[j]);
            assert_string_equal(made.sha256, wanted.sha256);
        }
        avqa_shard_close(shard);
    }
    free(from);
    free(to);
    check_remove(dir);
}

static enum avqa_status pack_one(const char *key, const struct avqa_shard_input *input)
{
    struct avqa_packer *packer;
    struct avqa_shard_packed *packed = NULL;
    struct avqa_shard_clip clip = {.key = key, .arrays = input, .n_arrays = 1};
    assert_ok(avqa_packer_new(&packer, 1));
    enum avqa_status rc = avqa_shard_pack(&packed, packer, &clip);
    avqa_shard_packed_free(packed);
    avqa_packer_free(packer);
    return rc;
}

static void test_refusals(void **state)
{
    static const char *const bad_keys[] = {"",    "a.b",       "a/b",
                                           "a b", "__index__", "\xff"};
    static const float values[4] = {1, 2, 3, 4};
    struct avqa_shard_input in = {
        .name = "x", .npy = {AVQA_NPY_F4, 2, {2, 2}}, .data = values, .by_row = true};
    (void)state;
    assert_ok(pack_one("k", &in));
    for (size_t i = 0; i < N_OF(bad_keys); i++)
        assert_fails(pack_one(bad_keys[i], &in), AVQA_EINVAL,
                     "cannot be a sample's key");
    in.name = "Upper";
    assert_fails(pack_one("k", &in), AVQA_EINVAL, "cannot be an array's name");
    in.name = "x_mask";
    assert_fails(pack_one("k", &in), AVQA_EINVAL, "cannot be an array's name");
    in.name = "x";
    in.npy.dims[0] = 0;
    assert_fails(pack_one("k", &in), AVQA_EINVAL, "has no rows");
    in.npy = (struct avqa_npy){AVQA_NPY_F4, 2, {SIZE_MAX / 2, 4}};
    assert_fails(pack_one("k", &in), AVQA_EINVAL, "too large");
    in.npy = (struct avqa_npy){AVQA_NPY_I4, 1, {4}};
    in.encoding = AVQA_SHARD_FP16;
    assert_fails(pack_one("k", &in), AVQA_EINVAL, "cannot become fp16");
    in.npy.type = AVQA_NPY_F4;
    in.encoding = AVQA_SHARD_SPARSE16;
    in.by_row = false;
    assert_fails(pack_one("k", &in), AVQA_EINVAL, "k: x cannot be sparse");
}

static void test_keys(void **state)
{
    static const char *const cases[][2] = {{"00000001", "00000001"},
                                           {"a.b c/d%", "a%2Eb%20c%2Fd%25"},
                                           {"__x", "%5F_x"},
                                           {"a+b", "a%2Bb"}};
    (void)state;
    for (size_t i = 0; i < N_OF(cases); i++) {
        struct avqa_buf key = AVQA_BUF_INIT;
        avqa_shard_make_key(&key, cases[i][0]);
        assert_string_equal(avqa_buf_str(&key), cases[i][1]);
        assert_ok(avqa_shard_check_key(avqa_buf_str(&key)));
        char *name = avqa_shard_key_name(avqa_buf_str(&key));
        assert_string_equal(name, cases[i][0]);
        free(name);
        avqa_buf_release(&key);
    }
    static const char *const others[] = {"a+b", "100%", "a%2bb", "a%41", "%2", "a b"};
    for (size_t i = 0; i < N_OF(others); i++)
        assert_null(avqa_shard_key_name(others[i]));
}

/* A sample twice, an end without commit: nothing under the name. */
static void test_abort(void **state)
{
    char *dir = check_folder();
    char *path = avqa_io_join(dir, "x.tar.zst");
    struct avqa_packer *packer;
    struct avqa_shard_writer *w;
    (void)state;
    assert_ok(avqa_packer_new(&packer, 1));
    assert_ok(avqa_shard_writer_open(&w, path, packer));
    struct avqa_shard_packed *packed = fixture_pack(packer, "one", AVQA_SHARD_FP16);
    assert_ok(avqa_shard_writer_add(w, packed));
    assert_fails(avqa_shard_writer_add(w, packed), AVQA_EEXIST, "has a sample one");
    assert_false(avqa_io_exists(path));
    avqa_shard_writer_abort(w);
    assert_false(avqa_io_exists(path));
    assert_int_equal(rmdir(dir), 0); /* no temporary file either */
    avqa_shard_packed_free(packed);
    avqa_packer_free(packer);
    free(path);
    free(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_round_trip),
                                       cmocka_unit_test(test_convert),
                                       cmocka_unit_test(test_rows_as_they_stand),
                                       cmocka_unit_test(test_refusals),
                                       cmocka_unit_test(test_keys),
                                       cmocka_unit_test(test_abort)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
