/* avqa compose overlay, stitch, match: clips are made of others. Three commands with
 * one table of options, of which each takes its stretch. */
#include "commands.h"
#include "cli/print.h"
#include "cli/progress.h"
#include "pipeline/compose.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct config {
    const char *grid, *cell, *sounding;
    int64_t count, per_instrument;
    const char *pairs;
    bool any, same_instrument;
    const char *loudness, *sound;
    int64_t crf;
    double gain_db;
};

static const struct avqa_opt opts[] = {
    /* of stitch only */
    {.name = "grid",
     .type = AVQA_OPT_STRING,
     .offset = offsetof(struct config, grid),
     .initial = "2x1",
     .unit = "CxR",
     .help = "columns and rows of clips, 2 to 16 in all"},
    {.name = "cell",
     .type = AVQA_OPT_STRING,
     .offset = offsetof(struct config, cell),
     .unit = "WxH",
     .help =
         "size of a cell in pixels, both even (without it: that of the first clip)"},
    {.name = "sounding",
     .type = AVQA_OPT_STRING,
     .offset = offsetof(struct config, sounding),
     .initial = "1",
     .unit = "N|all",
     .help = "how many of the clips are heard; which ones is drawn by lot"},
    /* of all */
    {.name = "count",
     .letter = 'n',
     .type = AVQA_OPT_INT,
     .offset = offsetof(struct config, count),
     .min = 1,
     .max = 1000000,
     .unit = "N",
     .help = "how many clips there are to be, at most"},
    {.name = "per-instrument",
     .type = AVQA_OPT_INT,
     .offset = offsetof(struct config, per_instrument),
     .min = 1,
     .max = 1000000,
     .unit = "N",
     .help = "in how many clips each instrument is to be"},
    {.name = "pairs",
     .type = AVQA_OPT_STRING,
     .offset = offsetof(struct config, pairs),
     .unit = "FILE",
     .help = "which clips: CSV, TSV or JSON lines with the columns a, b, ..."},
    {.name = "any",
     .type = AVQA_OPT_FLAG,
     .offset = offsetof(struct config, any),
     .help =
         "choose among all clips with a file, not only those of which facts say that "
         "they have one instrument"},
    {.name = "same-instrument",
     .type = AVQA_OPT_FLAG,
     .offset = offsetof(struct config, same_instrument),
     .help = "clips with the same instrument may be put together"},
    {.name = "loudness",
     .type = AVQA_OPT_STRING,
     .offset = offsetof(struct config, loudness),
     .unit = "LUFS",
     .help = "bring each sound to this loudness (EBU R 128) first, such as -23"},
    {.name = "sound",
     .type = AVQA_OPT_CHOICE,
     .offset = offsetof(struct config, sound),
     .initial = "flac",
     .unit = "flac|aac",
     .help = "sound without loss (24 bits), or smaller"},
    {.name = "crf",
     .type = AVQA_OPT_INT,
     .offset = offsetof(struct config, crf),
     .min = 0,
     .max = 51,
     .initial = AVQA_OPT_TYPED(AVQA_ENCODE_CRF),
     .unit = "N",
     .help = "quality of the pictures: 0 is lossless, 51 worst"},
    /* of overlay and match only */
    {.name = "gain",
     .type = AVQA_OPT_REAL,
     .offset = offsetof(struct config, gain_db),
     .min = -60,
     .max = 60,
     .initial = AVQA_OPT_TYPED(0),
     .unit = "DB",
     .help = "by how much the second clip's sound is louder than it was"},
};

enum { N_OPTS = sizeof opts / sizeof *opts, N_OF_STITCH = 3 };

static void print_object(const char *title, const struct avqa_json *object)
{
    const struct avqa_json *m = object ? avqa_json_first(object) : NULL;
    if (m)
        printf("%s:\n", title);
    for (; m; m = avqa_json_next(m)) {
        int64_t n = 0;
        avqa_json_int(m, &n);
        printf("%10" PRId64 "  %s\n", n, avqa_json_key(m));
    }
}

