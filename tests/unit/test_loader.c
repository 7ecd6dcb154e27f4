/* The loader's batches against rows read one by one; that they depend on nothing but
 * seed, epoch and step; that rows of other clips are what they should be, and drawn
 * evenly; that memory stays under its bound; that what cannot be loaded is refused. */
#include "loader_fixture.h"
#include "train/negatives.h"

/* Which row of which clip a map is: fixture rows all differ, but for the row of zeros
 * that each clip has as its third. */
static void find_row(size_t *clip, size_t *row, const struct avqa_map *map)
{
    float got[FIXTURE_ROW];
    float maps[FIXTURE_ROWS * FIXTURE_ROW];
    loader_unpack(got, map);
    for (*clip = 0; *clip < LOADER_CLIPS; ++*clip) {
        fixture_maps(maps, loader_keys[*clip]);
        for (*row = 0; *row < FIXTURE_ROWS; ++*row)
            if (memcmp(got, maps + *row * FIXTURE_ROW, sizeof got) == 0)
                return;
    }
    fail_msg("a map is of no clip");
}

/* Row `row` of an array of the clip, by the shard's reader. */
static void read_row(float *out, const struct avqa_train_feature *feature, size_t row)
{
    struct avqa_shard *shard;
    struct avqa_shard_lane *lane;
    struct avqa_shard_array a;
    size_t sample;
    assert_ok(avqa_shard_open(&shard, feature->shard));
    assert_ok(avqa_shard_lane_new(&lane));
    assert_ok(avqa_shard_find(&sample, shard, feature->key));
    assert_ok(avqa_shard_array_find(&a, shard, sample, feature->array));
    assert_ok(avqa_shard_read(lane, &a, row, 1, AVQA_NPY_F4, out));
    avqa_shard_lane_free(lane);
    avqa_shard_close(shard);
}

/* The question's own part of a batch, read naively. */
static void check_question(const struct avqa_train_set *set, uint32_t question,
                           const struct avqa_batch *b, size_t i)
{
    const struct avqa_train_clip *clip = &set->clips[set->questions[question].clip];
    float row[FIXTURE_ROW];
    float got[FIXTURE_ROW];
    assert_memory_equal(b->words + i * b->length, set->words + question * b->length,
                        b->length * sizeof *b->words);
    assert_int_equal(b->answers[i], set->questions[question].answer);
    for (size_t t = 0; t < b->n_seconds; t++) {
        read_row(row, &clip->heard, 2 * t);
        assert_memory_equal(b->sound + (i * b->n_seconds + t) * FIXTURE_SOUND, row,
                            FIXTURE_SOUND * sizeof *row);
        read_row(row, &clip->seen, 2 * t);
        loader_unpack(got, &b->maps[i * b->n_seconds + t]);
        assert_memory_equal(got, row, sizeof got);
    }
}

/* The rows beside it are of other clips. */
static void check_others(const struct avqa_train_set *set, uint32_t question,
                         const struct avqa_batch *b, size_t i)
{
    assert_true(b->has_others);
    for (size_t t = 0; t < b->n_seconds; t++) {
        size_t clip, row;
        float zeros[FIXTURE_ROW] = {0};
        float got[FIXTURE_ROW];
        const struct avqa_map *map = &b->maps[(b->n + i) * b->n_seconds + t];
        find_row(&clip, &row, map);
        loader_unpack(got, map);
        if (memcmp(got, zeros, sizeof got) != 0)
            assert_int_not_equal(clip, set->questions[question].clip);
    }
}

static void test_naive(void **state)
{
    static const enum avqa_shard_encoding encodings[] = {
        AVQA_SHARD_SPARSE16, AVQA_SHARD_FP16, AVQA_SHARD_FP32};
    static const enum avqa_map_kind kinds[] = {AVQA_MAP_SPARSE16, AVQA_MAP_F16,
                                               AVQA_MAP_REAL};
    (void)state;
    for (size_t e = 0; e < N_OF(encodings); e++) {
        struct loader_fixture f;
        struct avqa_loader *l;
        const struct avqa_batch *b;
        const uint32_t *questions;
        size_t met[LOADER_QUESTIONS] = {0};
        loader_fixture_make(&f, encodings[e]);
        struct avqa_loader_options o = loader_fixture_options("avst");
        assert_ok(avqa_loader_open(&l, &f.set, &o));
        assert_ok(avqa_loader_start(l, 1, 0));
        size_t n_steps = 0;
        for (;; n_steps++) {
            assert_ok(avqa_loader_next(&b, &questions, l));
            if (!b)
                break;
            assert_int_equal(b->n, n_steps < 4 ? 5 : 3);
            for (size_t i = 0; i < b->n; i++) {
                assert_int_equal(b->maps[i].kind, kinds[e]);
                check_question(&f.set, questions[i], b, i);
                check_others(&f.set, questions[i], b, i);
                met[questions[i]]++;
            }
        }
        assert_int_equal(n_steps, 5);
        for (size_t i = 0; i < LOADER_QUESTIONS; i++)
            assert_int_equal(met[i], 1);
        avqa_loader_close(l);
        loader_fixture_free(&f);
    }
}

