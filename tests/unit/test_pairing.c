/* Which clips are put together: the rules hold, instruments are balanced, and nothing
 * but the seed and the set of clips matters. */
#include "check.h"

#include "qa/pairing.h"

enum { N = 60, KINDS = 5 };

static char names[N][16];
static struct avqa_pairing_clip clips[N];

/* Kinds are as frequent as 1 : 2 : 3 : 4 : 5; clips 2k and 2k + 1 are of one source. */
static int make_clips(void **state)
{
    (void)state;
    for (int i = 0; i < N; i++) {
        int kind = 0;
        for (int k = i % 15; k > kind; kind++)
            k -= kind + 1;
        snprintf(names[i], sizeof names[i], "clip%02d", i);
        clips[i] =
            (struct avqa_pairing_clip){names[i], (uint32_t)i / 2, (uint32_t)kind};
    }
    return 0;
}

static void check_rules(const struct avqa_pairing *p,
                        const struct avqa_pairing_clip *of, size_t size, bool same_kind)
{
    for (size_t s = 0; s < p->n_sets; s++) {
        const size_t *set = p->members + s * size;
        for (size_t i = 0; i < size; i++) {
            for (size_t k = 0; k < i; k++) {
                assert_int_not_equal(of[set[i]].group, of[set[k]].group);
                assert_true(same_kind || of[set[i]].kind != of[set[k]].kind);
            }
        }
        for (size_t t = 0; size == 2 && t < s; t++) {
            const size_t *other = p->members + t * 2;
            assert_false((set[0] == other[0] && set[1] == other[1]) ||
                         (set[0] == other[1] && set[1] == other[0]));
        }
    }
}

static void balanced(void **state)
{
    struct avqa_pairing p;
    struct avqa_pairing_options o = {
        .seed = 1, .size = 2, .count = 50, .n_kinds = KINDS};
    (void)state;
    assert_ok(avqa_pairing_choose(&p, clips, N, &o));
    assert_int_equal(p.n_sets, 50);
    check_rules(&p, clips, 2, false);
    for (int k = 0; k < KINDS; k++)
        assert_int_equal(p.uses[k], 20); /* 100 places, five kinds */
    assert_int_equal(p.uses[KINDS], 0);
    size_t first[KINDS] = {0}; /* and each comes first about as often as second */
    for (size_t s = 0; s < p.n_sets; s++)
        first[clips[p.members[2 * s]].kind]++;
    for (int k = 0; k < KINDS; k++)
        assert_in_range(first[k], 4, 16);
    avqa_pairing_release(&p);
}

static void per_kind(void **state)
{
    struct avqa_pairing p;
    struct avqa_pairing_options o = {
        .seed = 3, .size = 2, .per_kind = 7, .n_kinds = KINDS};
    (void)state;
    assert_ok(avqa_pairing_choose(&p, clips, N, &o));
    assert_int_equal(p.n_sets, 17); /* 35 places; the odd one stays empty */
    check_rules(&p, clips, 2, false);
    size_t all = 0;
    for (int k = 0; k < KINDS; k++) {
        assert_in_range(p.uses[k], 6, 7);
        all += p.uses[k];
    }
    assert_int_equal(all, 34);
    avqa_pairing_release(&p);
}

/* Another order of the clips: the same sets, by name. Another seed: others. */
static void order_does_not_matter(void **state)
{
    struct avqa_pairing_clip turned[N];
    struct avqa_pairing a;
    struct avqa_pairing b;
    struct avqa_pairing other;
    struct avqa_pairing_options o = {
        .seed = 11, .size = 3, .count = 30, .n_kinds = KINDS};
    size_t n_same = 0;
    (void)state;
    for (int i = 0; i < N; i++)
        turned[i] = clips[(i * 37 + 5) % N];
    assert_ok(avqa_pairing_choose(&a, clips, N, &o));
    assert_ok(avqa_pairing_choose(&b, turned, N, &o));
    o.seed = 12;
    assert_ok(avqa_pairing_choose(&other, clips, N, &o));
    assert_int_equal(a.n_sets, 30);
    assert_int_equal(b.n_sets, 30);
    check_rules(&a, clips, 3, false);
    for (size_t i = 0; i < 90; i++) {
        assert_string_equal(clips[a.members[i]].name, turned[b.members[i]].name);
        n_same += a.members[i] == other.members[i];
    }
    assert_true(n_same < 20);
    avqa_pairing_release(&a);
    avqa_pairing_release(&b);
    avqa_pairing_release(&other);
}

/* Four clips, two of one source, two of one kind: what can be, is; and it is counted
 * what cannot. */
static void exhausted(void **state)
{
    const struct avqa_pairing_clip four[] = {
        {"a", 0, 0}, {"b", 0, 1}, {"c", 1, 1}, {"d", 2, AVQA_PAIRING_NO_KIND}};
    struct avqa_pairing p;
    struct avqa_pairing_options o = {.size = 2, .count = 100, .n_kinds = 2};
    (void)state;
    assert_ok(avqa_pairing_choose(&p, four, 4, &o));
    check_rules(&p, four, 2, false);
    assert_int_equal(p.n_sets, 4); /* ac ad bd cd */
    assert_int_equal(p.n_pairs, 6);
    assert_int_equal(p.n_same_group, 1);
    assert_int_equal(p.n_same_kind, 1);
    avqa_pairing_release(&p);
    o.same_kind = true;
    assert_ok(avqa_pairing_choose(&p, four, 4, &o));
    check_rules(&p, four, 2, true);
    assert_int_equal(p.n_sets, 5);
    assert_int_equal(p.n_same_kind, 0);
    avqa_pairing_release(&p);
    assert_ok(avqa_pairing_choose(&p, four, 0, &o));
    assert_int_equal(p.n_sets, 0);
    avqa_pairing_release(&p);
    o.count = 0;
    assert_fails(avqa_pairing_choose(&p, four, 4, &o), AVQA_EINVAL, "how many");
    avqa_pairing_release(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(balanced), cmocka_unit_test(per_kind),
        cmocka_unit_test(order_does_not_matter), cmocka_unit_test(exhausted)};
    return cmocka_run_group_tests(tests, make_clips, NULL);
}
