/* Any bytes as the state of a run, from which training would go on: up to the first NUL
 * byte they are state.json, behind it the file of tensors (without one: a good file).
 * Once as they stand; once with the digest that state.json should have, so that lying
 * headers are read, too. What is loaded is saved and loaded again the same. */
#include "base/hash.h"
#include "base/io.h"
#include "fuzz.h"
#include "train/checkpoint.h"
#include "train/loop_state.h"

enum { N_STATES = 2, N_GROUPS = 2, MAX_GOOD = 4096 };

static const struct avqa_weight_spec specs[] = {
    {.name = "a.weight",
     .rank = 2,
     .shape = {2, 3},
     .init = AVQA_INIT_UNIFORM,
     .scale = 1},
    {.name = "a.bias", .rank = 1, .shape = {2}, .init = AVQA_INIT_CONSTANT, .scale = 2},
};

static uint8_t good[MAX_GOOD]; /* a file of tensors */
static size_t good_len;

static void make_weights(struct avqa_weights *w)
{
    memset(w, 0, sizeof *w);
    FUZZ_REQUIRE(avqa_weights_add(w, specs, 2, 1) == AVQA_OK);
}

static void start(void)
{
    struct avqa_weights w;
    struct avqa_json *state = avqa_json_new_object();
    fuzz_make_folder();
    make_weights(&w);
    FUZZ_REQUIRE(avqa_checkpoint_save(fuzz_folder, &w, N_STATES, state) == AVQA_OK);
    FILE *f = fopen(fuzz_path("state-1.safetensors"), "rb");
    if (!f)
        f = fopen(fuzz_path("state-0.safetensors"), "rb");
    FUZZ_REQUIRE(f != NULL);
    good_len = fread(good, 1, sizeof good, f);
    FUZZ_REQUIRE(good_len > 0 && good_len < sizeof good);
    fclose(f);
    avqa_weights_release(&w);
    avqa_json_free(state);
}

static bool is_same(const struct avqa_weights *a, const struct avqa_weights *b)
{
    for (size_t i = 0; i < a->n; i++) {
        const struct avqa_weight *x = &a->items[i];
        const struct avqa_weight *y = &b->items[i];
        size_t size = x->n * sizeof *x->value;
        if (memcmp(x->value, y->value, size) ||
            memcmp(x->state[0], y->state[0], size) ||
            memcmp(x->state[1], y->state[1], size))
            return false;
    }
    return true;
}

/* Where the loop would be. */
static void check_state(const struct avqa_json *json)
{
    struct avqa_loop_state state, again;
    avqa_loop_state_init(&state, N_GROUPS);
    avqa_loop_state_init(&again, N_GROUPS);
    enum avqa_status rc = avqa_loop_state_read(&state, json);
    fuzz_check_message(rc);
    if (rc == AVQA_OK) {
        struct avqa_json *copy = avqa_loop_state_json(&state);
        FUZZ_REQUIRE(avqa_loop_state_read(&again, copy) == AVQA_OK);
        FUZZ_REQUIRE(avqa_json_count(again.epochs) == state.epoch);
        FUZZ_REQUIRE(state.best_epoch <= state.epoch);
        FUZZ_REQUIRE(again.step == state.step && again.n_updates == state.n_updates);
        for (size_t i = 0; i < state.sums.n; i++)
            FUZZ_REQUIRE(again.sums.numbers[i] == state.sums.numbers[i]);
        for (size_t i = AVQA_METRIC_N; i < state.sums.n; i++)
            FUZZ_REQUIRE(state.sums.numbers[i] >= 0 && state.sums.numbers[i] < 0x1p53);
        avqa_json_free(copy);
    }
    avqa_loop_state_release(&state);
    avqa_loop_state_release(&again);
}

/* Saves what was loaded; a state has no numbers that are not finite. */
static void check_again(const struct avqa_weights *w, const struct avqa_json *json)
{
    struct avqa_weights other;
    struct avqa_json *state = NULL;
    enum avqa_status rc = avqa_checkpoint_save(fuzz_folder, w, N_STATES, json);
    fuzz_check_message(rc);
    if (rc != AVQA_OK) {
        FUZZ_REQUIRE(rc == AVQA_EFORMAT);
        return;
    }
    make_weights(&other);
    FUZZ_REQUIRE(avqa_checkpoint_load(&state, &other, N_STATES, fuzz_folder) ==
                 AVQA_OK);
    FUZZ_REQUIRE(is_same(w, &other));
    avqa_json_free(state);
    avqa_weights_release(&other);
}

static void load(void)
{
    struct avqa_weights w;
    struct avqa_json *json = NULL;
    make_weights(&w);
    enum avqa_status rc = avqa_checkpoint_load(&json, &w, N_STATES, fuzz_folder);
    fuzz_check_message(rc);
    FUZZ_REQUIRE((rc == AVQA_OK) == (json != NULL));
    if (json) {
        check_state(json);
        check_again(&w, json);
    }
    avqa_json_free(json);
    avqa_weights_release(&w);
}

/* The object with the name and digest of the file of tensors; NULL if it is none. */
static struct avqa_json *with_digest(const char *text, size_t len)
{
    struct avqa_json *in = NULL;
    char sha256[AVQA_SHA256_HEX];
    int64_t bytes;
    if (avqa_json_parse(&in, text, len) != AVQA_OK)
        return NULL;
    struct avqa_json *out = avqa_json_new_object();
    const struct avqa_json *m = avqa_json_first(in);
    for (; m && avqa_json_key(m); m = avqa_json_next(m))
        if (strcmp(avqa_json_key(m), "tensors") != 0)
            avqa_json_put_copy(out, avqa_json_key(m), m);
    avqa_json_free(in);
    FUZZ_REQUIRE(avqa_sha256_file(sha256, &bytes, fuzz_path("state-0.safetensors")) ==
                 AVQA_OK);
    struct avqa_json *tensors = avqa_json_put_object(out, "tensors");
    avqa_json_put_string(tensors, "file", "state-0.safetensors");
    avqa_json_put_string(tensors, "sha256", sha256);
    return out;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (!fuzz_folder[0])
        start();
    const uint8_t *nul = size ? memchr(data, 0, size) : NULL;
    size_t len = nul ? (size_t)(nul - data) : size;
    const uint8_t *tensors = nul ? nul + 1 : good;
    size_t n_tensors = nul ? size - len - 1 : good_len;
    fuzz_write(fuzz_path("state.json"), data, len);
    fuzz_write(fuzz_path("state-0.safetensors"), tensors, n_tensors);
    fuzz_write(fuzz_path("state-1.safetensors"), good, good_len);
    load();
    fuzz_write(fuzz_path("state-0.safetensors"), tensors, n_tensors);
    char *text = fuzz_string(data, len);
    struct avqa_json *state = with_digest(text, len);
    free(text);
    if (state) {
        struct avqa_buf out = AVQA_BUF_INIT;
        avqa_json_print(&out, state, 0);
        fuzz_write(fuzz_path("state.json"), (const uint8_t *)avqa_buf_str(&out),
                   out.len);
        load();
        avqa_buf_release(&out);
        avqa_json_free(state);
    }
    return 0;
}
