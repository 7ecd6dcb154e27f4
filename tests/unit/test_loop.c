/* The loop of training over a few questions in small shards: ranks that share steps
 * learn what one learns, a run that is stopped again and again ends as one that was
 * not, and the best epoch is the last of equal ones. */
#include "loop_fixture.h"

#include "base/json.h"
#include "model/model.h"
#include "nn/dropout.h"
#include "train/checkpoint.h"
#include "train/predict.h"

#include <pthread.h>

enum { MAX_EPOCHS = 12, N_GROUPS = 2 };

static const char *const group_names[N_GROUPS] = {"odd", "even"};

/* What was told of a run. */
struct story {
    size_t n;
    double loss[MAX_EPOCHS], val_loss[MAX_EPOCHS], correct[MAX_EPOCHS];
    bool best[MAX_EPOCHS];
};

static enum avqa_status tell(void *user, const struct avqa_json *epoch,
                             const struct avqa_json *epochs)
{
    struct story *s = user;
    size_t i = avqa_json_count(epochs) - 1;
    if (i >= MAX_EPOCHS)
        return avqa_fail(AVQA_EINVAL, "%zu epochs", i);
    s->n = i + 1;
    s->best[i] = avqa_json_true(avqa_json_get(epoch, "best"));
    (void)avqa_json_double(avqa_json_get(epoch, "loss"), &s->loss[i]);
    (void)avqa_json_double(avqa_json_get(epoch, "val_loss"), &s->val_loss[i]);
    (void)avqa_json_double(avqa_json_get(epoch, "val_correct"), &s->correct[i]);
    return AVQA_OK;
}

struct fixture {
    struct loader_fixture data;
    uint32_t of[LOADER_QUESTIONS];
    char *folder;
    struct avqa_loop_options o;
};

static void make(struct fixture *f, const char *model)
{
    memset(f, 0, sizeof *f);
    loader_fixture_make(&f->data, AVQA_SHARD_SPARSE16);
    f->folder = check_folder();
    for (size_t i = 0; i < LOADER_QUESTIONS; i++)
        f->of[i] = (uint32_t)(i % N_GROUPS);
    f->o = (struct avqa_loop_options){
        .model = avqa_model_find(model),
        .size = {.n_words = 10 * LOADER_QUESTIONS + LOADER_WORDS,
                 .n_answers = 5,
                 .sound = FIXTURE_SOUND,
                 .channels = 3,
                 .places = 35},
        .train = &f->data.set,
        .val = &f->data.set,
        .train_groups = {group_names, N_GROUPS, f->of},
        .val_groups = {group_names, N_GROUPS, f->of},
        .loader = loader_fixture_options(model),
        .optimiser = AVQA_OPTIMISER_DEFAULTS,
        .schedule = {.kind = AVQA_CONSTANT, .rate = 1e-4},
        .n_epochs = 2,
        .n_threads = 1,
        .folder = f->folder,
        .epoch = tell,
    };
}

static void clean(struct fixture *f)
{
    loader_fixture_free(&f->data);
    check_remove(f->folder);
}

/* ---- ranks ----------------------------------------------------------------------- */

enum { RANKS = 2 };

struct shared {
    pthread_barrier_t barrier;
    const void *in[RANKS];
};

struct rank {
    struct avqa_loop_options o;
    struct shared *shared;
    size_t rank;
    struct avqa_weights weights;
    enum avqa_status rc;
    char message[400];
};

static enum avqa_status sum_reals(void *user, avqa_real *numbers, size_t n)
{
    struct rank *r = user;
    avqa_real *sum = avqa_mem_new(n * sizeof *sum);
    r->shared->in[r->rank] = numbers;
    pthread_barrier_wait(&r->shared->barrier);
    for (size_t k = 0; k < RANKS; k++)
        for (size_t i = 0; i < n; i++)
            sum[i] += ((const avqa_real *)r->shared->in[k])[i];
    pthread_barrier_wait(&r->shared->barrier);
    memcpy(numbers, sum, n * sizeof *sum);
    free(sum);
    return AVQA_OK;
}

