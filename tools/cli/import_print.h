/* What an import says at its end, for both kinds. */
#ifndef AVQA_CLI_IMPORT_PRINT_H
#define AVQA_CLI_IMPORT_PRINT_H

#include "base/status.h"
#include "cli/command.h"
#include "pipeline/import.h"

/* Prints the counts (or, with --json, the object, after a failure too), says what went
 * wrong and gives the exit code. `what` is imported: "questions". Releases the counts.
 */
enum avqa_exit avqa_import_print(const struct avqa_cli *cli, enum avqa_status rc,
                                 const char *what, struct avqa_import_counts *counts);

#endif
