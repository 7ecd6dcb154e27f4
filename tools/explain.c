/* avqa explain: what a trained model attended to when it was asked a question. */
#include "commands.h"
#include "cli/print.h"
#include "cli/progress.h"
#include "pipeline/explain.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct config {
    struct avqa_args args;
    const char *question, *output, *split, *template, *type;
    int64_t n, columns;
    double dpi;
    bool wrong, right, last, no_boxes;
};

#define AT(member) offsetof(struct config, member)

static const struct avqa_opt opts[] = {
    {"question", 0, AVQA_OPT_STRING, AT(question), 0, 0, NULL, "ID",
     "draw this question, and those whose IDs follow RUN: published numbers, or "
     "SPLIT#ROW as an audit names them"},
    {"output", 'o', AVQA_OPT_STRING, AT(output), 0, 0, NULL, "FILE",
     "the figure, which ends with .png, .svg or .pdf; it must not be there yet"},
    {"split", 0, AVQA_OPT_STRING, AT(split), 0, 0, NULL, "NAME",
     "where the questions are; without it those named are looked for everywhere, and "
     "others chosen from what the run was validated with"},
    {"n", 'n', AVQA_OPT_INT, AT(n), 1, AVQA_EXPLAIN_MAX, AVQA_OPT_TYPED(AVQA_EXPLAIN_N),
     "N", "how many to choose where none is named"},
    {"wrong", 0, AVQA_OPT_FLAG, AT(wrong), 0, 0, NULL, NULL,
     "choose from those that the model answers wrongly"},
    {"right", 0, AVQA_OPT_FLAG, AT(right), 0, 0, NULL, NULL,
     "choose from those that it answers rightly"},
    {"template", 0, AVQA_OPT_STRING, AT(template), 0, 0, NULL, "CODE",
     "choose from those of this template"},
    {"type", 0, AVQA_OPT_STRING, AT(type), 0, 0, NULL, "TYPE",
     "choose from those of this type (Audio-Visual/Counting)"},
    {"last", 0, AVQA_OPT_FLAG, AT(last), 0, 0, NULL, NULL,
     "take the run's last weights instead of those that did best"},
    {"columns", 0, AVQA_OPT_INT, AT(columns), 0, 100, "0", "N",
     "pictures in a line; 0: as fits"},
    {"no-boxes", 0, AVQA_OPT_FLAG, AT(no_boxes), 0, 0, NULL, NULL,
     "leave out where the clip's facts say that instruments are"},
    {"dpi", 0, AVQA_OPT_REAL, AT(dpi), 36, 600, "144", "N",
     "dots per inch of a PNG; a page is ten inches wide"},
};

static double number(const struct avqa_json *node, const char *key)
{
    double v = 0;
    (void)avqa_json_double(avqa_json_get(node, key), &v);
    return v;
}

static const char *text(const struct avqa_json *node, const char *key)
{
    const char *s = avqa_json_string(avqa_json_get(node, key));
    return s ? s : "";
}

static void print_question(const struct avqa_json *q)
{
    printf("%s: %s\n", text(q, "question"), text(q, "text"));
    if (*text(q, "answer"))
        printf("  %s (%.1f %%), truth %s\n", text(q, "answer"),
               100 * number(q, "probability"), text(q, "truth"));
    else
        printf("  truth %s\n", text(q, "truth"));
    if (*text(q, "note"))
        printf("  %s\n", text(q, "note"));
}

static void print_report(const struct avqa_json *report)
{
    const struct avqa_json *q = avqa_json_first(avqa_json_get(report, "questions"));
    for (; q; q = avqa_json_next(q))
        print_question(q);
    if (*text(report, "file"))
        printf("figure: %s\n", text(report, "file"));
}

