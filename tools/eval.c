/* avqa eval: how good a model's answers are. */
#include "commands.h"
#include "base/io.h"
#include "cli/eval_print.h"
#include "cli/print.h"
#include "cli/progress.h"
#include "pipeline/eval.h"

#include <stdio.h>
#include <stdlib.h>

struct config {
    struct avqa_args run;
    const char *split, *predictions, *against, *prior, *output, *rules, *id_key,
        *answer_key;
    int64_t draws, batch;
    bool last, exact, answered_only, no_figures;
};

static const struct avqa_opt opts[] = {
    {"split", 0, AVQA_OPT_STRING, offsetof(struct config, split), 0, 0, "test", "NAME",
     "the split whose questions are asked"},
    {"predictions", 0, AVQA_OPT_STRING, offsetof(struct config, predictions), 0, 0,
     NULL, "FILE",
     "instead of a run: answers of any model, as JSON lines, JSON, CSV or TSV"},
    {"against", 0, AVQA_OPT_STRING, offsetof(struct config, against), 0, 0, NULL,
     "RUN|FILE", "compare with these answers, question by question"},
    {"output", 'o', AVQA_OPT_STRING, offsetof(struct config, output), 0, 0, NULL, "DIR",
     "write predictions, tables, figures and eval.json there; a folder of its own"},
    {"prior", 0, AVQA_OPT_STRING, offsetof(struct config, prior), 0, 0, NULL, "SPLIT",
     "where the guesser beside each number learns; without it what the run learnt "
     "from, 'train', or the split itself, the first that there is"},
    {"last", 0, AVQA_OPT_FLAG, offsetof(struct config, last), 0, 0, NULL, NULL,
     "take the last weights of a run, not those that were best in validation"},
    {"batch", 0, AVQA_OPT_INT, offsetof(struct config, batch), 1, 4096, "64", "N",
     "questions that a run is asked at a time"},
    {"exact", 0, AVQA_OPT_FLAG, offsetof(struct config, exact), 0, 0, NULL, NULL,
     "take predictions as they stand: no other words, digits or sentences"},
    {"rules", 0, AVQA_OPT_STRING, offsetof(struct config, rules), 0, 0, NULL, "FILE",
     "by which predictions in free text are read; without it those for English"},
    {"id-key", 0, AVQA_OPT_STRING, offsetof(struct config, id_key), 0, 0, "question_id",
     "KEY", "what a question's number is called in predictions"},
    {"answer-key", 0, AVQA_OPT_STRING, offsetof(struct config, answer_key), 0, 0,
     "answer", "KEY", "what an answer is called in predictions"},
    {"answered-only", 0, AVQA_OPT_FLAG, offsetof(struct config, answered_only), 0, 0,
     NULL, NULL, "leave out questions without a prediction, which are wrong otherwise"},
    {"draws", 0, AVQA_OPT_INT, offsetof(struct config, draws), 100,
     AVQA_BOOTSTRAP_MAX_DRAWS, AVQA_OPT_TYPED(AVQA_BOOTSTRAP_DRAWS), "N",
     "how often the videos are drawn anew for the intervals"},
    {"no-figures", 0, AVQA_OPT_FLAG, offsetof(struct config, no_figures), 0, 0, NULL,
     NULL, "leave the figures out"},
};

static enum avqa_exit run(const void *config, const struct avqa_cli *cli)
{
    const struct config *c = config;
    struct avqa_json *report;
    if (!c->predictions == (c->run.n == 0)) {
        fprintf(stderr, "avqa eval: %s\n",
                c->run.n ? "RUN and --predictions exclude each other; --against "
                           "compares two"
                         : "whose answers? RUN or --predictions FILE says so");
        return AVQA_EXIT_USAGE;
    }
    char *standard = avqa_io_join(cli->data, "templates/replies-en.json");
    const char *rules = c->rules ? c->rules : standard;
    const struct avqa_eval_config eval = {.dataset = cli->dataset,
                                          .split = c->split,
                                          .run = c->run.n ? c->run.items[0] : NULL,
                                          .predictions = c->predictions,
                                          .against = c->against,
                                          .last = c->last,
                                          .batch = (size_t)c->batch,
                                          .prior = c->prior,
                                          .rules = c->exact ? NULL : rules,
                                          .id_key = c->id_key,
                                          .answer_key = c->answer_key,
                                          .answered_only = c->answered_only,
                                          .n_draws = (size_t)c->draws,
                                          .seed = (uint64_t)cli->seed,
                                          .jobs = (size_t)cli->jobs,
                                          .output = c->output,
                                          .dry_run = cli->dry_run,
                                          .figures = !c->no_figures,
                                          .log = &cli->log};
    enum avqa_status rc = avqa_eval(&report, &eval);
    free(standard);
    avqa_progress_clear();
    if (rc != AVQA_OK)
        return avqa_cli_failed(cli);
    if (cli->json)
        avqa_print_json(report);
    else if (!cli->quiet)
        avqa_eval_print(report, cli->verbose);
    if (eval.output && !eval.dry_run && !cli->json && !cli->quiet)
        printf("\n written: %s\n", eval.output);
    avqa_json_free(report);
    return AVQA_EXIT_DONE;
}

const struct avqa_command avqa_command_eval = {
    .name = "eval",
    .summary = "how good a model's answers are, by type, with intervals",
    .details =
        "Prints the table of the paper: each type, each modality and all questions, "
        "always as a share of questions, with its counts, a 95 % interval (whole "
        "videos are drawn anew, because questions about one video are right or wrong "
        "together) and what a guesser gets who knows only the template. With facts, "
        "also by how many instruments a clip has; with -v also by template and by "
        "right "
        "answer, and what is taken for what.\n\n"
        "RUN, which avqa train made, is asked the questions whose clips have the "
        "features it needs; others do not count. With facts, and a model that attends "
        "to places or seconds, its grounding is counted, too: whether attention peaks "
        "where and when the instruments sound that an answer rests on, beside what a "
        "peak at random would hit.\n\n"
        "--predictions reads what any program wrote: a question's number and an "
        "answer, "
        "as JSON lines, a JSON list, an object {\"NUMBER\": \"ANSWER\"}, CSV or TSV. "
        "Answers that do not stand in the vocabulary are read by written rules "
        "(docs/eval.md, templates/replies-en.json): case, articles, plurals, digits, "
        "other words, and the one answer within a sentence. What the rules do not "
        "cover "
        "is wrong and counted; nothing is guessed. A question without a prediction is "
        "wrong too.\n\n"
        "--against compares with another model on the questions that both were asked: "
        "the difference with its interval, and McNemar's exact test.\n\n"
        "-o writes predictions.jsonl (which can be read again), tables/*.csv, "
        "figures/*.svg and *.pdf, and eval.json, which is what --json prints.",
    .example = "avqa eval avst-1 --split test --against q-1 -o eval-avst",
    .opts = opts,
    .n_opts = sizeof opts / sizeof *opts,
    .arg = "RUN",
    .arg_help = "run to ask, a name in runs/ or a folder",
    .max_args = 1,
    .config_size = sizeof(struct config),
    .args_offset = offsetof(struct config, run),
    .traits =
        AVQA_NEEDS_DATASET | AVQA_WRITES | AVQA_SEEDED | AVQA_PARALLEL | AVQA_LONG,
    .run = run,
};
