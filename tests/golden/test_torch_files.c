/* Files that PyTorch wrote (tests/golden/torch_files.py), with the bytes of every
 * tensor as numpy has them: all types, views, shared storages, zips and legacy files,
 * big-endian ones, old parameters. They are read bit by bit and survive being written.
 */
#include "check.h"

#include "nn/safetensors.h"
#include "nn/torch_file.h"

#include <stdbool.h>

static struct avqa_json *golden;
static char *dir;

static uint8_t *from_hex(const char *hex, size_t *len)
{
    *len = strlen(hex) / 2;
    uint8_t *bytes = avqa_mem_new(*len + 1);
    for (size_t i = 0; i < *len; i++) {
        const char pair[3] = {hex[2 * i], hex[2 * i + 1], '\0'};
        bytes[i] = (uint8_t)strtoul(pair, NULL, 16);
    }
    return bytes;
}

/* The tensors are those of the list, in its order, bit by bit. */
static void compare(const struct avqa_params *params, const struct avqa_json *list)
{
    size_t n = 0;
    const struct avqa_json *want = avqa_json_first(list);
    assert_int_equal(params->n, avqa_json_count(list));
    for (; want; want = avqa_json_next(want), n++) {
        const struct avqa_tensor *t = &params->items[n].value;
        const struct avqa_json *side = avqa_json_first(avqa_json_get(want, "shape"));
        size_t len;
        uint8_t *bytes = from_hex(check_string(want, "hex", NULL), &len);
        assert_string_equal(params->items[n].name, check_string(want, "name", NULL));
        assert_string_equal(avqa_tensor_type_name(t->type),
                            check_string(want, "dtype", NULL));
        for (size_t i = 0; i < t->rank; i++, side = avqa_json_next(side)) {
            int64_t length = -1;
            assert_true(avqa_json_int(side, &length));
            assert_int_equal(t->shape[i], length);
        }
        assert_null(side);
        assert_int_equal(avqa_tensor_bytes(t), len);
        assert_memory_equal(t->data, bytes, len);
        free(bytes);
    }
}

/* Reads a file of either kind and compares. */
static void check_file(const char *path, const struct avqa_json *list)
{
    const struct avqa_torch_options options = {0};
    struct avqa_torch_info info;
    struct avqa_params params = {0};
    assert_ok(avqa_torch_read(&params, &info, path, &options));
    assert_null(info.key);
    assert_int_equal(info.n_omitted, 0);
    compare(&params, list);
    avqa_torch_info_release(&info);
    char *again = avqa_io_join(dir, "again.pt");
    char *other = avqa_io_join(dir, "again.safetensors");
    assert_ok(avqa_torch_write(again, &params));
    assert_ok(avqa_safetensors_write(other, &params));
    avqa_params_release(&params);
    assert_ok(avqa_torch_read(&params, &info, again, &options));
    assert_int_equal(info.n_sharing, 0);
    compare(&params, list);
    avqa_torch_info_release(&info);
    avqa_params_release(&params);
    assert_ok(avqa_safetensors_read(&params, NULL, other));
    assert_int_equal(params.n, avqa_json_count(list));
    avqa_params_release(&params);
    free(again);
    free(other);
}

static const struct avqa_json *file_called(const char *name)
{
    const struct avqa_json *f = avqa_json_first(avqa_json_get(golden, "files"));
    for (; f; f = avqa_json_next(f))
        if (strcmp(check_string(f, "name", NULL), name) == 0)
            return f;
    fail_msg("no file %s", name);
    return NULL;
}

static char *write_named(const char *name, size_t less)
{
    size_t len;
    uint8_t *bytes = from_hex(check_string(file_called(name), "hex", NULL), &len);
    char *path = check_write(dir, name, bytes, len - less);
    free(bytes);
    return path;
}

static void test_all(void **state)
{
    (void)state;
    size_t n = 0;
    const struct avqa_json *f = avqa_json_first(avqa_json_get(golden, "files"));
    for (; f; f = avqa_json_next(f), n++) {
        char *path = write_named(check_string(f, "name", NULL), 0);
        check_file(path, avqa_json_get(f, "tensors"));
        free(path);
    }
    assert_int_equal(n, 10);
}

static void test_forms(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        enum avqa_torch_form form;
        size_t n_sharing;
    } files[] = {{"views.pt", AVQA_TORCH_ZIP, 4},
                 {"views-legacy.pt", AVQA_TORCH_LEGACY, 4},
                 {"state.pt", AVQA_TORCH_ZIP, 0},
                 {"old-parameters.pt", AVQA_TORCH_LEGACY, 0}};
    for (size_t i = 0; i < N_OF(files); i++) {
        const struct avqa_torch_options options = {0};
        struct avqa_torch_info info;
        struct avqa_params params = {0};
        char *path = write_named(files[i].name, 0);
        assert_ok(avqa_torch_read(&params, &info, path, &options));
        assert_int_equal(info.form, files[i].form);
        assert_int_equal(info.n_sharing, files[i].n_sharing);
        avqa_torch_info_release(&info);
        avqa_params_release(&params);
        free(path);
    }
}

/* A file that lacks its end, however much of it, is refused and gives nothing. */
static void test_cut(void **state)
{
    (void)state;
    static const char *const names[] = {"state.pt", "legacy.pt"};
    for (size_t i = 0; i < N_OF(names); i++) {
        size_t len = strlen(check_string(file_called(names[i]), "hex", NULL)) / 2;
        for (size_t less = 1; less < len; less += 7) {
            const struct avqa_torch_options options = {0};
            struct avqa_torch_info info;
            struct avqa_params params = {0};
            char *path = write_named(names[i], less);
            assert_fails(avqa_torch_read(&params, &info, path, &options), AVQA_EFORMAT,
                         names[i]);
            assert_int_equal(params.n, 0);
            avqa_torch_info_release(&info);
            avqa_params_release(&params);
            free(path);
        }
    }
}

static int setup(void **state)
{
    (void)state;
    char *path = check_source("tests/data/golden/torch_files.json");
    enum avqa_status rc = avqa_json_read(&golden, path, AVQA_BUF_MAX_DEFAULT);
    dir = check_folder();
    free(path);
    return rc == AVQA_OK ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    avqa_json_free(golden);
    check_remove(dir);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all),
        cmocka_unit_test(test_forms),
        cmocka_unit_test(test_cut),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
