/* Answer programs against a second opinion. Ten thousand random scenes, every template
 * of MUSIC-AVQA with random words: the program's answer must be that of a reference
 * written here from the table of the templates and its rules, with plain loops and
 * whole numbers and nothing of evaluate.c. Both must agree on which questions have no
 * answer, and an answer must stay when all but its evidence is taken away. */
#include "templates.h"

#include "random_scene.h"
#include "qa/question.h"
#include "qa/evidence.h"

enum { N_SCENES = 10000, TAU_US = 500000 };

static struct avqa_templates *templates;

static const struct avqa_domain *instruments(void)
{
    return templates->items[avqa_templates_find(templates, "A06")].slots[0];
}

/* ---- the reference: sets ------------------------------------------------------------
 */

/* A question asked of a scene; "" as an answer is: there is none. */
struct asked {
    const struct avqa_scene *s;
    const char *const *v;
    char answer[64];
};

/* Who belongs to a set, as far as is known. */
struct group {
    enum avqa_truth in[MAX_INSTANCES];
};

static enum avqa_truth both(enum avqa_truth a, enum avqa_truth b)
{
    if (a == AVQA_NO || b == AVQA_NO)
        return AVQA_NO;
    return a == AVQA_YES && b == AVQA_YES ? AVQA_YES : AVQA_UNKNOWN;
}

/* H, Vis, those of a kind, and what two groups share. */
static struct group heard(const struct avqa_scene *s)
{
    struct group g = {{0}};
    for (size_t i = 0; i < s->n_instances; i++) {
        const struct avqa_ranges *r = &s->instances[i].sounding;
        g.in[i] = !r->known ? AVQA_UNKNOWN : r->n > 0 ? AVQA_YES : AVQA_NO;
    }
    return g;
}

static struct group seen(const struct avqa_scene *s)
{
    struct group g = {{0}};
    for (size_t i = 0; i < s->n_instances; i++)
        g.in[i] = s->instances[i].visible;
    return g;
}

static struct group of_kind(const struct avqa_scene *s, const char *kind)
{
    struct group g = {{0}};
    for (size_t i = 0; i < s->n_instances; i++) {
        const char *is = s->instances[i].instrument;
        g.in[i] = !is ? AVQA_UNKNOWN : strcmp(is, kind) == 0 ? AVQA_YES : AVQA_NO;
    }
    return g;
}

static struct group shared(struct group a, struct group b)
{
    for (size_t i = 0; i < MAX_INSTANCES; i++)
        a.in[i] = both(a.in[i], b.in[i]);
    return a;
}

static struct group except(struct group a, struct group b)
{
    for (size_t i = 0; i < MAX_INSTANCES; i++)
        b.in[i] = b.in[i] == AVQA_YES  ? AVQA_NO
                  : b.in[i] == AVQA_NO ? AVQA_YES
                                       : AVQA_UNKNOWN;
    return shared(a, b);
}

/* How many there are; -1 if that is not known. */
static int how_many(const struct avqa_scene *s, struct group g)
{
    int n = 0;
    if (!s->instances_known)
        return -1;
    for (size_t i = 0; i < s->n_instances; i++) {
        if (g.in[i] == AVQA_UNKNOWN)
            return -1;
        n += g.in[i] == AVQA_YES;
    }
    return n;
}

/* The only one, or -1. */
static int the_only(const struct avqa_scene *s, struct group g)
{
    if (how_many(s, g) != 1)
        return -1;
    int i = 0;
    while (g.in[i] != AVQA_YES)
        i++;
    return i;
}

/* How many kinds there are, -1 if that is not known; the last one's name. */
static int how_many_kinds(const struct avqa_scene *s, struct group g, const char **name)
{
    const char *names[MAX_INSTANCES];
    int n = 0;
    if (how_many(s, g) < 0)
        return -1;
    for (size_t i = 0; i < s->n_instances; i++) {
        if (g.in[i] != AVQA_YES)
            continue;
        if (!s->instances[i].instrument)
            return -1;
        int k = 0;
        while (k < n && strcmp(names[k], s->instances[i].instrument) != 0)
            k++;
        names[k] = s->instances[i].instrument;
        n = k == n ? n + 1 : n;
        *name = names[k];
    }
    return n;
}

/* ---- the reference: places, in hundredths of the picture ----------------------------
 */

static bool places_known(const struct avqa_scene *s)
{
    for (size_t i = 0; i < s->n_instances; i++) {
        if (s->instances[i].visible == AVQA_UNKNOWN ||
            (s->instances[i].visible == AVQA_YES && isnan(s->instances[i].x)))
            return false;
    }
    return s->instances_known;
}

static long at_x(const struct avqa_scene *s, size_t i)
{
    double x = s->instances[i].x;
    return isnan(x) ? 0 : lround(x * 100);
}

/* left, middle, right, or NULL: the outermost ones and all between; if everybody stands
 * within 2 hundredths, the third of the picture, not within 2 of a border. */
