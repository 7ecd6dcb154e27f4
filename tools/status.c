/* avqa status: how many of everything, what failed and why, which models were trained,
 * what is next. */
#include "commands.h"
#include "base/text.h"
#include "cli/print.h"
#include "pipeline/dataset.h"

#include <inttypes.h>
#include <stdio.h>

struct config {
    char unused;
};

/* The numbers that are not zero, under a heading if there are any. */
static void print_numbers(const struct avqa_json *object, const char *heading)
{
    bool first = true;
    for (const struct avqa_json *m = avqa_json_first(object); m;
         m = avqa_json_next(m)) {
        int64_t n = 0;
        avqa_json_int(m, &n);
        if (n && first)
            printf("%s\n", heading);
        if (n)
            printf("  %-16s %10" PRId64 "\n", avqa_json_key(m), n);
        first = first && n == 0;
    }
}

static void print_failures(const struct avqa_json *list)
{
    if (avqa_json_count(list))
        printf("failed\n");
    for (const struct avqa_json *f = avqa_json_first(list); f; f = avqa_json_next(f)) {
        int64_t n = 0;
        avqa_json_int(avqa_json_get(f, "items"), &n);
        printf("  %-16s %10" PRId64 "  %s\n",
               avqa_json_string(avqa_json_get(f, "stage")), n,
               avqa_json_string(avqa_json_get(f, "reason")));
    }
}

static void print_run(const struct avqa_json *r)
{
    int64_t done = 0;
    int64_t of = 0;
    int64_t best = 0;
    double accuracy = 0;
    const char *error = avqa_json_string(avqa_json_get(r, "error"));
    printf("  %-16s ", avqa_json_string(avqa_json_get(r, "name")));
    if (error) {
        printf("cannot be read: %s\n", error);
        return;
    }
    avqa_json_int(avqa_json_get(r, "epochs"), &done);
    avqa_json_int(avqa_json_get(r, "of"), &of);
    printf("%-14s %4" PRId64 " of %" PRId64 " epoch%s",
           avqa_json_string(avqa_json_get(r, "model")), done, of, avqa_text_plural(of));
    if (!avqa_json_true(avqa_json_get(r, "finished")))
        printf(", not finished");
    else if (done < of)
        printf(", ended early");
    if (avqa_json_double(avqa_json_get(r, "val_accuracy"), &accuracy) &&
        avqa_json_int(avqa_json_get(r, "best_epoch"), &best))
        printf(", best %.2f %% in validation (epoch %" PRId64 ")", 100 * accuracy,
               best);
    putchar('\n');
}

static void print_runs(const struct avqa_json *list)
{
    if (avqa_json_count(list))
        printf("trained runs\n");
    for (const struct avqa_json *r = avqa_json_first(list); r; r = avqa_json_next(r))
        print_run(r);
}

static enum avqa_exit run(const void *config, const struct avqa_cli *cli)
{
    struct avqa_json *status;
    (void)config;
    if (avqa_dataset_status(&status, cli->dataset) != AVQA_OK)
        return avqa_cli_failed(cli);
    if (cli->json) {
        avqa_print_json(status);
    } else {
        printf("dataset %s\n", avqa_json_string(avqa_json_get(status, "dataset")));
        print_numbers(avqa_json_get(status, "counts"), "in the catalog");
        print_numbers(avqa_json_get(status, "splits"), "questions by split");
        print_numbers(avqa_json_get(status, "last_audit"),
                      "findings of the last audit");
        print_failures(avqa_json_get(status, "failed"));
        print_runs(avqa_json_get(status, "runs"));
        printf("next: %s\n", avqa_json_string(avqa_json_get(status, "next")));
    }
    avqa_json_free(status);
    return AVQA_EXIT_DONE;
}

const struct avqa_command avqa_command_status = {
    .name = "status",
    .summary = "how many of everything there is, what failed and why, what is next",
    .details =
        "Reads the catalog and the folders of trained runs (runs/NAME: model, epochs "
        "done, the best accuracy in validation, whether it is finished); it works in a "
        "folder that may not be written. Of what is in the catalog, commands are those "
        "that changed something.\n\n"
        "--json: {\"dataset\", \"counts\": {...}, \"splits\": {NAME: questions}, "
        "\"failed\": [{\"stage\", \"reason\", \"items\"}], \"last_audit\": {...}, "
        "\"runs\": [{\"name\", \"model\", \"epochs\", \"of\", \"best_epoch\", "
        "\"val_accuracy\", \"finished\"} or {\"name\", \"error\"}], \"next\"}.",
    .example = "avqa status",
    .config_size = sizeof(struct config),
    .traits = AVQA_NEEDS_DATASET,
    .run = run,
};
