/* From argv to a command and back to an exit code. The only place that reads the
 * environment, has signals caught and knows where the program's data lies. */
#include "cli/command.h"
#include "base/buf.h"
#include "base/io.h"
#include "base/mem.h"
#include "base/version.h"
#include "cli/interrupt.h"
#include "cli/manual.h"
#include "cli/near.h"
#include "cli/parse.h"
#include "cli/progress.h"
#include "pipeline/dataset.h"

#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const struct avqa_common_opt avqa_common_opts[] = {
    {{"help", 'h', AVQA_OPT_FLAG, offsetof(struct avqa_cli, help), 0, 0, NULL, NULL,
      "show this text"},
     0},
    {{"json", 0, AVQA_OPT_FLAG, offsetof(struct avqa_cli, json), 0, 0, NULL, NULL,
      "print one JSON object of results on stdout and nothing else there"},
     0},
    {{"quiet", 'q', AVQA_OPT_FLAG, offsetof(struct avqa_cli, quiet), 0, 0, NULL, NULL,
      "say nothing but errors"},
     0},
    {{"verbose", 'v', AVQA_OPT_FLAG, offsetof(struct avqa_cli, verbose), 0, 0, NULL,
      NULL, "say more"},
     0},
    {{"dry-run", 0, AVQA_OPT_FLAG, offsetof(struct avqa_cli, dry_run), 0, 0, NULL, NULL,
      "do everything but keep nothing"},
     AVQA_WRITES},
    {{"jobs", 'j', AVQA_OPT_INT, offsetof(struct avqa_cli, jobs), 0, 1024, "0", "N",
      "work with N threads; 0 is one per core"},
     AVQA_PARALLEL},
    {{"seed", 0, AVQA_OPT_INT, offsetof(struct avqa_cli, seed), 0, 9e15, "0", "N",
      "seed of everything that chance decides"},
     AVQA_SEEDED},
    {{"progress", 0, AVQA_OPT_CHOICE, offsetof(struct avqa_cli, progress), 0, 0, "auto",
      "auto|none|json",
      "how progress is shown on stderr: a line on a terminal, not at all, or JSON "
      "lines"},
     AVQA_LONG},
};
const size_t avqa_n_common_opts = sizeof avqa_common_opts / sizeof *avqa_common_opts;

static bool is_stopped(void *user)
{
    (void)user;
    return avqa_interrupt_number() != 0;
}

/* "avqa import music-avqa: message" */
enum avqa_exit avqa_cli_failed(const struct avqa_cli *cli)
{
    fprintf(stderr, "avqa %s: %s\n", cli->command, avqa_message());
    int number = avqa_interrupt_number();
    return number ? (enum avqa_exit)(AVQA_EXIT_SIGNAL + number) : AVQA_EXIT_FAILED;
}

static void print(FILE *to, struct avqa_buf *text)
{
    fputs(avqa_buf_str(text), to);
    avqa_buf_release(text);
}

/* The command whose name is the first word, or the first two. */
static const struct avqa_command *find_command(int argc, const char *const *argv,
                                               int *n_words)
{
    for (size_t i = 0; avqa_commands[i]; i++) {
        const char *name = avqa_commands[i]->name;
        size_t len = strcspn(name, " ");
        if (argc < 1 || strncmp(argv[0], name, len) != 0 || argv[0][len] != '\0')
            continue;
        *n_words = name[len] ? 2 : 1;
        if (*n_words == 1 || (argc > 1 && strcmp(argv[1], name + len + 1) == 0))
            return avqa_commands[i];
    }
    return NULL;
}

static bool is_group(const char *word)
{
    size_t len = strlen(word);
    for (size_t i = 0; avqa_commands[i]; i++) {
        if (strncmp(avqa_commands[i]->name, word, len) == 0 &&
            avqa_commands[i]->name[len] == ' ')
            return true;
    }
    return false;
}

/* "avqa: there is no command 'imprt'; did you mean 'import'?" `group` is the word
 * before it, if that one has commands of its own, else "". */
static int fail_no_command(const char *group, const char *word)
{
    struct avqa_near near = {.word = word};
    const char *space = *group ? " " : "";
    size_t len = strlen(group);
    for (size_t i = 0; avqa_commands[i]; i++) {
        const char *name = avqa_commands[i]->name;
        if (len == 0 && !(avqa_commands[i]->traits & AVQA_HIDDEN))
            avqa_near_offer(&near, name, strcspn(name, " "));
        else if (len && strncmp(name, group, len) == 0 && name[len] == ' ')
            avqa_near_offer(&near, name + len + 1, strlen(name + len + 1));
    }
    fprintf(stderr, "avqa: there is no command '%s%s%s'", group, space, word);
    if (near.best)
        fprintf(stderr, "; did you mean '%s%s%.*s'?", group, space, (int)near.len,
                near.best);
    fprintf(stderr, "\navqa help%s%s lists the commands\n", space, group);
    return AVQA_EXIT_USAGE;
}