static const char *place(const struct avqa_scene *s, int i)
{
    long low = 1000;
    long high = -1000;
    if (!places_known(s) || s->instances[i].visible != AVQA_YES)
        return NULL;
    for (size_t k = 0; k < s->n_instances; k++) {
        if (s->instances[k].visible == AVQA_YES && at_x(s, k) < low)
            low = at_x(s, k);
        if (s->instances[k].visible == AVQA_YES && at_x(s, k) > high)
            high = at_x(s, k);
    }
    long x = at_x(s, (size_t)i);
    if (high - low <= 2) {
        if (labs(3 * x - 100) <= 6 || labs(3 * x - 200) <= 6)
            return NULL;
        return 3 * x < 100 ? "left" : 3 * x < 200 ? "middle" : "right";
    }
    if (x - low <= 2 && high - x <= 2)
        return NULL;
    return x - low <= 2 ? "left" : high - x <= 2 ? "right" : "middle";
}

static struct group standing(const struct avqa_scene *s, const char *where)
{
    struct group g = {{0}};
    for (size_t i = 0; i < s->n_instances; i++) {
        const char *p = place(s, (int)i);
        g.in[i] = s->instances[i].visible == AVQA_NO ? AVQA_NO
                  : !p                               ? AVQA_UNKNOWN
                  : strcmp(p, where) == 0            ? AVQA_YES
                                                     : AVQA_NO;
    }
    return g;
}

/* The nearest to one side of somebody, or -1. */
static int beside(const struct avqa_scene *s, int i, const char *side)
{
    int nearest = -1;
    long best = 1000;
    if (!places_known(s) || strcmp(side, "middle") == 0 ||
        s->instances[i].visible != AVQA_YES)
        return -1;
    for (size_t k = 0; k < s->n_instances; k++) {
        long away = strcmp(side, "left") == 0 ? at_x(s, (size_t)i) - at_x(s, k)
                                              : at_x(s, k) - at_x(s, (size_t)i);
        if (s->instances[k].visible == AVQA_YES && away > 2 && away < best) {
            best = away;
            nearest = (int)k;
        }
    }
    for (size_t k = 0; nearest >= 0 && k < s->n_instances; k++) {
        if (s->instances[k].visible == AVQA_YES && (int)k != nearest && (int)k != i &&
            labs(at_x(s, k) - at_x(s, (size_t)nearest)) <= 2 &&
            labs(at_x(s, k) - at_x(s, (size_t)i)) > 2)
            return -1;
    }
    return nearest;
}

/* ---- the reference: times and comparisons -------------------------------------------
 */

static int64_t on(const struct avqa_scene *s, int i)
{
    return s->instances[i].sounding.items[0].start_us;
}

static int64_t end(const struct avqa_scene *s, int i)
{
    return s->instances[i].sounding.items[s->instances[i].sounding.n - 1].end_us;
}

static int64_t lasts(const struct avqa_scene *s, int i)
{
    int64_t us = 0;
    for (size_t k = 0; k < s->instances[i].sounding.n; k++)
        us += s->instances[i].sounding.items[k].end_us -
              s->instances[i].sounding.items[k].start_us;
    return us;
}

static bool overlap(const struct avqa_scene *s, int i, int j)
{
    const struct avqa_ranges *a = &s->instances[i].sounding;
    const struct avqa_ranges *b = &s->instances[j].sounding;
    for (size_t k = 0; k < a->n; k++) {
        for (size_t m = 0; m < b->n; m++) {
            if (a->items[k].start_us < b->items[m].end_us &&
                b->items[m].start_us < a->items[k].end_us)
                return true;
        }
    }
    return false;
}

/* Who is first (by onset) or last (by end), if nobody else is within the margin; -1. */
static int first_or_last(const struct avqa_scene *s, struct group g, const char *which)
{
    bool first = strcmp(which, "first") == 0;
    int found = -1;
    if (how_many(s, g) < 1)
        return -1;
    for (size_t i = 0; i < s->n_instances; i++) {
        bool wins = g.in[i] == AVQA_YES;
        for (size_t k = 0; wins && k < s->n_instances; k++) {
            if (k == i || g.in[k] != AVQA_YES)
                continue;
            wins = first ? on(s, (int)k) > on(s, (int)i) + TAU_US
                         : end(s, (int)k) < end(s, (int)i) - TAU_US;
        }
        if (wins)
            found = (int)i;
    }
    return found;
}

/* Whether the first is louder by 10 % of amplitude: 1, 0; -1 if too close or unknown.
 */
static int louder(const struct avqa_scene *s, int i, int j)
{
    double a = pow(10, s->instances[i].loudness_db / 20);
    double b = pow(10, s->instances[j].loudness_db / 20);
    if (isnan(a) || isnan(b) || fmax(a, b) < 1.1 * fmin(a, b))
        return -1;
    return a > b;
}

/* The same for whole numbers: 10 % of the larger. */
static int larger(int64_t a, int64_t b)
{
    int64_t high = a > b ? a : b;
    if (a == b || 10 * llabs(a - b) < high)
        return -1;
    return a > b;
}

static int more_rhythmic(const struct avqa_scene *s, int i, int j)
{
    double a = s->instances[i].rhythmicity;
    double b = s->instances[j].rhythmicity;
    return isnan(a) || isnan(b) ? -1 : larger(lround(a * 100), lround(b * 100));
}

static int longer(const struct avqa_scene *s, int i, int j)
{
    return larger(lasts(s, i), lasts(s, j));
}

typedef int compare_fn(const struct avqa_scene *s, int i, int j);

/* ---- the reference: saying it -------------------------------------------------------
 */

static void say(struct asked *q, const char *word)
{
    snprintf(q->answer, sizeof q->answer, "%s", word ? word : "");
}

