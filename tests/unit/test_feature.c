/* The registry, what it refuses and how it says so, rows out of samples; and that a row
 * depends on nothing but its input: not on its place in a batch, its neighbours, the
 * number of items, or other threads. */
#include "encoder_input.h"

#include "nn/safetensors.h"

#include <pthread.h>

static void test_registry(void **state)
{
    (void)state;
    const struct avqa_feature_info *info = NULL;
    size_t n = avqa_feature_count();
    assert_true(n >= 15);
    assert_null(avqa_feature_at(n));
    for (size_t i = 0; i < n; i++) {
        const struct avqa_feature_info *at = avqa_feature_at(i);
        assert_ok(avqa_feature_find(&info, at->name, at->preset));
        assert_ptr_equal(info, at);
        assert_true(avqa_feature_row_bytes(at) > 0 && at->what[0]);
        assert_true((at->input == AVQA_FEATURE_SOUND) ==
                    (at->rate_hz > 0 && at->window > 0));
    }
    assert_ok(avqa_feature_find(&info, "resnet18", NULL));
    assert_string_equal(info->preset, "music-avqa");
    assert_int_equal(avqa_feature_row_bytes(info), 512 * 14 * 14 * 4);
    assert_fails(avqa_feature_find(&info, "resnet19", NULL), AVQA_ENOENT,
                 "\"resnet19\"; there are resnet18 music-avqa,");
    assert_fails(avqa_feature_find(&info, "vggish", "mp3"), AVQA_ENOENT,
                 "\"vggish mp3\"");
}

static void refuse(struct avqa_feature_options options, enum avqa_status code,
                   const char *text)
{
    struct avqa_feature_encoder *enc = NULL;
    options.name = options.name ? options.name : "resnet18";
    assert_fails(avqa_feature_encoder_new(&enc, &options), code, text);
    assert_null(enc);
}

static void test_options(void **state)
{
    (void)state;
    struct avqa_feature_options plain = AVQA_FEATURE_DEFAULTS;
    struct avqa_feature_options o = plain;
    refuse(o, AVQA_EINVAL,
           "resnet18 needs weights: a folder with resnet18.safetensors");
    o.weights = "random:";
    refuse(o, AVQA_EINVAL, "no number behind");
    o.weights = "random:1x";
    refuse(o, AVQA_EINVAL, "no number behind");
    o.weights = "random:-1";
    refuse(o, AVQA_EINVAL, "no number behind");
    o.weights = "random:99999999999999999999999";
    refuse(o, AVQA_EINVAL, "no number behind");
    o.weights = "/nonexistent";
    refuse(o, AVQA_ENOENT, "/nonexistent/resnet18.safetensors");
    o = plain;
    o.batch = 0;
    refuse(o, AVQA_EINVAL, "a batch of 0");
    o = plain;
    o.batch = 257;
    refuse(o, AVQA_EINVAL, "a batch of 257");
    o = plain;
    o.n_threads = 0;
    refuse(o, AVQA_EINVAL, "on 0 threads");
    if (avqa_dnn_cpu() < AVQA_DNN_AVX512_BF16) {
        o = plain;
        o.precision = AVQA_DNN_BF16;
        o.weights = "random:1";
        refuse(o, AVQA_EINVAL, "no bf16");
    }
}