static enum avqa_status sum_doubles(void *user, double *numbers, size_t n)
{
    struct rank *r = user;
    double sum[64] = {0};
    r->shared->in[r->rank] = numbers;
    pthread_barrier_wait(&r->shared->barrier);
    for (size_t k = 0; k < RANKS; k++)
        for (size_t i = 0; i < n && i < 64; i++)
            sum[i] += ((const double *)r->shared->in[k])[i];
    pthread_barrier_wait(&r->shared->barrier);
    memcpy(numbers, sum, n * sizeof *sum);
    return n <= 64 ? AVQA_OK : avqa_fail(AVQA_EINVAL, "%zu sums", n);
}

static void *run_rank(void *user)
{
    struct rank *r = user;
    r->rc = loop_fixture_run(&r->weights, &r->o);
    snprintf(r->message, sizeof r->message, "%s", avqa_message());
    return NULL;
}

static void run_ranks(struct story *out, const struct fixture *f, size_t batch)
{
    struct shared shared;
    struct rank ranks[RANKS];
    pthread_t threads[RANKS];
    pthread_barrier_init(&shared.barrier, NULL, RANKS);
    for (size_t k = 0; k < RANKS; k++) {
        ranks[k] = (struct rank){.o = f->o, .shared = &shared, .rank = k};
        ranks[k].o.loader.sampler.batch = batch;
        ranks[k].o.loader.sampler.world = RANKS;
        ranks[k].o.loader.sampler.rank = k;
        ranks[k].o.ranks = (struct avqa_ranks){sum_reals, sum_doubles, &ranks[k]};
        ranks[k].o.user = out;
        assert_int_equal(pthread_create(&threads[k], NULL, run_rank, &ranks[k]), 0);
    }
    for (size_t k = 0; k < RANKS; k++)
        pthread_join(threads[k], NULL);
    pthread_barrier_destroy(&shared.barrier);
    for (size_t k = 0; k < RANKS; k++)
        if (ranks[k].rc != AVQA_OK)
            fail_msg("rank %zu: %s", k, ranks[k].message);
    for (size_t i = 0; i < ranks[0].weights.n; i++)
        assert_memory_equal(ranks[0].weights.items[i].value,
                            ranks[1].weights.items[i].value,
                            ranks[0].weights.items[i].n * sizeof(avqa_real));
    for (size_t k = 0; k < RANKS; k++)
        avqa_weights_release(&ranks[k].weights);
}

/* The loss after each step, and of the validation. With 12 questions each, an epoch is
 * a step; with 5 each the second rank has no share of the last one. */
static void check_ranks(const char *model, size_t batch, bool all_known)
{
    struct fixture f;
    struct story one = {0};
    struct story two = {0};
    struct avqa_weights weights;
    make(&f, model);
    f.o.n_epochs = 3;
    f.o.user = &one;
    f.o.loader.sampler.batch = RANKS * batch;
    for (size_t i = 0; all_known && i < LOADER_QUESTIONS; i++)
        f.data.set.questions[i].answer = (int32_t)(i % 5);
    assert_ok(loop_fixture_run(&weights, &f.o));
    avqa_weights_release(&weights);
    run_ranks(&two, &f, batch);
    assert_int_equal(one.n, 3);
    assert_int_equal(two.n, 3);
    for (size_t i = 0; i < 3; i++) {
        assert_close(one.loss[i] / two.loss[i], 1, 1e-5);
        assert_close(one.val_loss[i] / two.val_loss[i], 1, 1e-5);
        assert_true(fabs(one.correct[i] - two.correct[i]) < 0.5);
        assert_true(i == 0 || one.loss[i] < one.loss[0]);
    }
    clean(&f);
}

static void test_ranks(void **state)
{
    (void)state;
    check_ranks("q", 12, false);
    check_ranks("q", 5, false);
    check_ranks("a+q", 12, true);
}

