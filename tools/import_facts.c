/* avqa import facts: what is known of clips into the catalog. */
#include "base/io.h"
#include "commands.h"
#include "cli/import_print.h"
#include "pipeline/import.h"

#include <stdlib.h>

struct config {
    struct avqa_args args;
};

static enum avqa_exit run(const void *config, const struct avqa_cli *cli)
{
    const struct config *c = config;
    struct avqa_import_counts counts = {0};
    char *standard = avqa_io_join(cli->data, "templates/music-avqa.json");
    struct avqa_import_config import = {.dataset = cli->dataset,
                                        .files = c->args.items,
                                        .n_files = c->args.n,
                                        .templates = standard,
                                        .dry_run = cli->dry_run,
                                        .log = &cli->log};
    enum avqa_status rc = avqa_import_facts(&import, &counts);
    free(standard);
    return avqa_import_print(cli, rc, "facts", &counts);
}

const struct avqa_command avqa_command_import_facts = {
    .name = "import facts",
    .summary = "import what is known of clips: who plays, where, when, how loud",
    .details =
        "JSON lines or a JSON list, one object a clip (docs/facts.md, "
        "schema/facts.schema.json): clip, duration, scene, voiceover, media, "
        "instances, "
        "origin. Times are seconds. What nobody knows is null or left out, and no "
        "question is made of it; keys without a meaning here are kept.\n\n"
        "Everything is checked: ranges lie in the clip and do not overlap, x and box "
        "in "
        "the picture and x in its box, ids are unique, no clip is its own base. After "
        "any error, which names file, row and field, the catalog is exactly as "
        "before. Instruments and scenes that the dataset's templates (at first those "
        "of MUSIC-AVQA) have no word for are imported, with a warning.\n\n"
        "Facts imported again replace the clip's earlier ones (counted as updated) or "
        "say nothing new (duplicates); a clip that stands twice with different facts "
        "in "
        "one import is refused. In the counts, clips are those the catalog did not "
        "have; where it had others, a warning names the first one, since a misspelt "
        "name makes a new clip (--json: first_new).",
    .example = "avqa import facts facts.jsonl",
    .arg = "FILE",
    .arg_help = "files of facts, read in order",
    .min_args = 1,
    .max_args = 1000,
    .config_size = sizeof(struct config),
    .args_offset = offsetof(struct config, args),
    .traits = AVQA_NEEDS_DATASET | AVQA_WRITES | AVQA_LONG,
    .run = run,
};