static void say_truth(struct asked *q, int truth)
{
    say(q, truth < 0 ? "" : truth ? "yes" : "no");
}

static void say_number(struct asked *q, int n)
{
    static const char *const words[] = {"zero",  "one",  "two", "three",
                                        "four",  "five", "six", "seven",
                                        "eight", "nine", "ten"};
    say(q, n < 0 ? "" : n > 10 ? "more than ten" : words[n]);
}

static void say_kind(struct asked *q, int i)
{
    say(q, i < 0 ? "" : q->s->instances[i].instrument);
}

static void say_place(struct asked *q, int i)
{
    say(q, i < 0 ? "" : place(q->s, i));
}

/* ---- the reference: one function per group of templates -----------------------------
 */

/* A01 to A03, X01 to X04: both sound, and one of them does so more. */
static void compare(struct asked *q, struct group a, struct group b, compare_fn *more)
{
    struct group h = heard(q->s);
    int i = the_only(q->s, a);
    int j = the_only(q->s, b);
    if (i >= 0 && j >= 0 && h.in[i] == AVQA_YES && h.in[j] == AVQA_YES)
        say_truth(q, more(q->s, i, j));
}

static void compare_heard(struct asked *q, compare_fn *more)
{
    if (strcmp(q->v[0], q->v[1]) != 0)
        compare(q, shared(heard(q->s), of_kind(q->s, q->v[0])),
                shared(heard(q->s), of_kind(q->s, q->v[1])), more);
}

static void compare_kinds_at(struct asked *q, compare_fn *more)
{
    if (strcmp(q->v[0], q->v[2]) != 0 || strcmp(q->v[1], q->v[3]) != 0)
        compare(q, shared(of_kind(q->s, q->v[0]), standing(q->s, q->v[1])),
                shared(of_kind(q->s, q->v[2]), standing(q->s, q->v[3])), more);
}

static void compare_at(struct asked *q, compare_fn *more)
{
    if (strcmp(q->v[0], q->v[1]) != 0)
        compare(q, standing(q->s, q->v[0]), standing(q->s, q->v[1]), more);
}

/* A04, V01: two kinds; A06, V04: one. */
static void are_both(struct asked *q, struct group g)
{
    int a = how_many(q->s, shared(g, of_kind(q->s, q->v[0])));
    int b = how_many(q->s, shared(g, of_kind(q->s, q->v[1])));
    if (a >= 0 && b >= 0 && strcmp(q->v[0], q->v[1]) != 0)
        say_truth(q, a > 0 && b > 0);
}

static void is_one(struct asked *q, struct group g)
{
    int n = how_many(q->s, shared(g, of_kind(q->s, q->v[0])));
    say_truth(q, n < 0 ? -1 : n > 0);
}

static void outermost(struct asked *q)
{
    struct group g = seen(q->s);
    if (how_many(q->s, g) < 1 || !places_known(q->s))
        return;
    for (size_t i = 0; i < q->s->n_instances; i++) {
        bool wins = g.in[i] == AVQA_YES;
        for (size_t k = 0; k < q->s->n_instances; k++) {
            long d = at_x(q->s, k) - at_x(q->s, i);
            if (k != i && g.in[k] == AVQA_YES)
                wins = wins && (strcmp(q->v[0], "leftest") == 0 ? d > 2 : d < -2);
        }
        if (wins)
            say_kind(q, (int)i);
    }
}

static void only_kind(struct asked *q, struct group g)
{
    const char *name = NULL;
    if (how_many_kinds(q->s, g, &name) == 1)
        say(q, name);
}

static void always(struct asked *q)
{
    int i = the_only(q->s, shared(seen(q->s), of_kind(q->s, q->v[0])));
    int64_t whole = q->s->duration_us;
    if (i < 0 || whole == AVQA_FACTS_UNKNOWN || !q->s->instances[i].sounding.known)
        return;
    int64_t silent = whole - lasts(q->s, i);
    if (20 * silent <= whole)
        say(q, "yes");
    else if (10 * silent >= whole) /* between 5 and 10 % nobody would say always */
        say(q, "no");
}

static void from_the_video(struct asked *q)
{
    int h = how_many(q->s, heard(q->s));
    int v = how_many(q->s, seen(q->s));
    if (h > 0 && v > 0)
        say_truth(q, how_many(q->s, except(heard(q->s), seen(q->s))) == 0);
}

static void comes_from(struct asked *q)
{
    int sounds = first_or_last(q->s, heard(q->s), q->v[0]);
    int stands = the_only(q->s, standing(q->s, q->v[1]));
    if (sounds >= 0 && stands >= 0)
        say_truth(q, sounds == stands);
}

static void loudest(struct asked *q)
{
    struct group h = heard(q->s);
    int wanted = strcmp(q->v[0], "loudest") == 0;
    if (how_many(q->s, h) < 1)
        return;
    for (size_t i = 0; i < q->s->n_instances; i++) {
        bool wins = h.in[i] == AVQA_YES && !isnan(q->s->instances[i].loudness_db);
        for (size_t k = 0; k < q->s->n_instances; k++) {
            if (h.in[k] == AVQA_YES && isnan(q->s->instances[k].loudness_db))
                return;
            if (k != i && h.in[k] == AVQA_YES)
                wins = wins && louder(q->s, (int)i, (int)k) == wanted;
        }
        if (wins)
            say_place(q, (int)i);
    }
}

