/* Every encoder against numbers made without avqa (encoder_reference.py: torch and
 * torchvision in float64, Pillow, numpy, scipy), with weights made from the same seed;
 * and, where python3-torch is installed, files of weights that it wrote. */
#include "encoder_input.h"

#include "nn/safetensors.h"

#include <stdbool.h>

static struct avqa_json *golden;

static double number(const struct avqa_json *node)
{
    double x = 0;
    assert_true(avqa_json_double(node, &x));
    return x;
}

/* The row of an encoder as doubles, `n` of them. The caller frees it. */
static double *encode(const struct avqa_feature_encoder *enc, size_t *n)
{
    const struct avqa_feature_info *info = avqa_feature_encoder_info(enc);
    struct avqa_feature_work *work = NULL;
    double *out = NULL;
    size_t bytes = avqa_feature_row_bytes(info);
    void *row = avqa_mem_new(bytes);
    void *item = avqa_mem_new(avqa_feature_encoder_item_bytes(enc));
    assert_ok(avqa_feature_work_new(&work, enc));
    input_prepare(work, item, info, 320, 180);
    assert_ok(avqa_feature_run(work, row, item, 1));
    *n = bytes / avqa_tensor_type_size(info->type);
    assert_ok(avqa_mem_array(&out, *n, sizeof *out));
    for (size_t i = 0; i < *n; i++)
        out[i] = info->type == AVQA_TENSOR_U8 ? ((uint8_t *)row)[i]
                                              : (double)((float *)row)[i];
    avqa_feature_work_free(work);
    free(row);
    free(item);
    return out;
}

/* Each sampled number within `tolerance` of itself or of the root of the mean square,
 * whichever is more; the sums within the same of the sum of magnitudes. */
static void compare(const double *row, size_t n, const struct avqa_json *want,
                    double tolerance)
{
    double rms = number(avqa_json_get(want, "rms"));
    double sum = 0;
    double sum_abs = 0;
    size_t place = 0;
    const struct avqa_json *value = avqa_json_first(avqa_json_get(want, "values"));
    for (; value; value = avqa_json_next(value), place++) {
        double x = number(value);
        assert_close(row[place * 7919 % n], x,
                     tolerance * (fabs(x) > rms ? fabs(x) : rms));
    }
    assert_true(place > 90);
    for (size_t i = 0; i < n; i++) {
        sum += row[i];
        sum_abs += fabs(row[i]);
    }
    double scale = tolerance * number(avqa_json_get(want, "sum_abs"));
    assert_close(sum, number(avqa_json_get(want, "sum")), scale);
    assert_close(sum_abs, number(avqa_json_get(want, "sum_abs")), scale);
}

static void check_shape(const struct avqa_feature_info *info,
                        const struct avqa_json *want)
{
    const struct avqa_json *side = avqa_json_first(avqa_json_get(want, "shape"));
    for (size_t i = 0; i < info->rank; i++, side = avqa_json_next(side))
        assert_close((double)info->shape[i], number(side), 0);
    assert_null(side);
}

static void check_encoder(const char *part, const char *name, const char *preset,
                          double tolerance)
{
    char key[64];
    size_t n;
    bool logmel = strcmp(name, "logmel") == 0; /* both begin with the same example */
    snprintf(key, sizeof key, "%s %s", name, logmel ? "vggish" : preset);
    const struct avqa_json *want = check_at(golden, part, key, NULL);
    assert_non_null(want);
    struct avqa_feature_encoder *enc = input_encoder(name, preset, "random:7", 2);
    double *row = encode(enc, &n);
    check_shape(avqa_feature_encoder_info(enc), want);
    compare(row, n, want, tolerance);
    free(row);
    avqa_feature_encoder_free(enc);
}

static void test_resnet18(void **state)
{
    (void)state;
    check_encoder("networks", "resnet18", "music-avqa", 1e-5);
    check_encoder("networks", "resnet18", "torchvision", 1e-5);
    check_encoder("networks", "resnet18", "torchvision-maps", 1e-5);
}

