/* avqa split: shares the questions out so that nothing leaks. */
#include "commands.h"
#include "base/text.h"
#include "cli/print.h"
#include "pipeline/split.h"

#include <inttypes.h>
#include <stdio.h>

struct config {
    const char *ratios;
};

static const struct avqa_opt opts[] = {
    {"ratios", 0, AVQA_OPT_STRING, offsetof(struct config, ratios), 0, 0,
     "train=7,val=1,test=2", "NAME=N,...", "the splits and how large they should be"},
};

static double real(const struct avqa_json *node, const char *key)
{
    double v = 0;
    avqa_json_double(avqa_json_get(node, key), &v);
    return v;
}

static int64_t whole(const struct avqa_json *node, const char *key)
{
    int64_t v = 0;
    avqa_json_int(avqa_json_get(node, key), &v);
    return v;
}

static void print_report(const struct avqa_json *report)
{
    const struct avqa_json *largest = avqa_json_get(report, "largest");
    printf("%-12s %9s %8s %8s %8s  %s\n", "split", "questions", "videos", "asked",
           "got", "answers differ from the whole by");
    const struct avqa_json *s = avqa_json_first(avqa_json_get(report, "splits"));
    for (; s; s = avqa_json_next(s))
        printf("%-12s %9" PRId64 " %8" PRId64 " %7.2f%% %7.2f%%  %.4f\n",
               avqa_json_key(s), whole(s, "questions"), whole(s, "videos"),
               100 * real(s, "asked"), 100 * real(s, "got"), real(s, "answer_tvd"));
    printf("%" PRId64 " component%s; the largest has %" PRId64 " video%s and %" PRId64
           " question%s (%s, ...)\n",
           whole(report, "components"), avqa_text_plural(whole(report, "components")),
           whole(largest, "videos"), avqa_text_plural(whole(largest, "videos")),
           whole(largest, "questions"), avqa_text_plural(whole(largest, "questions")),
           avqa_json_string(avqa_json_get(largest, "first")));
    if (whole(report, "joined_by_media"))
        printf("%" PRId64 " %s joined to others because their files are the same, "
               "look alike or sound alike\n",
               whole(report, "joined_by_media"),
               whole(report, "joined_by_media") == 1 ? "was" : "were");
    printf("farthest from what was asked:\n");
    const struct avqa_json *w = avqa_json_first(avqa_json_get(report, "worst"));
    for (; w; w = avqa_json_next(w))
        printf("  %s \"%s\" in %s: %" PRId64 " question%s for %.1f\n",
               avqa_json_string(avqa_json_get(w, "template")),
               avqa_json_string(avqa_json_get(w, "answer")),
               avqa_json_string(avqa_json_get(w, "split")), whole(w, "got"),
               avqa_text_plural(whole(w, "got")), real(w, "asked"));
}

static enum avqa_exit run(const void *config, const struct avqa_cli *cli)
{
    const struct config *c = config;
    struct avqa_json *report;
    struct avqa_split_config split = {.dataset = cli->dataset,
                                      .ratios = c->ratios,
                                      .seed = (uint64_t)cli->seed,
                                      .dry_run = cli->dry_run,
                                      .log = &cli->log};
    if (avqa_split_check(&split) != AVQA_OK) {
        avqa_cli_failed(cli);
        return AVQA_EXIT_USAGE;
    }
    if (avqa_split(&split, &report) != AVQA_OK)
        return avqa_cli_failed(cli);
    if (cli->json)
        avqa_print_json(report);
    else if (!cli->quiet)
        print_report(report);
    if (cli->dry_run && !cli->json && !cli->quiet)
        printf("dry run: nothing was changed\n");
    avqa_json_free(report);
    return AVQA_EXIT_DONE;
}

const struct avqa_command avqa_command_split = {
    .name = "split",
    .summary = "share the questions out into splits that do not leak",
    .details =
        "Videos that tell about each other stay together: cut from one source, made "
        "from "
        "each other (flips, derived and composed media), with the same sound, or, "
        "where "
        "import media has measured their files, with the same bytes, alike in picture "
        "or alike in sound, as the audit finds them. Such "
        "a "
        "component is never parted. Within that, every template and answer is shared "
        "out "
        "as asked, as closely as whole components allow (iterative stratification). "
        "The "
        "result depends on the questions and --seed only.\n\n"
        "All questions of the dataset are assigned anew; the old splits are gone, and "
        "the "
        "rows of each new split are numbered as an export writes them. A split for "
        "which no component is left stays empty, with a warning.",
    .example = "avqa split --ratios train=7,val=1,test=2 --seed 1",
    .opts = opts,
    .n_opts = sizeof opts / sizeof *opts,
    .config_size = sizeof(struct config),
    .traits = AVQA_NEEDS_DATASET | AVQA_WRITES | AVQA_SEEDED,
    .run = run,
};
