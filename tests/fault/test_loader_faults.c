/* Shards that go bad in mid-epoch. A batch is either what it would have been, or an
 * error that names the shard and the clip; and when the shard is whole again, the same
 * loader goes on where it stood. */
#include "loader_fixture.h"

#include "base/hash.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum { STEPS = 5 };

/* A hash of the rows of a batch. */
static uint64_t digest(const struct avqa_batch *b)
{
    float row[FIXTURE_ROW];
    uint64_t h = avqa_hash64(b->n, b->sound,
                             b->n * b->n_seconds * FIXTURE_SOUND * sizeof *b->sound);
    for (size_t i = 0; i < 2 * b->n * b->n_seconds; i++) {
        loader_unpack(row, &b->maps[i]);
        h = avqa_hash64(h, row, sizeof row);
    }
    return h;
}

struct scene {
    struct loader_fixture f;
    struct avqa_loader *loader;
    uint64_t good[STEPS];
};

/* A loader without a cache, in the second step of an epoch that went well before. */
static void begin(struct scene *s)
{
    const struct avqa_batch *b;
    const uint32_t *questions;
    loader_fixture_make(&s->f, AVQA_SHARD_SPARSE16);
    struct avqa_loader_options o = loader_fixture_options("avst");
    o.cache_bytes = 0;
    assert_ok(avqa_loader_open(&s->loader, &s->f.set, &o));
    assert_ok(avqa_loader_start(s->loader, 1, 0));
    for (size_t i = 0; i < STEPS; i++) {
        assert_ok(avqa_loader_next(&b, &questions, s->loader));
        s->good[i] = digest(b);
    }
    assert_ok(avqa_loader_start(s->loader, 1, 0));
    assert_ok(avqa_loader_next(&b, &questions, s->loader));
}

static void end(struct scene *s)
{
    avqa_loader_close(s->loader);
    loader_fixture_free(&s->f);
}

/* The error names the shard, and one of its clips as "clip KEY". */
static void check_message(const struct scene *s)
{
    const char *message = avqa_message();
    const char *clip = strstr(message, "clip ");
    if (!strstr(message, s->f.shards[0]) || !clip || !strchr("abc", clip[5]))
        fail_msg("\"%s\" names not the shard and the clip", message);
}

/* Goes on to the end of the epoch: every batch is right until there is an error, which
 * stays the same. Returns its status; *step is where it was. */
static enum avqa_status go_on(size_t *step, struct scene *s)
{
    const struct avqa_batch *b;
    const uint32_t *questions;
    for (*step = 1; *step < STEPS; ++*step) {
        enum avqa_status rc = avqa_loader_next(&b, &questions, s->loader);
        if (rc == AVQA_OK) {
            assert_int_equal(digest(b), s->good[*step]);
            continue;
        }
        check_message(s);
        assert_null(b);
        assert_int_equal(avqa_loader_next(&b, &questions, s->loader), rc);
        return rc;
    }
    return AVQA_OK;
}

static void vanish(const struct scene *s)
{
    assert_int_equal(unlink(s->f.shards[0]), 0);
}

/* Another whole shard, with other clips of the same names and sizes. */
static void exchange(const struct scene *s)
{
    char *other = avqa_io_join(s->f.dir, "other");
    const char *keys[] = {"c", "b", "a", NULL};
    fixture_write(other, keys, AVQA_SHARD_SPARSE16);
    assert_int_equal(rename(other, s->f.shards[0]), 0);
    free(other);
}

static void truncate_half(const struct scene *s)
{
    struct stat is;
    assert_int_equal(stat(s->f.shards[0], &is), 0);
    assert_int_equal(truncate(s->f.shards[0], is.st_size / 2), 0);
}

/* Flips a bit as a disk does: size and time stay what they were. */
static void flip(const struct scene *s, off_t at, unsigned bit)
{
    unsigned char byte;
    struct stat is;
    int fd = open(s->f.shards[0], O_RDWR);
    assert_true(fd >= 0);
    assert_int_equal(fstat(fd, &is), 0);
    assert_int_equal(pread(fd, &byte, 1, at), 1);
    byte ^= (unsigned char)(1U << bit);
    assert_int_equal(pwrite(fd, &byte, 1, at), 1);
    assert_int_equal(futimens(fd, (struct timespec[]){is.st_atim, is.st_mtim}), 0);
    assert_int_equal(close(fd), 0);
}

static void flip_many(const struct scene *s)
{
    struct stat is;
    assert_int_equal(stat(s->f.shards[0], &is), 0);
    for (off_t at = 16; at < is.st_size; at += 32)
        flip(s, at, 3);
}

/* What happens to a shard while it is read from, and what is said to it. */
static void test_bad_shards(void **state)
{
    static void (*const faults[])(const struct scene *) = {vanish, exchange,
                                                           truncate_half, flip_many};
    static const char *const said[] = {"gone", "another file", NULL, NULL};
    (void)state;
    for (size_t i = 0; i < N_OF(faults); i++) {
        struct scene s;
        size_t step;
        begin(&s);
        faults[i](&s);
        enum avqa_status rc = go_on(&step, &s);
        assert_int_not_equal(rc, AVQA_OK);
        if (said[i])
            assert_non_null(strstr(avqa_message(), said[i]));
        end(&s);
    }
}

/* Single bits anywhere: an error or, if nothing that is read has changed, the rows. */
static void test_single_bits(void **state)
{
    (void)state;
    struct avqa_rng rng;
    size_t n_errors = 0;
    avqa_rng_init(&rng, 1, "bits");
    for (size_t i = 0; i < 60; i++) {
        struct scene s;
        struct stat is;
        size_t step;
        begin(&s);
        assert_int_equal(stat(s.f.shards[0], &is), 0);
        off_t at = (off_t)avqa_rng_below(&rng, (uint64_t)is.st_size);
        flip(&s, at, (unsigned)avqa_rng_below(&rng, 8));
        n_errors += go_on(&step, &s) != AVQA_OK;
        end(&s);
    }
    assert_in_range(n_errors, 10, 60);
}

/* A bit that flips back: started again at the step that failed, the epoch ends as it
 * should. */
static void test_goes_on(void **state)
{
    (void)state;
    struct scene s;
    size_t step;
    const struct avqa_batch *b;
    const uint32_t *questions;
    begin(&s);
    flip_many(&s);
    assert_int_not_equal(go_on(&step, &s), AVQA_OK);
    flip_many(&s);
    assert_ok(avqa_loader_start(s.loader, 1, step));
    for (; step < STEPS; step++) {
        assert_ok(avqa_loader_next(&b, &questions, s.loader));
        assert_int_equal(digest(b), s.good[step]);
    }
    end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bad_shards),
        cmocka_unit_test(test_single_bits),
        cmocka_unit_test(test_goes_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
