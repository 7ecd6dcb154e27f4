/* avqa manual: writes the pages that come from the option tables. Hidden: it serves the
 * build (man pages, completion) and the docs. */
#include "base/buf.h"
#include "base/io.h"
#include "commands.h"
#include "cli/manual.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct config {
    const char *output;
    struct avqa_args args;
};

static const struct avqa_opt opts[] = {
    {"output", 'o', AVQA_OPT_STRING, offsetof(struct config, output), 0, 0, ".", "DIR",
     "the folder to write into"},
};

/* Writes one page; `name` may have spaces, which become dashes. */
static enum avqa_status write_page(const char *dir, const char *name,
                                   const char *ending, struct avqa_buf *page)
{
    char file[160];
    snprintf(file, sizeof file, "%s%s", name, ending);
    for (char *s = file; *s; s++)
        *s = *s == ' ' ? '-' : *s;
    char *path = avqa_io_join(dir, file);
    enum avqa_status rc = avqa_io_write(path, avqa_buf_str(page), page->len);
    free(path);
    avqa_buf_release(page);
    return rc;
}

static enum avqa_status write_pages(const char *dir, bool roff)
{
    enum avqa_status rc = AVQA_OK;
    for (size_t i = 0; rc == AVQA_OK && avqa_commands[i]; i++) {
        struct avqa_buf page = AVQA_BUF_INIT;
        char name[128];
        if (avqa_commands[i]->traits & AVQA_HIDDEN)
            continue;
        (roff ? avqa_manual_roff : avqa_manual_markdown)(&page, avqa_commands[i]);
        snprintf(name, sizeof name, "%s%s", roff ? "avqa " : "",
                 avqa_commands[i]->name);
        rc = write_page(dir, name, roff ? ".1" : ".md", &page);
    }
    return rc;
}

static enum avqa_exit run(const void *config, const struct avqa_cli *cli)
{
    const struct config *c = config;
    const char *what = c->args.items[0];
    struct avqa_buf page = AVQA_BUF_INIT;
    enum avqa_status rc = avqa_io_mkdir(c->output);
    if (rc != AVQA_OK)
        return avqa_cli_failed(cli);
    if (strcmp(what, "markdown") == 0) {
        rc = write_pages(c->output, false);
    } else if (strcmp(what, "man") == 0) {
        avqa_manual_roff_overview(&page);
        rc = write_page(c->output, "avqa", ".1", &page);
        if (rc == AVQA_OK)
            rc = write_pages(c->output, true);
    } else if (strcmp(what, "bash") == 0) {
        avqa_manual_completion(&page);
        rc = write_page(c->output, "avqa", ".bash", &page);
    } else {
        rc = avqa_fail(AVQA_EINVAL, "WHAT is markdown, man or bash, not '%s'", what);
    }
    return rc == AVQA_OK ? AVQA_EXIT_DONE : avqa_cli_failed(cli);
}

const struct avqa_command avqa_command_manual = {
    .name = "manual",
    .summary = "write the manual out of the option tables",
    .opts = opts,
    .n_opts = sizeof opts / sizeof *opts,
    .arg = "WHAT",
    .arg_help = "markdown, man or bash",
    .min_args = 1,
    .max_args = 1,
    .config_size = sizeof(struct config),
    .args_offset = offsetof(struct config, args),
    .traits = AVQA_HIDDEN,
    .run = run,
};
