/* The published vocabulary, out of the published annotations: the 93 words and 42
 * answers that others ship with their code (data/reference), their numbers as Python
 * gives them, and what the published loader makes of a few rows. */
#include "tiny.h"

#include "pipeline/train_set.h"

static char *shared(const char *name)
{
    const char *root = getenv("AVQA_SHARED");
    return avqa_io_join(root ? root : "../shared", name);
}

static void import(const struct tiny *t, const char *name, const char *split)
{
    char *path = shared(name);
    const char *const files[] = {path};
    struct avqa_import_config config = {.dataset = t->dataset,
                                        .files = files,
                                        .n_files = 1,
                                        .split = split,
                                        .templates = t->template_path};
    struct avqa_import_counts counts = {0};
    assert_ok(avqa_import_music_avqa(&config, &counts));
    assert_int_equal(counts.n_rejected, 0);
    free(path);
}

struct fixture {
    struct tiny tiny;
    struct avqa_catalog *cat;
    struct avqa_vocabulary vocabulary;
};

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    f->tiny = tiny_new();
    import(&f->tiny, "data/music-avqa/train-known.json", "train");
    import(&f->tiny, "data/music-avqa/test-update.json", "test");
    assert_ok(avqa_dataset_open(&f->cat, f->tiny.dataset, AVQA_CATALOG_READ));
    assert_ok(avqa_vocabulary_make(&f->vocabulary, f->cat, "train",
                                   AVQA_TOKENS_MUSIC_AVQA, 0));
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    avqa_vocabulary_release(&f->vocabulary);
    avqa_catalog_close(f->cat);
    tiny_free(&f->tiny);
    free(f);
    return 0;
}

/* That the list has the lines of a file and nothing else. */
static void expect_lines(const struct avqa_intern *texts, const char *name)
{
    char *path = shared(name);
    struct avqa_buf file = check_read(path);
    uint32_t n = 0;
    for (char *line = strtok(file.data, "\n"); line; line = strtok(NULL, "\n"), n++) {
        if (avqa_intern_find(texts, line, strlen(line)) == AVQA_INTERN_NONE)
            fail_msg("\"%s\" is not in the vocabulary", line);
    }
    assert_int_equal(texts->n, n);
    avqa_buf_release(&file);
    free(path);
}

static void test_same_words(void **state)
{
    const struct fixture *f = *state;
    assert_int_equal(f->vocabulary.words.n, 93);
    assert_int_equal(f->vocabulary.answers.n, 42);
    assert_int_equal(f->vocabulary.length, 14);
    expect_lines(&f->vocabulary.words, "data/reference/vocab_question_93.txt");
    expect_lines(&f->vocabulary.answers, "data/reference/vocab_answer_42.txt");
}

/* The file lacks a quarter of the published rows, so words after the fifteenth have
 * other numbers than the published ones; these are Python's for the same file. */
static void test_same_numbers(void **state)
{
    const struct fixture *f = *state;
    static const char *const words[] = {
        "<pad>",   "How",   "many", "instruments", "are",  "sounding",   "in",
        "the",     "video", "What", "kind",        "of",   "instrument", "is",
        "leftest", "did",   "not",  "sound",       "from", "beginning"};
    static const char *const answers[] = {"two", "cello", "zero", "no",    "six",
                                          "yes", "one",   "four", "three", "seven"};
    for (size_t i = 0; i < N_OF(words); i++)
        assert_int_equal(avqa_vocabulary_word(&f->vocabulary, words[i]), i);
    for (size_t i = 0; i < N_OF(answers); i++)
        assert_int_equal(avqa_vocabulary_answer(&f->vocabulary, answers[i]), i);
}

/* All rows of a split; sums that Python gave for the same file. */
static void test_rows(void **state)
{
    const struct fixture *f = *state;
    struct avqa_train_set set = {.length = 0};
    struct avqa_train_set_counts counts = {0};
    struct avqa_train_set_config config = {.dataset = f->tiny.dataset,
                                           .split = "test",
                                           .vocabulary = &f->vocabulary,
                                           .model = avqa_model_find("q")};
    uint64_t words = 0;
    uint64_t answers = 0;
    uint64_t places = 0;
    assert_ok(avqa_train_set_load(&set, &counts, f->cat, &config));
    assert_int_equal(counts.questions, 9129);
    assert_int_equal(set.n_questions, 9129);
    assert_int_equal(set.n_clips, 6399);
    assert_int_equal(counts.unknown_words + counts.unknown_answers + counts.cut, 0);
    for (size_t i = 0; i < set.n_questions; i++) {
        for (size_t k = 0; k < set.length; k++)
            words += (i % 7 + k + 1) * (uint64_t)set.words[i * set.length + k];
        answers += (i % 11 + 1) * (uint64_t)set.questions[i].answer;
        places += (i % 13 + 1) * (uint64_t)set.questions[i].clip;
    }
    assert_int_equal(words, 16021719);
    assert_int_equal(answers, 517537);
    assert_int_equal(places, 191911037);
    avqa_train_set_counts_release(&counts);
    avqa_train_set_release(&set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_same_words),
                                       cmocka_unit_test(test_same_numbers),
                                       cmocka_unit_test(test_rows)};
    char *path = shared("data/music-avqa/train-known.json");
    const bool there = avqa_io_exists(path);
    if (!there)
        printf("skipped: the published annotations are not there (%s)\n", path);
    free(path);
    return there ? cmocka_run_group_tests(tests, setup, teardown) : 77;
}
