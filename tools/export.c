/* avqa export: questions, facts and the ledger out of the catalog. */
#include "commands.h"
#include "base/io.h"
#include "cli/print.h"
#include "cli/progress.h"
#include "pipeline/export.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct config {
    const char *output;
    const char *split;
    struct avqa_args args;
};

static const struct avqa_opt opts[] = {
    {"output", 'o', AVQA_OPT_STRING, offsetof(struct config, output), 0, 0, NULL,
     "PATH",
     "the file to write (needed), which must not be there yet; it appears when it is "
     "whole; - is standard output"},
    {"split", 0, AVQA_OPT_STRING, offsetof(struct config, split), 0, 0, NULL, "NAME",
     "only this split (questions)"},
};

static const char *const format_names[] = {[AVQA_EXPORT_MUSIC_AVQA] = "music-avqa",
                                           [AVQA_EXPORT_JSONL] = "jsonl",
                                           [AVQA_EXPORT_CSV] = "csv",
                                           [AVQA_EXPORT_FACTS] = "facts",
                                           [AVQA_EXPORT_LEDGER] = "ledger"};

/* What there is a row of; see avqa_print_counted. */
static const char *rows_name(size_t format)
{
    return format == AVQA_EXPORT_FACTS    ? "{clip|clips}"
           : format == AVQA_EXPORT_LEDGER ? "{attempt|attempts}"
                                          : "{question|questions}";
}

static enum avqa_exit usage(const struct avqa_cli *cli, enum avqa_status failed)
{
    (void)failed;
    avqa_cli_failed(cli);
    return AVQA_EXIT_USAGE;
}

static enum avqa_exit run(const void *config, const struct avqa_cli *cli)
{
    const struct config *c = config;
    const char *name = c->args.items[0];
    size_t f = 0;
    int64_t rows = 0;
    while (f < sizeof format_names / sizeof *format_names &&
           strcmp(name, format_names[f]))
        f++;
    if (f == sizeof format_names / sizeof *format_names)
        return usage(
            cli,
            avqa_fail(AVQA_EINVAL,
                      "FORMAT is music-avqa, jsonl, csv, facts or ledger, not '%s'",
                      name));
    if (!c->output)
        return usage(cli, avqa_fail(AVQA_EINVAL, "-o PATH is missing"));
    struct avqa_export_config export = {.dataset = cli->dataset,
                                        .format = (enum avqa_export_format)f,
                                        .split = c->split,
                                        .output = c->output,
                                        .output_fd = STDOUT_FILENO,
                                        .log = &cli->log};
    bool to_stdout = strcmp(c->output, "-") == 0;
    enum avqa_status rc = to_stdout ? AVQA_OK : avqa_io_check_new(c->output);
    if (rc == AVQA_OK)
        rc = avqa_export(&export, &rows);
    avqa_progress_clear();
    if (rc == AVQA_EINVAL) /* facts or the ledger of a split */
        return usage(cli, rc);
    if (rc != AVQA_OK)
        return avqa_cli_failed(cli);
    if (to_stdout)
        return AVQA_EXIT_DONE;
    if (cli->json)
        printf("{\"rows\": %" PRId64 "}\n", rows);
    if (cli->json || cli->quiet)
        return AVQA_EXIT_DONE;
    printf("%s: %" PRId64 " ", c->output, rows);
    avqa_print_counted(rows, rows_name(f));
    putchar('\n');
    return AVQA_EXIT_DONE;
}

const struct avqa_command avqa_command_export = {
    .name = "export",
    .summary = "write questions, facts or the ledger to a file for other programs",
    .details =
        "music-avqa gives back the published rows: the same keys in the same order, "
        "with "
        "the same types and values; only white space between them may differ from the "
        "original file.\n\n"
        "jsonl writes an object a line (generated questions with the evidence of their "
        "answer, and in entails the question_ids of those about the clip that they "
        "give "
        "away, in program the version of the program that answered it, in neighbours "
        "how many other ways to fill the template were refused, by reason) and csv a "
        "line a question, in our own words: "
        "split, "
        "row, question_id, video, sound (if it is another video's), template, "
        "modality, "
        "type, question with its slots filled in, slots and answer.\n\n"
        "facts gives back the imported facts of every clip, an object a line: the same "
        "keys in the same order with the same values (docs/facts.md).\n\n"
        "ledger writes every attempt at anything, an object a line in the order they "
        "were made: run, stage, item, outcome (done, failed, skipped), class "
        "(transient, permanent, ours), reason, detail, http_status, bytes, started, "
        "seconds; what is not known is left out.",
    .example = "avqa export jsonl --split test -o test.jsonl",
    .opts = opts,
    .n_opts = sizeof opts / sizeof *opts,
    .arg = "FORMAT",
    .arg_help = "music-avqa, jsonl, csv, facts or ledger",
    .min_args = 1,
    .max_args = 1,
    .config_size = sizeof(struct config),
    .args_offset = offsetof(struct config, args),
    .traits = AVQA_NEEDS_DATASET | AVQA_LONG,
    .run = run,
};