static void test_vggish(void **state)
{
    (void)state;
    check_encoder("networks", "vggish", "music-avqa", 1e-5);
}

/* Cut or rounded to whole numbers: one that lies on an edge may go either way. */
static void test_vggish_levels(void **state)
{
    (void)state;
    static const char *const presets[] = {"tensorflow", "torchvggish"};
    for (size_t p = 0; p < N_OF(presets); p++) {
        char key[64];
        size_t n;
        size_t n_off = 0;
        snprintf(key, sizeof key, "vggish %s", presets[p]);
        struct avqa_feature_encoder *enc =
            input_encoder("vggish", presets[p], "random:7", 1);
        double *row = encode(enc, &n);
        const struct avqa_json *value =
            avqa_json_first(check_at(golden, "networks", key, "values", NULL));
        size_t place = 0;
        for (; value; value = avqa_json_next(value), place++) {
            double off = fabs(row[place * 7919 % n] - number(value));
            assert_true(off <= 1);
            n_off += off > 0;
        }
        assert_int_equal(place, n);
        assert_true(n_off <= 1);
        free(row);
        avqa_feature_encoder_free(enc);
    }
}

static void test_spectra(void **state)
{
    (void)state;
    check_encoder("spectra", "logmel", "vggish", 1e-6);
    check_encoder("spectra", "logmel", "music-avqa", 1e-6);
    check_encoder("spectra", "spectrogram", "crema-d", 1e-6);
    check_encoder("spectra", "spectrogram", "vggsound", 1e-6);
    check_encoder("spectra", "spectrogram", "ave", 1e-5);
    check_encoder("spectra", "spectrogram", "crema-d-paper", 1e-5);
}

/* The bytes that Pillow and torchvision's transforms give. */
static void test_pictures(void **state)
{
    (void)state;
    const struct avqa_json *row = avqa_json_first(avqa_json_get(golden, "pictures"));
    struct avqa_sha256 *sha = avqa_sha256_new();
    size_t n = 0;
    for (; row; row = avqa_json_next(row), n++) {
        const char *preset = avqa_json_string(avqa_json_get(row, "preset"));
        char hex[AVQA_SHA256_HEX];
        struct avqa_feature_work *work = NULL;
        struct avqa_feature_encoder *enc = input_encoder("frames", preset, NULL, 1);
        size_t bytes = avqa_feature_encoder_item_bytes(enc);
        uint8_t *item = avqa_mem_new(bytes);
        assert_ok(avqa_feature_work_new(&work, enc));
        input_prepare(work, item, avqa_feature_encoder_info(enc),
                      (int)number(avqa_json_get(row, "width")),
                      (int)number(avqa_json_get(row, "height")));
        avqa_sha256_add(sha, item, bytes);
        avqa_sha256_hex(sha, hex);
        assert_string_equal(hex, avqa_json_string(avqa_json_get(row, "sha256")));
        free(item);
        avqa_feature_work_free(work);
        avqa_feature_encoder_free(enc);
    }
    assert_int_equal(n, 14);
    avqa_sha256_free(sha);
}

/* ---- files of weights ------------------------------------------------------------ */

static char *write_small(const char *dir)
{
    const char *hex = avqa_json_string(check_at(golden, "safetensors", "hex", NULL));
    size_t len = strlen(hex) / 2;
    uint8_t *bytes = avqa_mem_new(len);
    for (size_t i = 0; i < len; i++) {
        const char pair[3] = {hex[2 * i], hex[2 * i + 1], '\0'};
        bytes[i] = (uint8_t)strtoul(pair, NULL, 16);
    }
    char *path = check_write(dir, "small.safetensors", bytes, len);
    free(bytes);
    return path;
}

