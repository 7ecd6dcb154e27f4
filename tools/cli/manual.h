/* What a command says of itself, in four dresses out of one table: --help,
 * docs/commands (Markdown), man pages (roff) and bash completion. */
#ifndef AVQA_CLI_MANUAL_H
#define AVQA_CLI_MANUAL_H

#include "base/buf.h"
#include "cli/command.h"

void avqa_manual_overview(struct avqa_buf *out);
/* The overview of the commands that begin with `group` ("import"). */
void avqa_manual_group(struct avqa_buf *out, const char *group);
void avqa_manual_usage(struct avqa_buf *out, const struct avqa_command *command);
void avqa_manual_help(struct avqa_buf *out, const struct avqa_command *command);
void avqa_manual_markdown(struct avqa_buf *out, const struct avqa_command *command);
void avqa_manual_roff(struct avqa_buf *out, const struct avqa_command *command);
/* The page avqa(1), which lists the commands. */
void avqa_manual_roff_overview(struct avqa_buf *out);
void avqa_manual_completion(struct avqa_buf *out);

#endif