/* What to say when no command was meant, or none that there is. */
static int explain(int argc, const char *const *argv)
{
    struct avqa_buf text = AVQA_BUF_INIT;
    const char *word = argc > 0 ? argv[0] : "";
    bool help = strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0 ||
                strcmp(word, "help") == 0;
    if (strcmp(word, "--version") == 0 || strcmp(word, "version") == 0) {
        printf("avqa %s\n", AVQA_VERSION);
        return AVQA_EXIT_DONE;
    }
    if (is_group(word)) {
        bool asked = argc > 1 && (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h"));
        if (argc > 1 && !asked)
            return fail_no_command(word, argv[1]);
        avqa_manual_group(&text, word);
        print(asked ? stdout : stderr, &text);
        return asked ? AVQA_EXIT_DONE : AVQA_EXIT_USAGE;
    }
    if (*word == '-' && !help) {
        fprintf(stderr,
                "avqa: the command comes first, then its options: avqa COMMAND %s\n"
                "avqa help lists the commands\n",
                word);
        return AVQA_EXIT_USAGE;
    }
    if (argc > 0 && !help)
        return fail_no_command("", word);
    avqa_manual_overview(&text);
    print(help ? stdout : stderr, &text);
    return help ? AVQA_EXIT_DONE : AVQA_EXIT_USAGE;
}

/* Installed, the data is in ../share/avqa beside the program's folder; the build tree
 * is laid out in the same way. */
static char *data_folder(void)
{
    char exe[PATH_MAX];
    ssize_t n = readlink("/proc/self/exe", exe, sizeof exe - 1);
    if (n <= 0)
        return avqa_mem_strdup(".");
    exe[n] = '\0';
    for (int up = 0; up < 2; up++)
        *strrchr(exe, '/') = '\0';
    return avqa_io_join(exe, "share/avqa");
}

static void write_log(void *user, enum avqa_log_level level, const char *line)
{
    const struct avqa_cli *cli = user;
    bool wanted = cli->verbose || (level != AVQA_LOG_DEBUG && !cli->quiet);
    if (!wanted)
        return;
    avqa_progress_clear();
    fprintf(stderr, "avqa %s: %s%s\n", cli->command,
            level == AVQA_LOG_WARNING ? "warning: " : "", line);
}

static void show_progress(void *user, const char *what, int64_t done, int64_t total)
{
    const struct avqa_cli *cli = user;
    avqa_progress_show(cli, what, done, total);
}

static void note_progress(void *user, const char *text)
{
    (void)user;
    avqa_progress_note(text);
}

static int usage_error(const struct avqa_command *c)
{
    struct avqa_buf text = AVQA_BUF_INIT;
    fprintf(stderr, "avqa %s: %s\n", c->name, avqa_message());
    avqa_manual_usage(&text, c);
    print(stderr, &text);
    fprintf(stderr, "avqa %s --help tells more\n", c->name);
    return AVQA_EXIT_USAGE;
}

static int run(const struct avqa_command *c, struct avqa_cli *cli, const void *config)
{
    if ((c->traits & AVQA_NEEDS_DATASET) &&
        avqa_dataset_find(&cli->dataset, cli->folder) != AVQA_OK)
        return (int)avqa_cli_failed(cli);
    signal(SIGPIPE, SIG_IGN);
    avqa_interrupt_catch();
    enum avqa_exit code = c->run(config, cli);
    avqa_progress_clear();
    if (fflush(stdout) != 0) {
        fprintf(stderr, "avqa %s: cannot write to stdout\n", c->name);
        return AVQA_EXIT_FAILED;
    }
    return (int)code;
}

static int parse_and_run(const struct avqa_command *c, struct avqa_cli *cli, int argc,
                         const char *const *argv)
{
    struct avqa_parse parse = {.command = c,
                               .cli = cli,
                               .config = avqa_mem_new(c->config_size),
                               .args = avqa_mem_new(((size_t)argc + 1) * sizeof *argv)};
    int code;
    cli->typed = avqa_mem_new(((size_t)argc + 1) * sizeof *argv);
    avqa_parse_defaults(&parse);
    if (avqa_parse_words(&parse, argc, argv) != AVQA_OK) {
        code = usage_error(c);
    } else if (cli->help) {
        struct avqa_buf text = AVQA_BUF_INIT;
        avqa_manual_help(&text, c);
        print(stdout, &text);
        code = AVQA_EXIT_DONE;
    } else {
        struct avqa_args args = {parse.args, parse.n_args};
        if (c->arg)
            memcpy((char *)parse.config + c->args_offset, &args, sizeof args);
        code = run(c, cli, parse.config);
    }
    free(cli->typed);
    free(parse.args);
    free(parse.config);
    return code;
}

int avqa_cli_main(int argc, const char *const *argv)
{
    struct avqa_cli cli = {.folder = ".",
                           .log = {.write = write_log,
                                   .progress = show_progress,
                                   .note = note_progress,
                                   .stopped = is_stopped,
                                   .user = &cli}};
    int n_words = 0;
    argc--;
    argv++;
    if (argc > 0 && strcmp(argv[0], "-C") == 0) {
        if (argc < 2) {
            fprintf(stderr, "avqa: -C needs a folder\n");
            return AVQA_EXIT_USAGE;
        }
        cli.folder = argv[1];
        argc -= 2;
        argv += 2;
    }
    const struct avqa_command *c = find_command(argc, argv, &n_words);
    if (!c && argc > 1 && strcmp(argv[0], "help") == 0) {
        argc--;
        argv++;
        c = find_command(argc, argv, &n_words);
        if (c)
            return parse_and_run(c, &cli, 1, (const char *[]){"--help"});
        if (is_group(argv[0]))
            return explain(2, (const char *[]){argv[0], "--help"});
    }
    if (!c)
        return explain(argc, argv);
    char *data = data_folder();
    cli.data = data;
    cli.command = c->name;
    int code = parse_and_run(c, &cli, argc - n_words, argv + n_words);
    free(cli.dataset);
    free(data);
    return code;
}
