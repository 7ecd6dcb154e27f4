/* Questions as a model wants them, out of a catalog with small shards: words and
 * answers by number, clips in order of appearance, features where the shards have them;
 * what has none is left out and counted; what does not fit is refused by name. */
#include "catalog_fixture.h"
#include "shard_fixture.h"
#include "tiny.h"

#include "catalog/extraction.h"
#include "catalog/run.h"
#include "pipeline/train_set.h"

struct fixture {
    struct tiny tiny;
    struct avqa_catalog *cat;
    struct avqa_vocabulary vocabulary;
    struct avqa_train_set set;
    struct avqa_train_set_counts counts;
};

static const char RESNET[] = "{\"encoder\":\"resnet18\",\"preset\":\"music-avqa\"}";
static const char VGGISH[] =
    "{\"origin\":\"imported\",\"encoder\":\"vggish\",\"preset\":\"theirs\"}";

static void put_questions(struct tiny *t)
{
    tiny_add(t, "a.b", "X09", "violin", "no");
    tiny_add(t, "c", "X09", "erhu", "yes");
    tiny_add(t, "a.b", "V03", NULL, "two");
    tiny_put(t, &(struct tiny_row){.video = "d",
                                   .code = "X09",
                                   .slots = "erhu",
                                   .answer = "no",
                                   .more = "\"question_deleted\": 1"});
    tiny_add(t, "e", "X09", "drum", "no");
    tiny_put(t, &(struct tiny_row){
                    .video = "c", .sound = "e", .code = "X11", .answer = "no"});
    tiny_import(t, "train");
    tiny_add(t, "c", "X09", "banjo", "maybe");
    tiny_import(t, "val");
}

struct sample {
    const char *picture, *sound, *key;
};
static const struct sample samples[] = {
    {"c", "c", "c"}, {"a.b", "a.b", "a%2Eb"}, {"c", "e", "c+e"}};

/* The catalog's rows of features of one encoder for the samples of one shard. */
static void put_features(struct fixture *f, const char *path, const char *encoder,
                         const char *provenance, int64_t n_rows)
{
    struct avqa_extraction_store *store;
    int64_t run;
    int64_t shard;
    struct avqa_extraction_shard s = {
        .path = path, .n_samples = 3, .sha256 = "", .encoding = "sparse16"};
    assert_ok(avqa_run_start(&run, f->cat, "test", "{}", 1));
    assert_ok(avqa_extraction_store_open(&store, f->cat, run));
    assert_ok(avqa_extraction_put_shard(store, &s, &shard));
    for (size_t i = 0; i < N_OF(samples); i++) {
        struct avqa_buf sql = AVQA_BUF_INIT;
        avqa_buf_addf(&sql, "SELECT id FROM clip WHERE picture = '%s' AND sound = '%s'",
                      samples[i].picture, samples[i].sound);
        struct avqa_extraction_feature feature = {
            .clip_id = catalog_ask(f->cat, avqa_buf_str(&sql)),
            .shard_id = shard,
            .sample = (int64_t)i,
            .n_rows = n_rows,
            .encoder = encoder,
            .provenance = provenance};
        assert_ok(avqa_extraction_put_feature(store, &feature));
        avqa_buf_release(&sql);
    }
    avqa_extraction_store_close(store);
}

static void write_shard(const struct fixture *f, const char *name)
{
    const char *const keys[] = {samples[0].key, samples[1].key, samples[2].key, NULL};
    char *path = avqa_io_join(f->tiny.dataset, name);
    (void)fixture_write(path, keys, AVQA_SHARD_SPARSE16);
    free(path);
}

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    f->tiny = tiny_new();
    put_questions(&f->tiny);
    assert_ok(avqa_dataset_open(&f->cat, f->tiny.dataset, AVQA_CATALOG_WRITE));
    assert_ok(
        avqa_vocabulary_make(&f->vocabulary, f->cat, "train", AVQA_TOKENS_UNICODE, 8));
    write_shard(f, "one.tar.zst");
    *state = f;
    return 0;
}

static void forget(struct fixture *f)
{
    avqa_train_set_counts_release(&f->counts);
    avqa_train_set_release(&f->set);
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    forget(f);
    avqa_vocabulary_release(&f->vocabulary);
    avqa_catalog_close(f->cat);
    tiny_free(&f->tiny);
    free(f);
    return 0;
}

static struct avqa_train_set_config config_of(const struct fixture *f,
                                              const char *model)
{
    return (struct avqa_train_set_config){.dataset = f->tiny.dataset,
                                          .split = "train",
                                          .vocabulary = &f->vocabulary,
                                          .model = avqa_model_find(model)};
}

static enum avqa_status load(struct fixture *f,
                             const struct avqa_train_set_config *config)
{
    forget(f);
    return avqa_train_set_load(&f->set, &f->counts, f->cat, config);
}

