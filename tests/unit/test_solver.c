/* The solver against scenes. Answers that a random scene gives can all be true, so they
 * must never be called contradictory, however many; what is called consistent comes
 * with a scene in which the questions have their answers; and no scene may be found
 * that satisfies what is called contradictory. */
#include "templates.h"

#include "qa/question.h"
#include "qa/solver.h"
#include "random_scene.h"

enum { N_SCENES = 300, MAX_ASKED = 24 };

static struct avqa_templates *templates;
static const struct avqa_margins margins = {0.1, 500000, 0.05};

static void load(const char *name)
{
    avqa_templates_free(templates);
    templates = templates_of(name);
}

/* The words for kinds of things. */
static const struct avqa_domain *kinds(void)
{
    size_t d = 0;
    while (templates->domains[d].kind != AVQA_DOMAIN_OBJECT)
        d++;
    return &templates->domains[d];
}

/* Questions with words of their own. */
struct asked {
    struct avqa_answered items[MAX_ASKED];
    const char *values[MAX_ASKED][AVQA_TEMPLATE_MAX_SLOTS];
    size_t n;
};

static void ask(struct asked *a, const char *code, const char *const *values,
                const char *answer)
{
    size_t i = avqa_templates_find(templates, code);
    assert_true(i != AVQA_TEMPLATE_NONE && a->n < MAX_ASKED);
    const struct avqa_template *t = &templates->items[i];
    memcpy(a->values[a->n], values, t->n_slots * sizeof *values);
    a->items[a->n] = (struct avqa_answered){t, a->values[a->n], answer};
    a->n++;
}

static struct avqa_solved solve(struct avqa_arena *arena, const struct asked *a)
{
    return avqa_solve(arena, a->items, a->n, &margins);
}

static bool satisfies(const struct avqa_scene *scene, const struct avqa_answered *q)
{
    struct avqa_evaluation e =
        avqa_question_pose(q->template, q->values, scene, &margins);
    return e.reason == AVQA_WELL_POSED && strcmp(e.answer, q->answer) == 0;
}

static void print(const struct asked *a, const struct avqa_solved *s)
{
    print_error("%s%s%s\n", avqa_verdict_name(s->verdict), s->why ? ": " : "",
                s->why ? s->why : "");
    for (size_t i = 0; i < a->n; i++) {
        bool core = false;
        for (size_t k = 0; s->verdict == AVQA_CONTRADICTORY && k < s->n_core; k++)
            core = core || s->core[k] == i;
        print_error("%s %s", core ? "*" : " ", a->items[i].template->code);
        for (size_t v = 0; v < a->items[i].template->n_slots; v++)
            print_error(" %s", a->values[i][v]);
        print_error(": %s\n", a->items[i].answer);
    }
}

/* Asks up to `n` random questions that the scene answers. */
static void ask_scene(struct avqa_rng *rng, struct asked *a,
                      const struct avqa_scene *scene, size_t n)
{
    a->n = 0;
    for (int draw = 0; draw < 200 && a->n < n; draw++) {
        const struct avqa_template *t =
            &templates->items[below(rng, (int64_t)templates->n)];
        const char *values[AVQA_TEMPLATE_MAX_SLOTS];
        random_values(rng, t, scene, values);
        struct avqa_evaluation e = avqa_question_pose(t, values, scene, &margins);
        if (e.reason == AVQA_WELL_POSED)
            ask(a, t->code, values, e.answer);
    }
}

