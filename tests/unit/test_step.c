/* Steps without a loss: a clip that is alone in its batch has no other one to be
 * compared with. Such a step changes nothing, and is no step of the optimiser, also not
 * of a run that goes on after it. */
#include "loop_fixture.h"

#include "model/layer.h"
#include "nn/loss.h"
#include "nn/map_means.h"

enum { N_ASKED = 6, N_CHANNELS = 3, N_PLACES = 35 };

static void list_match(struct avqa_spec_list *list, const struct avqa_model_size *size)
{
    avqa_list_linear(list, "fc4", 2, size->channels);
}

/* Whether a map is one of the clip's own: no worse than a guess, and trained. */
static void run_match(const struct avqa_forward *forward,
                      const struct avqa_batch *batch, struct avqa_answer *out)
{
    struct avqa_tape *tape = forward->tape;
    size_t half = batch->n * batch->n_seconds;
    if (!batch->has_others)
        return;
    struct avqa_node *v =
        avqa_map_means(tape, batch->maps, 2 * half, N_CHANNELS, N_PLACES);
    out->match = avqa_layer_linear(forward, "fc4", v, AVQA_NO_ACTIVATION);
    int32_t *own = avqa_tape_array(tape, 2 * half, sizeof *own);
    for (size_t i = 0; own && i < 2 * half; i++)
        own[i] = i < half;
    if (own)
        out->loss = out->loss_match = avqa_cross_entropy(tape, out->match, own);
}

static const struct avqa_model match = {.name = "match",
                                        .sees = true,
                                        .compares = true,
                                        .matches_only = true,
                                        .list = list_match,
                                        .run = run_match};

struct fixture {
    struct loader_fixture data;
    char *folder;
    struct avqa_loop_options o;
};

/* As many clips as questions, in batches of `batch`. */
static void make(struct fixture *f, size_t batch)
{
    memset(f, 0, sizeof *f);
    loader_fixture_make(&f->data, AVQA_SHARD_SPARSE16);
    f->folder = check_folder();
    f->data.set.n_questions = N_ASKED;
    for (size_t i = 0; i < N_ASKED; i++)
        f->data.set.questions[i].clip = (uint32_t)i;
    f->o = (struct avqa_loop_options){
        .model = &match,
        .size = {.n_words = 1, .channels = N_CHANNELS, .places = N_PLACES},
        .train = &f->data.set,
        .loader = loader_fixture_options("avst"),
        .optimiser = AVQA_OPTIMISER_DEFAULTS,
        .schedule = {.kind = AVQA_CONSTANT, .rate = 0.1},
        .n_epochs = 2,
        .n_threads = 1,
        .matches_only = true,
        .folder = f->folder,
    };
    f->o.loader.model = &match;
    f->o.loader.negatives = AVQA_NEGATIVES_BATCH;
    f->o.loader.sampler.batch = batch;
}

static void clean(struct fixture *f)
{
    loader_fixture_free(&f->data);
    check_remove(f->folder);
}

static bool is_same(const struct avqa_weights *a, const struct avqa_weights *b)
{
    bool same = a->n == b->n;
    for (size_t i = 0; same && i < a->n; i++)
        same = memcmp(a->items[i].value, b->items[i].value,
                      a->items[i].n * sizeof(avqa_real)) == 0;
    return same;
}

/* The run's weights when it ended. */
static void learn(struct avqa_weights *out, size_t batch, uint64_t n_epochs)
{
    struct fixture f;
    make(&f, batch);
    f.o.n_epochs = n_epochs;
    assert_ok(loop_fixture_run(out, &f.o));
    clean(&f);
}

static void test_none(void **state)
{
    struct avqa_weights begun = {0};
    struct avqa_weights alone, together;
    const struct avqa_model_size size = {.channels = N_CHANNELS, .places = N_PLACES};
    (void)state;
    assert_ok(avqa_model_init(&begun, &match, &size, 7));
    learn(&alone, 1, 2);
    learn(&together, 2, 2);
    assert_true(is_same(&begun, &alone));
    assert_false(is_same(&begun, &together));
    avqa_weights_release(&begun);
    avqa_weights_release(&alone);
    avqa_weights_release(&together);
}

struct asked {
    size_t n, at;
};

static bool is_asked(void *user)
{
    struct asked *a = user;
    return ++a->n == a->at;
}

/* Five of six, then the one that is left; stopped after it. */
static void test_goes_on(void **state)
{
    struct fixture f;
    struct avqa_weights wanted, weights;
    struct asked asked = {.at = 2};
    const struct avqa_log log = {.stopped = is_asked, .user = &asked};
    (void)state;
    learn(&wanted, 5, 3);
    make(&f, 5);
    f.o.n_epochs = 3;
    f.o.log = &log;
    assert_int_equal(loop_fixture_run(&weights, &f.o), AVQA_ESTOPPED);
    assert_has(avqa_message(), "stopped after the last step of epoch 1; its state");
    avqa_weights_release(&weights);
    f.o.resume = true;
    assert_ok(loop_fixture_run(&weights, &f.o));
    assert_true(is_same(&wanted, &weights));
    avqa_weights_release(&wanted);
    avqa_weights_release(&weights);
    clean(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_none),
        cmocka_unit_test(test_goes_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