/* What a rank drops of its questions is what one rank would drop of them. */
static void test_dropped(void **state)
{
    enum { N = 7, WIDTH = 24, FIRST = 3 };
    struct avqa_tape one = {.training = true, .seed = 5};
    struct avqa_tape rank = {
        .training = true, .seed = 5, .n_items = N - FIRST, .first_item = FIRST};
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        const avqa_real *all = avqa_dropout_mask(&one, N * WIDTH, (avqa_real)0.5);
        const avqa_real *mine =
            avqa_dropout_mask(&rank, (N - FIRST) * WIDTH, (avqa_real)0.5);
        assert_memory_equal(mine, all + FIRST * WIDTH,
                            (N - FIRST) * WIDTH * sizeof *mine);
        assert_memory_not_equal(mine, all, (N - FIRST) * WIDTH * sizeof *mine);
    }
    avqa_tape_release(&one);
    avqa_tape_release(&rank);
}

/* ---- stopped --------------------------------------------------------------------- */

struct asked {
    size_t n, at;
};

static bool is_asked(void *user)
{
    struct asked *a = user;
    return ++a->n == a->at;
}

static void assert_same_weights(const struct avqa_weights *a,
                                const struct avqa_weights *b)
{
    assert_int_equal(a->n, b->n);
    for (size_t i = 0; i < a->n; i++)
        assert_memory_equal(a->items[i].value, b->items[i].value,
                            a->items[i].n * sizeof(avqa_real));
}

/* Asked to stop at every moment at which the loop looks, on and on. */
static void test_stopped(void **state)
{
    struct fixture f;
    struct story whole = {0};
    struct story parts = {0};
    struct avqa_weights wanted, weights;
    size_t n_stops = 0;
    size_t n_in_validation = 0;
    (void)state;
    make(&f, "q");
    f.o.user = &whole;
    f.o.loader.sampler.batch = 10;
    assert_ok(loop_fixture_run(&wanted, &f.o));
    check_remove(f.folder);
    f.folder = check_folder();
    struct asked asked = {.at = 1};
    const struct avqa_log log = {.stopped = is_asked, .user = &asked};
    f.o.folder = f.folder;
    f.o.log = &log;
    f.o.user = &parts;
    for (;; n_stops++) {
        assert_true(n_stops < 20);
        asked.n = 0;
        enum avqa_status rc = loop_fixture_run(&weights, &f.o);
        if (rc == AVQA_OK)
            break;
        assert_int_equal(rc, AVQA_ESTOPPED);
        assert_has(avqa_message(), "its state is saved");
        if (strstr(avqa_message(), "stopped before the end of the validation after"))
            n_in_validation++;
        else
            assert_has(avqa_message(), " of 3; its state");
        avqa_weights_release(&weights);
        f.o.resume = true;
        asked.at++; /* after a step, in the validation, after the next epoch's step, ...
                     */
    }
    assert_int_equal(n_stops, 5);
    assert_true(n_in_validation > 0 && n_in_validation < n_stops);
    assert_same_weights(&wanted, &weights);
    assert_memory_equal(&whole, &parts, sizeof whole);
    avqa_weights_release(&weights);
    avqa_weights_release(&wanted);
    clean(&f);
}

/* ---- how far it is --------------------------------------------------------------- */

struct told {
    int64_t n, done, total;
};

static void hear(void *user, const char *what, int64_t done, int64_t total)
{
    struct told *t = user;
    assert_string_equal(what, "questions");
    assert_true(done > t->done); /* each batch moves it on, of either kind */
    assert_true(t->n == 0 || total == t->total);
    *t = (struct told){t->n + 1, done, total};
}

/* Questions of both sets count, so that the time that is left is not a guess. */
static void test_progress(void **state)
{
    struct fixture f;
    struct story story = {0};
    struct told told = {0};
    struct avqa_weights weights;
    const struct avqa_log log = {.progress = hear, .user = &told};
    (void)state;
    make(&f, "q");
    f.o.user = &story;
    f.o.log = &log;
    f.o.loader.sampler.batch = 10;
    assert_ok(loop_fixture_run(&weights, &f.o));
    assert_int_equal(told.total, 2 * 2 * LOADER_QUESTIONS);
    assert_int_equal(told.done, told.total);
    assert_int_equal(told.n, 2 * 2 * ((LOADER_QUESTIONS + 9) / 10));
    avqa_weights_release(&weights);
    clean(&f);
}

