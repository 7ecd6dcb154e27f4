/* See eval_folder.h. */
#include "pipeline/eval_folder.h"
#include "base/io.h"
#include "base/json.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* All that there can be, the report first: where it is, the rest is there too. */
static const char *const FILES[] = {
    AVQA_EVAL_REPORT,       "predictions.jsonl",    "tables/types.csv",
    "tables/templates.csv", "tables/answers.csv",   "tables/instances.csv",
    "tables/against.csv",   "tables/grounding.csv", "tables/confusion.csv",
    "figures/table.svg",    "figures/table.pdf",    "figures/confusion.svg",
    "figures/confusion.pdf"};
static const char *const FOLDERS[] = {"tables", "figures"};
static const char STAGE[] = ".avqa-eval";

enum { MAX_REPORT_BYTES = 64 << 20, N_FILES = sizeof FILES / sizeof *FILES };

/* ---- whether it may be written --------------------------------------------------- */

/* What a kill left of ours is nothing. */
static bool is_empty(const char *folder)
{
    DIR *dir = opendir(folder);
    bool found = !dir; /* what cannot be read is not known to be empty */
    const struct dirent *e;
    while (!found && (e = readdir(dir)))
        found = strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0 &&
                strcmp(e->d_name, STAGE) != 0;
    if (dir)
        closedir(dir);
    return !found;
}

/* Whether a folder has a report of ours: by what it says, not by its name. */
static bool has_report(const char *folder)
{
    static const char *const keys[] = {"dataset", "split", "overall", "prior",
                                       "intervals"};
    struct avqa_buf text = AVQA_BUF_INIT;
    struct avqa_json *root = NULL;
    char *path = avqa_io_join(folder, AVQA_EVAL_REPORT);
    bool ours = avqa_io_read(&text, path, MAX_REPORT_BYTES) == AVQA_OK &&
                avqa_json_parse(&root, avqa_buf_str(&text), text.len) == AVQA_OK &&
                avqa_json_type(root) == AVQA_JSON_OBJECT &&
                (avqa_json_get(root, "run") || avqa_json_get(root, "predictions"));
    for (size_t k = 0; ours && k < sizeof keys / sizeof *keys; k++)
        ours = avqa_json_get(root, keys[k]) != NULL;
    avqa_json_free(root);
    avqa_buf_release(&text);
    free(path);
    return ours;
}

static enum avqa_status check_input(const char *input, const char *folder)
{
    struct stat in;
    struct stat there;
    enum avqa_status rc = AVQA_OK;
    if (!input || stat(input, &in) != 0)
        return AVQA_OK;
    for (size_t i = 0; rc == AVQA_OK && i < N_FILES; i++) {
        char *path = avqa_io_join(folder, FILES[i]);
        if (stat(path, &there) == 0 && there.st_dev == in.st_dev &&
            there.st_ino == in.st_ino)
            rc = avqa_fail(AVQA_EEXIST,
                           "%s is read and would be written, too; name another folder "
                           "with -o",
                           input);
        free(path);
    }
    return rc;
}

enum avqa_status avqa_eval_folder_check(const struct avqa_eval_config *c)
{
    const char *const inputs[] = {c->predictions, c->against, c->rules};
    enum avqa_status rc = AVQA_OK;
    if (!c->output || !avqa_io_exists(c->output))
        return AVQA_OK;
    if (!avqa_io_is_dir(c->output))
        return avqa_fail(AVQA_EEXIST, "%s is no folder; name another with -o",
                         c->output);
    for (size_t i = 0; rc == AVQA_OK && i < sizeof inputs / sizeof *inputs; i++)
        rc = check_input(inputs[i], c->output);
    if (rc != AVQA_OK || is_empty(c->output))
        return rc;
    char *stage = avqa_io_join(c->output, STAGE);
    if (!has_report(c->output) && !has_report(stage))
        rc = avqa_fail(AVQA_EEXIST,
                       "%s is not empty and holds no eval.json of an earlier "
                       "evaluation; -o wants a folder of its own",
                       c->output);
    free(stage);
    return rc;
}

/* ---- writing --------------------------------------------------------------------- */

static enum avqa_status make_folders(const char *folder)
{
    enum avqa_status rc = avqa_io_mkdir(folder);
    for (size_t i = 0; rc == AVQA_OK && i < sizeof FOLDERS / sizeof *FOLDERS; i++) {
        char *path = avqa_io_join(folder, FOLDERS[i]);
        rc = avqa_io_mkdir(path);
        free(path);
    }
    return rc;
}

static enum avqa_status clear(const char *folder)
{
    enum avqa_status rc = AVQA_OK;
    for (size_t i = 0; rc == AVQA_OK && i < N_FILES; i++) {
        char *path = avqa_io_join(folder, FILES[i]);
        rc = avqa_io_remove(path);
        free(path);
    }
    return rc;
}

/* The report last; the files are on disk already. */
static enum avqa_status move(const char *stage, const char *folder)
{
    enum avqa_status rc = make_folders(folder);
    for (size_t i = N_FILES; rc == AVQA_OK && i > 0; i--) {
        char *made = avqa_io_join(stage, FILES[i - 1]);
        char *path = avqa_io_join(folder, FILES[i - 1]);
        if (rename(made, path) != 0 && errno != ENOENT)
            rc = avqa_fail(AVQA_EIO, "%s: cannot rename to: %s", path, strerror(errno));
        free(made);
        free(path);
    }
    return rc;
}

enum avqa_status avqa_eval_folder_begin(char **stage, const char *folder)
{
    enum avqa_status rc = AVQA_OK;
    *stage = avqa_io_join(folder, STAGE);
    if (has_report(*stage) && has_report(folder)) /* killed before it was moved */
        rc = clear(folder);
    if (rc == AVQA_OK && has_report(*stage))
        rc = move(*stage, folder);
    if (rc == AVQA_OK)
        rc = avqa_io_remove_tree(*stage);
    return rc == AVQA_OK ? make_folders(*stage) : rc;
}

/* From here on the stage has a report, so the folder is ours without its own. */
enum avqa_status avqa_eval_folder_end(const char *stage, const char *folder,
                                      enum avqa_status rc)
{
    bool whole = rc == AVQA_OK;
    if (whole)
        rc = clear(folder);
    if (rc == AVQA_OK)
        rc = move(stage, folder);
    if (whole && rc != AVQA_OK) /* the next evaluation finds it */
        return rc;
    enum avqa_status tidied = avqa_io_remove_tree(stage);
    return rc == AVQA_OK ? tidied : rc;
}