static void same_time(struct asked *q)
{
    struct group h = heard(q->s);
    int o = the_only(q->s, shared(h, of_kind(q->s, q->v[0])));
    if (o < 0)
        return;
    for (size_t i = 0; i < q->s->n_instances; i++) {
        if ((int)i == o || (h.in[i] == AVQA_YES && !overlap(q->s, (int)i, o)))
            h.in[i] = AVQA_NO;
    }
    only_kind(q, h);
}

/* The one before which exactly k - 1 come in, nobody within the margin of it. */
static void comes_in(struct asked *q)
{
    static const char *const words[] = {"first", "second", "third", "fourth", "fifth"};
    struct group h = heard(q->s);
    if (how_many(q->s, h) < 1)
        return;
    for (size_t i = 0; i < q->s->n_instances; i++) {
        int earlier = 0;
        bool alone = h.in[i] == AVQA_YES;
        for (size_t k = 0; alone && k < q->s->n_instances; k++) {
            if (k == i || h.in[k] != AVQA_YES)
                continue;
            alone = llabs(on(q->s, (int)k) - on(q->s, (int)i)) > TAU_US;
            earlier += on(q->s, (int)k) < on(q->s, (int)i);
        }
        if (alone && earlier < 5 && strcmp(words[earlier], q->v[0]) == 0)
            say_kind(q, (int)i);
    }
}

static void which(struct asked *q)
{
    struct group g = shared(heard(q->s), of_kind(q->s, q->v[0]));
    int64_t low = INT64_MAX;
    int64_t high = INT64_MIN;
    if (how_many(q->s, g) < 2 || how_many(q->s, shared(g, seen(q->s))) < 2)
        return;
    for (size_t i = 0; i < q->s->n_instances; i++) {
        if (g.in[i] == AVQA_YES && on(q->s, (int)i) < low)
            low = on(q->s, (int)i);
        if (g.in[i] == AVQA_YES && on(q->s, (int)i) > high)
            high = on(q->s, (int)i);
    }
    if (high - low <= TAU_US)
        say(q, "simultaneously");
    else
        say_place(q, first_or_last(q->s, g, q->v[1]));
}

/* Who comes in next before or after the only o, nobody with o, nobody with them. */
static void before_or_after(struct asked *q)
{
    struct group h = heard(q->s);
    int o = the_only(q->s, shared(h, of_kind(q->s, q->v[1])));
    int sign = strcmp(q->v[0], "after") == 0 ? 1 : -1;
    int found = -1;
    if (o < 0 || how_many(q->s, h) < 1)
        return;
    for (size_t i = 0; i < q->s->n_instances; i++) {
        if ((int)i == o || h.in[i] != AVQA_YES)
            continue;
        int64_t later = sign * (on(q->s, (int)i) - on(q->s, o));
        if (llabs(later) <= TAU_US)
            return;
        if (later > 0 && (found < 0 || later < sign * (on(q->s, found) - on(q->s, o))))
            found = (int)i;
    }
    for (size_t i = 0; found >= 0 && i < q->s->n_instances; i++) {
        if ((int)i != found && h.in[i] == AVQA_YES &&
            llabs(on(q->s, (int)i) - on(q->s, found)) <= TAU_US)
            return;
    }
    say_kind(q, found);
}

static void refer_audio(struct asked *q, int number)
{
    switch (number) {
    case 1:
        compare_heard(q, louder);
        break;
    case 2:
        compare_heard(q, more_rhythmic);
        break;
    case 3:
        compare_heard(q, longer);
        break;
    case 4:
        are_both(q, heard(q->s));
        break;
    case 5:
        say_number(q, how_many(q->s, heard(q->s)));
        break;
    default:
        is_one(q, heard(q->s));
        break;
    }
}

static void refer_visual(struct asked *q, int number)
{
    const char *name;
    switch (number) {
    case 1:
        are_both(q, seen(q->s));
        break;
    case 2:
        say_number(q, how_many(q->s, shared(seen(q->s), of_kind(q->s, q->v[0]))));
        break;
    case 3:
        say_number(q, how_many_kinds(q->s, seen(q->s), &name));
        break;
    case 4:
        is_one(q, seen(q->s));
        break;
    case 5: {
        int o = the_only(q->s, shared(seen(q->s), of_kind(q->s, q->v[1])));
        say_kind(q, o < 0 ? -1 : beside(q->s, o, q->v[0]));
        break;
    }
    case 6:
        outermost(q);
        break;
    case 7:
        only_kind(q, seen(q->s));
        break;
    default:
        say(q, q->s->place);
        break;
    }
}

/* X01 to X11. */
static void refer_both(struct asked *q, int number)
{
    struct group vs = shared(heard(q->s), seen(q->s));
    const char *name;
    switch (number) {
    case 1:
        compare_kinds_at(q, louder);
        break;
    case 2:
        compare_kinds_at(q, more_rhythmic);
        break;
    case 3:
        compare_at(q, louder);
        break;
    case 4:
        compare_at(q, more_rhythmic);
        break;
    case 5:
        say_number(q, how_many(q->s, vs));
        break;
    case 6:
        say_number(q, how_many(q->s, except(seen(q->s), heard(q->s))));
        break;
    case 7:
        say_number(q, how_many(q->s, shared(vs, of_kind(q->s, q->v[0]))));
        break;
    case 8:
        say_number(q, how_many_kinds(q->s, vs, &name));
        break;
    case 9:
        always(q);
        break;
    case 10:
        say_truth(q, q->s->voiceover.known ? q->s->voiceover.n > 0 : -1);
        break;
    default:
        from_the_video(q);
        break;
    }
}