/* A hash of all that a batch says. */
static uint64_t digest(const struct avqa_batch *b, const uint32_t *questions)
{
    float row[FIXTURE_ROW];
    uint64_t h = avqa_hash64(b->n, questions, b->n * sizeof *questions);
    h = avqa_hash64(h, b->sound, b->n * b->n_seconds * FIXTURE_SOUND * sizeof(float));
    h = avqa_hash64(h, b->words, b->n * b->length * sizeof *b->words);
    h = avqa_hash64(h, b->answers, b->n * sizeof *b->answers);
    for (size_t i = 0; i < (b->has_others ? 2 : 1) * b->n * b->n_seconds; i++) {
        loader_unpack(row, &b->maps[i]);
        h = avqa_hash64(h, row, sizeof row);
    }
    return h;
}

enum { STEPS = 5, EPOCHS = 3 };

/* Digests of the batches from a step on, until the end. */
static void digests(uint64_t out[STEPS], struct avqa_loader *l, uint64_t epoch,
                    size_t step)
{
    const struct avqa_batch *b;
    const uint32_t *questions;
    assert_ok(avqa_loader_start(l, epoch, step));
    for (;;) {
        assert_ok(avqa_loader_next(&b, &questions, l));
        if (!b)
            break;
        out[step++] = digest(b, questions);
    }
    assert_int_equal(step, STEPS);
}

static void test_pure(void **state)
{
    static const size_t caches[] = {0, 1000, 1 << 20};
    struct loader_fixture f;
    struct avqa_loader *l;
    uint64_t wanted[EPOCHS][STEPS];
    uint64_t got[STEPS];
    (void)state;
    loader_fixture_make(&f, AVQA_SHARD_SPARSE16);
    struct avqa_loader_options o = loader_fixture_options("avst");
    assert_ok(avqa_loader_open(&l, &f.set, &o));
    for (size_t e = 0; e < EPOCHS; e++)
        digests(wanted[e], l, e, 0);
    avqa_loader_close(l);
    assert_true(wanted[0][0] != wanted[1][0]);
    for (size_t i = 0; i < 27; i++) {
        o.n_threads = (size_t[]){1, 2, 5}[i % 3];
        o.cache_bytes = caches[i / 3 % 3];
        o.ahead = (size_t[]){1, 3, 32}[i / 9];
        assert_ok(avqa_loader_open(&l, &f.set, &o));
        for (size_t e = EPOCHS; e-- > 0;)
            for (size_t step = 0; step < STEPS; step++) {
                digests(got, l, e, step);
                assert_memory_equal(got + step, wanted[e] + step,
                                    (STEPS - step) * sizeof *got);
            }
        avqa_loader_close(l);
    }
    loader_fixture_free(&f);
}

/* Starting again in the middle, again and again, while threads read. */
static void test_restarts(void **state)
{
    struct loader_fixture f;
    struct avqa_loader *l;
    const struct avqa_batch *b;
    const uint32_t *questions;
    uint64_t wanted[STEPS];
    (void)state;
    loader_fixture_make(&f, AVQA_SHARD_SPARSE16);
    struct avqa_loader_options o = loader_fixture_options("avst");
    o.n_threads = 3;
    o.cache_bytes = 500;
    assert_ok(avqa_loader_open(&l, &f.set, &o));
    assert_ok(avqa_loader_next(&b, &questions, l));
    assert_null(b);
    digests(wanted, l, 7, 0);
    for (size_t i = 0; i < 400; i++) {
        assert_ok(avqa_loader_start(l, 7, i % STEPS));
        for (size_t k = 0; k < i % 3 && i % STEPS + k < STEPS; k++) {
            assert_ok(avqa_loader_next(&b, &questions, l));
            assert_true(digest(b, questions) == wanted[i % STEPS + k]);
        }
    }
    avqa_loader_close(l);
    loader_fixture_free(&f);
}

