/* See eval_print.h. Every block is a function; numbers come out of the report. */
#include "cli/eval_print.h"
#include "base/text.h"
#include "cli/print.h"

#include <inttypes.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum { NAME = 23, PAIR_NAME = 19, WIDTH = 78, GROUPED = 48, SHOWN = 12 };

/* ---- numbers --------------------------------------------------------------------- */

static int64_t whole(const struct avqa_json *node, const char *key)
{
    int64_t n = 0;
    avqa_json_int(avqa_json_get(node, key), &n);
    return n;
}

/* NaN for what is not there. */
static double real(const struct avqa_json *node)
{
    double x = (double)NAN;
    avqa_json_double(node, &x);
    return x;
}

static const char *word(const struct avqa_json *node, const char *key)
{
    const char *text = avqa_json_string(avqa_json_get(node, key));
    return text ? text : "";
}

/* "45,867" into out[GROUPED], which is returned. */
static const char *grouped(char *out, int64_t n)
{
    char digits[GROUPED];
    size_t len = (size_t)snprintf(digits, sizeof digits, "%" PRId64, n);
    char *to = out;
    for (size_t i = 0; i < len; i++) {
        if (i && (len - i) % 3 == 0 && digits[i - 1] != '-')
            *to++ = ',';
        *to++ = digits[i];
    }
    *to = '\0';
    return out;
}

/* "74.06", or nothing, into out[GROUPED]. */
static const char *percent(char *out, double share, int decimals)
{
    out[0] = '\0';
    if (!isnan(share))
        snprintf(out, GROUPED, "%.*f", decimals, 100 * share);
    return out;
}

/* "72.0 to 76.2", or nothing; of differences with signs. */
static const char *interval(char *out, const struct avqa_json *pair, bool sign)
{
    double lo = real(avqa_json_first(pair));
    double hi = real(avqa_json_next(avqa_json_first(pair)));
    out[0] = '\0';
    if (isnan(lo))
        return out;
    snprintf(out, GROUPED, sign ? "%+.1f to %+.1f" : "%.1f to %.1f", 100 * lo,
             100 * hi);
    return out;
}

static void rule(void)
{
    printf(" ");
    for (int i = 0; i < WIDTH; i++)
        putchar('-');
    printf("\n");
}

/* ---- the table ------------------------------------------------------------------- */

static void print_group(const char *indent, const char *name, const struct avqa_json *g)
{
    char a[GROUPED], b[GROUPED], c[GROUPED], d[GROUPED], e[GROUPED];
    int64_t total = whole(g, "total");
    double prior = total ? (double)whole(g, "prior") / (double)total : (double)NAN;
    printf(" %s%-*s%8s%17s%11s of %-8s%7s\n", indent, NAME - (int)strlen(indent), name,
           percent(a, real(avqa_json_get(g, "accuracy")), 2),
           interval(b, avqa_json_get(g, "ci95"), false),
           grouped(c, whole(g, "correct")), grouped(d, total), percent(e, prior, 2));
}

static void print_table_head(const char *what)
{
    printf(" %-*s%8s%17s%11s %-11s%7s\n", NAME, what, "right, %", "95 % interval",
           "right", "of", "prior,%");
}

/* The part of "Audio/Counting" behind the modality, or NULL if it is another's. */
static const char *type_of(const char *label, const char *modality)
{
    size_t len = strlen(modality);
    bool is_of = strncmp(label, modality, len) == 0 && label[len] == '/';
    return is_of ? label + len + 1 : NULL;
}

static void print_notes(const struct avqa_json *report)
{
    char draws[GROUPED];
    const struct avqa_json *intervals = avqa_json_get(report, "intervals");
    const struct avqa_json *prior = avqa_json_get(report, "prior");
    bool self = strcmp(word(prior, "fit"), word(report, "split")) == 0;
    printf("\n right: share of questions, all alike.\n"
           " interval: %s draws of whole videos; empty where there are fewer than %lld."
           "\n prior: the commonest answer of each template%s%s%s.\n",
           grouped(draws, whole(intervals, "draws")),
           (long long)whole(intervals, "min_videos"),
           self ? " in this very split" : " in '", self ? "" : word(prior, "fit"),
           self ? "" : "'");
}

/* ---- predictions of others ------------------------------------------------------- */

