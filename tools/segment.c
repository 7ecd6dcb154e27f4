/* avqa segment: sources become clips. */
#include "commands.h"
#include "cli/print.h"
#include "cli/progress.h"
#include "pipeline/segment.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const int64_t LEAST_US = 1000000; /* of a scene, unless it is said */

struct config {
    double length, scenes, min_length;
    const char *last;
    bool flip;
    int64_t crf;
    const char *mode;
};

static const struct avqa_opt opts[] = {
    {.name = "length",
     .type = AVQA_OPT_REAL,
     .offset = offsetof(struct config, length),
     .min = 0.1,
     .max = 86400,
     .unit = "SECONDS",
     .help = "divide every source into clips of this length"},
    {.name = "scenes",
     .type = AVQA_OPT_REAL,
     .offset = offsetof(struct config, scenes),
     .min = 0.1,
     .max = 100,
     .unit = "SCORE",
     .help = "divide every source where its scene changes: where FFmpeg's score (its "
             "filter scdet) reaches this; 10 is usual"},
    {.name = "min-length",
     .type = AVQA_OPT_REAL,
     .offset = offsetof(struct config, min_length),
     .min = 0.001,
     .max = 86400,
     .unit = "SECONDS",
     .help =
         "with --scenes: a change sooner after the last one is none (without it: 1)"},
    {.name = "last",
     .type = AVQA_OPT_CHOICE,
     .offset = offsetof(struct config, last),
     .initial = "keep",
     .unit = "keep|drop",
     .help = "with --length or --scenes: what is left at the end of a source (less "
             "than 0.1 s never "
             "is a clip)"},
    {.name = "flip",
     .type = AVQA_OPT_FLAG,
     .offset = offsetof(struct config, flip),
     .help = "make the mirrored clip of each beside it"},
    {.name = "crf",
     .type = AVQA_OPT_INT,
     .offset = offsetof(struct config, crf),
     .min = 0,
     .max = 51,
     .initial = AVQA_OPT_TYPED(AVQA_ENCODE_CRF),
     .unit = "N",
     .help = "quality of the pictures: 0 is lossless, 51 worst"},
    {.name = "mode",
     .type = AVQA_OPT_CHOICE,
     .offset = offsetof(struct config, mode),
     .initial = "exact",
     .unit = "exact|smart|copy",
     .help = "encode all pictures; or copy those of whole groups; or copy everything"},
};

static enum avqa_cut_mode mode_of(const char *name)
{
    int mode = 0;
    while (mode < AVQA_CUT_MODES - 1 &&
           strcmp(name, avqa_cut_mode_name((enum avqa_cut_mode)mode)) != 0)
        mode++;
    return (enum avqa_cut_mode)mode;
}

static void print_counts(const struct avqa_segment_counts *c, bool dry_run)
{
    if (c->clips + c->no_scenes + c->divided == 0)
        printf("there are no clips of sources that have a file\n");
    avqa_print_count(c->clips, "{clip|clips}");
    avqa_print_count(c->made, "new in the catalog");
    avqa_print_count(c->unchanged, "unchanged");
    avqa_print_count(c->cut, dry_run ? "to be cut" : "cut");
    avqa_print_count(c->fell_back,
                     "of these exactly, since a smart cut was not possible");
    avqa_print_count(c->flawed,
                     "of these short, without sound, damaged, or of other times");
    avqa_print_count(c->no_scenes,
                     "{source|sources} without scenes; avqa status counts the reasons");
    avqa_print_count(
        c->divided,
        "{source|sources} left alone: {it is|they are} divided in another way already");
    avqa_print_count(c->failed, "failed; avqa status counts the reasons");
    if (dry_run)
        printf("dry run: nothing was kept\n");
}

static enum avqa_exit exit_code(const struct avqa_segment_counts *c)
{
    if (c->failed + c->no_scenes + c->divided == 0)
        return AVQA_EXIT_DONE;
    return c->failed < c->clips ? AVQA_EXIT_PARTLY : AVQA_EXIT_FAILED;
}

