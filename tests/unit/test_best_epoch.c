/* Which epoch is the best one, and when a run ends for want of a better one. The loop
 * learns so little that it always answers the same, and after each epoch the wanted
 * answers become others, so that the validation of the next one has as many right as a
 * case says. Of equal epochs the later one is the best, as published. */
#include "loop_fixture.h"

#include "base/hash.h"
#include "base/json.h"
#include "model/model.h"
#include "train/checkpoint.h"
#include "train/predict.h"

enum { MAX_EPOCHS = 8 };

/* A run, and what was told of it. */
struct fixture {
    struct loader_fixture data;
    struct avqa_train_set val;
    struct avqa_train_question questions[LOADER_QUESTIONS]; /* of val */
    int32_t said[LOADER_QUESTIONS];                         /* what is answered */
    const int *right; /* of the validations, in order */
    char *folder;
    struct avqa_loop_options o;
    char weights[MAX_EPOCHS][AVQA_SHA256_HEX]; /* last.safetensors after each epoch */
    bool best[MAX_EPOCHS];
    size_t n;
};

static enum avqa_status note_answers(void *user, const uint32_t *questions,
                                     const struct avqa_batch *batch,
                                     const struct avqa_answer *answer)
{
    struct fixture *f = user;
    for (size_t i = 0; i < batch->n; i++)
        f->said[questions[i]] = (int32_t)avqa_predict_best(answer, i);
    return AVQA_OK;
}

/* So many of the answers will be right. */
static void want(struct fixture *f, int right)
{
    for (int i = 0; i < LOADER_QUESTIONS; i++)
        f->questions[i].answer = i < right ? f->said[i] : (f->said[i] + 1) % 5;
}

static void hash_weights(char sha256[AVQA_SHA256_HEX], const struct fixture *f,
                         const char *name)
{
    int64_t bytes;
    char *path = avqa_io_join(f->folder, name);
    assert_ok(avqa_sha256_file(sha256, &bytes, path));
    free(path);
}

static enum avqa_status tell(void *user, const struct avqa_json *epoch,
                             const struct avqa_json *epochs)
{
    struct fixture *f = user;
    assert_int_equal(avqa_json_count(epochs), f->n + 1);
    assert_true(f->n < MAX_EPOCHS);
    if (f->o.val)
        assert_int_equal(check_int(epoch, "val_correct", NULL), f->right[f->n]);
    f->best[f->n] = avqa_json_true(avqa_json_get(epoch, "best"));
    hash_weights(f->weights[f->n], f, "last.safetensors");
    if (++f->n < MAX_EPOCHS)
        want(f, f->right[f->n]);
    return AVQA_OK;
}

static void run_loop(struct fixture *f)
{
    struct avqa_weights w;
    assert_ok(loop_fixture_run(&w, &f->o));
    avqa_weights_release(&w);
}

/* What the model answers before it has learnt anything. */
static void ask(struct fixture *f)
{
    struct avqa_weights w = {0};
    assert_ok(avqa_model_init(&w, f->o.model, &f->o.size, 7));
    struct avqa_predict_options asks = {
        .weights = &w, .size = f->o.size, .loader = f->o.loader, .n_threads = 1};
    assert_ok(avqa_predict(&asks, &f->data.set, note_answers, f));
    avqa_weights_release(&w);
}

/* A rate of 1e-7, by which Adam moves each weight in an epoch's one step. */
static void make(struct fixture *f, const int *right)
{
    memset(f, 0, sizeof *f);
    loader_fixture_make(&f->data, AVQA_SHARD_SPARSE16);
    memcpy(f->questions, f->data.set.questions, sizeof f->questions);
    f->val = f->data.set;
    f->val.questions = f->questions;
    f->right = right;
    f->folder = check_folder();
    f->o = (struct avqa_loop_options){
        .model = avqa_model_find("q"),
        .size = {.n_words = 10 * LOADER_QUESTIONS + LOADER_WORDS,
                 .n_answers = 5,
                 .sound = FIXTURE_SOUND,
                 .channels = 3,
                 .places = 35},
        .train = &f->data.set,
        .val = &f->val,
        .loader = loader_fixture_options("q"),
        .optimiser = AVQA_OPTIMISER_DEFAULTS,
        .schedule = {.kind = AVQA_CONSTANT, .rate = 1e-7},
        .n_epochs = MAX_EPOCHS,
        .n_threads = 1,
        .folder = f->folder,
        .epoch = tell,
        .user = f,
    };
    f->o.loader.sampler.batch = LOADER_QUESTIONS;
    ask(f);
    want(f, right[0]);
}

static void clean(struct fixture *f)
{
    loader_fixture_free(&f->data);
    check_remove(f->folder);
}

/* So many epochs, of which these were the best when they ended ('+'), and the weights
 * that are kept as the best are those of the last of them. */
static void assert_story(const struct fixture *f, const char *best)
{
    size_t last = 0;
    assert_int_equal(f->n, strlen(best));
    for (size_t i = 0; i < f->n; i++) {
        assert_int_equal(f->best[i], best[i] == '+');
        last = f->best[i] ? i : last;
    }
    char kept[AVQA_SHA256_HEX];
    hash_weights(kept, f, "best.safetensors");
    for (size_t i = 0; i < f->n; i++)
        assert_int_equal(strcmp(kept, f->weights[i]) == 0, i == last);
}

static const int RIGHT[MAX_EPOCHS] = {5, 7, 7, 6, 7, 6, 6, 9};

static void test_ties(void **state)
{
    struct fixture f;
    (void)state;
    make(&f, RIGHT);
    f.o.n_epochs = 6;
    run_loop(&f);
    assert_story(&f, "+++-+-");
    clean(&f);
}

/* Nothing right at all is a result as well: the first epoch is the best, then each one
 * that is no worse. */
static void test_none_right(void **state)
{
    static const int none[MAX_EPOCHS] = {0};
    struct fixture f;
    (void)state;
    make(&f, none);
    f.o.n_epochs = 2;
    f.o.patience = 1;
    run_loop(&f);
    assert_story(&f, "++");
    clean(&f);
}

/* So many epochs after the best one a run ends. */
static void test_patience(void **state)
{
    struct fixture f;
    (void)state;
    make(&f, RIGHT);
    f.o.patience = 1;
    run_loop(&f);
    assert_story(&f, "+++-");
    clean(&f);
}

/* A run that goes on, epoch by epoch, has not forgotten how long it has waited; one
 * that has ended for that does not go on. */
static void test_resumed(void **state)
{
    struct fixture f;
    (void)state;
    make(&f, RIGHT);
    f.o.patience = 2;
    for (uint64_t i = 1; i <= MAX_EPOCHS; i++) {
        f.o.n_epochs = i;
        run_loop(&f);
        f.o.resume = true;
    }
    assert_story(&f, "+++-+--");
    f.o.patience = 0;
    f.o.n_epochs = 8;
    run_loop(&f);
    assert_story(&f, "+++-+--+");
    clean(&f);
}

/* Without questions to validate with, the last epoch is the best. */
static void test_no_validation(void **state)
{
    struct fixture f;
    (void)state;
    make(&f, RIGHT);
    f.o.val = NULL;
    f.o.n_epochs = 2;
    f.o.patience = 1;
    run_loop(&f);
    assert_story(&f, "++");
    clean(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ties),          cmocka_unit_test(test_none_right),
        cmocka_unit_test(test_patience),      cmocka_unit_test(test_resumed),
        cmocka_unit_test(test_no_validation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
