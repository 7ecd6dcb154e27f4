/* avqa import videos: a manifest of videos into the catalog. */
#include "commands.h"
#include "cli/import_print.h"
#include "pipeline/import.h"

struct config {
    struct avqa_args args;
};

static enum avqa_exit run(const void *config, const struct avqa_cli *cli)
{
    const struct config *c = config;
    struct avqa_import_counts counts = {0};
    struct avqa_import_config import = {.dataset = cli->dataset,
                                        .files = c->args.items,
                                        .n_files = c->args.n,
                                        .dry_run = cli->dry_run,
                                        .log = &cli->log};
    enum avqa_status rc = avqa_import_videos(&import, &counts);
    return avqa_import_print(cli, rc, "videos", &counts);
}

const struct avqa_command avqa_command_import_videos = {
    .name = "import videos",
    .summary = "import a manifest of videos (CSV, TSV, JSON lines)",
    .details =
        "Columns: video_id (needed), url, start_time and duration (m:ss, h:mm:ss or "
        "seconds), suffix (a further stretch of the same video, such as _#02) and "
        "has_flip (Y makes a mirrored clip ID_flip beside it). Other columns are "
        "kept with the clip. The ending .tsv or .jsonl tells the format; anything "
        "else is read as CSV, with or without a byte order mark.\n\n"
        "A clip that stands twice with the same times counts as a duplicate; with "
        "other times the file is refused. Importing again updates what changed.",
    .example = "avqa import videos videos.csv",
    .arg = "FILE",
    .arg_help = "manifests, read in order",
    .min_args = 1,
    .max_args = 1000,
    .config_size = sizeof(struct config),
    .args_offset = offsetof(struct config, args),
    .traits = AVQA_NEEDS_DATASET | AVQA_WRITES | AVQA_LONG,
    .run = run,
};