/* A file of ResNet-18 with one tensor of it left out, misshaped or too many. */
static void test_wrong_weights(void **state)
{
    (void)state;
    char *dir = check_folder();
    char *path = avqa_io_join(dir, "resnet18.safetensors");
    struct avqa_feature_options o = AVQA_FEATURE_DEFAULTS;
    struct avqa_params params = {0};
    struct avqa_tensor t;
    o.weights = dir;
    assert_ok(avqa_safetensors_write(path, &params));
    refuse(o, AVQA_EFORMAT, "\"conv1.weight\" is missing");
    assert_has(avqa_message(), "resnet18.safetensors");
    assert_ok(avqa_tensor_init(&t, AVQA_TENSOR_F32, 4, (const size_t[]){64, 1, 7, 7}));
    assert_ok(avqa_params_add(&params, "conv1.weight", &t));
    assert_ok(avqa_safetensors_write(path, &params));
    refuse(o, AVQA_EFORMAT,
           "\"conv1.weight\" has shape [64, 1, 7, 7], not [64, 3, 7, 7]");
    avqa_params_release(&params);
    assert_int_equal(truncate(path, 7), 0);
    refuse(o, AVQA_EFORMAT, "not a safetensors file");
    free(path);
    check_remove(dir);
}

static void test_rows_of_samples(void **state)
{
    (void)state;
    const struct avqa_feature_info *seconds = NULL;
    const struct avqa_feature_info *examples = NULL;
    const struct avqa_feature_info *whole = NULL;
    const float some[] = {1, 2, 3};
    assert_ok(avqa_feature_find(&seconds, "vggish", "music-avqa"));
    assert_ok(avqa_feature_find(&examples, "vggish", "tensorflow"));
    assert_ok(avqa_feature_find(&whole, "spectrogram", "crema-d"));
    assert_int_equal(avqa_feature_n_rows(seconds, 960000), 60);
    assert_int_equal(avqa_feature_n_rows(seconds, 959999), 59);
    assert_int_equal(avqa_feature_n_rows(seconds, 15999), 0);
    /* 1 + (998 - 96) / 96 examples out of 1 + (160000 - 400) / 160 frames */
    assert_int_equal(avqa_feature_n_rows(examples, 160000), 10);
    assert_int_equal(avqa_feature_n_rows(examples, 15600), 1);
    assert_int_equal(avqa_feature_n_rows(examples, 15599), 0);
    assert_int_equal(avqa_feature_n_rows(whole, 1), 1);
    assert_int_equal(avqa_feature_n_rows(whole, 0), 0);
    assert_int_equal(avqa_feature_n_rows(whole, 1000000), 1);
    float *window = avqa_mem_new(whole->window * sizeof *window);
    avqa_feature_cut(whole, window, some, 3, 0);
    for (size_t i = 0; i < whole->window; i++)
        assert_true(window[i] == some[i % 3]);
    avqa_feature_cut(seconds, window, some, 3, 0);
    assert_true(window[2] == 3 && window[3] == 0 && window[15999] == 0);
    avqa_feature_cut(seconds, window, some, 3, 1);
    assert_true(window[0] == 0);
    free(window);
}

/* ---- rows depend on their input alone -------------------------------------------- */

enum { BATCH = 3 };

struct rows {
    const struct avqa_feature_encoder *enc;
    char *rows; /* of input k, alone in its batch */
    char *items;
};

static struct rows make_alone(const struct avqa_feature_encoder *enc)
{
    const struct avqa_feature_info *info = avqa_feature_encoder_info(enc);
    size_t item = avqa_feature_encoder_item_bytes(enc);
    size_t row = avqa_feature_row_bytes(info);
    struct avqa_feature_work *work = NULL;
    struct rows r = {.enc = enc,
                     .rows = avqa_mem_new(BATCH * row),
                     .items = avqa_mem_new(BATCH * item)};
    assert_ok(avqa_feature_work_new(&work, enc));
    for (int k = 0; k < BATCH; k++) {
        input_prepare(work, r.items + (size_t)k * item, info, 64 + 32 * k, 80);
        if (info->input == AVQA_FEATURE_SOUND && info->type == AVQA_TENSOR_F32)
            ((float *)(r.items + (size_t)k * item))[k] += 1.0F;
        assert_ok(avqa_feature_run(work, r.rows + (size_t)k * row,
                                   r.items + (size_t)k * item, 1));
    }
    avqa_feature_work_free(work);
    return r;
}

