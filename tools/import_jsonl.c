/* avqa import jsonl: questions that avqa export jsonl wrote. */
#include "base/io.h"
#include "commands.h"
#include "cli/import_print.h"
#include "pipeline/dataset.h"
#include "pipeline/import.h"

#include <stdlib.h>

struct config {
    const char *templates;
    struct avqa_args args;
};

static const struct avqa_opt opts[] = {
    {"templates", 0, AVQA_OPT_STRING, offsetof(struct config, templates), 0, 0, NULL,
     "FILE",
     "question templates of a dataset that has none yet; without it MUSIC-AVQA's"},
};

static enum avqa_exit run(const void *config, const struct avqa_cli *cli)
{
    const struct config *c = config;
    struct avqa_import_counts counts = {0};
    if (c->templates &&
        avqa_dataset_check_templates(cli->dataset, c->templates) != AVQA_OK)
        return avqa_cli_failed(cli);
    char *standard = avqa_io_join(cli->data, "templates/music-avqa.json");
    struct avqa_import_config import = {.dataset = cli->dataset,
                                        .files = c->args.items,
                                        .n_files = c->args.n,
                                        .templates =
                                            c->templates ? c->templates : standard,
                                        .dry_run = cli->dry_run,
                                        .log = &cli->log};
    enum avqa_status rc = avqa_import_jsonl(&import, &counts);
    free(standard);
    return avqa_import_print(cli, rc, "questions", &counts);
}

const struct avqa_command avqa_command_import_jsonl = {
    .name = "import jsonl",
    .summary = "import questions that avqa export jsonl wrote",
    .details =
        "Each question goes into the split that it names and finds its template by its "
        "id, so that questions in other words (generate --paraphrase) come in, too. "
        "Evidence, entails, program and neighbours are kept; exported again, the file "
        "is the same. They count as imported, not as generated here: generate does not "
        "replace them.\n\n"
        "An import is one transaction: after any error, which names file and row, the "
        "catalog is exactly as before. Importing the same file again adds nothing; "
        "rows of a further file of a split are numbered on.",
    .example = "avqa import jsonl questions.jsonl",
    .opts = opts,
    .n_opts = sizeof opts / sizeof *opts,
    .arg = "FILE",
    .arg_help = "files of questions, read in order",
    .min_args = 1,
    .max_args = 1000,
    .config_size = sizeof(struct config),
    .args_offset = offsetof(struct config, args),
    .traits = AVQA_NEEDS_DATASET | AVQA_WRITES | AVQA_LONG,
    .run = run,
};
