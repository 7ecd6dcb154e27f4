/* The one progress line of long work: done of total, rate, time left. On a terminal it
 * is redrawn a few times a second; with --progress json it is a JSON line a second. */
#ifndef AVQA_CLI_PROGRESS_H
#define AVQA_CLI_PROGRESS_H

#include "cli/command.h"

#include <stdint.h>

void avqa_progress_show(const struct avqa_cli *cli, const char *what, int64_t done,
                        int64_t total);

/* A few words that stand behind the line from now on. */
void avqa_progress_note(const char *text);

/* Wipes the line, so that something else can be said. */
void avqa_progress_clear(void);

#endif
