/* avqa audit: what is in a dataset, and what is wrong with it. */
#include "commands.h"
#include "base/io.h"
#include "base/text.h"
#include "cli/print.h"
#include "cli/progress.h"
#include "pipeline/audit.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_CONTRADICTIONS = 3 }; /* of each severity */

struct config {
    const char *split, *against, *output, *fail_on, *group;
    double alpha, dominant;
    int64_t words;
    bool no_figures, no_solver;
};

static const struct avqa_opt opts[] = {
    {"split", 0, AVQA_OPT_STRING, offsetof(struct config, split), 0, 0, NULL, "NAME",
     "look at this split only; without it at all questions"},
    {"against", 0, AVQA_OPT_STRING, offsetof(struct config, against), 0, 0, NULL,
     "NAME",
     "compare with this split: priors are fit on it, drift and leakage are towards it"},
    {"output", 'o', AVQA_OPT_STRING, offsetof(struct config, output), 0, 0, NULL, "DIR",
     "where the report goes; without it reports/NAME in the dataset folder"},
    {"fail-on", 0, AVQA_OPT_CHOICE, offsetof(struct config, fail_on), 0, 0, "never",
     "error|warning|note|never",
     "exit with 1 if there is a finding of this severity or worse"},
    {"dominant", 0, AVQA_OPT_REAL, offsetof(struct config, dominant), 0, 1,
     AVQA_OPT_TYPED(AVQA_AUDIT_DOMINANT), "SHARE",
     "a template is lopsided if one answer has more than this share"},
    {"alpha", 0, AVQA_OPT_REAL, offsetof(struct config, alpha), 0, 100,
     AVQA_OPT_TYPED(AVQA_AUDIT_ALPHA), "A",
     "an answer is head if it has more than (1 + A) times the mean count of its group"},
    {"group", 0, AVQA_OPT_CHOICE, offsetof(struct config, group), 0, 0, "type",
     "all|type|template", "what head and tail are counted within"},
    {"words", 0, AVQA_OPT_INT, offsetof(struct config, words), 1, 8,
     AVQA_OPT_TYPED(AVQA_AUDIT_FIRST_WORDS), "N",
     "how many first words of a question are counted"},
    {"no-figures", 0, AVQA_OPT_FLAG, offsetof(struct config, no_figures), 0, 0, NULL,
     NULL, "leave the figures out"},
    {"no-solver", 0, AVQA_OPT_FLAG, offsetof(struct config, no_solver), 0, 0, NULL,
     NULL,
     "look for no scene that gives all answers of a clip: that takes seconds where "
     "there are many questions about each"},
};

static enum avqa_grouping group_of(const char *name)
{
    if (strcmp(name, "all") == 0)
        return AVQA_GROUP_ALL;
    return strcmp(name, "type") == 0 ? AVQA_GROUP_TYPE : AVQA_GROUP_TEMPLATE;
}

/* reports/SPLIT or reports/SPLIT-against-OTHER in the dataset folder. Caller frees. */
static char *default_output(const struct config *c, const char *dataset)
{
    char name[640];
    snprintf(name, sizeof name, "reports/%s%s%s", c->split ? c->split : "all",
             c->against ? "-against-" : "", c->against ? c->against : "");
    for (char *s = name + strlen("reports/"); *s; s++)
        *s = *s == '/' ? '_' : *s;
    return avqa_io_join(dataset, name);
}

static int64_t number(const struct avqa_json *node, const char *a, const char *b)
{
    int64_t n = 0;
    node = avqa_json_get(node, a);
    avqa_json_int(b ? avqa_json_get(node, b) : node, &n);
    return n;
}

static void print_prior(const struct avqa_json *priors, const char *key,
                        const char *what)
{
    int64_t correct = number(priors, key, "correct");
    int64_t total = number(priors, key, "total");
    if (total)
        printf("  %-30s %6.2f %%  (%" PRId64 " of %" PRId64 ")\n", what,
               100.0 * (double)correct / (double)total, correct, total);
}

static bool is_of(const struct avqa_json *finding, const char *key, const char *word)
{
    return strcmp(avqa_json_string(avqa_json_get(finding, key)), word) == 0;
}

/* At most `max` findings of a severity, then how many more: some contradictions first,
 * which others would hide. */
static void print_findings(const struct avqa_json *report, const char *severity,
                           size_t max)
{
    const struct avqa_json *findings = avqa_json_get(report, "findings");
    int64_t total = number(report, "findings_total", severity);
    size_t n = 0;
    for (int others = 0; others <= 1; others++) {
        size_t shown = 0;
        for (const struct avqa_json *f = avqa_json_first(findings); f;
             f = avqa_json_next(f)) {
            if (!is_of(f, "severity", severity) ||
                is_of(f, "check", "solver") == others)
                continue;
            if (n == max || (!others && shown == FIRST_CONTRADICTIONS))
                break;
            printf("  %-8s %s\n", severity,
                   avqa_json_string(avqa_json_get(f, "message")));
            shown++;
            n++;
        }
    }
    if (total > (int64_t)n)
        printf("  %-8s and %" PRId64 " more\n", severity, total - (int64_t)n);
}

