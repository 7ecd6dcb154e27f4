/* Files of torch.save that say what is not so: every lie about storages, shapes and
 * names is refused, naming the tensor; a state dict is found in a checkpoint. Files
 * that PyTorch wrote are in tests/golden/test_torch_files.c. */
#include "check.h"

#include "nn/torch_file.h"
#include "nn/zip_write.h"

#include <stdbool.h>

static char *dir;

/* Members of the zip; a NULL is not there. */
struct file {
    const char *pickle;  /* without STOP */
    const char *storage; /* 24 bytes of data/0 */
    const char *byteorder;
    const char *other; /* a further entry */
};

static const char NUMBERS[] =
    "\0\0\0\0\0\0\x80?\0\0\0@\0\0@@\0\0\x80@\0\0\xa0@"; /* 0 to 5 */
enum { N_BYTES = sizeof NUMBERS - 1 };

static char *write_file(const struct file *f)
{
    struct avqa_zip_out *out = NULL;
    struct avqa_buf pickle = AVQA_BUF_INIT;
    char *path = avqa_io_join(dir, "t.pt");
    avqa_buf_adds(&pickle, f->pickle);
    avqa_buf_addc(&pickle, '.');
    assert_ok(avqa_zip_out_open(&out, path));
    assert_ok(avqa_zip_out_add(out, "t/data.pkl", pickle.data, pickle.len));
    if (f->storage)
        assert_ok(avqa_zip_out_add(out, "t/data/0", f->storage, N_BYTES));
    if (f->byteorder)
        assert_ok(
            avqa_zip_out_add(out, "t/byteorder", f->byteorder, strlen(f->byteorder)));
    if (f->other)
        assert_ok(avqa_zip_out_add(out, f->other, "N.", 2));
    assert_ok(avqa_zip_out_commit(out));
    avqa_buf_release(&pickle);
    return path;
}

static enum avqa_status read_file(struct avqa_params *params, const struct file *f,
                                  const char *key)
{
    struct avqa_torch_info info;
    char *path = write_file(f);
    enum avqa_status rc = avqa_torch_read(
        params, &info, path, &(const struct avqa_torch_options){.key = key});
    avqa_torch_info_release(&info);
    free(path);
    return rc;
}

static void refuse(const char *pickle, const char *text)
{
    struct avqa_params params = {0};
    const struct file f = {.pickle = pickle, .storage = NUMBERS};
    assert_fails(read_file(&params, &f, NULL), AVQA_EFORMAT, text);
    assert_has(avqa_message(), "t.pt");
    avqa_params_release(&params);
}

/* Pickles as C strings: no byte of them is 0, so every offset is 1 or more. */
#define TEXT(len, text) "\x8c" len text
#define STORAGE_OF(type, key, n)                                                       \
    "(" TEXT("\7", "storage") "ctorch\n" type "\n" TEXT("\1", key) TEXT("\3", "cpu") n \
        "tQ"
#define STORAGE STORAGE_OF("FloatStorage", "0", "K\6")
#define REBUILD "ctorch._utils\n_rebuild_tensor_v2\n("
#define DONE "\x89}tR"
#define TENSOR_OF(offset, shape, strides) REBUILD STORAGE offset shape strides DONE
/* A dict with one tensor "w". */
#define ONE(tensor) "}" TEXT("\1", "w") tensor "s"

static void test_shapes(void **state)
{
    (void)state;
    struct avqa_params params = {0};
    const struct file f = {.pickle = ONE(TENSOR_OF("K\1", "K\2K\2\x86", "K\3K\1\x86")),
                           .storage = NUMBERS};
    assert_ok(read_file(&params, &f, NULL));
    const float want[] = {1, 2, 4, 5};
    assert_memory_equal(avqa_params_find(&params, "w")->data, want, sizeof want);
    avqa_params_release(&params);
    refuse(ONE(TENSOR_OF("K\1", "K\2K\3\x86", "K\3K\1\x86")), "\"w\" reaches out of");
    refuse(ONE(TENSOR_OF("K\6", "K\1\x85", "K\1\x85")), "\"w\" reaches out of");
    refuse(ONE(TENSOR_OF("J\xff\xff\xff\xff", "K\1\x85", "K\1\x85")),
           "no proper shape");
    refuse(ONE(TENSOR_OF("K\1", "J\xff\xff\xff\xff\x85", "K\1\x85")),
           "no proper shape");
    refuse(ONE(TENSOR_OF("K\1", "K\1\x85", "J\xff\xff\xff\xff\x85")),
           "no proper shape");
    refuse(ONE(TENSOR_OF("K\1", "N\x85", "K\1\x85")), "no proper shape");
    refuse(ONE(TENSOR_OF("K\1", "K\1\x85", "K\1K\1\x86")), "no proper shape");
    refuse(ONE(TENSOR_OF("K\1", "(K\1K\1K\1K\1K\1K\1K\1K\1K\1t",
                         "(K\1K\1K\1K\1K\1K\1K\1K\1K\1t")),
           "no proper shape (at most 8");
}

