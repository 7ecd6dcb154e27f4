/* See import_print.h. */
#include "cli/import_print.h"
#include "cli/print.h"
#include "cli/progress.h"

#include <stdio.h>

static void print_counts(const struct avqa_import_counts *c)
{
    avqa_print_count(c->rows, "{row|rows} read");
    avqa_print_count(c->questions, "{question|questions} new");
    avqa_print_count(c->clips, c->first_new
                                   ? "{clip was|clips were} not in the dataset before"
                                   : "{clip|clips} new");
    avqa_print_count(c->described, "{clip has|clips have} facts now");
    avqa_print_count(c->updated, "updated");
    avqa_print_count(
        c->duplicates - c->repeats,
        "{row|rows} said nothing new (stored before, or twice in the file)");
    avqa_print_count(c->repeats,
                     "of the new ones {repeats|repeat} another row (kept; see audit)");
    avqa_print_count(c->conflicts, "{row|rows} {gives|give} a second answer to the "
                                   "same question (kept; see audit)");
}

enum avqa_exit avqa_import_print(const struct avqa_cli *cli, enum avqa_status rc,
                                 const char *what, struct avqa_import_counts *counts)
{
    avqa_progress_clear();
    if (cli->json) {
        struct avqa_json *json = avqa_import_counts_json(counts);
        avqa_print_json(json);
        avqa_json_free(json);
    } else if (rc == AVQA_OK && !cli->quiet) {
        if (counts->rows == 0)
            printf("there were no %s to import\n", what);
        print_counts(counts);
        if (cli->dry_run)
            printf("dry run: nothing was kept\n");
    }
    avqa_import_counts_release(counts);
    return rc == AVQA_OK ? AVQA_EXIT_DONE : avqa_cli_failed(cli);
}