/* `what` as in cli/print.h. */
static void print_some(int64_t n, const char *what)
{
    char text[GROUPED];
    if (n == 0)
        return;
    printf(" %9s ", grouped(text, n));
    avqa_print_counted(n, what);
    putchar('\n');
}

static void print_unread(const struct avqa_json *about)
{
    const struct avqa_json *u = avqa_json_first(avqa_json_get(about, "not_read"));
    size_t shown = 0;
    for (; u && shown < 3; u = avqa_json_next(u), shown++)
        printf("%s'%.40s' (%" PRId64 ")", shown ? ", " : "           such as ",
               word(u, "text"), whole(u, "questions"));
    if (shown)
        printf("\n");
}

static void print_predictions(const struct avqa_json *about)
{
    const struct avqa_json *shared = avqa_json_get(about, "shared");
    char text[GROUPED];
    bool wrong = avqa_json_true(avqa_json_get(about, "missing_are_wrong"));
    printf("\n %s: %s prediction%s\n", word(about, "file"),
           grouped(text, whole(about, "lines")),
           avqa_text_plural(whole(about, "lines")));
    print_some(whole(about, "exact"),
               "{answer|answers} as {it stands|they stand} in the vocabulary");
    print_some(whole(about, "worded"), "the same in other words (2, Yes., violins)");
    print_some(whole(about, "found"), "found in a longer text");
    print_some(whole(about, "nothing"),
               "not read: no answer in {it|them}; counted as wrong");
    print_some(whole(about, "several"),
               "not read: more than one answer in {it|them}; counted as wrong");
    print_unread(about);
    print_some(whole(about, "missing"),
               wrong ? "{question|questions} without a prediction; counted as wrong"
                     : "{question|questions} without a prediction; left out");
    print_some(whole(about, "duplicates"),
               "{prediction|predictions} too many for {its|their} question");
    print_some(whole(about, "contradicting"), "of these {says|say} something else");
    print_some(whole(about, "not_in_split"),
               "{prediction|predictions} for no question of the split");
    print_some(whole(shared, "contradicting"),
               "question {id stands|ids stand} for the same question twice, with "
               "different\n"
               "           answers: one prediction cannot meet both");
}

/* ---- runs ------------------------------------------------------------------------ */

static void print_run(const struct avqa_json *about)
{
    printf("\n %s: %s, %s weights\n", word(about, "folder"), word(about, "model"),
           word(about, "weights"));
    print_some(
        whole(about, "no_features"),
        "{question|questions} whose {clip lacks|clips lack} the features; left out");
    print_some(
        whole(about, "unknown_answers"),
        "{question|questions} whose {answer|answers} the model does not know; wrong");
    print_some(whole(about, "unknown_words"),
               "{question|questions} with words that the model does not know");
    print_some(whole(about, "cut"), "{question|questions} longer than the model reads");
}

static void print_peak(const struct avqa_json *grounding, const char *key,
                       const char *name)
{
    char a[GROUPED], b[GROUPED], c[GROUPED], d[GROUPED], e[GROUPED];
    const struct avqa_json *g = avqa_json_get(grounding, key);
    if (g)
        printf(" %-*s%8s%17s%11s of %-8s%7s\n", NAME, name,
               percent(a, real(avqa_json_get(g, "accuracy")), 2),
               interval(b, avqa_json_get(g, "ci95"), false),
               grouped(c, whole(g, "hits")), grouped(d, whole(g, "total")),
               percent(e, real(avqa_json_get(g, "chance")), 2));
}

static void print_grounding(const struct avqa_json *grounding)
{
    if (!grounding)
        return;
    printf("\n %-*s%8s%17s%11s %-11s%7s\n", NAME, "where attention peaks", "hits, %",
           "95 % interval", "hits", "of", "random");
    rule();
    print_peak(grounding, "places", "on what is asked about");
    print_peak(grounding, "sources", "on anything that sounds");
    print_peak(grounding, "heard", "in time: listening");
    print_peak(grounding, "seen", "in time: looking");
    print_some(whole(grounding, "unplaced"),
               "{question|questions} whose picture's size is not known: no places");
}

/* ---- two models ------------------------------------------------------------------ */

static void print_p(double p)
{
    if (p < 1e-99)
        printf("%9s\n", "<1e-99");
    else
        printf(p < 0.0001 ? "%9.0e\n" : "%9.4f\n", p);
}