static void check_scenes(uint64_t seed)
{
    static struct world w;
    struct avqa_rng rng;
    int undecided = 0;
    avqa_rng_init(&rng, seed, templates->name);
    for (int round = 0; round < N_SCENES; round++) {
        struct asked a;
        struct avqa_arena arena = AVQA_ARENA_INIT;
        random_world(&rng, &w, kinds(), 0);
        ask_scene(&rng, &a, &w.scene, 1 + (size_t)below(&rng, MAX_ASKED - 1));
        struct avqa_solved s = solve(&arena, &a);
        undecided += s.verdict == AVQA_NOT_DECIDED;
        if (s.verdict == AVQA_CONTRADICTORY && s.by != AVQA_BY_READING) {
            print(&a, &s);
            fail_msg("a scene gives these answers");
        }
        for (size_t i = 0; s.verdict == AVQA_CONSISTENT && i < a.n; i++)
            assert_true(satisfies(s.scene, &a.items[i]));
        avqa_arena_release(&arena);
    }
    assert_true(undecided <= N_SCENES / 200);
}

static void test_what_a_scene_answers_is_never_contradictory(void **state)
{
    (void)state;
    load("templates/street.json");
    check_scenes(2);
    load("templates/music-avqa.json");
    check_scenes(1);
}

/* ---- random programs ----------------------------------------------------------------
 */

/* A random program of a type, out of every function of the language; $0 is a kind, $1 a
 * place. */
static void write_program(struct avqa_rng *rng, struct avqa_buf *out, char type,
                          int depth)
{
    /* s set, t thing, c count, k kind, p place, b truth */
    static const struct {
        char type;
        const char *form; /* a letter stands for an expression of that type */
    } forms[] = {{'s', "visible(s)"},        {'s', "sounding(s)"},
                 {'s', "silent(s)"},         {'s', "offscreen(s)"},
                 {'s', "is(s, k)"},          {'s', "at(s, p)"},
                 {'s', "first(s)"},          {'s', "last(s)"},
                 {'s', "nth(s, 2)"},         {'s', "loudest(s)"},
                 {'s', "quietest(s)"},       {'s', "leftmost(s)"},
                 {'s', "rightmost(s)"},      {'s', "neighbour(t, $1)"},
                 {'s', "overlapping(s, t)"}, {'s', "preceding(s, t)"},
                 {'s', "following(s, t)"},   {'s', "union(s, s)"},
                 {'s', "intersect(s, s)"},   {'s', "minus(s, s)"},
                 {'s', "if(b, s, s)"},       {'t', "unique(s)"},
                 {'c', "count(s)"},          {'c', "types(s)"},
                 {'c', "if(b, c, c)"},       {'k', "kind(s)"},
                 {'k', "kind(t)"},           {'k', "if(b, k, k)"},
                 {'p', "place(t)"},          {'p', "given(b, p)"},
                 {'b', "exists(s)"},         {'b', "greater(loudness(t), loudness(t))"},
                 {'b', "greater(c, c)"},     {'b', "greater(rhythm(t), rhythm(t))"},
                 {'b', "equal(c, c)"},       {'b', "greater(duration(t), duration(t))"},
                 {'b', "equal(s, s)"},       {'b', "greater(onset(t), onset(t))"},
                 {'b', "equal(t, t)"},       {'b', "equal(k, k)"},
                 {'b', "equal(p, p)"},       {'b', "and(b, b)"},
                 {'b', "or(b, b)"},          {'b', "not(b)"},
                 {'b', "covers(t)"},         {'b', "given(b, b)"}};
    static const char *const ends[] = {['s'] = "sounding(all)",
                                       ['t'] = "unique(is(visible(all), $0))",
                                       ['c'] = "1",
                                       ['k'] = "$0",
                                       ['p'] = "$1",
                                       ['b'] = "voiceover"};
    const char *form = NULL;
    while (depth > 0 && !form) {
        size_t f = (size_t)below(rng, (int64_t)N_OF(forms));
        form = forms[f].type == type ? forms[f].form : NULL;
    }
    if (!form) {
        avqa_buf_adds(out, type == 's' && chance(rng, 50) ? "all" : ends[(int)type]);
        return;
    }
    for (const char *c = form; *c; c++) {
        bool is_letter = *c >= 'a' && *c <= 'z';
        bool alone = (c == form || c[-1] == ' ' || c[-1] == '(') && is_letter &&
                     (c[1] == ',' || c[1] == ')');
        if (alone)
            write_program(rng, out, *c, depth - 1);
        else
            avqa_buf_addc(out, *c);
    }
}