/* The ranks' batches of a step, one after the other, are the batch of one rank. */
static void test_ranks(void **state)
{
    struct loader_fixture f;
    struct avqa_loader *one, *ranks[3];
    (void)state;
    loader_fixture_make(&f, AVQA_SHARD_FP16);
    struct avqa_loader_options o = loader_fixture_options("avst");
    o.sampler.batch = 9;
    assert_ok(avqa_loader_open(&one, &f.set, &o));
    assert_ok(avqa_loader_start(one, 0, 0));
    o.sampler.batch = 3;
    o.sampler.world = 3;
    for (size_t r = 0; r < 3; r++) {
        o.sampler.rank = r;
        assert_ok(avqa_loader_open(&ranks[r], &f.set, &o));
        assert_ok(avqa_loader_start(ranks[r], 0, 0));
    }
    for (size_t step = 0; step < 3; step++) {
        const struct avqa_batch *all, *b;
        const uint32_t *questions, *mine;
        size_t at = 0;
        assert_ok(avqa_loader_next(&all, &questions, one));
        for (size_t r = 0; r < 3; r++) {
            assert_ok(avqa_loader_next(&b, &mine, ranks[r]));
            assert_non_null(b);
            for (size_t i = 0; i < 2 * b->n * 3; i++) {
                float x[FIXTURE_ROW], y[FIXTURE_ROW];
                size_t half = i / (b->n * 3);
                size_t k = i % (b->n * 3);
                loader_unpack(x, &b->maps[i]);
                loader_unpack(y, &all->maps[(half * all->n + at) * 3 + k]);
                assert_memory_equal(x, y, sizeof x);
            }
            assert_memory_equal(mine, questions + at, b->n * sizeof *mine);
            at += b->n;
            if (step == 2) /* of 23 questions, 5 are left */
                assert_int_equal(b->n, "\3\2\0"[r]);
        }
        assert_int_equal(at, all->n);
    }
    avqa_loader_close(one);
    for (size_t r = 0; r < 3; r++)
        avqa_loader_close(ranks[r]);
    loader_fixture_free(&f);
}

/* Each row of each other clip as often as any other: chi-squared of 34 rows with
 * 60,000 draws lies below 70 but for one seed in 5,000. */
static void test_even(void **state)
{
    enum { CLIPS = 5, N = 3, TIMES = 20000 };
    static const size_t rows[CLIPS] = {5, 10, 1, 12, 7};
    struct avqa_negative_pool pool = {.n = 0};
    size_t seen[CLIPS][12] = {{0}};
    double chi = 0;
    (void)state;
    for (size_t i = 0; i < CLIPS; i++)
        avqa_negatives_add(&pool, rows[i]);
    assert_int_equal(avqa_negatives_count(&pool, 2), 34);
    assert_int_equal(avqa_negatives_count(&pool, 0), 30);
    for (uint32_t q = 0; q < TIMES; q++) {
        struct avqa_rng rng;
        struct avqa_row_place drawn[N];
        avqa_negatives_stream(&rng, 1, q % 7, q);
        avqa_negatives_draw(drawn, N, &rng, &pool, 2);
        for (size_t i = 0; i < N; i++)
            seen[drawn[i].clip][drawn[i].row]++;
    }
    for (size_t i = 0; i < CLIPS; i++)
        for (size_t r = 0; r < 12; r++) {
            double wanted = i == 2 || r >= rows[i] ? 0 : (double)N * TIMES / 34;
            double d = (double)seen[i][r] - wanted;
            if (wanted == 0)
                assert_int_equal(seen[i][r], 0);
            else
                chi += d * d / wanted;
        }
    assert_true(chi > 10 && chi < 70);
    avqa_negatives_release(&pool);
}

/* Negatives of the corpus are drawn from all rows, not only from those at the stride.
 */
static void test_all_rows(void **state)
{
    struct loader_fixture f;
    struct avqa_loader *l;
    const struct avqa_batch *b;
    const uint32_t *questions;
    size_t met[LOADER_CLIPS][FIXTURE_ROWS] = {{0}};
    (void)state;
    loader_fixture_make(&f, AVQA_SHARD_FP16);
    struct avqa_loader_options o = loader_fixture_options("avst");
    assert_ok(avqa_loader_open(&l, &f.set, &o));
    for (uint64_t epoch = 0; epoch < 20; epoch++) {
        assert_ok(avqa_loader_start(l, epoch, 0));
        for (;;) {
            assert_ok(avqa_loader_next(&b, &questions, l));
            if (!b)
                break;
            for (size_t i = b->n * 3; i < 2 * b->n * 3; i++) {
                size_t clip, row;
                find_row(&clip, &row, &b->maps[i]);
                met[clip][row]++;
            }
        }
    }
    for (size_t c = 0; c < LOADER_CLIPS; c++)
        for (size_t r = 0; r < FIXTURE_ROWS; r++)
            assert_true(r == 2 || met[c][r] > 0); /* row 2 is that of zeros */
    avqa_loader_close(l);
    loader_fixture_free(&f);
}