static void print_pair(const char *indent, const char *name, const struct avqa_json *p)
{
    char a[GROUPED], b[GROUPED], c[GROUPED], d[GROUPED], e[GROUPED];
    double difference = 100 * real(avqa_json_get(p, "difference"));
    printf(" %s%-*s%7s%7s%+8.2f%16s%6s%6s", indent, PAIR_NAME - (int)strlen(indent),
           name, percent(a, real(avqa_json_get(p, "accuracy")), 2),
           percent(b, real(avqa_json_get(p, "other_accuracy")), 2), difference,
           interval(c, avqa_json_get(p, "ci95"), true),
           grouped(d, whole(p, "only_this")), grouped(e, whole(p, "only_other")));
    print_p(real(avqa_json_get(p, "p")));
}

/* Calls `print` for the types of each modality, under its name, and for the modality
 * itself; then for all. */
static void print_by_type(const struct avqa_json *from,
                          void (*print)(const char *indent, const char *name,
                                        const struct avqa_json *object))
{
    const struct avqa_json *types = avqa_json_get(from, "types");
    const struct avqa_json *m = avqa_json_first(avqa_json_get(from, "modalities"));
    for (; m; m = avqa_json_next(m)) {
        printf(" %s\n", avqa_json_key(m));
        const struct avqa_json *t = avqa_json_first(types);
        for (; t; t = avqa_json_next(t)) {
            const char *type = type_of(avqa_json_key(t), avqa_json_key(m));
            if (type)
                print("  ", type, t);
        }
        print("  ", "all", m);
    }
    rule();
    print("", "all questions", avqa_json_get(from, "overall"));
}

static void print_against(const struct avqa_json *against)
{
    char text[GROUPED];
    const struct avqa_json *overall = avqa_json_get(against, "overall");
    printf("\n against %s, on the %s question%s that both were asked:\n",
           word(against, "name"), grouped(text, whole(overall, "total")),
           avqa_text_plural(whole(overall, "total")));
    printf(" %-*s%7s%7s%8s%16s%6s%6s%9s\n", PAIR_NAME, "", "this", "other", "points",
           "95 % interval", "won", "lost", "p");
    rule();
    print_by_type(against, print_pair);
    printf("\n won, lost: questions that only this one, only the other one has right. "
           "p: by\n McNemar's exact test, which takes questions for independent.\n");
}

/* ---- more ------------------------------------------------------------------------ */

static void print_groups(const struct avqa_json *report, const char *key,
                         const char *what)
{
    const struct avqa_json *g = avqa_json_first(avqa_json_get(report, key));
    if (!g)
        return;
    printf("\n");
    print_table_head(what);
    rule();
    for (; g; g = avqa_json_next(g))
        print_group("", avqa_json_key(g), g);
}

static void print_confusions(const struct avqa_json *report)
{
    const struct avqa_json *c = avqa_json_first(avqa_json_get(report, "confusions"));
    char text[GROUPED];
    if (c)
        printf("\n most often taken for something else:\n");
    for (size_t n = 0; c && n < SHOWN; c = avqa_json_next(c), n++)
        printf(" %9s  %s for %s\n", grouped(text, whole(c, "questions")),
               word(c, "given"), word(c, "truth"));
}

static void print_about(const struct avqa_json *from)
{
    const struct avqa_json *predictions = avqa_json_get(from, "predictions");
    if (predictions)
        print_predictions(predictions);
    else
        print_run(avqa_json_get(from, "run"));
}

void avqa_eval_print(const struct avqa_json *report, bool more)
{
    char questions[GROUPED];
    char videos[GROUPED];
    const struct avqa_json *against = avqa_json_get(report, "against");
    const int64_t total = whole(avqa_json_get(report, "overall"), "total");
    printf(" %s on '%s': %s question%s about %s video%s\n\n", word(report, "name"),
           word(report, "split"), grouped(questions, total), avqa_text_plural(total),
           grouped(videos, whole(report, "videos")),
           avqa_text_plural(whole(report, "videos")));
    print_table_head("");
    rule();
    print_by_type(report, print_group);
    print_notes(report);
    print_about(report);
    print_groups(report, "instances", "instruments in clip");
    print_grounding(avqa_json_get(report, "grounding"));
    if (more) {
        print_groups(report, "templates", "template");
        print_groups(report, "answers", "right answer");
        print_confusions(report);
    }
    if (against) {
        print_against(against);
        print_about(against);
    }
}
