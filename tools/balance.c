/* avqa balance: a split in which no answer of a template is too common. */
#include "commands.h"
#include "base/text.h"
#include "cli/print.h"
#include "pipeline/audit.h"
#include "pipeline/balance.h"

#include <inttypes.h>
#include <stdio.h>

struct config {
    const char *split, *rest;
    double max_share, min_entropy;
};

static const struct avqa_opt opts[] = {
    {"split", 0, AVQA_OPT_STRING, offsetof(struct config, split), 0, 0, NULL, "NAME",
     "the split to balance (needed)"},
    {"rest", 0, AVQA_OPT_STRING, offsetof(struct config, rest), 0, 0, "rest", "NAME",
     "the split that takes what is left out"},
    {"max-share", 0, AVQA_OPT_REAL, offsetof(struct config, max_share), 0.05, 0.99,
     AVQA_OPT_TYPED(AVQA_AUDIT_DOMINANT), "SHARE",
     "the most that one answer may have of its template; with K different answers none "
     "can have less than one K-th"},
    {"min-entropy", 0, AVQA_OPT_REAL, offsetof(struct config, min_entropy), 0, 1, "0",
     "SHARE",
     "how evenly the answers of a template must be spread at least: entropy as a share "
     "of the most that so many different answers allow; 0: as they are"},
};

static int64_t whole(const struct avqa_json *node, const char *key)
{
    int64_t v = 0;
    avqa_json_int(avqa_json_get(node, key), &v);
    return v;
}

static double percent(const struct avqa_json *node, const char *key)
{
    double v = 0;
    avqa_json_double(avqa_json_get(node, key), &v);
    return 100 * v;
}

static void print_report(const struct avqa_json *report, const struct config *c)
{
    printf("%" PRId64 " of %" PRId64 " question%s of '%s' stay%s, %" PRId64
           " go%s to '%s'\n",
           whole(report, "kept"), whole(report, "questions"),
           avqa_text_plural(whole(report, "questions")), c->split,
           whole(report, "kept") == 1 ? "s" : "", whole(report, "moved"),
           whole(report, "moved") == 1 ? "es" : "", c->rest);
    const struct avqa_json *t = avqa_json_first(avqa_json_get(report, "templates"));
    if (t)
        printf("%-8s %-16s %7s %7s %7s  %s\n", "template", "answer", "had", "has",
               "moved", "or collect so many with other answers");
    for (; t; t = avqa_json_next(t))
        printf("%-8s %-16s %6.1f%% %6.1f%% %7" PRId64 "  %" PRId64 "\n",
               avqa_json_string(avqa_json_get(t, "template")),
               avqa_json_string(avqa_json_get(t, "answer")), percent(t, "share"),
               percent(t, "kept_share"), whole(t, "moved"), whole(t, "collect"));
}

static enum avqa_exit run(const void *config, const struct avqa_cli *cli)
{
    const struct config *c = config;
    struct avqa_json *report;
    if (!c->split) {
        if (avqa_fail(AVQA_EINVAL, "--split is missing: which split?"))
            avqa_cli_failed(cli);
        return AVQA_EXIT_USAGE;
    }
    struct avqa_balance_config balance = {.dataset = cli->dataset,
                                          .split = c->split,
                                          .rest = c->rest,
                                          .max_share = c->max_share,
                                          .min_entropy = c->min_entropy,
                                          .log = &cli->log,
                                          .seed = (uint64_t)cli->seed,
                                          .dry_run = cli->dry_run};
    if (avqa_balance_split(&balance, &report) != AVQA_OK)
        return avqa_cli_failed(cli);
    if (cli->json)
        avqa_print_json(report);
    else if (!cli->quiet)
        print_report(report, c);
    if (cli->dry_run && !cli->json && !cli->quiet)
        printf("dry run: nothing was changed\n");
    avqa_json_free(report);
    return AVQA_EXIT_DONE;
}

const struct avqa_command avqa_command_balance = {
    .name = "balance",
    .summary = "leave out questions until no answer of a template is too common",
    .details =
        "For every template whose commonest answer has more than --max-share, or whose "
        "answers are spread less evenly than --min-entropy, all "
        "answers are cut at one level and the surplus moves to another split; nothing "
        "is "
        "lost. The two splits then share "
        "videos: do not test on one what was trained on the other. Which questions "
        "stay depends on the questions and --seed only. Beside it stands what would "
        "have to be collected instead, to keep them all. A template with a single "
        "answer cannot be balanced by leaving out.",
    .example = "avqa balance --split train --max-share 0.6 --dry-run",
    .opts = opts,
    .n_opts = sizeof opts / sizeof *opts,
    .config_size = sizeof(struct config),
    .traits = AVQA_NEEDS_DATASET | AVQA_WRITES | AVQA_SEEDED,
    .run = run,
};
