/* The folder of a run as eval and explain open it: what train writes is read; options
 * and sizes that no run can have are refused by name, and a size that the weights do
 * not have takes no memory. */
#include "check.h"

#include "base/mem.h"
#include "pipeline/run_folder.h"
#include "pipeline/train_options.h"
#include "pipeline/trained.h"
#include "train/checkpoint.h"

static const char VOCABULARY[] =
    "{\"tokens\": \"music-avqa\", \"length\": 4, \"words\": [\"<pad>\", \"is\", "
    "\"erhu\"], \"answers\": [\"yes\", \"no\"]}";

/* run.json of a+q with `from` replaced by `to`. */
static struct avqa_buf make_run(const char *from, const char *to)
{
    struct avqa_train_options options = AVQA_TRAIN_OPTIONS_DEFAULTS;
    struct avqa_buf whole = AVQA_BUF_INIT;
    struct avqa_buf out = AVQA_BUF_INIT;
    options.model = "a+q";
    struct avqa_json *json = avqa_json_new_object();
    avqa_json_put(json, "options", avqa_train_options_json(&options));
    struct avqa_json *size = avqa_json_put_object(json, "size");
    avqa_json_put_int(size, "words", 3);
    avqa_json_put_int(size, "answers", 2);
    avqa_json_put_int(size, "sound", 8);
    avqa_json_put_int(size, "channels", 4);
    avqa_json_put_int(size, "places", 6);
    avqa_json_print(&whole, json, 0);
    avqa_json_free(json);
    const char *at = strstr(avqa_buf_str(&whole), from);
    assert_non_null(at);
    avqa_buf_add(&out, whole.data, (size_t)(at - whole.data));
    avqa_buf_adds(&out, to);
    avqa_buf_adds(&out, at + strlen(from));
    avqa_buf_release(&whole);
    return out;
}

static void write_run(const char *folder, const char *from, const char *to)
{
    struct avqa_buf text = make_run(from, to);
    free(check_write_text(folder, "run.json", avqa_buf_str(&text)));
    avqa_buf_release(&text);
}

static char *make_folder(void)
{
    static const struct avqa_model_size size = {3, 2, 8, 4, 6};
    char *folder = check_folder();
    char *path = avqa_io_join(folder, "best.safetensors");
    struct avqa_weights w = {0};
    assert_ok(avqa_model_init(&w, avqa_model_find("a+q"), &size, 1));
    assert_ok(avqa_checkpoint_write(path, &w));
    free(check_write_text(folder, "vocabulary.json", VOCABULARY));
    avqa_weights_release(&w);
    free(path);
    return folder;
}

static void test_opens(void **state)
{
    char *folder = make_folder();
    struct avqa_trained t;
    (void)state;
    write_run(folder, "", "");
    assert_ok(avqa_trained_open(&t, "none", folder, false));
    assert_string_equal(t.model->name, "a+q");
    assert_int_equal(t.size.sound, 8);
    assert_int_equal(t.vocabulary.words.n, 3);
    assert_int_equal(t.loader.stride, AVQA_LOADER_STRIDE);
    avqa_trained_release(&t);
    assert_fails(avqa_trained_open(&t, "none", folder, true), AVQA_ENOENT,
                 "the run has not finished an epoch");
    check_remove(folder);
}

static void test_refused(void **state)
{
    static const struct {
        const char *from, *to, *message;
    } cases[] = {
        {"\"a+q\"", "null", "the option \"model\" is missing or wrong"},
        {"\"step:8:0.1\"", "null", "the option \"schedule\" is missing or wrong"},
        {"\"adam\"", "null", "the option \"optimiser\" is missing or wrong"},
        {"\"corpus\"", "null", "the option \"negatives\" is missing or wrong"},
        {"\"val\"", "null", "the option \"val_split\" is missing or wrong"},
        {"\"batch\": 64", "\"batch\": 0", "the option \"batch\""},
        {"\"batch\": 64", "\"batch\": 65537", "the option \"batch\""},
        {"\"stride\": 6", "\"stride\": -6", "the option \"stride\""},
        {"\"seconds\": 10", "\"seconds\": 1e15", "the option \"seconds\""},
        {"\"epochs\": 30", "\"epochs\": 0", "the option \"epochs\""},
        {"\"cache_mb\": 256", "\"cache_mb\": 1e12", "the option \"cache_mb\""},
        {"\"save_minutes\": 10", "\"save_minutes\": 1e300", "\"save_minutes\""},
        {"\"rate\": 0.0001", "\"rate\": -1", "the option \"rate\""},
        {"\"places\": 6", "\"places\": 0", "\"size\" has no \"places\""},
        {"\"words\": 3", "\"words\": 4", "vocabulary and model differ in size"},
        /* 128 GB of weights and more */
        {"\"sound\": 8", "\"sound\": 16777216", "16777216"},
    };
    char *folder = make_folder();
    (void)state;
    for (size_t i = 0; i < N_OF(cases); i++) {
        struct avqa_trained t;
        write_run(folder, cases[i].from, cases[i].to);
        assert_fails(avqa_trained_open(&t, "none", folder, false), AVQA_EFORMAT,
                     cases[i].message);
        assert_null(t.folder);
    }
    check_remove(folder);
}

/* Weights of another model, and of fewer tensors than the run's. */
static void test_other_weights(void **state)
{
    char *folder = make_folder();
    char *path = avqa_io_join(folder, "best.safetensors");
    static const struct avqa_model_size size = {3, 2, 8, 4, 6};
    struct avqa_weights w = {0};
    struct avqa_trained t;
    (void)state;
    write_run(folder, "", "");
    assert_ok(avqa_model_init(&w, avqa_model_find("q"), &size, 1));
    assert_ok(avqa_checkpoint_write(path, &w));
    assert_fails(avqa_trained_open(&t, "none", folder, false), AVQA_EFORMAT,
                 "best.safetensors: has ");
    assert_has(avqa_message(), " tensors of a+q");
    avqa_weights_release(&w);
    free(path);
    check_remove(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_opens),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_other_weights),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