/* Whatever the language can say, the clauses must say the same as the evaluation: what
 * a scene answers is not contradictory, and a scene that is found was evaluated. */
static void test_random_programs(void **state)
{
    static struct world w;
    static const char types[] = "bbckp";
    struct avqa_rng rng;
    int answered = 0;
    int undecided = 0;
    (void)state;
    load("templates/music-avqa.json");
    const struct avqa_template *model =
        &templates->items[avqa_templates_find(templates, "X01")];
    avqa_rng_init(&rng, 6, "programs");
    for (int round = 0; round < 3000; round++) {
        struct avqa_arena arena = AVQA_ARENA_INIT;
        struct avqa_buf text = AVQA_BUF_INIT;
        struct avqa_template t = *model;
        const char *values[2];
        t.n_slots = 2;
        t.n_referents = t.n_senseless = t.n_needed = 0;
        t.n_answers = 0;
        for (size_t d = 0; d < templates->n_domains && t.n_answers < 8; d++) {
            if (templates->domains[d].kind != AVQA_DOMAIN_ORDER &&
                templates->domains[d].n_values != 2)
                t.answers[t.n_answers++] = &templates->domains[d];
        }
        t.answers[t.n_answers++] =
            templates->items[avqa_templates_find(templates, "A06")].answers[0];
        struct avqa_program_scope scope = avqa_template_scope(&t);
        write_program(&rng, &text, types[below(&rng, 5)], 4);
        assert_ok(avqa_program_parse(&t.answer, &arena, avqa_buf_str(&text), &scope));
        for (int scene = 0; scene < 10; scene++) {
            random_world(&rng, &w, kinds(), 0);
            random_values(&rng, &t, &w.scene, values);
            struct avqa_evaluation e =
                avqa_question_pose(&t, values, &w.scene, &margins);
            if (e.reason != AVQA_WELL_POSED)
                continue;
            struct avqa_answered asked = {&t, values, e.answer};
            struct avqa_solved s = avqa_solve(&arena, &asked, 1, &margins);
            answered++;
            undecided += s.verdict == AVQA_NOT_DECIDED;
            if (s.verdict == AVQA_CONTRADICTORY && s.by != AVQA_BY_READING)
                fail_msg("%s with %s, %s is %s in a scene, but in none",
                         avqa_buf_str(&text), values[0], values[1], e.answer);
        }
        avqa_buf_release(&text);
        avqa_arena_release(&arena);
    }
    assert_true(answered > 500);
    assert_true(undecided < answered / 10);
}

/* ---- contradictions ----------------------------------------------------------------
 */

/* "V04 violin: yes; V02 violin: zero" */
static void ask_text(struct asked *a, const char *text)
{
    static char copies[32][512];
    static size_t n_copies;
    a->n = 0;
    char *rest = copies[n_copies++ % N_OF(copies)];
    snprintf(rest, sizeof copies[0], "%s", text);
    for (char *one; (one = strsep(&rest, ";"));) {
        const char *words[AVQA_TEMPLATE_MAX_SLOTS] = {0};
        size_t n = 0;
        one += strspn(one, " ");
        char *answer = strstr(one, ": ");
        *answer = '\0';
        const char *code = strsep(&one, " ");
        for (char *word; (word = strsep(&one, " "));)
            words[n++] = word;
        ask(a, code, words, answer + 2);
    }
}

/* One violation of each rule of logic, as its definition states it, among questions
 * that have nothing to do with it; and some that no rule of two rows can see. */