/* Whether what is said of each clip can be true. */
static void print_solver(const struct avqa_json *solver)
{
    int64_t clips = number(solver, "checkable", NULL);
    int64_t undecided = number(solver, "not_decided", NULL);
    if (!clips)
        return;
    printf("can it be true: a scene gives all answers of %" PRId64 " of %" PRId64
           " clip%s, no scene those of %" PRId64,
           number(solver, "consistent", NULL), clips, avqa_text_plural(clips),
           number(solver, "violations", NULL));
    if (number(solver, "violations", NULL))
        printf(" (%" PRId64 " exclude each other, %" PRId64
               " take for granted what is denied, %" PRId64
               " only if several are at one place)",
               number(solver, "by_answers", NULL), number(solver, "by_posing", NULL),
               number(solver, "by_reading", NULL));
    if (undecided)
        printf("; not decided: %" PRId64, undecided);
    printf("\n");
}

static void print_summary(const struct avqa_json *report)
{
    const struct avqa_json *counts = avqa_json_get(report, "counts");
    const struct avqa_json *findings = avqa_json_get(report, "findings");
    const int64_t questions = number(counts, "questions", NULL);
    const int64_t videos = number(counts, "clips", NULL);
    const int64_t different = number(counts, "filled_questions", NULL);
    printf("%" PRId64 " question%s about %" PRId64 " video%s, %" PRId64
           " different question%s\n",
           questions, avqa_text_plural(questions), videos, avqa_text_plural(videos),
           different, avqa_text_plural(different));
    const struct avqa_json *priors = avqa_json_get(report, "priors");
    const char *fit = avqa_json_string(avqa_json_get(priors, "fit"));
    const char *on = avqa_json_string(avqa_json_get(priors, "on"));
    bool self = !fit || (on && strcmp(fit, on) == 0);
    printf("right without looking or listening, learnt from %s%s%s:\n",
           self ? "these very questions" : "'", self ? "" : fit, self ? "" : "'");
    print_prior(priors, "global", "always the commonest answer");
    print_prior(priors, "type", "the commonest of each type");
    print_prior(priors, "template", "the commonest of each template");
    print_prior(priors, "slots", "of each filled-in question");
    print_solver(avqa_json_get(avqa_json_get(report, "consistency"), "solver"));
    printf("what is wrong:\n");
    print_findings(report, "error", 8);
    print_findings(report, "warning", 8);
    print_findings(report, "note", 4);
    if (avqa_json_count(findings) == 0)
        printf("  nothing was found\n");
}

static bool fails(const char *fail_on, const size_t n_findings[3])
{
    static const char *const names[] = {"error", "warning", "note"};
    for (size_t s = 0; s < 3; s++) {
        if (strcmp(fail_on, "never") != 0 && n_findings[s])
            return true;
        if (strcmp(fail_on, names[s]) == 0)
            break;
    }
    return false;
}

static enum avqa_exit run(const void *config, const struct avqa_cli *cli)
{
    const struct config *c = config;
    char *output = c->output ? NULL : default_output(c, cli->dataset);
    const char *folder = c->output ? c->output : output;
    char *page = avqa_io_join(cli->data, "templates/report.html");
    struct avqa_audit_result result = {0};
    struct avqa_audit_config audit = {.dataset = cli->dataset,
                                      .output = cli->dry_run ? NULL : folder,
                                      .page = page,
                                      .figures = !c->no_figures,
                                      .opts = AVQA_AUDIT_DEFAULTS,
                                      .log = &cli->log};
    audit.opts.split = c->split;
    audit.opts.against = c->against;
    audit.opts.dominant = c->dominant;
    audit.opts.alpha = c->alpha;
    audit.opts.head_tail_by = group_of(c->group);
    audit.opts.first_words = (size_t)c->words;
    audit.opts.no_solver = c->no_solver;
    audit.opts.jobs = (size_t)cli->jobs;
    enum avqa_status rc = avqa_audit(&audit, &result);
    avqa_progress_clear();
    enum avqa_exit code = AVQA_EXIT_DONE;
    if (rc != AVQA_OK) {
        code = avqa_cli_failed(cli);
    } else {
        if (cli->json)
            avqa_print_json(result.report);
        else if (!cli->quiet)
            print_summary(result.report);
        if (!cli->json && !cli->quiet && !cli->dry_run)
            printf("report: %s/report.html\n", folder);
        if (fails(c->fail_on, result.n_findings))
            code = AVQA_EXIT_FAILED;
    }
    avqa_json_free(result.report);
    free(output);
    free(page);
    return code;
}

const struct avqa_command avqa_command_audit = {
    .name = "audit",
    .summary = "count what is in a dataset and say what is wrong with it",
    .details =
        "Counts (templates, types, answers, slots, first words), priors (what a "
        "guesser "
        "gets who neither looks nor listens), lopsided templates, entropies, head and "
        "tail, drift between two splits, leakage by video, by derived media and by "
        "deduction, labels that contradict each other (whether any scene gives all "
        "answers of a "
        "clip; C00 and the rules of the template file), "
        "flip symmetry, degenerate questions, duplicates, text, and media where import "
        "media measured them. Each finding has a "
        "severity, a sentence and the rows that prove it.\n\n"
        "The report folder gets report.html (one self-contained page), report.json "
        "(schema/report.schema.json), tables/*.csv and figures/*.svg and *.pdf; what "
        "an earlier audit left there goes. --json "
        "prints report.json. With --dry-run nothing is written.",
    .example = "avqa audit --split test --against val --fail-on error",
    .opts = opts,
    .n_opts = sizeof opts / sizeof *opts,
    .config_size = sizeof(struct config),
    .traits = AVQA_NEEDS_DATASET | AVQA_WRITES | AVQA_PARALLEL | AVQA_LONG,
    .run = run,
};