/* Rows of the batch: others are seconds of other clips of it, and nothing more is read
 * than without others. A batch of one clip has none. */
static void test_mates(void **state)
{
    struct loader_fixture f;
    struct avqa_loader *l;
    const struct avqa_batch *b;
    const uint32_t *questions;
    uint64_t read[3];
    (void)state;
    loader_fixture_make(&f, AVQA_SHARD_SPARSE16);
    struct avqa_loader_options o = loader_fixture_options("avst");
    for (int way = AVQA_NEGATIVES_CORPUS; way <= AVQA_NEGATIVES_NONE; way++) {
        struct avqa_loader_counts counts;
        o.negatives = (enum avqa_negatives)way;
        o.cache_bytes = 0;
        assert_ok(avqa_loader_open(&l, &f.set, &o));
        assert_ok(avqa_loader_start(l, 0, 4)); /* one batch, of three */
        assert_ok(avqa_loader_next(&b, &questions, l));
        assert_int_equal(b->has_others, way != AVQA_NEGATIVES_NONE);
        for (size_t i = 0; way == AVQA_NEGATIVES_BATCH && i < b->n; i++) {
            check_others(&f.set, questions[i], b, i);
            for (size_t t = 0; t < 3; t++) {
                size_t k = 0;
                while (k < b->n * 3 &&
                       b->maps[k].values != b->maps[(b->n + i) * 3 + t].values)
                    k++;
                assert_true(k < b->n * 3);
            }
        }
        avqa_loader_counts(&counts, l);
        read[way] = counts.read_bytes;
        avqa_loader_close(l);
    }
    assert_true(read[AVQA_NEGATIVES_CORPUS] > read[AVQA_NEGATIVES_NONE]);
    assert_int_equal(read[AVQA_NEGATIVES_BATCH], read[AVQA_NEGATIVES_NONE]);
    o.negatives = AVQA_NEGATIVES_BATCH;
    o.sampler.batch = 1;
    assert_ok(avqa_loader_open(&l, &f.set, &o));
    assert_ok(avqa_loader_start(l, 0, 0));
    assert_ok(avqa_loader_next(&b, &questions, l));
    assert_false(b->has_others);
    avqa_loader_close(l);
    loader_fixture_free(&f);
}

/* Bytes of rows in memory: at most the bound, or what the batch in hand and those ahead
 * hold. With room for all, every row is read once. */
static void test_memory(void **state)
{
    struct loader_fixture f;
    struct avqa_loader *l;
    struct avqa_loader_counts counts;
    uint64_t d[STEPS];
    size_t row = FIXTURE_ROW * sizeof(float);
    size_t batch = 5 * (6 * row + 3 * FIXTURE_SOUND * sizeof(float));
    (void)state;
    loader_fixture_make(&f, AVQA_SHARD_FP32);
    struct avqa_loader_options o = loader_fixture_options("avst");
    for (size_t ahead = 1; ahead <= 4; ahead++) {
        o.ahead = ahead;
        o.cache_bytes = 0;
        assert_ok(avqa_loader_open(&l, &f.set, &o));
        for (uint64_t e = 0; e < 5; e++)
            digests(d, l, e, 0);
        avqa_loader_counts(&counts, l);
        assert_int_equal(counts.held, 0);
        /* a last row has up to 511 bytes of padding behind it */
        assert_in_range(counts.held_most, batch / 2, (ahead + 1) * batch + 7 * 511);
        avqa_loader_close(l);
    }
    o.cache_bytes = 1 << 20;
    assert_ok(avqa_loader_open(&l, &f.set, &o));
    for (uint64_t e = 0; e < 30; e++)
        digests(d, l, e, 0);
    avqa_loader_counts(&counts, l);
    assert_int_equal(counts.rows, 30 * LOADER_QUESTIONS * 7);
    assert_int_equal(counts.rows - counts.rows_cached,
                     LOADER_CLIPS * (FIXTURE_ROWS + 1));
    assert_in_range(counts.held, LOADER_CLIPS * FIXTURE_ROWS * row,
                    LOADER_CLIPS * (FIXTURE_ROWS * row + 48 + 511));
    uint64_t read = counts.read_bytes;
    digests(d, l, 99, 0);
    avqa_loader_counts(&counts, l);
    assert_int_equal(counts.read_bytes, read);
    avqa_loader_close(l);
    loader_fixture_free(&f);
}

