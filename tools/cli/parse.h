/* Command-line words into a config struct, by an option table. */
#ifndef AVQA_CLI_PARSE_H
#define AVQA_CLI_PARSE_H

#include "base/status.h"
#include "cli/command.h"

#include <stddef.h>

struct avqa_parse {
    const struct avqa_command *command;
    struct avqa_cli *cli;
    void *config;
    const char **args; /* positional words found, room for as many as were typed */
    size_t n_args;
};

/* Writes the tables' defaults into config and cli. */
void avqa_parse_defaults(struct avqa_parse *parse);

/* Parses the words behind the command's name. AVQA_EINVAL says what is wrong. */
AVQA_CHECK enum avqa_status avqa_parse_words(struct avqa_parse *parse, int argc,
                                             const char *const *argv);

#endif