static const struct {
    const char *name, *rows;
    enum avqa_contradiction by;
} contradictions[] = {
    {"C01", "V04 violin: yes; V02 violin: zero", AVQA_BY_ANSWERS},
    {"C02", "V04 violin: no; V01 violin cello: yes", AVQA_BY_ANSWERS},
    {"C03", "V03: one; V04 violin: yes; V04 cello: yes", AVQA_BY_ANSWERS},
    {"C04", "V04 violin: no; V06 leftest: violin", AVQA_BY_ANSWERS},
    {"C05", "X08: three; X05: two", AVQA_BY_ANSWERS},
    {"C06", "X07 violin: three; X05: two", AVQA_BY_ANSWERS},
    {"C07", "X07 violin: three; V02 violin: two", AVQA_BY_ANSWERS},
    {"C08", "X07 violin: one; V02 violin: four; X06: two", AVQA_BY_ANSWERS},
    {"C09", "V04 violin: no; X07 violin: one", AVQA_BY_ANSWERS},
    {"C10", "X07 violin: one; A06 violin: no", AVQA_BY_ANSWERS},
    {"C11", "X08: three; V03: two", AVQA_BY_ANSWERS},
    {"C12", "A06 violin: no; A04 violin cello: yes", AVQA_BY_ANSWERS},
    {"C13", "A01 violin cello: yes; A01 cello violin: yes", AVQA_BY_ANSWERS},
    {"C14", "X01 violin left cello right: yes; X03 left right: no", AVQA_BY_ANSWERS},
    {"C15", "X01 violin left cello right: yes; A01 violin cello: no", AVQA_BY_ANSWERS},
    {"C16", "X14 loudest: left; X03 left right: no", AVQA_BY_ANSWERS},
    {"C16", "X14 loudest: left; X01 violin left cello right: no", AVQA_BY_READING},
    {"C17", "X17 first: left; X12 first left: no", AVQA_BY_ANSWERS},
    {"C18", "X12 first left: yes; X12 first right: yes", AVQA_BY_ANSWERS},
    {"C19", "X09 violin: yes; A03 cello violin: yes", AVQA_BY_ANSWERS},
    {"C20", "X09 violin: yes; A06 violin: no", AVQA_BY_ANSWERS},
    {"C00", "A05: two; A05: three", AVQA_BY_ANSWERS},
    {"heard and seen", "A05: two; V02 clarinet: two; V03: two; X06: zero",
     AVQA_BY_ANSWERS},
    {"three in a circle",
     "A01 violin cello: yes; A01 cello flute: yes; A01 flute violin: yes",
     AVQA_BY_ANSWERS},
    {"how many always play", "V02 violin: two; X09 violin: yes", AVQA_BY_POSING},
    {"the kind of several", "V03: two; V07: violin", AVQA_BY_POSING},
    {"neighbours in a circle",
     "V05 left violin: cello; V05 left cello: flute; V05 left flute: violin",
     AVQA_BY_ANSWERS},
    /* Only somebody near both ends could stand between, and has no place there. */
    {"who stands beside",
     "X01 violin left accordion middle: yes; V05 right violin: acoustic_guitar; "
     "X03 left middle: yes",
     AVQA_BY_POSING},
};

static void test_contradictions_are_found_and_are_minimal(void **state)
{
    (void)state;
    load("templates/music-avqa.json");
    for (size_t i = 0; i < N_OF(contradictions); i++) {
        struct asked a;
        struct avqa_arena arena = AVQA_ARENA_INIT;
        char text[512];
        ask_text(&a, contradictions[i].rows);
        size_t n = a.n;
        snprintf(text, sizeof text, "%s; V08: indoor; X10: yes",
                 contradictions[i].rows);
        ask_text(&a, text);
        struct avqa_solved s = solve(&arena, &a);
        if (s.verdict != AVQA_CONTRADICTORY || s.n_core != n ||
            s.core[n - 1] != n - 1 || s.by != contradictions[i].by) {
            print(&a, &s);
            fail_msg("%s: %s", contradictions[i].name, contradictions[i].rows);
        }
        for (size_t left_out = 0; left_out < n; left_out++) { /* each is needed */
            struct asked less = a;
            memmove(&less.items[left_out], &less.items[left_out + 1],
                    (a.n - left_out - 1) * sizeof *less.items);
            less.n--;
            s = solve(&arena, &less);
            if (strcmp(contradictions[i].name, "who stands beside") == 0 &&
                s.by == AVQA_BY_READING)
                continue; /* two of its rows contradict, if they are read plainly */
            assert_int_equal(s.verdict, AVQA_CONSISTENT);
        }
        avqa_arena_release(&arena);
    }
}