/* Products that wrap around, and strides of which none is too large alone. */
static void test_huge(void **state)
{
    (void)state;
#define BIG "\x8a\x8\x01\x01\x01\x01\x01\x01\x01\x7f"
    refuse(ONE(TENSOR_OF("K\1", BIG "K\1\x86", "K\1K\1\x86")), "\"w\" is far larger");
    refuse(ONE(TENSOR_OF("K\1", BIG BIG "\x86", "K\1K\1\x86")), "\"w\" is far larger");
    refuse(ONE(TENSOR_OF("K\1", "K\2K\2\x86", BIG BIG "\x86")), "\"w\" reaches out of");
    refuse(ONE(TENSOR_OF("K\1", "K\3\x85", BIG "\x85")), "\"w\" reaches out of");
    refuse(ONE(TENSOR_OF(BIG, "K\1\x85", "K\1\x85")), "\"w\" reaches out of");
    refuse(ONE(REBUILD STORAGE_OF("FloatStorage", "0", BIG) BIG "K\1\x85K\1\x85" DONE),
           "\"w\" reaches out of");
    refuse(ONE(REBUILD STORAGE_OF("FloatStorage", "0", BIG) "K\1K\1\x85K\1\x85" DONE),
           "\"0\" is said to be larger than the file");
}

static void test_storages(void **state)
{
    (void)state;
#define TINY "K\1K\1\x85K\1\x85" DONE
    refuse(ONE(REBUILD STORAGE_OF("FloatStorage", "1", "K\6") TINY),
           "\"1\" is not in it");
    refuse(ONE(REBUILD STORAGE_OF("FloatStorage", "0", "K\5") TINY),
           "\"0\" has 24 bytes, not 20");
    refuse(ONE(REBUILD STORAGE_OF("DoubleStorage", "0", "K\6") TINY),
           "\"0\" has 24 bytes, not 48");
    refuse(ONE(REBUILD STORAGE_OF("FloatStorage", "0", "J\xff\xff\xff\xff") TINY),
           "without a proper name or size");
    refuse("}(" TEXT("\1", "a") REBUILD STORAGE TINY TEXT("\1", "b")
               REBUILD STORAGE_OF("IntStorage", "0", "K\6") TINY "u",
           "\"0\" has two types or sizes");
}

static void test_names(void **state)
{
    (void)state;
    refuse("}" TEXT("\1", "\xff") TENSOR_OF("K\1", "K\1\x85", "K\1\x85") "s",
           "without a proper name");
    refuse("}" TEXT("\x0c", "__metadata__") TENSOR_OF("K\1", "K\1\x85", "K\1\x85") "s",
           "without a proper name");
    refuse("}(" TEXT("\1", "a") TENSOR_OF("K\1", "K\1\x85", "K\1\x85") TEXT("\1", "a")
               TENSOR_OF("K\2", "K\1\x85", "K\1\x85") "u",
           "two tensors are called \"a\"");
    refuse("]", "it is a list, not a state dict");
    refuse("N", "it is None, not a state dict");
}

static void test_checkpoints(void **state)
{
    (void)state;
    struct avqa_params params = {0};
    struct file f = {.pickle = "}(" TEXT("\1", "m")
                         ONE(TENSOR_OF("K\1", "K\1\x85", "K\1\x85"))
                             TEXT("\1", "o") "}" TEXT("\1", "e") "K\3u",
                     .storage = NUMBERS};
    assert_ok(read_file(&params, &f, NULL));
    assert_int_equal(params.n, 1);
    avqa_params_release(&params);
    assert_ok(read_file(&params, &f, "m"));
    avqa_params_release(&params);
    assert_fails(read_file(&params, &f, "o"), AVQA_EINVAL,
                 "its keys are: m (1 tensor), o (a dict), e (a whole number)");
    assert_fails(read_file(&params, &f, "x"), AVQA_EINVAL, "no state dict under that");
    f.pickle = "}(" TEXT("\1", "o") "}" TEXT("\1", "e") "K\3u";
    assert_fails(read_file(&params, &f, NULL), AVQA_EINVAL, "no tensors");
    f.pickle = "}(" TEXT("\1", "m") ONE(TENSOR_OF("K\1", "K\1\x85", "K\1\x85"))
        TEXT("\1", "n") ONE(TENSOR_OF("K\2", "K\1\x85", "K\1\x85")) "u";
    assert_fails(read_file(&params, &f, NULL), AVQA_EINVAL, "--key says which one");
    assert_ok(read_file(&params, &f, "n"));
    assert_true(*(float *)params.items[0].value.data == 2);
    avqa_params_release(&params);
}

