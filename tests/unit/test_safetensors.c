/* Files of tensors: what is written is read again; a header that lies in any of a dozen
 * ways is refused by name, before memory is taken. */
#include "check.h"

#include "nn/safetensors.h"

static char *dir;

/* A file of this header and `n_data` bytes of numbers. The caller frees the path. */
static char *write_file(const char *header, size_t n_data)
{
    struct avqa_buf whole = AVQA_BUF_INIT;
    uint64_t len = strlen(header);
    for (int i = 0; i < 8; i++)
        avqa_buf_addc(&whole, (char)(len >> (8 * i)));
    avqa_buf_adds(&whole, header);
    for (size_t i = 0; i < n_data; i++)
        avqa_buf_addc(&whole, (char)i);
    char *path = check_write(dir, "t.safetensors", whole.data, whole.len);
    avqa_buf_release(&whole);
    return path;
}

static void refuse(const char *header, size_t n_data, const char *text)
{
    struct avqa_params params = {0};
    char *path = write_file(header, n_data);
    assert_fails(avqa_safetensors_read(&params, NULL, path), AVQA_EFORMAT, text);
    assert_has(avqa_message(), "t.safetensors");
    avqa_params_release(&params);
    free(path);
}

#define A "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}"

static void test_lies(void **state)
{
    (void)state;
    refuse("", 0, "not a safetensors file");
    refuse("[]", 0, "no JSON object");
    refuse("{\"a\":1}", 0, "\"a\" is not {dtype, shape, data_offsets}");
    refuse("{\"a\":{\"dtype\":\"F32\",\"shape\":[2]}}", 8, "\"a\" is not");
    refuse("{\"a\":{\"dtype\":\"F33\",\"shape\":[2],\"data_offsets\":[0,8]}}", 8,
           "\"a\" has a dtype");
    refuse("{\"a\":{\"dtype\":\"F32\",\"shape\":2,\"data_offsets\":[0,8]}}", 8,
           "\"a\" has no shape");
    refuse("{\"a\":{\"dtype\":\"F32\",\"shape\":[-2],\"data_offsets\":[0,8]}}", 8,
           "\"a\" has no shape");
    refuse("{\"a\":{\"dtype\":\"F32\",\"shape\":[1,1,1,1,1,1,1,1,2],"
           "\"data_offsets\":[0,8]}}",
           8, "\"a\" has no shape");
    refuse("{\"a\":{\"dtype\":\"F32\",\"shape\":[3],\"data_offsets\":[0,8]}}", 8,
           "\"a\" has 8 bytes");
    refuse("{\"a\":{\"dtype\":\"F64\",\"shape\":[4294967296,4294967296,2],"
           "\"data_offsets\":[0,0]}}",
           0, "\"a\" has 0 bytes");
    refuse("{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}", 7,
           "\"a\" lies outside");
    refuse("{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[8,0]}}", 8,
           "\"a\" lies outside");
    refuse("{\"a\":{\"dtype\":\"U8\",\"shape\":[8],\"data_offsets\":[0,8,8]}}", 8,
           "\"a\" lies outside");
    refuse(A "}", 9, "1 bytes belong to no tensor");
    refuse(A ",\"b\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[7,9]}}", 9,
           "\"b\" begins at byte 7");
    refuse(A ",\"b\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[9,10]}}", 10,
           "\"b\" begins at byte 9");
    refuse(A ",\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[8,9]}}", 9,
           "\"a\"");
}

static void test_lengths(void **state)
{
    (void)state;
    struct avqa_params params = {0};
    static const unsigned char huge[16] = {0xff, 0xff, 0xff, 0xff, 0xff,
                                           0xff, 0xff, 0x7f, '{',  '}'};
    char *path = check_write(dir, "huge", huge, sizeof huge);
    assert_fails(avqa_safetensors_read(&params, NULL, path), AVQA_EFORMAT,
                 "a header of");
    free(path);
    path = check_write(dir, "short", huge, 3);
    assert_fails(avqa_safetensors_read(&params, NULL, path), AVQA_EFORMAT, "3 bytes");
    free(path);
    path = avqa_io_join(dir, "nowhere");
    assert_fails(avqa_safetensors_read(&params, NULL, path), AVQA_ENOENT, "nowhere");
    free(path);
    assert_fails(avqa_safetensors_read(&params, NULL, dir), AVQA_EIO, "not a regular");
    avqa_params_release(&params);
}

/* Order in the header does not matter, order of the numbers does; metadata is passed
 * over, scalars and empty tensors are tensors. */
static void test_reading(void **state)
{
    (void)state;
    struct avqa_params params = {0};
    char *path =
        write_file("{\"b\":{\"dtype\":\"U8\",\"shape\":[3],\"data_offsets\":[8,11]},"
                   "\"__metadata__\":{\"format\":\"pt\"},"
                   "\"e\":{\"dtype\":\"F32\",\"shape\":[0,5],\"data_offsets\":[8,8]},"
                   "\"a\":{\"dtype\":\"I64\",\"shape\":[],\"data_offsets\":[0,8]}}   ",
                   11);
    assert_ok(avqa_safetensors_read(&params, NULL, path));
    assert_int_equal(params.n, 3);
    assert_string_equal(params.items[0].name, "a");
    assert_string_equal(params.items[1].name, "e");
    assert_memory_equal(avqa_params_find(&params, "b")->data, "\x08\x09\x0a", 3);
    assert_true(*(int64_t *)params.items[0].value.data == 0x0706050403020100);
    assert_int_equal(params.items[1].value.n, 0);
    avqa_params_release(&params);
    free(path);
}

static void test_round(void **state)
{
    (void)state;
    static const struct avqa_param_spec specs[] = {
        {.name = "w\xc3\xa9", .rank = 3, .shape = {2, 3, 5}, .spread = 1},
        {.name = "b", .rank = 1, .shape = {7}, .spread = 1},
        {.name = "none", .rank = 2, .shape = {0, 4}},
    };
    struct avqa_params params = {0};
    struct avqa_params back = {0};
    char sha[AVQA_SHA256_HEX];
    char want[AVQA_SHA256_HEX];
    int64_t bytes;
    char *path = avqa_io_join(dir, "round.safetensors");
    assert_ok(avqa_params_random(&params, specs, N_OF(specs), 3));
    assert_ok(avqa_safetensors_write(path, &params));
    assert_ok(avqa_safetensors_read(&back, sha, path));
    assert_int_equal(back.n, 3);
    for (size_t i = 0; i < params.n; i++) {
        const struct avqa_tensor *t = avqa_params_find(&back, params.items[i].name);
        assert_non_null(t);
        assert_true(avqa_tensor_has_shape(t, specs[i].rank, specs[i].shape));
        assert_memory_equal(t->data, params.items[i].value.data, avqa_tensor_bytes(t));
    }
    assert_ok(avqa_sha256_file(want, &bytes, path));
    assert_string_equal(sha, want);
    avqa_params_release(&params);
    avqa_params_release(&back);
    free(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lies), cmocka_unit_test(test_lengths),
        cmocka_unit_test(test_reading), cmocka_unit_test(test_round)};
    dir = check_folder();
    int rc = cmocka_run_group_tests(tests, NULL, NULL);
    check_remove(dir);
    return rc;
}