/* The smallest set is reported, not the first that was met. */
static void test_a_pair_is_preferred_to_a_longer_proof(void **state)
{
    struct asked a;
    struct avqa_arena arena = AVQA_ARENA_INIT;
    (void)state;
    ask_text(&a, "A01 violin cello: yes; A01 cello flute: yes; A01 flute violin: yes; "
                 "X07 flute: three; V02 flute: two");
    struct avqa_solved s = solve(&arena, &a);
    assert_int_equal(s.verdict, AVQA_CONTRADICTORY);
    assert_int_equal(s.n_core, 2);
    avqa_arena_release(&arena);
}

/* Twenty instances are more than are tried: that is neither yes nor no. */
static void test_what_is_too_large_is_not_decided(void **state)
{
    struct asked a;
    struct avqa_arena arena = AVQA_ARENA_INIT;
    (void)state;
    ask_text(&a, "V02 violin: ten; V02 cello: ten");
    struct avqa_solved s = solve(&arena, &a);
    assert_int_equal(s.verdict, AVQA_NOT_DECIDED);
    assert_has(s.why, "instruments");
    ask_text(&a, "V02 violin: ten; V02 cello: ten; V04 cello: no");
    s = solve(&arena, &a);
    assert_int_equal(s.verdict, AVQA_CONTRADICTORY); /* two of the three suffice */
    assert_int_equal(s.n_core, 2);
    avqa_arena_release(&arena);
}

/* What is called contradictory must not be given by any scene. Random answers to
 * random questions, and for each contradiction many random scenes that might. */
static void test_no_scene_gives_what_is_contradictory(void **state)
{
    static struct world w;
    struct avqa_rng rng;
    int found = 0;
    (void)state;
    load("templates/music-avqa.json");
    avqa_rng_init(&rng, 3, "contradictions");
    for (int round = 0; round < 400; round++) {
        struct asked a = {.n = 0};
        struct avqa_arena arena = AVQA_ARENA_INIT;
        random_world(&rng, &w, kinds(), 0);
        ask_scene(&rng, &a, &w.scene, 6);
        for (size_t i = 0; i < a.n; i++) { /* some answers of another scene */
            const struct avqa_domain *d = a.items[i].template->answers[0];
            if (chance(&rng, 25))
                a.items[i].answer = d->values[below(&rng, (int64_t)d->n_values)];
        }
        struct avqa_solved s = solve(&arena, &a);
        bool contradicts = s.verdict == AVQA_CONTRADICTORY && s.by != AVQA_BY_READING;
        found += contradicts;
        for (int draw = 0; contradicts && draw < 300; draw++) {
            bool all = true;
            for (size_t k = 0; all && k < w.scene.n_instances; k++) {
                size_t other = (size_t)below(&rng, (int64_t)w.scene.n_instances);
                if (chance(&rng, 30)) /* the same instruments, in another scene */
                    random_instance(&rng, &w, k,
                                    &(const char *){w.instances[other].instrument}, 1);
            }
            for (size_t i = 0; all && i < s.n_core; i++)
                all = satisfies(&w.scene, &a.items[s.core[i]]);
            if (all)
                print(&a, &s);
            assert_false(all);
        }
        avqa_arena_release(&arena);
    }
    assert_true(found > 80);
}