/* ---- the best epoch -------------------------------------------------------------- */

/* What the weights answer, as the wanted answers of a set. */
static enum avqa_status note_answers(void *user, const uint32_t *questions,
                                     const struct avqa_batch *batch,
                                     const struct avqa_answer *answer)
{
    struct avqa_train_question *of = user;
    for (size_t i = 0; i < batch->n; i++)
        of[questions[i]].answer = (int32_t)avqa_predict_best(answer, i);
    return AVQA_OK;
}

/* Validation wants what was answered after the first epoch, so that it only gets worse
 * while all is learnt to be 4. */
static void test_early_stop(void **state)
{
    struct fixture f;
    struct story story = {0};
    struct avqa_weights weights;
    struct avqa_train_question answers[LOADER_QUESTIONS];
    (void)state;
    make(&f, "q");
    f.o.user = &story;
    f.o.n_epochs = 1;
    f.o.loader.sampler.batch = LOADER_QUESTIONS;
    for (size_t i = 0; i < LOADER_QUESTIONS; i++)
        f.data.set.questions[i].answer = 4;
    memcpy(answers, f.data.set.questions, sizeof answers);
    assert_ok(loop_fixture_run(&weights, &f.o));
    struct avqa_predict_options asks = {
        .weights = &weights, .size = f.o.size, .loader = f.o.loader, .n_threads = 1};
    assert_ok(avqa_predict(&asks, &f.data.set, note_answers, answers));
    avqa_weights_release(&weights);
    char *path = avqa_io_join(f.folder, "last.safetensors");
    struct avqa_buf first = check_read(path);
    free(path);
    check_remove(f.folder);

    struct avqa_train_set val = f.data.set;
    val.questions = answers;
    f.o.folder = f.folder = check_folder();
    f.o.val = &val;
    f.o.n_epochs = MAX_EPOCHS;
    f.o.patience = 2;
    assert_ok(loop_fixture_run(&weights, &f.o));
    avqa_weights_release(&weights);
    path = avqa_io_join(f.folder, "best.safetensors");
    struct avqa_buf best = check_read(path);
    free(path);
    size_t last_best = 0;
    for (size_t i = 1; i < story.n; i++) {
        bool wanted = story.correct[i] >= story.correct[last_best];
        assert_int_equal(story.best[i], wanted);
        last_best = wanted ? i : last_best;
    }
    assert_true(story.best[0] && story.correct[0] == LOADER_QUESTIONS);
    assert_true(story.n < MAX_EPOCHS);
    assert_int_equal(story.n, last_best + 1 + 2);
    assert_int_equal(best.len, first.len);
    assert_int_equal(memcmp(best.data, first.data, best.len) == 0, last_best == 0);
    avqa_buf_release(&best);
    avqa_buf_release(&first);
    clean(&f);
}

/* ---- explosions ------------------------------------------------------------------ */

static void test_explosion(void **state)
{
    struct fixture f;
    struct story story = {0};
    struct avqa_weights weights;
    (void)state;
    make(&f, "q");
    f.o.user = &story;
    f.o.schedule.rate = 1e6;
    assert_fails(loop_fixture_run(&weights, &f.o), AVQA_EFORMAT,
                 "epoch 1, step 1: the loss is");
    assert_true(avqa_checkpoint_exists(f.folder));
    assert_int_equal(story.n, 0);
    avqa_weights_release(&weights);
    clean(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ranks),      cmocka_unit_test(test_dropped),
        cmocka_unit_test(test_stopped),    cmocka_unit_test(test_progress),
        cmocka_unit_test(test_early_stop), cmocka_unit_test(test_explosion),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