/* Beside tensors there is more: it is left out, and counted. */
static void test_omitted(void **state)
{
    (void)state;
    struct avqa_params params = {0};
    struct avqa_torch_info info;
    const struct file f = {.pickle = "}(" TEXT("\1", "w")
                               TENSOR_OF("K\1", "K\1\x85", "K\1\x85")
                                   TEXT("\5", "epoch") "K\3" TEXT("\2", "lr") "Nu",
                           .storage = NUMBERS};
    char *path = write_file(&f);
    assert_ok(
        avqa_torch_read(&params, &info, path, &(const struct avqa_torch_options){0}));
    assert_int_equal(params.n, 1);
    assert_int_equal(info.n_omitted, 2);
    assert_string_equal(info.omitted, "epoch (a whole number), lr (None)");
    avqa_torch_info_release(&info);
    avqa_params_release(&params);
    free(path);
}

static void test_entries(void **state)
{
    (void)state;
    struct avqa_params params = {0};
    struct file f = {.pickle = ONE(TENSOR_OF("K\1", "K\1\x85", "K\1\x85")),
                     .storage = NUMBERS};
    f.byteorder = "middle";
    assert_fails(read_file(&params, &f, NULL), AVQA_EFORMAT, "neither little nor big");
    f.byteorder = "big";
    assert_ok(read_file(&params, &f, NULL));
    assert_memory_equal(params.items[0].value.data, "\x3f\x80\0\0", 4);
    avqa_params_release(&params);
    f.byteorder = "little";
    f.other = "u/data.pkl";
    assert_fails(read_file(&params, &f, NULL), AVQA_EFORMAT, "two pickles");
    f.other = "t/constants.pkl";
    assert_fails(read_file(&params, &f, NULL), AVQA_EFORMAT, "TorchScript");
    f.other = "t/data/1";
    assert_ok(read_file(&params, &f, NULL));
    avqa_params_release(&params);
}

/* A checksum that is another one is an error, unless it is not to be looked at. */
static void test_checksum(void **state)
{
    (void)state;
    struct avqa_params params = {0};
    struct avqa_torch_info info;
    const struct file f = {.pickle = ONE(TENSOR_OF("K\1", "K\1\x85", "K\1\x85")),
                           .storage = NUMBERS};
    char *path = write_file(&f);
    struct avqa_buf whole = check_read(path);
    char *storage = memmem(whole.data, whole.len, NUMBERS, N_BYTES);
    storage[4] = 1;
    free(path);
    path = check_write(dir, "t.pt", whole.data, whole.len);
    struct avqa_torch_options options = {0};
    assert_fails(avqa_torch_read(&params, &info, path, &options), AVQA_EFORMAT,
                 "\"t/data/0\" is damaged");
    avqa_torch_info_release(&info);
    options.unchecked = true;
    assert_ok(avqa_torch_read(&params, &info, path, &options));
    assert_memory_equal(params.items[0].value.data, "\1\0\x80\x3f", 4);
    avqa_torch_info_release(&info);
    avqa_params_release(&params);
    avqa_buf_release(&whole);
    free(path);
}

static void recognise(const char *bytes, size_t len, enum avqa_torch_form form)
{
    enum avqa_torch_form found;
    char *path = check_write(dir, "r", bytes, len);
    assert_ok(avqa_torch_recognise(&found, path));
    assert_int_equal(found, form);
    free(path);
}

static void test_recognise(void **state)
{
    (void)state;
    char tar[600] = "";
    enum avqa_torch_form form;
    recognise("", 0, AVQA_TORCH_NO_FILE);
    recognise("PK\3\4", 4, AVQA_TORCH_ZIP);
    recognise("\x80\2\x8a\x0al\xfc\x9c\x46\xf9 j\xa8P\x19.", 15, AVQA_TORCH_LEGACY);
    recognise("\x10\0\0\0\0\0\0\0{}", 10, AVQA_TORCH_NO_FILE);
    memcpy(tar + 257, "ustar", 5);
    char *path = check_write(dir, "r", tar, sizeof tar);
    assert_fails(avqa_torch_recognise(&form, path), AVQA_EFORMAT, "before 0.1.10");
    free(path);
    path = check_write(dir, "r", "\x80\4N.", 4);
    assert_fails(avqa_torch_recognise(&form, path), AVQA_EFORMAT,
                 "a pickle that torch.save has not written");
    free(path);
    assert_fails(avqa_torch_recognise(&form, "/nonexistent/x"), AVQA_ENOENT, "x");
}

static int setup(void **state)
{
    (void)state;
    dir = check_folder();
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    check_remove(dir);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shapes),      cmocka_unit_test(test_huge),
        cmocka_unit_test(test_storages),    cmocka_unit_test(test_names),
        cmocka_unit_test(test_checkpoints), cmocka_unit_test(test_omitted),
        cmocka_unit_test(test_entries),     cmocka_unit_test(test_checksum),
        cmocka_unit_test(test_recognise),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