/* X12 to X19. */
static void refer_where_and_when(struct asked *q, int number)
{
    int i;
    switch (number) {
    case 12:
        comes_from(q);
        break;
    case 13:
        i = first_or_last(q->s, heard(q->s), q->v[1]);
        say_kind(q, i < 0 ? -1 : beside(q->s, i, q->v[0]));
        break;
    case 14:
        loudest(q);
        break;
    case 15:
        same_time(q);
        break;
    case 16:
        comes_in(q);
        break;
    case 17:
        say_place(q, first_or_last(q->s, heard(q->s), q->v[0]));
        break;
    case 18:
        which(q);
        break;
    default:
        before_or_after(q);
        break;
    }
}

static struct asked refer(const struct avqa_template *t, const char *const *values,
                          const struct avqa_scene *s)
{
    struct asked q = {.s = s, .v = values};
    int number = (int)strtol(t->code + 1, NULL, 10);
    if (t->code[0] == 'A')
        refer_audio(&q, number);
    else if (t->code[0] == 'V')
        refer_visual(&q, number);
    else if (number < 12)
        refer_both(&q, number);
    else
        refer_where_and_when(&q, number);
    return q;
}

/* ---- the comparison -----------------------------------------------------------------
 */

static void describe(const struct avqa_scene *s)
{
    for (size_t i = 0; i < s->n_instances; i++) {
        const struct avqa_instance *in = &s->instances[i];
        print_error("  %s %s visible %d x %.2f loud %.2f rhythm %.2f sounding%s",
                    in->id, in->instrument ? in->instrument : "?", (int)in->visible,
                    in->x, in->loudness_db, in->rhythmicity,
                    in->sounding.known ? "" : " ?");
        for (size_t k = 0; k < in->sounding.n; k++)
            print_error(" [%.1f,%.1f]", (double)in->sounding.items[k].start_us / 1e6,
                        (double)in->sounding.items[k].end_us / 1e6);
        print_error("\n");
    }
}

static void check_evidence(const struct avqa_template *t, const char *const *values,
                           const struct world *w, const struct avqa_evaluation *e)
{
    struct world less = *w;
    less.scene.instances = less.instances;
    less.scene.n_instances = 0;
    for (size_t i = 0; i < w->scene.n_instances; i++) {
        if (avqa_instance_set_has(&e->evidence, i))
            less.instances[less.scene.n_instances++] = w->instances[i];
    }
    struct avqa_evaluation again =
        avqa_question_pose(t, values, &less.scene, &AVQA_MARGINS_DEFAULTS);
    if (again.reason == AVQA_WELL_POSED && strcmp(again.answer, e->answer) == 0)
        return;
    describe(&w->scene);
    fail_msg("%s: %s became %s (%s) without what is no evidence", t->code, e->answer,
             again.answer ? again.answer : "nothing",
             avqa_ill_posed_name(again.reason));
}

static enum avqa_ill_posed check_one(const struct avqa_template *t,
                                     const char *const *values, const struct world *w)
{
    struct asked wanted = refer(t, values, &w->scene);
    struct avqa_evaluation e =
        avqa_question_pose(t, values, &w->scene, &AVQA_MARGINS_DEFAULTS);
    const char *got = e.reason == AVQA_WELL_POSED ? e.answer : "";
    if (strcmp(got, wanted.answer) != 0) {
        describe(&w->scene);
        for (size_t i = 0; i < t->n_slots; i++)
            print_error("  %s = %s\n", t->slot_names[i], values[i]);
        fail_msg("%s: \"%s\" (%s), not \"%s\"", t->code, got,
                 avqa_ill_posed_name(e.reason), wanted.answer);
    }
    if (e.reason == AVQA_WELL_POSED)
        check_evidence(t, values, w, &e);
    else
        assert_null(e.answer);
    return e.reason;
}

static void report(size_t counts[][AVQA_N_ILL_POSED])
{
    for (size_t k = 0; k < templates->n; k++) {
        print_message("%s:", templates->items[k].code);
        for (int r = 0; r < AVQA_N_ILL_POSED; r++) {
            if (counts[k][r])
                print_message(" %s %zu,", avqa_ill_posed_name((enum avqa_ill_posed)r),
                              counts[k][r]);
        }
        print_message("\n");
    }
}

static void test_random_scenes(void **state)
{
    (void)state;
    static size_t counts[64][AVQA_N_ILL_POSED];
    static struct world w;
    assert_int_equal(templates->n, 33);
    for (int i = 0; i < N_SCENES; i++) {
        char item[32];
        struct avqa_rng rng;
        snprintf(item, sizeof item, "scene %d", i);
        avqa_rng_init(&rng, 20220619, item);
        random_world(&rng, &w, instruments(), -1);
        for (size_t k = 0; k < templates->n; k++) {
            const struct avqa_template *t = &templates->items[k];
            const char *values[AVQA_TEMPLATE_MAX_SLOTS] = {0};
            random_values(&rng, t, &w.scene, values);
            counts[k][check_one(t, values, &w)]++;
        }
    }
    report(counts);
    for (size_t k = 0; k < templates->n; k++) {
        size_t posed = counts[k][AVQA_WELL_POSED];
        if (posed < 50 || N_SCENES - posed < 50)
            fail_msg("%s: %zu of %d well posed", templates->items[k].code, posed,
                     N_SCENES);
    }
}

