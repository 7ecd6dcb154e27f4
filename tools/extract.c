/* avqa extract: clips become features in shards. */
#include "commands.h"
#include "base/mem.h"
#include "cli/print.h"
#include "cli/progress.h"
#include "pipeline/extract.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct config {
    const char *visual, *audio, *weights, *encoding, *precision, *pad;
    int64_t max_seconds, rank, world, per_shard;
    bool replace;
};

static const struct avqa_opt opts[] = {
    {.name = "visual",
     .type = AVQA_OPT_STRING,
     .offset = offsetof(struct config, visual),
     .initial = "resnet18",
     .unit = "NAME[:PRESET]",
     .help = "encoder of the pictures, or none"},
    {.name = "audio",
     .type = AVQA_OPT_STRING,
     .offset = offsetof(struct config, audio),
     .initial = "vggish",
     .unit = "NAME[:PRESET]",
     .help = "encoder of the sound, or none"},
    {.name = "weights",
     .type = AVQA_OPT_STRING,
     .offset = offsetof(struct config, weights),
     .unit = "DIR|random:SEED",
     .help = "folder with resnet18.safetensors and vggish.safetensors; or random ones, "
             "to try things out"},
    {.name = "encoding",
     .type = AVQA_OPT_CHOICE,
     .offset = offsetof(struct config, encoding),
     .initial = "sparse16",
     .unit = "sparse16|fp16|fp32",
     .help = "how maps are kept; everything else is kept as it is"},
    {.name = "precision",
     .type = AVQA_OPT_CHOICE,
     .offset = offsetof(struct config, precision),
     .initial = "f32",
     .unit = "f32|bf16",
     .help = "numbers that networks compute in"},
    {.name = "pad",
     .type = AVQA_OPT_CHOICE,
     .offset = offsetof(struct config, pad),
     .initial = "none",
     .unit = "none|zero|repeat",
     .help = "where picture and sound differ in length, rows that fill the shorter one "
             "up: zeros, or its last row again"},
    {.name = "max-seconds",
     .type = AVQA_OPT_INT,
     .offset = offsetof(struct config, max_seconds),
     .min = 0,
     .max = 86400,
     .initial = "0",
     .unit = "N",
     .help = "take only the beginning of a clip; 0 takes all of it"},
    {.name = "per-shard",
     .type = AVQA_OPT_INT,
     .offset = offsetof(struct config, per_shard),
     .min = 1,
     .max = 100000,
     .initial = AVQA_OPT_TYPED(AVQA_EXTRACT_PER_SHARD),
     .unit = "N",
     .help = "clips in a shard"},
    {.name = "replace",
     .type = AVQA_OPT_FLAG,
     .offset = offsetof(struct config, replace),
     .help = "make features anew that were made with another preset, weights or "
             "options; the old ones go"},
    {.name = "rank",
     .type = AVQA_OPT_INT,
     .offset = offsetof(struct config, rank),
     .min = 0,
     .max = 1000000,
     .initial = "0",
     .unit = "R",
     .help = "with --world: which part of the work this is, from 0"},
    {.name = "world",
     .type = AVQA_OPT_INT,
     .offset = offsetof(struct config, world),
     .min = 1,
     .max = 1000000,
     .initial = "1",
     .unit = "W",
     .help = "divide the work among so many runs"},
};

static void print_counts(const struct avqa_extract_counts *c, bool dry_run)
{
    if (c->clips + c->unchanged + c->imported + c->to_do + c->failed + c->known == 0)
        printf(c->elsewhere ? "there is nothing for this rank\n"
                            : "there are no clips that have a file\n");
    avqa_print_count(c->unchanged, "{clip|clips} unchanged");
    avqa_print_count(c->imported,
                     "{clip|clips} with imported features, which are kept");
    avqa_print_count(c->elsewhere, "{clip|clips} of other ranks");
    if (dry_run) {
        avqa_print_count(c->to_do, "{clip|clips} to be extracted");
        avqa_print_count(c->to_write, "{shard|shards} to be written");
    }
    avqa_print_count(c->clips, "{clip|clips} extracted");
    avqa_print_count(c->rows, "{row|rows}");
    avqa_print_count((int64_t)c->n_shards, "{shard|shards} written");
    avqa_print_count(c->flawed, "of these clips damaged or cut off");
    avqa_print_count(
        c->failed, dry_run
                       ? "{clip|clips} without what was asked for"
                       : "{clip|clips} without what was asked for; avqa status counts "
                         "the reasons");
    avqa_print_count(c->known, "{clip|clips} without, as an earlier run found");
    if (dry_run)
        printf("dry run: nothing was kept\n");
}