static void print_counts(const struct avqa_compose_counts *c, bool dry_run)
{
    avqa_print_count(c->clips, "{clip|clips}");
    avqa_print_count(c->unchanged, "unchanged");
    avqa_print_count(c->refacted, "of these with new facts");
    avqa_print_count(c->composed, dry_run ? "to be composed" : "composed");
    avqa_print_count(c->lowered, "of these less loud as a whole, so as not to clip");
    avqa_print_count(c->failed, "failed; avqa status counts the reasons");
    avqa_print_count(
        c->missing,
        "more {was|were} asked for; the rules leave no clips for {it|them}");
    print_object("clips with", c->instruments);
    print_object("not chosen, for this reason", c->left_out);
    if (c->missing)
        print_object("pairs, and those that the rules refuse", c->pairs);
    if (dry_run)
        printf("dry run: nothing was kept\n");
}

/* Two whole numbers with an x between them. */
static bool parse_size(const char *text, int *a, int *b)
{
    char *end;
    long x = strtol(text, &end, 10);
    if (end == text || *end != 'x' || x < 1 || x > 8192)
        return false;
    const char *second = end + 1;
    long y = strtol(second, &end, 10);
    if (end == second || *end || y < 1 || y > 8192)
        return false;
    *a = (int)x;
    *b = (int)y;
    return true;
}

static enum avqa_exit wrong(const struct avqa_cli *cli, const char *what)
{
    fprintf(stderr, "avqa %s: %s\n", cli->command, what);
    return AVQA_EXIT_USAGE;
}

/* The options that are texts; NULL, or what is wrong. */
static const char *parse_texts(struct avqa_compose_config *compose,
                               const struct config *c)
{
    char *end;
    compose->columns = 2;
    compose->rows = 1;
    compose->loudness_lufs = (double)NAN;
    if (c->grid && !parse_size(c->grid, &compose->columns, &compose->rows))
        return "--grid is two whole numbers, such as 2x1";
    if (c->cell && (!parse_size(c->cell, &compose->cell_width, &compose->cell_height) ||
                    compose->cell_width % 2 || compose->cell_height % 2))
        return "--cell is two even numbers, such as 640x360";
    if (c->sounding && strcmp(c->sounding, "all") != 0) {
        long n = strtol(c->sounding, &end, 10);
        if (end == c->sounding || *end || n < 1 || n > 16)
            return "--sounding is a whole number from 1 to 16, or all";
        compose->sounding = (size_t)n;
    }
    if (c->loudness) {
        compose->loudness_lufs = strtod(c->loudness, &end);
        if (end == c->loudness || *end || !(compose->loudness_lufs >= -70) ||
            !(compose->loudness_lufs <= 0))
            return "--loudness is a number from -70 to 0, such as -23";
    }
    return NULL;
}

static enum avqa_exit exit_code(const struct avqa_compose_counts *c)
{
    if (c->failed == 0 && c->missing == 0)
        return AVQA_EXIT_DONE;
    return c->failed < c->clips ? AVQA_EXIT_PARTLY : AVQA_EXIT_FAILED;
}

static enum avqa_exit run_kind(enum avqa_compose_kind kind, const void *config,
                               const struct avqa_cli *cli)
{
    const struct config *c = config;
    struct avqa_compose_config compose = {.dataset = cli->dataset,
                                          .kind = kind,
                                          .count = (size_t)c->count,
                                          .per_instrument = (size_t)c->per_instrument,
                                          .pairs = c->pairs,
                                          .any = c->any,
                                          .same_instrument = c->same_instrument,
                                          .gain_db = c->gain_db,
                                          .lossless = strcmp(c->sound, "flac") == 0,
                                          .crf = (int)c->crf,
                                          .seed = (uint64_t)cli->seed,
                                          .n_jobs = (size_t)cli->jobs,
                                          .dry_run = cli->dry_run,
                                          .log = &cli->log};
    const char *error = parse_texts(&compose, c);
    if (error)
        return wrong(cli, error);
    if (c->pairs && (c->count || c->per_instrument))
        return wrong(cli, "--pairs says which clips; it takes no --count and no "
                          "--per-instrument");
    if (!c->pairs && !c->count && !c->per_instrument)
        return wrong(cli,
                     "say how many: --count N, --per-instrument N, or --pairs FILE");
    struct avqa_compose_counts *counts = calloc(1, sizeof *counts);
    if (!counts)
        return AVQA_EXIT_FAILED;
    enum avqa_status rc = avqa_compose_clips(&compose, counts);
    avqa_progress_clear();
    if (cli->json) {
        struct avqa_json *json = avqa_compose_counts_json(counts);
        avqa_print_json(json);
        avqa_json_free(json);
    } else if (rc == AVQA_OK && !cli->quiet) {
        print_counts(counts, cli->dry_run);
    }
    enum avqa_exit code = exit_code(counts);
    const bool begun = counts->clips > 0;
    avqa_compose_counts_release(counts);
    free(counts);
    if (rc != AVQA_OK)
        code = avqa_cli_failed(cli);
    return rc == AVQA_EINVAL && !begun ? AVQA_EXIT_USAGE : code;
}

