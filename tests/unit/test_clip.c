/* A clip is known by what is seen and what is heard; manifests fill in and replace what
 * is known of it, questions leave it alone; its parent is what its picture was made
 * from.
 */
#include "catalog_fixture.h"

#include "catalog/clip.h"

static struct avqa_clip_store *open_store(struct catalog_fixture *f)
{
    struct avqa_clip_store *store;
    assert_ok(avqa_clip_store_open(&store, f->cat, f->run));
    return store;
}

static struct avqa_clip clip_of(const char *picture, const char *sound)
{
    return (struct avqa_clip){.picture = picture,
                              .sound = sound,
                              .start_us = AVQA_CLIP_UNKNOWN,
                              .duration_us = AVQA_CLIP_UNKNOWN};
}

static void test_identity(void **state)
{
    struct catalog_fixture *f = *state;
    static const char *const pairs[][2] = {{"a", "a"}, {"a", "b"}, {"b", "a"},
                                           {"b", "b"}, {"ab", ""}, {"", "ab"},
                                           {"A", "A"}};
    int64_t ids[N_OF(pairs)];
    bool is_new;
    for (int round = 0; round < 3; round++) {
        struct avqa_clip_store *store = open_store(f); /* the last one knows nothing */
        for (size_t i = 0; i < N_OF(pairs); i++) {
            int64_t id = 0;
            struct avqa_clip clip = clip_of(pairs[i][0], pairs[i][1]);
            assert_ok(avqa_clip_ensure(store, &clip, &id, &is_new));
            assert_int_equal(is_new, round == 0);
            assert_true(id > 0 && (round == 0 || id == ids[i]));
            ids[i] = id;
            for (size_t k = 0; k < i; k++)
                assert_int_not_equal(ids[k], id);
        }
        avqa_clip_store_close(store);
    }
    avqa_clip_store_close(NULL);
}

static void test_put(void **state)
{
    struct catalog_fixture *f = *state;
    enum avqa_clip_outcome outcome;
    struct avqa_clip_store *store = open_store(f);
    struct avqa_clip clip = clip_of("v_#02", "v_#02");
    clip.source = "v";
    clip.url = "http://x/v";
    clip.start_us = 0;
    clip.duration_us = 60000000;
    clip.extra = "{\"mood\": \"calm\"}";
    assert_ok(avqa_clip_put(store, &clip, &outcome));
    assert_int_equal(outcome, AVQA_CLIP_NEW);
    assert_ok(avqa_clip_put(store, &clip, &outcome));
    assert_int_equal(outcome, AVQA_CLIP_SAME);
    clip.duration_us = 47000000;
    assert_ok(avqa_clip_put(store, &clip, &outcome));
    assert_int_equal(outcome, AVQA_CLIP_UPDATED);
    clip.url = NULL; /* not said, so not changed */
    assert_ok(avqa_clip_put(store, &clip, &outcome));
    assert_int_equal(outcome, AVQA_CLIP_SAME);
    avqa_clip_store_close(store);
    assert_int_equal(catalog_ask(f->cat, "SELECT count(*) FROM clip"), 1);
    assert_int_equal(catalog_ask(f->cat, "SELECT duration_us FROM clip"), 47000000);
    assert_int_equal(
        catalog_ask(f->cat, "SELECT count(*) FROM source WHERE url = 'http://x/v'"), 1);
}

static void test_ensure_leaves_what_is_known(void **state)
{
    struct catalog_fixture *f = *state;
    enum avqa_clip_outcome outcome;
    int64_t id;
    bool is_new;
    struct avqa_clip_store *store = open_store(f);
    struct avqa_clip known = clip_of("v", "v");
    struct avqa_clip bare = clip_of("v", "v");
    known.start_us = 5;
    assert_ok(avqa_clip_put(store, &known, &outcome));
    assert_ok(avqa_clip_ensure(store, &bare, &id, &is_new));
    assert_false(is_new);
    assert_int_equal(catalog_ask(f->cat, "SELECT start_us FROM clip"), 5);
    assert_ok(avqa_clip_put(store, &bare, &outcome));
    assert_int_equal(outcome, AVQA_CLIP_UPDATED);
    assert_int_equal(catalog_ask(f->cat, "SELECT count(start_us) FROM clip"), 0);
    avqa_clip_store_close(store);
}

struct seen {
    struct avqa_buf text;
};

static enum avqa_status see(void *user, const struct avqa_clip *clip)
{
    struct seen *s = user;
    assert_null(clip->source);
    avqa_buf_addf(&s->text, "%s+%s:%s:%s:%s:%d;", clip->picture, clip->sound,
                  clip->synthetic ? "synthetic" : "real",
                  clip->method ? clip->method : "-", clip->parent ? clip->parent : "-",
                  clip->start_us == AVQA_CLIP_UNKNOWN ? -1 : (int)clip->start_us);
    return clip->picture[0] == 'z' ? avqa_fail(AVQA_EINVAL, "enough") : AVQA_OK;
}

/* The sound's video is no parent of the picture, even if its name sorts first. */
static void test_each(void **state)
{
    struct catalog_fixture *f = *state;
    struct seen s = {0};
    int64_t id;
    bool is_new;
    struct avqa_clip_store *store = open_store(f);
    struct avqa_clip flip = clip_of("m_flip", "a");
    flip.method = "flip";
    flip.parent = "m";
    flip.synthetic = true;
    flip.start_us = 7;
    struct avqa_clip matched = clip_of("m", "a");
    struct avqa_clip plain = clip_of("z", "z");
    assert_ok(avqa_clip_ensure(store, &flip, &id, &is_new));
    assert_ok(avqa_clip_ensure(store, &matched, &id, &is_new));
    assert_ok(avqa_clip_each(f->cat, see, &s));
    assert_string_equal(avqa_buf_str(&s.text),
                        "m_flip+a:synthetic:flip:m:7;m+a:real:-:-:-1;");
    assert_ok(avqa_clip_ensure(store, &plain, &id, &is_new));
    avqa_buf_clear(&s.text);
    assert_fails(avqa_clip_each(f->cat, see, &s), AVQA_EINVAL, "enough");
    assert_int_equal(
        catalog_ask(f->cat, "SELECT count(*) FROM clip_parent WHERE role = 'sound' AND "
                            "parent = 'a'"),
        2);
    avqa_clip_store_close(store);
    avqa_buf_release(&s.text);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, catalog_setup, catalog_teardown)
    const struct CMUnitTest tests[] = {TEST(test_identity), TEST(test_put),
                                       TEST(test_ensure_leaves_what_is_known),
                                       TEST(test_each)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
