/* avqa import media: files already on disk as sources and clips. */
#include "commands.h"
#include "cli/print.h"
#include "cli/progress.h"
#include "pipeline/import_media.h"

#include <stdio.h>
#include <stdlib.h>

struct config {
    struct avqa_args args;
    bool copy, no_measure;
};

static const struct avqa_opt opts[] = {
    {.name = "copy",
     .type = AVQA_OPT_FLAG,
     .offset = offsetof(struct config, copy),
     .help = "copy the files into the dataset's media folder"},
    {.name = "no-measure",
     .type = AVQA_OPT_FLAG,
     .offset = offsetof(struct config, no_measure),
     .help = "only look into the files, instead of decoding each to its end"},
};

static void print_counts(const struct avqa_import_media_counts *c, bool named)
{
    if (c->files == 0)
        printf("there were no media files to import%s\n",
               named ? "" : "; name some, or fetch some");
    avqa_print_count(c->files, "{file|files}");
    avqa_print_count(c->sources, "{source|sources} new");
    avqa_print_count(c->clips, "{clip|clips} new");
    avqa_print_count(c->updated, "updated");
    avqa_print_count(c->unchanged, "unchanged");
    avqa_print_count(c->duplicates, "{has|have} the same bytes as another source");
    avqa_print_count(
        c->flawed,
        "{lacks|lack} picture or sound, or {is|are} not whole (imported all the same)");
    avqa_print_count(c->ignored, "other {file|files} ignored");
    avqa_print_count(c->absent, "{path|paths} with nothing there");
    avqa_print_count(c->failed - c->absent, "failed; avqa status counts the reasons");
}

static enum avqa_exit run(const void *config, const struct avqa_cli *cli)
{
    const struct config *c = config;
    struct avqa_import_media_counts *counts = calloc(1, sizeof *counts);
    struct avqa_import_media_config import = {.dataset = cli->dataset,
                                              .paths = c->args.items,
                                              .n_paths = c->args.n,
                                              .copy = c->copy,
                                              .measure = !c->no_measure,
                                              .n_jobs = (size_t)cli->jobs,
                                              .dry_run = cli->dry_run,
                                              .log = &cli->log};
    enum avqa_status rc = counts ? avqa_import_media(&import, counts)
                                 : avqa_fail(AVQA_ENOMEM, "no memory to begin with");
    if (!counts)
        return avqa_cli_failed(cli);
    avqa_progress_clear();
    if (cli->json) {
        struct avqa_json *json = avqa_import_media_counts_json(counts);
        avqa_print_json(json);
        avqa_json_free(json);
    } else if (rc == AVQA_OK && !cli->quiet) {
        print_counts(counts, c->args.n > 0);
        if (cli->dry_run)
            printf("dry run: nothing was kept\n");
    }
    enum avqa_exit code = counts->failed == 0              ? AVQA_EXIT_DONE
                          : counts->failed < counts->files ? AVQA_EXIT_PARTLY
                                                           : AVQA_EXIT_FAILED;
    avqa_import_media_counts_release(counts);
    free(counts);
    return rc == AVQA_OK ? code : avqa_cli_failed(cli);
}

const struct avqa_command avqa_command_import_media = {
    .name = "import media",
    .summary = "import media files that are already on disk",
    .details =
        "Without a PATH it takes the files that sources have already: those that avqa "
        "fetch brought.\n\n"
        "A file becomes a source named as the file without its ending, with its size, "
        "SHA-256 and length, and, if it has a picture, a clip of the whole of it "
        "unless "
        "a manifest made one before. It stays where it is; --copy copies it into the "
        "dataset's media folder. Folders are searched for media files by their "
        "endings; "
        "other files in them are counted as ignored. A file that is named is always "
        "tried.\n\n"
        "Each file is decoded to its end, on which the media checks of avqa audit "
        "rest: "
        "which seconds are black, frozen, silent or clipped, how long picture and "
        "sound "
        "really are, whether anything is damaged. That takes about a CPU second for a "
        "minute of small video; with --no-measure only a first picture and sound are "
        "decoded. What is no media, is empty or does not decode is not imported: the "
        "reason is kept in the "
        "catalog, avqa status counts the reasons, and the exit code is 3 (1 if nothing "
        "could be imported). What lacks a picture or a sound, or was cut and can still "
        "be decoded, is imported with a warning. The same bytes under two names are "
        "imported under both, with a warning. A name that is taken by other bytes is a "
        "failure.\n\n"
        "Importing again reads only files whose size or time of change differs from "
        "what was recorded, those that failed, and those that were not measured yet. "
        "What failed and is gone from what was named counts as failed no more. A run "
        "that is stopped keeps what it did.",
    .example = "avqa import media videos/ more/00001234.mp4",
    .opts = opts,
    .n_opts = sizeof opts / sizeof *opts,
    .arg = "PATH",
    .arg_help = "media files, and folders to search for them",
    .min_args = 0,
    .max_args = 100000,
    .config_size = sizeof(struct config),
    .args_offset = offsetof(struct config, args),
    .traits = AVQA_NEEDS_DATASET | AVQA_WRITES | AVQA_LONG | AVQA_PARALLEL,
    .run = run,
};
