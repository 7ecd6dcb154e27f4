/* avqa import music-avqa: published annotations into the catalog. */
#include "base/io.h"
#include "commands.h"
#include "cli/import_print.h"
#include "pipeline/import.h"

#include <stdlib.h>

struct config {
    const char *split;
    const char *templates;
    bool replace;
    struct avqa_args args;
};

static const struct avqa_opt opts[] = {
    {"split", 0, AVQA_OPT_STRING, offsetof(struct config, split), 0, 0, NULL, "NAME",
     "the split the questions belong to (needed)"},
    {"templates", 0, AVQA_OPT_STRING, offsetof(struct config, templates), 0, 0, NULL,
     "FILE",
     "question templates; without it those of the dataset, at first the 33 of "
     "MUSIC-AVQA"},
    {"replace", 0, AVQA_OPT_FLAG, offsetof(struct config, replace), 0, 0, NULL, NULL,
     "drop the split's questions first: for a corrected file"},
};

static enum avqa_exit run(const void *config, const struct avqa_cli *cli)
{
    const struct config *c = config;
    struct avqa_import_counts counts = {0};
    if (!c->split || !*c->split) {
        if (avqa_fail(AVQA_EINVAL, "--split is missing: which split are these?"))
            avqa_cli_failed(cli);
        return AVQA_EXIT_USAGE;
    }
    char *standard = avqa_io_join(cli->data, "templates/music-avqa.json");
    struct avqa_import_config import = {.dataset = cli->dataset,
                                        .files = c->args.items,
                                        .n_files = c->args.n,
                                        .split = c->split,
                                        .templates =
                                            c->templates ? c->templates : standard,
                                        .replace_templates = c->templates != NULL,
                                        .replace = c->replace,
                                        .dry_run = cli->dry_run,
                                        .log = &cli->log};
    enum avqa_status rc = avqa_import_music_avqa(&import, &counts);
    free(standard);
    return avqa_import_print(cli, rc, "questions", &counts);
}

const struct avqa_command avqa_command_import_music_avqa = {
    .name = "import music-avqa",
    .summary = "import question annotations as MUSIC-AVQA published them, v1 and v2",
    .details =
        "Reads a JSON list of objects (or JSON lines) with video_id, question_content, "
        "templ_values, type and anser (or answer); question_id, question_deleted and "
        "unmatch_audio where they are. All five row shapes of v2 are understood. "
        "Templates are "
        "matched "
        "after Unicode and space normalisation; texts are kept verbatim, and so is "
        "every "
        "key there is no column for.\n\n"
        "An import is one transaction: after any error (a cut file, a wrong type, an "
        "unknown template, a slot too many) the catalog is exactly as before, and the "
        "message names file and row. What is merely wrong in the data (two answers to "
        "one "
        "question, an answer outside its domain) is imported; avqa audit reports "
        "it.\n\n"
        "Importing the same file again adds nothing; a corrected file replaces the "
        "wrong one with --replace. Counters: rows read; questions and clips that are "
        "new; updated, rows that are not as an earlier import had them (another "
        "answer, "
        "as a rule); duplicates, rows that say nothing new; conflicts, rows that give "
        "a "
        "second answer to a question of the same file.",
    .example = "avqa import music-avqa avqa-test.json --split test",
    .opts = opts,
    .n_opts = sizeof opts / sizeof *opts,
    .arg = "FILE",
    .arg_help = "annotation files, read in order",
    .min_args = 1,
    .max_args = 1000,
    .config_size = sizeof(struct config),
    .args_offset = offsetof(struct config, args),
    .traits = AVQA_NEEDS_DATASET | AVQA_WRITES | AVQA_LONG,
    .run = run,
};
