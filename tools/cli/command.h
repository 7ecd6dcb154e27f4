/* A command is a table: its name, its options, one config struct and one function.
 * Usage,
 * --help, the manual, docs/commands and shell completion all come from these tables,
 * and options are never parsed by hand. */
#ifndef AVQA_CLI_COMMAND_H
#define AVQA_CLI_COMMAND_H

#include "base/log.h"

#include <float.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum avqa_exit {
    AVQA_EXIT_DONE,
    AVQA_EXIT_FAILED,
    AVQA_EXIT_USAGE,
    AVQA_EXIT_PARTLY,
    AVQA_EXIT_SIGNAL = 128, /* and the signal's number: stopped by it, as shells say */
};

enum avqa_opt_type {
    AVQA_OPT_FLAG,   /* bool */
    AVQA_OPT_INT,    /* int64_t within min and max */
    AVQA_OPT_REAL,   /* double within min and max */
    AVQA_OPT_STRING, /* const char * */
    AVQA_OPT_CHOICE, /* const char *, one of the words in `unit`, separated by | */
};

struct avqa_opt {
    const char *name;
    char letter; /* 0 if there is only the long form */
    enum avqa_opt_type type;
    size_t offset;       /* in the config struct */
    double min, max;     /* min AVQA_OPT_ABOVE_ZERO: zero itself is none of them */
    const char *initial; /* default as it would be typed; NULL for none */
    const char *unit;    /* what the value is called in help: FILE, N, ... */
    const char *help;
};

#define AVQA_OPT_ABOVE_ZERO DBL_MIN

/* A number of a header as it would be typed, for `initial`. */
#define AVQA_OPT_TYPED(number) AVQA_OPT_TYPED_(number)
#define AVQA_OPT_TYPED_(number) #number

/* Options that every command understands, filled in for it. */
struct avqa_cli {
    const char *folder;  /* -C */
    const char *data;    /* where templates/ and schema/ are */
    char *dataset;       /* the dataset folder, for commands that need one */
    const char *command; /* for messages */
    bool help, json, quiet, verbose, dry_run;
    const char *progress;
    int64_t jobs, seed;
    const char **typed; /* names of the options that were typed */
    size_t n_typed;
    struct avqa_log log;
};

/* What a command takes beside its own options. */
enum avqa_command_trait {
    AVQA_NEEDS_DATASET = 1,
    AVQA_WRITES = 2,   /* has --dry-run */
    AVQA_PARALLEL = 4, /* has --jobs */
    AVQA_SEEDED = 8,   /* has --seed */
    AVQA_HIDDEN = 16,  /* not in the list of commands */
    AVQA_LONG = 32,    /* shows progress */
};

struct avqa_command {
    const char *name;    /* "import music-avqa" */
    const char *summary; /* a line without a full stop */
    const char *details; /* paragraphs, separated by an empty line */
    const char *example;
    const struct avqa_opt *opts;
    size_t n_opts;
    const char *arg; /* name of the positional arguments, or NULL */
    const char *arg_help;
    size_t min_args, max_args;
    size_t config_size;
    size_t args_offset; /* of a struct avqa_args in the config */
    unsigned traits;
    enum avqa_exit (*run)(const void *config, const struct avqa_cli *cli);
};

struct avqa_args {
    const char *const *items;
    size_t n;
};

extern const struct avqa_command *const avqa_commands[]; /* NULL at the end */

/* The options all commands share, with offsets into struct avqa_cli, and the trait that
 * a command must have for each (0: every command has it). */
struct avqa_common_opt {
    struct avqa_opt opt;
    unsigned trait;
};
extern const struct avqa_common_opt avqa_common_opts[];
extern const size_t avqa_n_common_opts;

/* The whole program: finds the command, parses, runs. Returns the exit code. */
int avqa_cli_main(int argc, const char *const *argv);

/* Says on stderr what went wrong: "avqa import music-avqa: message". Gives
 * AVQA_EXIT_FAILED, or the code of the signal that asked to stop. */
enum avqa_exit avqa_cli_failed(const struct avqa_cli *cli);

#endif