/* ---- what follows -------------------------------------------------------------------
 */

/* The last question is the conclusion. */
static const struct {
    const char *rows;
    enum avqa_entailment expected;
} entailments[] = {
    {"V02 violin: two; V04 violin: yes", AVQA_ENTAILED},
    {"V04 violin: no; V02 violin: zero", AVQA_ENTAILED},
    {"V04 violin: yes; V02 violin: one", AVQA_NOT_ENTAILED},
    {"A01 violin cello: yes; A01 cello violin: no", AVQA_ENTAILED},
    {"A01 violin cello: yes; A03 violin cello: yes", AVQA_NOT_ENTAILED},
    {"V03: one; V04 violin: yes; V07: violin", AVQA_ENTAILED},
    {"V03: two; V04 violin: yes; V06 leftest: violin", AVQA_NOT_ENTAILED},
    {"X14 loudest: left; X03 left right: yes", AVQA_ENTAILED},
    {"X14 loudest: left; X01 violin left cello right: yes", AVQA_NOT_ENTAILED},
    {"X17 first: left; X12 first left: yes", AVQA_ENTAILED},
    {"V05 left violin: cello; V04 cello: yes", AVQA_ENTAILED},
    {"A05: two; X05: two", AVQA_NOT_ENTAILED},
    {"A05: two; X11: yes; X05: two", AVQA_ENTAILED},
    {"V08: indoor; X10: yes", AVQA_NOT_ENTAILED},
    {"V02 violin: ten; V02 cello: ten; A05: zero", AVQA_ENTAILMENT_NOT_DECIDED},
};

static void test_what_follows_and_what_does_not(void **state)
{
    (void)state;
    load("templates/music-avqa.json");
    for (size_t i = 0; i < N_OF(entailments); i++) {
        struct asked a;
        ask_text(&a, entailments[i].rows);
        enum avqa_entailment found =
            avqa_entails(a.items, a.n - 1, &a.items[a.n - 1], &margins);
        if (found != entailments[i].expected)
            fail_msg("%s: %d", entailments[i].rows, (int)found);
    }
}

/* No scene may give the premises and another answer to what follows from them. */
static void test_what_follows_holds_in_every_scene(void **state)
{
    static struct world w;
    struct avqa_rng rng;
    int followed = 0;
    (void)state;
    avqa_rng_init(&rng, 5, "follows");
    for (int round = 0; round < 400; round++) {
        struct asked a;
        random_world(&rng, &w, kinds(), 0);
        ask_scene(&rng, &a, &w.scene, 4);
        if (a.n < 2)
            continue;
        const struct avqa_answered *last = &a.items[a.n - 1];
        if (avqa_entails(a.items, a.n - 1, last, &margins) != AVQA_ENTAILED)
            continue;
        followed++;
        for (int draw = 0; draw < 300; draw++) {
            random_world(&rng, &w, kinds(), 0);
            bool given = true;
            for (size_t i = 0; given && i + 1 < a.n; i++)
                given = satisfies(&w.scene, &a.items[i]);
            struct avqa_evaluation e =
                avqa_question_pose(last->template, last->values, &w.scene, &margins);
            if (given && e.reason == AVQA_WELL_POSED)
                assert_string_equal(e.answer, last->answer);
        }
    }
    assert_true(followed > 20);
}

/* ---- programs as nobody would write them --------------------------------------------
 */

/* A condition that no small scene meets is no constant: with four it is met. */
static void test_a_branch_that_takes_more_instances(void **state)
{
    struct avqa_arena arena = AVQA_ARENA_INIT;
    struct asked a;
    (void)state;
    load("tests/data/templates-odd.json");
    ask_text(&a, "crowd: yes; voice: yes");
    struct avqa_solved s = solve(&arena, &a);
    assert_int_equal(s.verdict, AVQA_CONSISTENT);
    assert_true(s.scene->n_instances > 3);
    avqa_arena_release(&arena);
}