/* All in one batch, turned by `turn` places, in a thread of its own. */
static void *run_together(void *user)
{
    const struct rows *r = user;
    size_t item = avqa_feature_encoder_item_bytes(r->enc);
    size_t row = avqa_feature_row_bytes(avqa_feature_encoder_info(r->enc));
    struct avqa_feature_work *work = NULL;
    char *items = avqa_mem_new(BATCH * item);
    char *rows = avqa_mem_new(BATCH * row);
    bool same = avqa_feature_work_new(&work, r->enc) == AVQA_OK;
    for (size_t turn = 0; same && turn < BATCH; turn++) {
        for (size_t k = 0; k < BATCH; k++)
            memcpy(items + k * item, r->items + (k + turn) % BATCH * item, item);
        same = avqa_feature_run(work, rows, items, BATCH) == AVQA_OK;
        for (size_t k = 0; same && k < BATCH; k++)
            same = memcmp(rows + k * row, r->rows + (k + turn) % BATCH * row, row) == 0;
    }
    avqa_feature_work_free(work);
    free(items);
    free(rows);
    return same ? user : NULL;
}

static void check_alone(const char *name, const char *preset)
{
    pthread_t threads[2];
    struct avqa_feature_encoder *enc = input_encoder(name, preset, "random:3", BATCH);
    struct rows r = make_alone(enc);
    size_t row = avqa_feature_row_bytes(avqa_feature_encoder_info(enc));
    assert_true(memcmp(r.rows, r.rows + row, row) != 0);
    for (int i = 0; i < 2; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, run_together, &r), 0);
    for (int i = 0; i < 2; i++) {
        void *same = NULL;
        pthread_join(threads[i], &same);
        assert_non_null(same);
    }
    free(r.rows);
    free(r.items);
    avqa_feature_encoder_free(enc);
}

static void test_rows_stand_alone(void **state)
{
    (void)state;
    check_alone("resnet18", "music-avqa");
    check_alone("resnet18", "torchvision");
    check_alone("vggish", "music-avqa");
    check_alone("frames", "crop");
}

static void test_too_many(void **state)
{
    (void)state;
    struct avqa_feature_work *work = NULL;
    struct avqa_feature_encoder *enc = input_encoder("waveform", NULL, NULL, 2);
    assert_ok(avqa_feature_work_new(&work, enc));
    assert_fails(avqa_feature_run(work, NULL, NULL, 3), AVQA_EINVAL,
                 "3 items in a batch of 2");
    assert_string_equal(avqa_feature_encoder_weights(enc), "");
    assert_int_equal(avqa_feature_encoder_work_bytes(enc), 0);
    avqa_feature_work_free(work);
    avqa_feature_encoder_free(enc);
}

/* The same numbers on one thread and on two, as the shards have to be. */
static void test_threads(void **state)
{
    (void)state;
    struct avqa_feature_options o = AVQA_FEATURE_DEFAULTS;
    char *rows[2];
    o.name = "resnet18";
    o.preset = "torchvision-maps";
    o.weights = "random:3";
    o.batch = BATCH;
    size_t bytes = 512 * 7 * 7 * sizeof(float);
    for (size_t i = 0; i < 2; i++) {
        struct avqa_feature_encoder *enc = NULL;
        o.n_threads = i + 1;
        assert_ok(avqa_feature_encoder_new(&enc, &o));
        struct rows r = make_alone(enc);
        free(r.items);
        rows[i] = r.rows;
        avqa_feature_encoder_free(enc);
    }
    assert_memory_equal(rows[0], rows[1], BATCH * bytes);
    free(rows[0]);
    free(rows[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_registry),      cmocka_unit_test(test_options),
        cmocka_unit_test(test_wrong_weights), cmocka_unit_test(test_rows_of_samples),
        cmocka_unit_test(test_too_many),      cmocka_unit_test(test_rows_stand_alone),
        cmocka_unit_test(test_threads)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