/* Every floating type that torch writes, as it rounds them. */
static void test_small_file(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        double relative, absolute;
    } parts[] = {{"a.float32", 6e-8, 0},
                 {"a.float16", 5e-4, 3e-8},
                 {"a.bfloat16", 4e-3, 0},
                 {"a.float64", 6e-8, 0}};
    char *dir = check_folder();
    char *path = write_small(dir);
    struct avqa_params params = {0};
    assert_ok(avqa_safetensors_read(&params, NULL, path));
    assert_int_equal(params.n, 5);
    for (size_t p = 0; p < N_OF(parts); p++) {
        struct avqa_tensor t;
        const struct avqa_tensor *found = avqa_params_find(&params, parts[p].name);
        assert_non_null(found);
        assert_true(avqa_tensor_has_shape(found, 2, (const size_t[]){2, 3}));
        assert_ok(avqa_tensor_to_f32(&t, found));
        const struct avqa_json *value =
            avqa_json_first(check_at(golden, "safetensors", "values", NULL));
        for (size_t i = 0; i < t.n; i++, value = avqa_json_next(value)) {
            double want = number(value);
            assert_close((double)((float *)t.data)[i], want,
                         parts[p].relative * fabs(want) + parts[p].absolute);
        }
        avqa_tensor_release(&t);
    }
    const struct avqa_tensor *count =
        avqa_params_find(&params, "a.num_batches_tracked");
    assert_int_equal(count->rank, 0);
    assert_int_equal(*(int64_t *)count->data, 12345);
    avqa_params_release(&params);
    free(path);
    check_remove(dir);
}

/* torch's state dicts, with the classifier and the counters of the norms, give the rows
 * that random:SEED gives, bit for bit; their digest is sha256sum's. */
static void test_state_dicts(void **state)
{
    (void)state;
    static const char *const names[] = {"resnet18", "vggish"};
    struct avqa_buf line = AVQA_BUF_INIT;
    char *script = check_source("tests/golden/encoder_reference.py");
    if (system("/usr/bin/python3 -c 'import torch, torchvision' 2>/dev/null") != 0) {
        free(script);
        skip();
    }
    char *dir = check_folder();
    avqa_buf_addf(&line, "/usr/bin/python3 '%s' weights '%s' 7", script, dir);
    assert_int_equal(system(avqa_buf_str(&line)), 0);
    for (size_t i = 0; i < N_OF(names); i++) {
        size_t n;
        struct avqa_feature_encoder *from_file = input_encoder(names[i], NULL, dir, 1);
        struct avqa_feature_encoder *random =
            input_encoder(names[i], NULL, "random:7", 1);
        double *a = encode(from_file, &n);
        double *b = encode(random, &n);
        assert_memory_equal(a, b, n * sizeof *a);
        avqa_buf_clear(&line);
        avqa_buf_addf(&line, "echo '%s  %s/%s.safetensors' | sha256sum -c --status",
                      avqa_feature_encoder_weights(from_file), dir, names[i]);
        assert_int_equal(system(avqa_buf_str(&line)), 0);
        assert_string_equal(avqa_feature_encoder_weights(random), "random:7");
        free(a);
        free(b);
        avqa_feature_encoder_free(from_file);
        avqa_feature_encoder_free(random);
    }
    avqa_buf_release(&line);
    free(script);
    check_remove(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pictures),      cmocka_unit_test(test_spectra),
        cmocka_unit_test(test_resnet18),      cmocka_unit_test(test_vggish),
        cmocka_unit_test(test_vggish_levels), cmocka_unit_test(test_small_file),
        cmocka_unit_test(test_state_dicts)};
    char *path = check_source("tests/data/golden/encoder.json");
    if (avqa_json_read(&golden, path, 1 << 20) != AVQA_OK) {
        fprintf(stderr, "%s\n", avqa_message());
        return 1;
    }
    free(path);
    int rc = cmocka_run_group_tests(tests, NULL, NULL);
    avqa_json_free(golden);
    return rc;
}