/* A model gets what it uses, and nothing else is read. */
static void test_uses(void **state)
{
    struct loader_fixture f;
    struct avqa_loader *l;
    struct avqa_loader_counts counts;
    const struct avqa_batch *b;
    const uint32_t *questions;
    (void)state;
    loader_fixture_make(&f, AVQA_SHARD_SPARSE16);
    for (size_t i = 0; avqa_model_at(i); i++) {
        const struct avqa_model *model = avqa_model_at(i);
        struct avqa_loader_options o = loader_fixture_options(model->name);
        assert_ok(avqa_loader_open(&l, &f.set, &o));
        assert_ok(avqa_loader_start(l, 0, 0));
        assert_ok(avqa_loader_next(&b, &questions, l));
        assert_int_equal(b->sound != NULL, model->hears);
        assert_int_equal(b->maps != NULL, model->sees);
        assert_int_equal(b->has_others, model->compares);
        assert_memory_equal(b->words, f.set.words + questions[0] * LOADER_WORDS,
                            LOADER_WORDS * sizeof *b->words);
        avqa_loader_counts(&counts, l);
        assert_int_equal(counts.read_bytes > 0, model->hears || model->sees);
        avqa_loader_close(l);
    }
    loader_fixture_free(&f);
}

/* What cannot be loaded is said before the first step, with the first clip's reason. */
static void test_refused(void **state)
{
    struct loader_fixture f;
    struct avqa_loader *l;
    (void)state;
    loader_fixture_make(&f, AVQA_SHARD_SPARSE16);
    struct avqa_loader_options o = loader_fixture_options("avst");
    struct avqa_train_clip *clips = f.set.clips;
    struct avqa_train_clip whole = clips[2];
    clips[2].seen.shard = clips[5].seen.shard = NULL;
    assert_fails(avqa_loader_open(&l, &f.set, &o), AVQA_ENOENT,
                 "2 of 7 clips cannot be used, the first one is c: it has no features "
                 "of pictures");
    clips[2] = whole;
    clips[5].seen.shard = clips[4].seen.shard;
    clips[2].seen.n_rows = 4;
    assert_fails(avqa_loader_open(&l, &f.set, &o), AVQA_ENOENT,
                 "c: it has 4 rows of pictures, and 5 are needed");
    clips[2].heard.n_rows = 6;
    clips[2].seen = whole.seen;
    assert_fails(avqa_loader_open(&l, &f.set, &o), AVQA_EFORMAT,
                 "vggish has 5 rows, not the 6 that the catalog has");
    clips[2].heard = loader_feature(f.shards[1], "c", "vggish");
    assert_fails(avqa_loader_open(&l, &f.set, &o), AVQA_ENOENT, "has no sample 'c'");
    clips[2].heard = loader_feature("/nowhere/000000.tar.zst", "c", "vggish");
    assert_fails(avqa_loader_open(&l, &f.set, &o), AVQA_ENOENT,
                 "/nowhere/000000.tar.zst: cannot open");
    clips[2].heard = loader_feature(f.shards[0], "c", "res14");
    assert_fails(avqa_loader_open(&l, &f.set, &o), AVQA_EFORMAT,
                 "a row of res14 has 105 numbers, not 4");
    clips[2] = whole;
    f.set.channels = 5;
    f.set.places = 21;
    assert_fails(avqa_loader_open(&l, &f.set, &o), AVQA_EFORMAT, "res14");
    f.set.channels = 3;
    f.set.places = 35;
    o.stride = 0;
    assert_fails(avqa_loader_open(&l, &f.set, &o), AVQA_EINVAL, "are no rows");
    o.stride = 2;
    f.set.n_clips = 1;
    assert_fails(avqa_loader_open(&l, &f.set, &o), AVQA_EINVAL,
                 "there is only one clip");
    f.set.n_clips = LOADER_CLIPS;
    loader_fixture_free(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_naive),    cmocka_unit_test(test_pure),
        cmocka_unit_test(test_restarts), cmocka_unit_test(test_ranks),
        cmocka_unit_test(test_even),     cmocka_unit_test(test_all_rows),
        cmocka_unit_test(test_mates),    cmocka_unit_test(test_memory),
        cmocka_unit_test(test_uses),     cmocka_unit_test(test_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
