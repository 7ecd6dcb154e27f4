/* avqa generate: questions out of facts. */
#include "commands.h"
#include "base/io.h"
#include "base/text.h"
#include "cli/print.h"
#include "cli/progress.h"
#include "pipeline/dataset.h"
#include "pipeline/generate.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

struct config {
    const char *split, *templates, *paraphrase;
    int64_t per_clip;
    double max_share, max_ratio, min_entropy;
    double margin, onset_margin_s, always;
    bool replace, no_entailments;
};

static const struct avqa_opt opts[] = {
    {"split", 0, AVQA_OPT_STRING, offsetof(struct config, split), 0, 0, "generated",
     "NAME", "the split the questions go to; what was generated there before goes"},
    {"templates", 0, AVQA_OPT_STRING, offsetof(struct config, templates), 0, 0, NULL,
     "FILE",
     "question templates of a dataset that has none yet; without it MUSIC-AVQA's"},
    {"per-clip", 0, AVQA_OPT_INT, offsetof(struct config, per_clip), 1, 1000,
     AVQA_OPT_TYPED(AVQA_GENERATOR_PER_CLIP), "N",
     "questions about a clip at most, each of another template"},
    {"max-share", 0, AVQA_OPT_REAL, offsetof(struct config, max_share), 0.05, 0.99,
     AVQA_OPT_TYPED(AVQA_GENERATOR_MAX_SHARE), "SHARE",
     "the most that one answer may have of its template, where facts allow: with K "
     "different answers none can have less than one K-th"},
    {"max-ratio", 0, AVQA_OPT_REAL, offsetof(struct config, max_ratio), 0, 1e6, "0",
     "RATIO",
     "how often the commonest answer of a template may stand for each time the rarest "
     "does; 0: as often as it likes"},
    {"min-entropy", 0, AVQA_OPT_REAL, offsetof(struct config, min_entropy), 0, 1, "0",
     "SHARE",
     "how evenly the answers of a template must be spread at least: entropy as a share "
     "of the most that so many different answers allow; 0: as they are"},
    {"margin", 0, AVQA_OPT_REAL, offsetof(struct config, margin), 0.001, 0.9,
     AVQA_OPT_TYPED(AVQA_MARGINS_RELATIVE), "SHARE",
     "loudness (as amplitude), rhythm and duration that differ by less than this share "
     "of the larger are not compared"},
    {"onset-margin", 0, AVQA_OPT_REAL, offsetof(struct config, onset_margin_s), 0.001,
     60, AVQA_OPT_TYPED(AVQA_MARGINS_ONSET_S), "SECONDS",
     "what comes in or ends within this time of another does so at once with it"},
    {"always", 0, AVQA_OPT_REAL, offsetof(struct config, always), 0, 0.4,
     AVQA_OPT_TYPED(AVQA_MARGINS_ALWAYS), "SHARE",
     "what sounds always may be silent for this share of the clip"},
    {"paraphrase", 0, AVQA_OPT_STRING, offsetof(struct config, paraphrase), 0, 0, NULL,
     "FILE",
     "ask in other words: each question takes one of the file's texts for its "
     "template"},
    {"no-entailments", 0, AVQA_OPT_FLAG, offsetof(struct config, no_entailments), 0, 0,
     NULL, NULL, "do not look for questions that give away others about their clip"},
    {"replace", 0, AVQA_OPT_FLAG, offsetof(struct config, replace), 0, 0, NULL, NULL,
     "delete all that was generated before, also what was moved to other splits"},
};

static int64_t whole(const struct avqa_json *node, const char *key)
{
    int64_t v = 0;
    avqa_json_int(avqa_json_get(node, key), &v);
    return v;
}

static void print_report(const struct avqa_json *report)
{
    printf("%" PRId64 " question%s about %" PRId64 " clip%s\n",
           whole(report, "questions"), avqa_text_plural(whole(report, "questions")),
           whole(report, "clips"), avqa_text_plural(whole(report, "clips")));
    if (avqa_json_get(report, "entailing_pairs"))
        printf("%" PRId64 " pair%s of questions about one clip, of which one gives the "
               "other away\n",
               whole(report, "entailing_pairs"),
               avqa_text_plural(whole(report, "entailing_pairs")));
    printf("%-10s %9s %9s  %s\n", "template", "possible", "chosen",
           "commonest answer has");
    const struct avqa_json *t = avqa_json_first(avqa_json_get(report, "templates"));
    for (; t; t = avqa_json_next(t)) {
        double share = 0;
        avqa_json_double(avqa_json_get(t, "share"), &share);
        const char *reason = avqa_json_string(avqa_json_get(t, "unbalanced"));
        char percent[16] = "-";
        if (whole(t, "chosen"))
            snprintf(percent, sizeof percent, "%.1f %%", 100 * share);
        printf("%-10s %9" PRId64 " %9" PRId64 "  %s%s%s\n",
               avqa_json_string(avqa_json_get(t, "template")), whole(t, "clips"),
               whole(t, "chosen"), percent, reason ? "  " : "", reason ? reason : "");
    }
}