/* What is wrong with the options together, or NULL. */
static const char *check(const struct config *c)
{
    if (c->length > 0 && c->scenes > 0)
        return "--length and --scenes: sources are divided by one of them";
    if (c->min_length > 0 && !(c->scenes > 0))
        return "--min-length is of scenes; it takes --scenes";
    return NULL;
}

static enum avqa_exit run(const void *config, const struct avqa_cli *cli)
{
    const struct config *c = config;
    const char *wrong = check(c);
    if (wrong) {
        fprintf(stderr, "avqa %s: %s\n", cli->command, wrong);
        return AVQA_EXIT_USAGE;
    }
    struct avqa_segment_counts *counts = calloc(1, sizeof *counts);
    struct avqa_segment_config segment = {
        .dataset = cli->dataset,
        .length_us = llround(c->length * 1e6),
        .scenes = c->scenes > 0,
        .threshold = c->scenes,
        .least_us = c->min_length > 0 ? llround(c->min_length * 1e6) : LEAST_US,
        .keep_last = strcmp(c->last, "keep") == 0,
        .flip = c->flip,
        .crf = (int)c->crf,
        .mode = mode_of(c->mode),
        .n_jobs = (size_t)cli->jobs,
        .dry_run = cli->dry_run,
        .log = &cli->log};
    if (!counts)
        return AVQA_EXIT_FAILED;
    enum avqa_status rc = avqa_segment(&segment, counts);
    avqa_progress_clear();
    if (cli->json) {
        struct avqa_json *json = avqa_segment_counts_json(counts);
        avqa_print_json(json);
        avqa_json_free(json);
    } else if (rc == AVQA_OK && !cli->quiet) {
        print_counts(counts, cli->dry_run);
    }
    enum avqa_exit code = exit_code(counts);
    avqa_segment_counts_release(counts);
    free(counts);
    return rc == AVQA_OK ? code : avqa_cli_failed(cli);
}

const struct avqa_command avqa_command_segment = {
    .name = "segment",
    .summary = "cut sources into clips",
    .details =
        "Every clip in the catalog whose source has a file becomes clips/NAME.mp4, "
        "H.264 and AAC, by its start and duration (of the whole source where nobody "
        "gave them). It has exactly the pictures that begin in that time, at their "
        "times, and exactly the samples of it; pictures are turned as they are shown, "
        "with square pixels. What was written is decoded and counted before the file "
        "gets its name. Clips of the method 'flip' are mirrored, unless their source "
        "is "
        "a file of that name.\n\n"
        "--mode smart gives the same pictures and samples, but encodes only the "
        "pictures before the first whole group of them and after the last; packets "
        "between are copied. That takes H.264 of yuv420p, upright, progressive, with "
        "square pixels and groups that begin with IDR pictures; any other clip is cut "
        "exactly, with a warning that says why (fallbacks and fell_back in --json). "
        "Every packet is read back and compared with the source's; decoded are the "
        "encoded pictures, the first copied ones and the sound, but not every copied "
        "picture, so damage inside a source stays unseen. --mode copy encodes nothing: "
        "a clip begins at the key frame before its start, and a remark says from when "
        "to when it is; its times and how it was cut are in the catalog.\n\n"
        "--length makes clips named SOURCE_#01, SOURCE_#02, ... and cuts only these; "
        "--scenes names them so, too, from one change of scene to the next (every "
        "source is decoded for that, in each run); --flip makes the mirrored NAME_flip "
        "of each, with its parent noted. The division of a source is one: where clips "
        "of "
        "these names have other times, all of the source is left alone, and the "
        "message "
        "names the clip.\n\n"
        "Segmenting again cuts only what is not there, was cut otherwise, or failed. A "
        "clip that cannot be cut has its reason in the catalog; avqa status counts the "
        "reasons, and the exit code is 3 (1 if none could be cut). Where a source ends "
        "early so does its clip, with a warning. The bytes of a clip do not depend on "
        "--jobs. A run that is stopped or killed keeps what it did.",
    .example = "avqa segment --length 60 --last drop",
    .opts = opts,
    .n_opts = sizeof opts / sizeof *opts,
    .config_size = sizeof(struct config),
    .traits = AVQA_NEEDS_DATASET | AVQA_WRITES | AVQA_LONG | AVQA_PARALLEL,
    .run = run,
};