/* A filling whose words are tried out of all words of their domains. */
static bool fill_at(const struct avqa_template *t, const char *const *values,
                    uint16_t *at, uint16_t *n_words)
{
    for (size_t s = 0; s < t->n_slots; s++) {
        size_t i = avqa_domain_find(t->slots[s], values[s]);
        if (i == AVQA_DOMAIN_NONE)
            return false;
        at[s] = (uint16_t)i;
        n_words[s] = (uint16_t)t->slots[s]->n_values;
    }
    return true;
}

/* What is remembered of a clip changes nothing, in whatever order it is asked. */
static void test_remembered(void **state)
{
    (void)state;
    static struct world w;
    struct avqa_memo *memo = avqa_stage_memo();
    struct avqa_margins margins = AVQA_MARGINS_DEFAULTS;
    size_t well_posed = 0;
    for (int i = 0; i < 200; i++) {
        char item[32];
        struct avqa_rng rng;
        snprintf(item, sizeof item, "remembered %d", i);
        avqa_rng_init(&rng, 20220619, item);
        random_world(&rng, &w, instruments(), -1);
        struct avqa_stage stage = {&w.scene, &margins, memo};
        avqa_memo_clear(memo);
        for (size_t n = 0; n < 20 * templates->n; n++) {
            const struct avqa_template *t =
                &templates->items[avqa_rng_below(&rng, templates->n)];
            const char *values[AVQA_TEMPLATE_MAX_SLOTS] = {0};
            uint16_t at[AVQA_TEMPLATE_MAX_SLOTS];
            uint16_t n_words[AVQA_TEMPLATE_MAX_SLOTS];
            random_values(&rng, t, &w.scene, values);
            if (!fill_at(t, values, at, n_words))
                continue;
            struct avqa_filling filling = {values, at, n_words};
            struct avqa_evaluation x = avqa_question_pose_on(&stage, t, &filling);
            struct avqa_evaluation y =
                avqa_question_pose(t, values, &w.scene, &margins);
            assert_int_equal(x.reason, y.reason);
            assert_ptr_equal(x.answer, y.answer);
            assert_int_equal(x.position, y.position);
            assert_int_equal(x.by_sound, y.by_sound);
            assert_memory_equal(&x.evidence, &y.evidence, sizeof x.evidence);
            well_posed += x.reason == AVQA_WELL_POSED;
        }
    }
    assert_true(well_posed > 10000);
    avqa_memo_free(memo);
}

/* ---- single decisions ---------------------------------------------------------------
 */

/* A trio on an even stage: cello left, drum middle, erhu right; each sounds in one
 * range. */
static void trio(struct world *w)
{
    static const char *const kinds[] = {"cello", "drum", "erhu"};
    static const struct avqa_range ranges[] = {
        {0, 9000000}, {2000000, 10000000}, {4000000, 10000000}};
    memset(w, 0, sizeof *w);
    w->scene = (struct avqa_scene){.clip = "trio",
                                   .duration_us = 10000000,
                                   .place = "indoor",
                                   .voiceover = {.known = true},
                                   .instances = w->instances,
                                   .n_instances = 3,
                                   .instances_known = true};
    for (size_t i = 0; i < 3; i++) {
        snprintf(w->ids[i], sizeof w->ids[i], "i%zu", i);
        w->ranges[i][0] = ranges[i];
        w->instances[i] = (struct avqa_instance){.id = w->ids[i],
                                                 .instrument = kinds[i],
                                                 .visible = AVQA_YES,
                                                 .x = 0.2 + 0.3 * (double)i,
                                                 .sounding = {w->ranges[i], 1, true},
                                                 .loudness_db = -20 + 3 * (double)i,
                                                 .rhythmicity = 0.5};
    }
}

static void assert_posed(const struct world *w, const char *code, const char *const *v,
                         const char *answer)
{
    const struct avqa_template *t =
        &templates->items[avqa_templates_find(templates, code)];
    struct avqa_evaluation e =
        avqa_question_pose(t, v, &w->scene, &AVQA_MARGINS_DEFAULTS);
    const char *got = e.answer ? e.answer : avqa_ill_posed_name(e.reason);
    if (strcmp(got, answer) != 0)
        fail_msg("%s: %s, not %s", code, got, answer);
}

#define WORDS(...) ((const char *const[]){__VA_ARGS__, NULL})

