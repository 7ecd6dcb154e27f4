/* avqa import features: published .npy features become shards. */
#include "commands.h"
#include "cli/print.h"
#include "cli/progress.h"
#include "pipeline/import_features.h"

#include <stdio.h>
#include <stdlib.h>

struct config {
    struct avqa_args args;
    const char *encoding, *preset;
    double shard_mb;
    int64_t level;
};

#define AT(field) offsetof(struct config, field)

static const struct avqa_opt opts[] = {
    {"encoding", 0, AVQA_OPT_CHOICE, AT(encoding), 0, 0, "sparse16",
     "sparse16|fp16|fp32",
     "how maps are kept: bit mask and 16-bit values, 16 bits, or 32"},
    {"preset", 0, AVQA_OPT_STRING, AT(preset), 0, 0, "music-avqa", "NAME",
     "what the features were made with; noted with each of them"},
    {"shard-size", 0, AVQA_OPT_REAL, AT(shard_mb), 0.001, 1e6, "1000", "MB",
     "megabytes after which a shard is ended"},
    {"level", 0, AVQA_OPT_INT, AT(level), -7, 19, "0", "N",
     "level of zstd; 0 is -1 for sparse16, -6 for fp16 (both read fast) and 1 for "
     "fp32"},
};

static void print_counts(const struct avqa_import_features_counts *c, bool dry_run)
{
    if (c->files == 0)
        printf("there were no npy files to import\n");
    avqa_print_count(c->files, "{file|files}");
    avqa_print_count(c->clips,
                     dry_run ? "{clip|clips} to import" : "{clip|clips} imported");
    avqa_print_count(c->rows, "{row|rows}");
    avqa_print_count(c->shards, "{shard|shards} written");
    if (c->bytes)
        printf("%10.1f  MB in them\n", (double)c->bytes / 1e6);
    avqa_print_count(c->unchanged, "{file|files} whose features are there already");
    avqa_print_count(c->ignored, "other {file|files} ignored");
    avqa_print_count(c->absent, "{path|paths} with nothing there");
    avqa_print_count(c->failed - c->absent, "failed; avqa status counts the reasons");
}

static enum avqa_exit run(const void *config, const struct avqa_cli *cli)
{
    const struct config *c = config;
    struct avqa_import_features_counts *counts = calloc(1, sizeof *counts);
    struct avqa_import_features_config import = {.dataset = cli->dataset,
                                                 .paths = c->args.items,
                                                 .n_paths = c->args.n,
                                                 .encoding = c->encoding,
                                                 .preset = c->preset,
                                                 .shard_bytes =
                                                     (int64_t)(c->shard_mb * 1e6),
                                                 .level = (int)c->level,
                                                 .dry_run = cli->dry_run,
                                                 .log = &cli->log};
    if (!counts)
        return AVQA_EXIT_FAILED;
    enum avqa_status rc = avqa_import_features(&import, counts);
    avqa_progress_clear();
    if (cli->json) {
        struct avqa_json *json = avqa_import_features_counts_json(counts);
        avqa_print_json(json);
        avqa_json_free(json);
    } else if (rc == AVQA_OK && !cli->quiet) {
        print_counts(counts, cli->dry_run);
        if (cli->dry_run)
            printf("dry run: nothing was written\n");
    }
    enum avqa_exit code = counts->failed == 0              ? AVQA_EXIT_DONE
                          : counts->failed < counts->files ? AVQA_EXIT_PARTLY
                                                           : AVQA_EXIT_FAILED;
    avqa_import_features_counts_release(counts);
    free(counts);
    return rc == AVQA_OK ? code : avqa_cli_failed(cli);
}

const struct avqa_command avqa_command_import_features = {
    .name = "import features",
    .summary = "turn published .npy features into shards",
    .details =
        "Reads npy files named by video ids, as the features of MUSIC-AVQA are "
        "published: maps of the picture, Tx512x14x14 (ResNet-18), and vectors of the "
        "sound, Tx128 (VGGish), in float32 or float16. They are told apart by their "
        "shape; folders are searched for .npy files. The features of a clip become one "
        "sample of a shard in the dataset's folder shards/, with the SHA-256 of their "
        "files and the preset.\n\n"
        "A file whose name no clip of the catalog has, of another shape, or damaged, "
        "is "
        "not imported: the reason is kept in the catalog, avqa status counts the "
        "reasons, and the exit code is 3 (1 if nothing could be imported). What is in "
        "the catalog already is not read again, so a run that was stopped or killed is "
        "continued by repeating it; whole shards stay, and the same files give the "
        "same "
        "shards.\n\n"
        "Maps are rounded to 16 bits unless --encoding is fp32 (relative error 2e-4).",
    .example = "avqa import features feats/res18_14x14 feats/vggish",
    .opts = opts,
    .n_opts = sizeof opts / sizeof *opts,
    .arg = "PATH",
    .arg_help = "npy files, and folders to search for them",
    .min_args = 1,
    .max_args = 100000,
    .config_size = sizeof(struct config),
    .args_offset = offsetof(struct config, args),
    .traits = AVQA_NEEDS_DATASET | AVQA_WRITES | AVQA_LONG,
    .run = run,
};