/* Words of two domains mean the same only where it is so. */
static void test_scenes_in_the_words_of_two_domains(void **state)
{
    struct avqa_scene scene = {
        .clip = "c", .place = "outdoor", .instances_known = true};
    struct avqa_arena arena = AVQA_ARENA_INIT;
    struct asked a;
    (void)state;
    load("tests/data/templates-odd.json");
    ask_text(&a, "scenes inside in: no");
    assert_true(satisfies(&scene, &a.items[0]));
    assert_int_not_equal(solve(&arena, &a).verdict, AVQA_CONTRADICTORY);
    avqa_arena_release(&arena);
}

/* ---- how many instances are enough --------------------------------------------------
 */

static bool all_satisfied(const struct asked *a, const struct avqa_scene *scene)
{
    for (size_t i = 0; i < a->n; i++) {
        if (!satisfies(scene, &a->items[i]))
            return false;
    }
    return true;
}

/* The bound that makes a contradiction one for scenes of any size: of every scene that
 * gives the answers, as many instances as the questions' widths give them, too. */
static void test_as_many_instances_as_the_width_are_enough(void **state)
{
    static struct world w;
    struct avqa_rng rng;
    (void)state;
    avqa_rng_init(&rng, 4, "width");
    for (int round = 0; round < 2000; round++) {
        struct asked a;
        struct avqa_symbolic symbolic;
        struct avqa_symbolic_words words = {.n_kinds = 0};
        int64_t steps = INT64_MAX;
        struct avqa_sat *sat = avqa_sat_new(&steps);
        size_t width = 2;
        if (round % 1000 == 0)
            load(round ? "templates/street.json" : "templates/music-avqa.json");
        random_world(&rng, &w, kinds(), 0);
        ask_scene(&rng, &a, &w.scene, 1 + (size_t)below(&rng, 4));
        for (size_t i = 0; i < a.n; i++)
            assert_true(avqa_encode_words(&words, &a.items[i]));
        avqa_symbolic_init(&symbolic, sat, 2, &words, &margins);
        for (size_t i = 0; i < a.n; i++) {
            struct avqa_encoded e = avqa_encode(&symbolic, &a.items[i]);
            width = e.width == AVQA_ENCODED_UNBOUNDED ? SIZE_MAX / 2 : width + e.width;
        }
        avqa_sat_free(sat);
        /* Leave out whoever can be left out. */
        for (size_t k = 0; k < w.scene.n_instances;) {
            struct world less = w;
            less.scene.instances = less.instances;
            memmove(&less.instances[k], &less.instances[k + 1],
                    (w.scene.n_instances - k - 1) * sizeof *less.instances);
            less.scene.n_instances--;
            if (all_satisfied(&a, &less.scene)) {
                w = less;
                w.scene.instances = w.instances;
            } else {
                k++;
            }
        }
        assert_true(w.scene.n_instances <= width);
    }
}

static int unload(void **state)
{
    (void)state;
    avqa_templates_free(templates);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_a_scene_answers_is_never_contradictory),
        cmocka_unit_test(test_random_programs),
        cmocka_unit_test(test_contradictions_are_found_and_are_minimal),
        cmocka_unit_test(test_a_pair_is_preferred_to_a_longer_proof),
        cmocka_unit_test(test_what_is_too_large_is_not_decided),
        cmocka_unit_test(test_no_scene_gives_what_is_contradictory),
        cmocka_unit_test(test_what_follows_and_what_does_not),
        cmocka_unit_test(test_what_follows_holds_in_every_scene),
        cmocka_unit_test(test_a_branch_that_takes_more_instances),
        cmocka_unit_test(test_scenes_in_the_words_of_two_domains),
        cmocka_unit_test(test_as_many_instances_as_the_width_are_enough),
    };
    return cmocka_run_group_tests(tests, NULL, unload);
}