static void test_reasons(void **state)
{
    (void)state;
    static struct world w;
    trio(&w);
    assert_posed(&w, "A01", WORDS("drum", "cello"), "yes");
    assert_posed(&w, "A01", WORDS("drum", "drum"), "same thing");
    assert_posed(&w, "A01", WORDS("drum", "flute"), "nothing");
    assert_posed(&w, "A01", WORDS("drum", "kazoo"), "no word");
    assert_posed(&w, "A02", WORDS("drum", "cello"), "too close");
    assert_posed(&w, "V05", WORDS("middle", "drum"), "senseless");
    assert_posed(&w, "V05", WORDS("left", "cello"), "nothing");
    assert_posed(&w, "V05", WORDS("left", "erhu"), "drum");
    assert_posed(&w, "X01", WORDS("erhu", "right", "drum", "middle"), "yes");
    assert_posed(&w, "X16", WORDS("third"), "erhu");
    assert_posed(&w, "X16", WORDS("fourth"), "nothing");
    assert_posed(&w, "X17", WORDS("last"), "several");
    assert_posed(&w, "X18", WORDS("drum", "first"), "not given");
    w.instances[0].visible = AVQA_NO;
    assert_posed(&w, "X17", WORDS("first"), "off screen");
    assert_posed(&w, "X12", WORDS("first", "left"), "no");
    w.instances[2].sounding.n = 0;
    assert_posed(&w, "X03", WORDS("left", "right"), "silent");
    w.scene.place = NULL;
    assert_posed(&w, "V08", WORDS(NULL), "unknown");
}

/* What a question does not need may be unknown. */
static void test_unknown_elsewhere(void **state)
{
    (void)state;
    static struct world w;
    trio(&w);
    w.instances[2].sounding = (struct avqa_ranges){0};
    assert_posed(&w, "A06", WORDS("drum"), "yes");
    assert_posed(&w, "A06", WORDS("flute"), "no");
    assert_posed(&w, "A06", WORDS("erhu"), "unknown");
    assert_posed(&w, "A05", WORDS(NULL), "unknown");
    assert_posed(&w, "X03", WORDS("left", "right"), "unknown");
    w.instances[2].visible = AVQA_UNKNOWN;
    assert_posed(&w, "V02", WORDS("drum"), "one");
    assert_posed(&w, "X03", WORDS("left", "middle"), "unknown");
}

/* "At least 10 %" includes 10 %, also where binary fractions fall short of it; onsets
 * must be more than 0.5 s apart; always may leave out 5 %. */
static void test_margins(void **state)
{
    (void)state;
    static struct world w;
    trio(&w);
    w.instances[0].rhythmicity = 0.9;
    w.instances[1].rhythmicity = 1.0;
    assert_posed(&w, "A02", WORDS("drum", "cello"), "yes");
    w.instances[0].rhythmicity = 0.91;
    assert_posed(&w, "A02", WORDS("drum", "cello"), "too close");
    assert_posed(&w, "A03", WORDS("drum", "cello"), "no");
    w.ranges[1][0] = (struct avqa_range){500000, 10000000};
    assert_posed(&w, "X17", WORDS("first"), "several");
    assert_posed(&w, "X09", WORDS("drum"), "yes");
    w.ranges[1][0] = (struct avqa_range){500001, 10000000};
    assert_posed(&w, "X17", WORDS("first"), "left");
    assert_posed(&w, "X09", WORDS("drum"), "too close");
    assert_posed(&w, "X09", WORDS("cello"), "no");
    w.instances[0].x = 0.52;
    w.instances[1].x = 0.50; /* in binary they are a little more than 0.02 apart */
    assert_posed(&w, "V06", WORDS("leftest"), "several");
}

/* Programs that say the same in two ways answer the same, unknown members included. */
static const char *const synonyms[][2] = {
    {"count(is(sounding(all), $0))", "count(sounding(is(all, $0)))"},
    {"count(intersect(visible(all), sounding(all)))", "count(sounding(visible(all)))"},
    {"count(minus(visible(all), sounding(all)))", "count(silent(visible(all)))"},
    {"count(offscreen(all))", "count(minus(sounding(all), visible(all)))"},
    {"count(union(visible(all), sounding(all)))",
     "count(minus(all, minus(minus(all, visible(all)), sounding(all))))"},
    {"count(union(offscreen(all), intersect(is(all, $0), sounding(all))))",
     "count(sounding(union(is(all, $0), minus(all, visible(all)))))"},
};

static size_t check_synonyms(const char *const *pair)
{
    const struct avqa_template *t =
        &templates->items[avqa_templates_find(templates, "X07")];
    struct avqa_program_scope scope = avqa_template_scope(t);
    struct avqa_arena arena = AVQA_ARENA_INIT;
    const struct avqa_program_node *programs[2];
    static struct world w;
    size_t n_unknown = 0;
    for (int i = 0; i < 2; i++)
        assert_int_equal(avqa_program_parse(&programs[i], &arena, pair[i], &scope),
                         AVQA_OK);
    for (int i = 0; i < 2000; i++) {
        char item[32];
        struct avqa_rng rng;
        const char *values[AVQA_TEMPLATE_MAX_SLOTS] = {0};
        snprintf(item, sizeof item, "synonym %d", i);
        avqa_rng_init(&rng, 20220619, item);
        random_world(&rng, &w, instruments(), -1);
        random_values(&rng, t, &w.scene, values);
        struct avqa_evaluation e[2];
        for (int k = 0; k < 2; k++)
            e[k] = avqa_evaluate(programs[k], &scope, values, &w.scene,
                                 &AVQA_MARGINS_DEFAULTS);
        assert_int_equal(e[0].reason, e[1].reason);
        assert_ptr_equal(e[0].answer, e[1].answer);
        n_unknown += e[0].reason == AVQA_ILL_UNKNOWN;
    }
    avqa_arena_release(&arena);
    return n_unknown;
}

static void test_synonyms(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof synonyms / sizeof *synonyms; i++) {
        size_t n_unknown = check_synonyms(synonyms[i]);
        assert_true(n_unknown > 100 && n_unknown < 1000);
    }
}