static enum avqa_exit run(const void *config, const struct avqa_cli *cli)
{
    const struct config *c = config;
    struct avqa_json *report;
    if (c->max_ratio > 0 && c->max_ratio < 1) {
        fprintf(stderr, "avqa generate: --max-ratio is 0 or at least 1: the commonest "
                        "answer cannot stand less often than the rarest\n");
        return AVQA_EXIT_USAGE;
    }
    if (c->templates &&
        avqa_dataset_check_templates(cli->dataset, c->templates) != AVQA_OK)
        return avqa_cli_failed(cli);
    char *standard = avqa_io_join(cli->data, "templates/music-avqa.json");
    struct avqa_generate_config generate = {.dataset = cli->dataset,
                                            .split = c->split,
                                            .templates =
                                                c->templates ? c->templates : standard,
                                            .opts = AVQA_GENERATOR_DEFAULTS,
                                            .paraphrases = c->paraphrase,
                                            .entailments = !c->no_entailments,
                                            .replace = c->replace,
                                            .dry_run = cli->dry_run,
                                            .log = &cli->log};
    generate.opts.seed = (uint64_t)cli->seed;
    generate.opts.per_clip = (size_t)c->per_clip;
    generate.opts.max_share = c->max_share;
    generate.opts.max_ratio = c->max_ratio;
    generate.opts.min_entropy = c->min_entropy;
    generate.opts.margins =
        (struct avqa_margins){c->margin, llround(c->onset_margin_s * 1e6), c->always};
    generate.opts.jobs = (size_t)cli->jobs;
    enum avqa_status rc = avqa_generate(&generate, &report);
    free(standard);
    avqa_progress_clear();
    if (rc != AVQA_OK)
        return avqa_cli_failed(cli);
    if (cli->json)
        avqa_print_json(report);
    else if (!cli->quiet)
        print_report(report);
    if (cli->dry_run && !cli->json && !cli->quiet)
        printf("dry run: nothing was kept\n");
    avqa_json_free(report);
    return AVQA_EXIT_DONE;
}

const struct avqa_command avqa_command_generate = {
    .name = "generate",
    .summary = "make questions out of facts, right by construction",
    .details =
        "Every template is tried on every clip that has facts; a question is "
        "asked only "
        "where its answer is certain: what it refers to is there once, values "
        "differ by "
        "more than a margin, nothing it needs is unknown. Of what is possible, "
        "each clip "
        "gets up to --per-clip questions, each of another template, rare "
        "answers and rare "
        "templates first; all answers of a template are cut at one level, so "
        "that none "
        "is above --max-share or --max-ratio, or below --min-entropy. Where facts do "
        "not allow it, the "
        "report "
        "says why, and which facts are missing in how many clips. An audit judges by "
        "the "
        "usual margins.\n\n"
        "Questions of an earlier run in the same split are replaced. If they "
        "were moved "
        "to other splits since, nothing is generated without --replace.\n\n"
        "--paraphrase takes a JSON file, {\"schema\": 1, \"texts\": {TEMPLATE: "
        "[TEXT, ...]}}; "
        "a text has the markers of its template, in their order. Questions keep "
        "their "
        "template and answer whatever they are asked with.\n\n"
        "Each question is stored with its evidence: the instances its answer "
        "rests on and "
        "when they sound, and with the questions about its clip that it gives "
        "away: in every scene with its answer in which they can be asked they "
        "have theirs; with the version of the program that answered it, and with "
        "how many other ways to fill its template over its clip were refused, by "
        "reason. All are in export jsonl (docs/templates.md). The result depends on "
        "facts, "
        "templates and --seed "
        "only, not on "
        "the order of clips or on --jobs. --json reports, per template, what "
        "was refused "
        "and why, and the answers before and after.",
    .example = "avqa generate --split train --seed 1",
    .opts = opts,
    .n_opts = sizeof opts / sizeof *opts,
    .config_size = sizeof(struct config),
    .traits =
        AVQA_NEEDS_DATASET | AVQA_WRITES | AVQA_SEEDED | AVQA_PARALLEL | AVQA_LONG,
    .run = run,
};