static const char *encoder(const char *asked)
{
    return strcmp(asked, "none") == 0 ? NULL : asked;
}

static enum avqa_exit run(const void *config, const struct avqa_cli *cli)
{
    const struct config *c = config;
    struct avqa_extract_counts *counts = calloc(1, sizeof *counts);
    struct avqa_extract_config extract = {
        .dataset = cli->dataset,
        .encoders = {encoder(c->visual), encoder(c->audio)},
        .weights = c->weights,
        .encoding = c->encoding,
        .precision = c->precision,
        .pad = c->pad,
        .max_seconds = c->max_seconds,
        .rank = c->rank,
        .world = c->world,
        .per_shard = c->per_shard,
        .n_jobs = (size_t)cli->jobs,
        .replace = c->replace,
        .dry_run = cli->dry_run,
        .log = &cli->log};
    if (!counts)
        return AVQA_EXIT_FAILED;
    avqa_mem_keep(); /* each clip's pictures and rows take what the last one's had */
    if (avqa_extract_check(&extract) != AVQA_OK) {
        free(counts);
        avqa_cli_failed(cli);
        return AVQA_EXIT_USAGE;
    }
    enum avqa_status rc = avqa_extract(&extract, counts);
    avqa_progress_clear();
    if (cli->json) {
        struct avqa_json *json = avqa_extract_counts_json(counts);
        avqa_print_json(json);
        avqa_json_free(json);
    } else if (rc == AVQA_OK && !cli->quiet) {
        print_counts(counts, cli->dry_run);
    }
    const int64_t without = counts->failed + counts->known;
    const int64_t with = counts->clips + counts->unchanged + counts->imported;
    avqa_extract_counts_release(counts);
    free(counts);
    if (rc != AVQA_OK)
        return avqa_cli_failed(cli);
    return without == 0 ? AVQA_EXIT_DONE : with ? AVQA_EXIT_PARTLY : AVQA_EXIT_FAILED;
}

const struct avqa_command avqa_command_extract = {
    .name = "extract",
    .summary = "make features of clips, in shards",
    .details =
        "Every clip that has a file, or is a stretch of a source with one, is decoded "
        "once: a picture for each second, and its sound. Encoders make rows of these: "
        "resnet18 (presets music-avqa, torchvision, torchvision-maps), vggish "
        "(music-avqa, tensorflow, torchvggish), logmel, spectrogram, frames and "
        "waveform (raw pictures and samples, for training encoders). The rows go into "
        "shards/NNNNNN-HASH.tar.zst, which avqa shard looks into.\n\n"
        "Shards are filled in the order of the clips' names, and their bytes depend on "
        "the clips and the options alone, not on --jobs or --world: the same bytes on "
        "processors of the same kind. A run that is "
        "stopped or killed keeps whole shards; the next one makes the rest. Features "
        "are made again where the clip's file is another one. Those made with another "
        "preset, other weights or options are made again only with --replace, since "
        "a clip has one kind of each encoder and the old ones go; without it nothing "
        "is done. Features that were imported are kept. Each clip's features say in "
        "the "
        "shard and in the catalog how they were made.\n\n"
        "A clip without sound or picture, too short, or not decodable has its reason "
        "in the catalog; avqa status counts the reasons, and the exit code is 3 (1 if "
        "none had features). It is not tried again until something differs. Damaged "
        "and cut off files give what decodes, with a warning. With --pad zero a clip "
        "without sound has rows of zeros, one for each of its pictures; so only where "
        "--visual takes these in the same run.\n\n"
        "--rank and --world divide the work: runs with the same W and R from 0 to W-1, "
        "at the same time if they like, do all of it.",
    .example = "avqa extract --weights weights --jobs 8",
    .opts = opts,
    .n_opts = sizeof opts / sizeof *opts,
    .config_size = sizeof(struct config),
    .traits = AVQA_NEEDS_DATASET | AVQA_WRITES | AVQA_LONG | AVQA_PARALLEL,
    .run = run,
};