/* The words of question i, without padding. */
static void expect_words(const struct fixture *f, size_t i, const char *expected)
{
    struct avqa_buf out = AVQA_BUF_INIT;
    const int32_t *row = &f->set.words[i * f->set.length];
    for (size_t k = 0; k < f->set.length && row[k] != 0; k++)
        avqa_buf_addf(&out, "%s%s", k ? " " : "",
                      avqa_intern_text(&f->vocabulary.words, (uint32_t)row[k]));
    assert_string_equal(avqa_buf_str(&out), expected);
    avqa_buf_release(&out);
}

static void test_questions(void **state)
{
    struct fixture *f = *state;
    struct avqa_train_set_config config = config_of(f, "q");
    assert_ok(load(f, &config));
    assert_int_equal(f->set.n_questions, 5);
    assert_int_equal(f->counts.questions, 5);
    assert_int_equal(f->counts.deleted, 1);
    assert_int_equal(f->counts.cut, 2); /* of nine words */
    assert_int_equal(f->set.n_clips, 4);
    const char *const names[] = {"a.b", "c", "e", "c+e"};
    const size_t clips[] = {0, 1, 0, 2, 3};
    const int32_t answers[] = {0, 1, 2, 0, 0};
    for (size_t i = 0; i < 4; i++)
        assert_string_equal(f->set.clips[i].name, names[i]);
    for (size_t i = 0; i < 5; i++) {
        assert_int_equal(f->set.questions[i].clip, clips[i]);
        assert_int_equal(f->set.questions[i].answer, answers[i]);
    }
    expect_words(f, 1, "is the erhu in the video always playing");
    expect_words(f, 2, "how many types of musical instruments appeared in");
    assert_null(f->set.clips[0].seen.shard);
}

static void test_unknown(void **state)
{
    struct fixture *f = *state;
    struct avqa_train_set_config config = config_of(f, "q");
    config.split = "val";
    assert_ok(load(f, &config));
    assert_int_equal(f->counts.unknown_words, 1);
    assert_string_equal(f->counts.first_unknown_word, "banjo");
    assert_int_equal(f->counts.unknown_answers, 1);
    assert_int_equal(f->set.questions[0].answer, AVQA_TRAIN_NO_ANSWER);
    assert_int_equal(f->set.words[2], 0); /* <pad> */
    assert_int_not_equal(f->set.words[3], 0);
}

static void test_chosen(void **state)
{
    struct fixture *f = *state;
    struct avqa_train_set_config config = config_of(f, "q");
    assert_ok(load(f, &config));
    int64_t ids[] = {f->set.questions[3].id, f->set.questions[1].id};
    config.questions = ids;
    config.n_questions = 2;
    assert_ok(load(f, &config));
    assert_int_equal(f->set.n_questions, 2);
    assert_int_equal(f->set.questions[0].id, ids[1]); /* in the order of the split */
    assert_int_equal(f->set.n_clips, 2);
    ids[0] = 1000;
    assert_fails(load(f, &config), AVQA_ENOENT, "'train' has 1 of the 2 questions");
    config.split = "dev";
    assert_fails(load(f, &config), AVQA_ENOENT, "train");
}

static void test_features(void **state)
{
    struct fixture *f = *state;
    struct avqa_train_set_config config = config_of(f, "avst");
    put_features(f, "one.tar.zst", "resnet18", RESNET, FIXTURE_ROWS);
    put_features(f, "one.tar.zst", "vggish", VGGISH, FIXTURE_ROWS);
    config.n_rows = FIXTURE_ROWS;
    assert_ok(load(f, &config));
    assert_int_equal(f->set.n_questions, 4);
    assert_int_equal(f->counts.no_features, 1);
    assert_int_equal(f->counts.clips_without, 1);
    assert_string_equal(f->counts.first_without, "e");
    assert_int_equal(f->set.n_clips, 3);
    assert_int_equal(f->set.questions[3].clip, 2); /* without a gap */
    expect_words(f, 3, "is this sound from the instrument in the");
    assert_int_equal(f->set.sound, FIXTURE_SOUND);
    assert_int_equal(f->set.channels, 3);
    assert_int_equal(f->set.places, 35);
    const struct avqa_train_clip *clip = &f->set.clips[2];
    assert_string_equal(clip->name, "c+e");
    assert_string_equal(clip->seen.key, "c+e");
    assert_string_equal(clip->seen.array, "res14");
    assert_string_equal(clip->heard.array, "vggish");
    assert_int_equal(clip->heard.n_rows, FIXTURE_ROWS);
    assert_string_equal(f->set.clips[0].seen.key, "a%2Eb");
    assert_true(avqa_io_exists(clip->seen.shard));
    config.n_rows = FIXTURE_ROWS + 1;
    assert_fails(load(f, &config), AVQA_ENOENT,
                 "none of its 4 clips has the features that avst needs with 6 rows");
    assert_has(avqa_message(), "; the most that one has is 5");
    assert_int_equal(f->counts.clips_without, 4);
    assert_int_equal(f->counts.most_rows, FIXTURE_ROWS);
    config.model = avqa_model_find("v+q");
    assert_fails(load(f, &config), AVQA_ENOENT, "that v+q needs with 6 rows");
}