/* RUN, then IDs. */
static struct avqa_explain_config
explain_config(const struct config *c, const struct avqa_cli *cli, const char **ids)
{
    size_t n = 0;
    if (c->question)
        ids[n++] = c->question;
    for (size_t i = 1; i < c->args.n; i++)
        ids[n++] = c->args.items[i];
    return (struct avqa_explain_config){.dataset = cli->dataset,
                                        .run = c->args.items[0],
                                        .last = c->last,
                                        .output = c->output,
                                        .dry_run = cli->dry_run,
                                        .no_boxes = c->no_boxes,
                                        .questions = n ? ids : NULL,
                                        .n_questions = n,
                                        .split = c->split,
                                        .code = c->template,
                                        .type = c->type,
                                        .only_wrong = c->wrong,
                                        .only_right = c->right,
                                        .n = (size_t)c->n,
                                        .seed = (uint64_t)cli->seed,
                                        .columns = (size_t)c->columns,
                                        .dpi = c->dpi,
                                        .n_jobs = (size_t)cli->jobs,
                                        .log = &cli->log};
}

static enum avqa_exit explain(const struct avqa_explain_config *config,
                              const struct avqa_cli *cli)
{
    struct avqa_json *report = NULL;
    size_t n_without = 0;
    enum avqa_status rc = avqa_explain(&report, &n_without, config);
    avqa_progress_clear();
    if (rc != AVQA_OK)
        return avqa_cli_failed(cli);
    if (cli->json)
        avqa_print_json(report);
    else if (!cli->quiet)
        print_report(report);
    avqa_json_free(report);
    return n_without ? AVQA_EXIT_PARTLY : AVQA_EXIT_DONE;
}

static enum avqa_exit run(const void *config, const struct avqa_cli *cli)
{
    const struct config *c = config;
    const char *ids[AVQA_EXPLAIN_MAX + 1];
    if (c->args.n > AVQA_EXPLAIN_MAX) {
        fprintf(stderr, "avqa explain: a sheet has at most %d questions\n",
                AVQA_EXPLAIN_MAX);
        return AVQA_EXIT_USAGE;
    }
    const struct avqa_explain_config e = explain_config(c, cli, ids);
    if (!c->output && !cli->dry_run) {
        fprintf(stderr, "avqa explain: name the figure with --output FILE\n");
        return AVQA_EXIT_USAGE;
    }
    if (avqa_explain_check(&e) != AVQA_OK) {
        (void)avqa_cli_failed(cli);
        return AVQA_EXIT_USAGE;
    }
    return explain(&e, cli);
}

const struct avqa_command avqa_command_explain = {
    .name = "explain",
    .summary = "draw what a trained model attended to when it was asked a question",
    .details =
        "Asks the model of a run again and draws, for each question: the pictures of "
        "the "
        "seconds that it was given, with the weights of spatial grounding over them, "
        "and "
        "under each how much of the attention over time went to the sound and to the "
        "picture of that second (means over the heads); the question, the model's "
        "answer "
        "with its probability, its next guesses, the truth and the type.\n\n"
        "All pictures of a question share one scale of colours, which goes from 0.8 "
        "to 1.25 times the even share of a place, and further if its weights do; the "
        "legend says what its ends are and which weights there are, so that maps that "
        "are nearly even look so. Where the clip has facts, thin boxes with names show "
        "where its instruments are: solid where they sound in that second, dashed "
        "where "
        "they do not. What a model does not have, and pictures whose file is gone, are "
        "said in a note. Nothing is changed in the dataset, and a file that is there "
        "is "
        "not written over. With --dry-run the model is asked and nothing is written.",
    .example = "avqa explain avst --wrong --type Audio-Visual/Location -o wrong.pdf",
    .opts = opts,
    .n_opts = sizeof opts / sizeof *opts,
    .arg = "RUN",
    .arg_help =
        "a run of the dataset, or the path of a run's folder; further words are "
        "IDs of questions",
    .min_args = 1,
    .max_args = AVQA_EXPLAIN_MAX,
    .config_size = sizeof(struct config),
    .args_offset = offsetof(struct config, args),
    .traits =
        AVQA_NEEDS_DATASET | AVQA_WRITES | AVQA_PARALLEL | AVQA_SEEDED | AVQA_LONG,
    .run = run,
};