/* Onsets 0.4 s apart in a row: the third is not the third for certain, although the
 * first two are a group of their own. */
static void test_onsets_in_a_row(void **state)
{
    (void)state;
    static struct world w;
    trio(&w);
    w.ranges[1][0].start_us = 400000;
    w.ranges[2][0].start_us = 800000;
    assert_posed(&w, "X16", WORDS("third"), "several");
    w.ranges[2][0].start_us = 1000000;
    assert_posed(&w, "X16", WORDS("third"), "erhu");
    assert_posed(&w, "X16", WORDS("second"), "several");
}

static void test_more_than_ten(void **state)
{
    (void)state;
    static struct world w;
    trio(&w);
    for (size_t i = 3; i < 12; i++) {
        snprintf(w.ids[i], sizeof w.ids[i], "i%zu", i);
        w.instances[i] = w.instances[2];
        w.instances[i].id = w.ids[i];
    }
    w.scene.n_instances = 12;
    assert_posed(&w, "V02", WORDS("erhu"), "ten");
    assert_posed(&w, "A05", WORDS(NULL), "more than ten");
}

static const char *degenerate(const struct world *w, const char *const *values)
{
    struct avqa_margins margins = AVQA_MARGINS_DEFAULTS;
    struct avqa_stage stage = {&w->scene, &margins, NULL};
    struct avqa_filling filling = {values, NULL, NULL};
    const struct avqa_template *t =
        &templates->items[avqa_templates_find(templates, "X01")];
    struct avqa_evaluation e = avqa_question_pose_on(&stage, t, &filling);
    assert_int_equal(e.reason, AVQA_WELL_POSED);
    return avqa_ill_posed_name(avqa_question_degenerate(&stage, t, &filling, &e));
}

/* A place is needed where it tells one cello from another, and idle beside the only
 * drum; two at one place are not told apart by it. */
static void test_degenerate(void **state)
{
    (void)state;
    static struct world w;
    trio(&w);
    w.instances[2].instrument = "cello";
    assert_string_equal(degenerate(&w, WORDS("cello", "left", "cello", "right")),
                        "well posed");
    assert_string_equal(degenerate(&w, WORDS("cello", "left", "drum", "middle")),
                        "idle");
    assert_string_equal(degenerate(&w, WORDS("drum", "middle", "cello", "left")),
                        "idle");
    w.instances[1].x = w.instances[0].x;
    assert_string_equal(degenerate(&w, WORDS("cello", "left", "drum", "left")),
                        "same place");
}

static void test_evidence_json(void **state)
{
    (void)state;
    static struct world w;
    trio(&w);
    const char *values[] = {"cello", "drum"};
    const struct avqa_template *t =
        &templates->items[avqa_templates_find(templates, "A01")];
    struct avqa_evaluation e =
        avqa_question_pose(t, values, &w.scene, &AVQA_MARGINS_DEFAULTS);
    struct avqa_buf text = AVQA_BUF_INIT;
    struct avqa_arena scratch = AVQA_ARENA_INIT;
    struct avqa_json *json;
    avqa_evidence_text(&text, &scratch, &e, &w.scene);
    assert_string_equal(avqa_buf_str(&text),
                        "{\"instances\": [\"i0\", \"i1\"], \"times\": [[0, 10]]}");
    assert_int_equal(avqa_json_parse(&json, avqa_buf_str(&text), text.len), AVQA_OK);
    avqa_buf_clear(&text);
    w.ranges[0][0] = (struct avqa_range){1, 1250000};
    avqa_evidence_text(&text, &scratch, &e, &w.scene);
    assert_string_equal(avqa_buf_str(&text),
                        "{\"instances\": [\"i0\", \"i1\"], \"times\": [[0.000001, "
                        "1.25], [2, 10]]}");
    avqa_buf_release(&text);
    avqa_arena_release(&scratch);
    const struct avqa_json *ids = avqa_json_get(json, "instances");
    const struct avqa_json *times = avqa_json_get(json, "times");
    double from = -1;
    double to = -1;
    assert_int_equal(avqa_json_count(ids), 2);
    assert_string_equal(avqa_json_string(avqa_json_first(ids)), "i0");
    assert_int_equal(avqa_json_count(times), 1);
    const struct avqa_json *range = avqa_json_first(avqa_json_first(times));
    assert_true(avqa_json_double(range, &from));
    assert_true(avqa_json_double(avqa_json_next(range), &to));
    assert_true(fabs(from) < 1e-9 && fabs(to - 10) < 1e-9);
    avqa_json_free(json);
}

/* ---- loading ------------------------------------------------------------------------
 */

static int load(void **state)
{
    (void)state;
    templates = templates_of("templates/music-avqa.json");
    return 0;
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
        cmocka_unit_test(test_random_scenes),     cmocka_unit_test(test_reasons),
        cmocka_unit_test(test_unknown_elsewhere), cmocka_unit_test(test_margins),
        cmocka_unit_test(test_onsets_in_a_row),   cmocka_unit_test(test_more_than_ten),
        cmocka_unit_test(test_synonyms),          cmocka_unit_test(test_remembered),
        cmocka_unit_test(test_degenerate),        cmocka_unit_test(test_evidence_json),
    };
    return cmocka_run_group_tests(tests, load, unload);
}
