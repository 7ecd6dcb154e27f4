/* avqa init: makes a dataset folder. */
#include "commands.h"
#include "base/buf.h"
#include "pipeline/dataset.h"

#include <stdio.h>
#include <string.h>

struct config {
    const char *name;
    struct avqa_args args;
};

static const struct avqa_opt opts[] = {
    {"name", 0, AVQA_OPT_STRING, offsetof(struct config, name), 0, 0, NULL, "NAME",
     "what the dataset is called in reports; the folder's name if not given"},
};

/* A word as a shell takes it. */
static void add_word(struct avqa_buf *out, const char *word)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                "0123456789_-+./,:@%";
    if (word[strspn(word, plain)] == '\0') {
        avqa_buf_adds(out, word);
        return;
    }
    avqa_buf_addc(out, '\'');
    for (; *word; word++)
        avqa_buf_adds(out, *word == '\'' ? "'\\''" : (char[]){*word, '\0'});
    avqa_buf_addc(out, '\'');
}

static void say_next(const char *dir)
{
    struct avqa_buf word = AVQA_BUF_INIT;
    add_word(&word, dir);
    printf("%s is a dataset now; next: avqa -C %s import music-avqa FILE --split "
           "NAME, or avqa -C %s import facts FILE\n",
           dir, avqa_buf_str(&word), avqa_buf_str(&word));
    avqa_buf_release(&word);
}

static enum avqa_exit run(const void *config, const struct avqa_cli *cli)
{
    const struct config *c = config;
    const char *dir = c->args.items[0];
    if (avqa_dataset_init(dir, c->name) != AVQA_OK)
        return avqa_cli_failed(cli);
    if (cli->json)
        printf("{\"schema\": %d}\n", avqa_catalog_schema_version());
    else if (!cli->quiet)
        say_next(dir);
    return AVQA_EXIT_DONE;
}

const struct avqa_command avqa_command_init = {
    .name = "init",
    .summary = "make a dataset folder with an empty catalog",
    .details =
        "The folder is made if it is not there. It will hold catalog.sqlite, media, "
        "clips, shards, runs and reports; everything else about the dataset is in "
        "the catalog.",
    .example = "avqa init my-dataset --name \"My dataset\"",
    .opts = opts,
    .n_opts = sizeof opts / sizeof *opts,
    .arg = "DIR",
    .arg_help = "the folder",
    .min_args = 1,
    .max_args = 1,
    .config_size = sizeof(struct config),
    .args_offset = offsetof(struct config, args),
    .run = run,
};