static enum avqa_exit run_overlay(const void *config, const struct avqa_cli *cli)
{
    return run_kind(AVQA_COMPOSE_OVERLAY, config, cli);
}

static enum avqa_exit run_stitch(const void *config, const struct avqa_cli *cli)
{
    return run_kind(AVQA_COMPOSE_STITCH, config, cli);
}

static enum avqa_exit run_match(const void *config, const struct avqa_cli *cli)
{
    return run_kind(AVQA_COMPOSE_MATCH, config, cli);
}

#define CHOICE                                                                         \
    "Parents are clips with a file (avqa segment) of which facts say that they have "  \
    "one "                                                                             \
    "instrument. They are chosen by --seed: never two of one source, nor two with "    \
    "one "                                                                             \
    "instrument, nor the same ones twice; instruments come in equally many clips as "  \
    "far "                                                                             \
    "as that allows. --pairs names them instead; its rows may name any clips with a "  \
    "file.\n\n"
#define RERUN                                                                          \
    "The new clip has the shorter one's length, its facts follow from its parents', "  \
    "and "                                                                             \
    "its parents are noted, so that splits keep them together and an audit sees "      \
    "them. "                                                                           \
    "Composing again makes only what is not there, was made otherwise, or failed; "    \
    "facts "                                                                           \
    "follow those of the parents. If the sum would clip, all of it is lowered and "    \
    "that is "                                                                         \
    "said. What cannot be composed has its reason in the catalog; the exit code is 3 " \
    "(1 "                                                                              \
    "if nothing could be). The bytes do not depend on --jobs."
#define TRAITS                                                                         \
    AVQA_NEEDS_DATASET | AVQA_WRITES | AVQA_LONG | AVQA_PARALLEL | AVQA_SEEDED

const struct avqa_command avqa_command_compose_overlay = {
    .name = "compose overlay",
    .summary = "make clips with another clip's sound over their own",
    .details =
        "A clip keeps its picture and its sound, and another clip's sound is added "
        "to it: what plays there is heard and not seen.\n\n" CHOICE RERUN,
    .example = "avqa compose overlay --count 100 --gain -3 --seed 1",
    .opts = opts + N_OF_STITCH,
    .n_opts = N_OPTS - N_OF_STITCH,
    .config_size = sizeof(struct config),
    .traits = TRAITS,
    .run = run_overlay,
};

const struct avqa_command avqa_command_compose_stitch = {
    .name = "compose stitch",
    .summary = "make clips of others side by side, only some of them heard",
    .details =
        "Clips stand beside each other in a grid, each scaled to its cell with its "
        "shape "
        "kept, black around it; the pictures come at the highest rate of theirs. "
        "--sounding of them are heard, the others are seen only.\n\n" CHOICE RERUN,
    .example = "avqa compose stitch --grid 2x1 --sounding 1 --per-instrument 10",
    .opts = opts,
    .n_opts = N_OPTS - 1,
    .config_size = sizeof(struct config),
    .traits = TRAITS,
    .run = run_stitch,
};

const struct avqa_command avqa_command_compose_match = {
    .name = "compose match",
    .summary = "make clips with one clip's picture and another one's sound",
    .details = "A clip keeps its picture and gets another clip's sound instead of its "
               "own: what is seen is not what is heard.\n\n" CHOICE RERUN,
    .example = "avqa compose match --pairs pairs.csv",
    .opts = opts + N_OF_STITCH,
    .n_opts = N_OPTS - N_OF_STITCH,
    .config_size = sizeof(struct config),
    .traits = TRAITS,
    .run = run_match,
};