static void test_what_is_used(void **state)
{
    struct fixture *f = *state;
    struct avqa_train_set_config config = config_of(f, "a+q");
    put_features(f, "one.tar.zst", "vggish", VGGISH, FIXTURE_ROWS);
    assert_ok(load(f, &config));
    assert_non_null(f->set.clips[0].heard.shard);
    assert_null(f->set.clips[0].seen.shard);
    assert_int_equal(f->set.places, 0);
    config = config_of(f, "v+q");
    assert_fails(load(f, &config), AVQA_ENOENT,
                 "no clip of split 'train' has maps of pictures, which v+q needs; "
                 "encoders with features of it: vggish. Run avqa extract");
}

static void test_encoders(void **state)
{
    struct fixture *f = *state;
    struct avqa_train_set_config config = config_of(f, "v+q");
    static const char pooled[] =
        "{\"encoder\":\"resnet18\",\"preset\":\"torchvision\"}";
    put_features(f, "one.tar.zst", "resnet18", RESNET, FIXTURE_ROWS);
    put_features(f, "one.tar.zst", "ours", RESNET, FIXTURE_ROWS);
    assert_ok(load(f, &config)); /* an unknown one is not chosen */
    assert_string_equal(f->set.seen.name, "resnet18");
    assert_null(f->set.heard.name);
    config.encoder_seen = "ours";
    assert_fails(load(f, &config), AVQA_ENOENT, "ours_music_avqa");
    config.encoder_seen = "theirs";
    assert_fails(
        load(f, &config), AVQA_ENOENT,
        "has features of theirs; encoders with features of it: ours, resnet18");
    put_features(f, "one.tar.zst", "resnet18", pooled, FIXTURE_ROWS);
    config.encoder_seen = NULL;
    assert_fails(load(f, &config), AVQA_ENOENT, "has maps of pictures");
    put_features(f, "one.tar.zst", "vggish", VGGISH, FIXTURE_ROWS);
    config.encoder_seen = "vggish";
    assert_fails(load(f, &config), AVQA_EINVAL,
                 "vggish of c is <f4 5x4, which is not maps of pictures");
}

static void test_not_what_was_written(void **state)
{
    struct fixture *f = *state;
    struct avqa_train_set_config config = config_of(f, "a+q");
    put_features(f, "one.tar.zst", "vggish", VGGISH, FIXTURE_ROWS + 1);
    assert_fails(load(f, &config), AVQA_EFORMAT,
                 "c is sample 0 with 5 rows, the catalog says 0 with 6");
    put_features(f, "two.tar.zst", "vggish", VGGISH, FIXTURE_ROWS);
    assert_fails(load(f, &config), AVQA_ENOENT, "two.tar.zst");
    char *path = avqa_io_join(f->tiny.dataset, "two.tar.zst");
    const char *const keys[] = {"c", "c+e", "a%2Eb", NULL};
    (void)fixture_write(path, keys, AVQA_SHARD_SPARSE16);
    free(path);
    assert_fails(load(f, &config), AVQA_EFORMAT, "the catalog says 1 with 5");
}

/* A set that a model of given sizes is asked must have the same. */
static void test_sizes(void **state)
{
    const struct avqa_model *av = avqa_model_find("av+q");
    const struct avqa_train_set set = {.sound = 4, .channels = 3, .places = 35};
    struct avqa_model_size size = {.sound = 4, .channels = 3, .places = 35};
    (void)state;
    assert_ok(avqa_train_set_check_sizes(&set, "val", av, &size, "runs/x"));
    size.sound = 5;
    assert_fails(avqa_train_set_check_sizes(&set, "val", av, &size, "runs/x"),
                 AVQA_EINVAL,
                 "split 'val' has rows of sound of 4 numbers, runs/x has 5");
    assert_ok(avqa_train_set_check_sizes(&set, "val", avqa_model_find("v+q"), &size,
                                         "runs/x"));
    size.places = 49;
    assert_fails(avqa_train_set_check_sizes(&set, "val", avqa_model_find("v+q"), &size,
                                            "runs/x"),
                 AVQA_EINVAL, "maps of 3 channels and 35 places, runs/x has 3 and 49");
    size = (struct avqa_model_size){.sound = 4, .channels = 2, .places = 35};
    assert_fails(avqa_train_set_check_sizes(&set, "val", av, &size, "runs/x"),
                 AVQA_EINVAL, "runs/x has 2 and 35");
    assert_ok(avqa_train_set_check_sizes(&set, "val", avqa_model_find("a+q"), &size,
                                         "runs/x"));
}

int main(void)
{
#define WITH_CATALOG(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        WITH_CATALOG(test_questions),
        WITH_CATALOG(test_unknown),
        WITH_CATALOG(test_chosen),
        WITH_CATALOG(test_features),
        WITH_CATALOG(test_what_is_used),
        WITH_CATALOG(test_encoders),
        WITH_CATALOG(test_not_what_was_written),
        cmocka_unit_test(test_sizes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
