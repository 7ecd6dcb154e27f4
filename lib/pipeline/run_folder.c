/* See run_folder.h. */
#include "pipeline/run_folder.h"
#include "base/buf.h"
#include "base/io.h"
#include "base/mem.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>

static const char RUN[] = "run.json";
static const char VOCABULARY[] = "vocabulary.json";
enum { MAX_RUN = 64 << 20, MAX_LISTED = 20 };

static bool is_run(const char *folder)
{
    char *path = avqa_io_join(folder, RUN);
    bool is = avqa_io_exists(path);
    free(path);
    return is;
}

enum avqa_status avqa_run_folder_path(char **out, const char *dataset, const char *name)
{
    if (strchr(name, '/') || strcmp(name, ".") == 0 || strcmp(name, "..") == 0) {
        *out = avqa_mem_strdup(name);
        return AVQA_OK;
    }
    if (!*name)
        return avqa_fail(AVQA_EINVAL, "a run needs a name");
    char *runs = avqa_io_join(dataset, AVQA_RUNS_FOLDER);
    *out = avqa_io_join(runs, name);
    free(runs);
    return AVQA_OK;
}

static int is_named(const struct dirent *e)
{
    return e->d_name[0] != '.';
}

static enum avqa_status fail_no_run(const char *dataset, const char *name)
{
    struct avqa_buf list = AVQA_BUF_INIT;
    struct dirent **entries = NULL;
    char *runs = avqa_io_join(dataset, AVQA_RUNS_FOLDER);
    int n = scandir(runs, &entries, is_named, alphasort);
    int n_runs = 0;
    for (int i = 0; i < n; i++) {
        char *folder = avqa_io_join(runs, entries[i]->d_name);
        if (is_run(folder) && n_runs++ < MAX_LISTED)
            avqa_buf_addf(&list, "%s%s", list.len ? ", " : "", entries[i]->d_name);
        free(folder);
        free(entries[i]);
    }
    if (n_runs > MAX_LISTED)
        avqa_buf_addf(&list, " and %d more", n_runs - MAX_LISTED);
    enum avqa_status rc = avqa_fail(AVQA_ENOENT, "there is no run '%s'; %s%s", name,
                                    n_runs ? "there are: " : "there is none in ",
                                    n_runs ? avqa_buf_str(&list) : runs);
    avqa_buf_release(&list);
    free(entries);
    free(runs);
    return rc;
}

enum avqa_status avqa_run_folder_find(char **out, const char *dataset, const char *name)
{
    enum avqa_status rc = avqa_run_folder_path(out, dataset, name);
    if (rc != AVQA_OK || is_run(*out))
        return rc;
    free(*out);
    *out = NULL;
    if (is_run(name)) { /* a folder beside us, typed without a slash */
        *out = avqa_mem_strdup(name);
        return AVQA_OK;
    }
    return fail_no_run(dataset, name);
}

bool avqa_run_folder_has_results(const char *folder)
{
    static const char *const names[] = {"epochs.jsonl", "best.safetensors",
                                        "last.safetensors"};
    bool has = false;
    for (size_t i = 0; !has && i < sizeof names / sizeof *names; i++) {
        char *path = avqa_io_join(folder, names[i]);
        has = avqa_io_exists(path);
        free(path);
    }
    return has;
}

/* NAME.PROCESS.tmp, as base/io.h names what is not whole yet, of a file of ours. */
static bool is_temp(const char *name)
{
    static const char *const ours[] = {
        "run.json",   "vocabulary.json",     "epochs.jsonl",
        "curves.svg", "best.safetensors",    "last.safetensors",
        "state.json", "state-0.safetensors", "state-1.safetensors",
    };
    for (size_t i = 0; i < sizeof ours / sizeof *ours; i++) {
        size_t len = strlen(ours[i]);
        if (strncmp(name, ours[i], len) != 0 || name[len] != '.')
            continue;
        const char *process = name + len + 1;
        size_t n = strspn(process, "0123456789");
        return n > 0 && strcmp(process + n, ".tmp") == 0;
    }
    return false;
}

enum avqa_status avqa_run_folder_take(int *lock, const char *folder)
{
    *lock = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (*lock < 0)
        return avqa_fail(AVQA_EIO, "%s: cannot open: %s", folder, strerror(errno));
    if (flock(*lock, LOCK_EX | LOCK_NB) != 0)
        return avqa_fail(AVQA_EEXIST, "%s: another process is training there", folder);
    DIR *dir = opendir(folder);
    for (struct dirent *e; dir && (e = readdir(dir));) {
        if (!is_temp(e->d_name))
            continue;
        char *path = avqa_io_join(folder, e->d_name);
        (void)!avqa_io_remove(path);
        free(path);
    }
    if (dir)
        closedir(dir);
    return AVQA_OK;
}

enum avqa_status avqa_run_folder_read(struct avqa_json **out, const char *folder)
{
    char *path = avqa_io_join(folder, RUN);
    enum avqa_status rc = avqa_json_read(out, path, MAX_RUN);
    free(path);
    return rc;
}

enum avqa_status avqa_run_folder_vocabulary(struct avqa_vocabulary *out,
                                            const char *folder)
{
    char *path = avqa_io_join(folder, VOCABULARY);
    enum avqa_status rc = avqa_vocabulary_read(out, path);
    free(path);
    return rc;
}

static enum avqa_status write_json(const char *folder, const char *name,
                                   const struct avqa_json *json)
{
    struct avqa_buf text = AVQA_BUF_INIT;
    char *path = avqa_io_join(folder, name);
    avqa_json_print(&text, json, 1);
    avqa_buf_addc(&text, '\n');
    enum avqa_status rc = avqa_buf_status(&text);
    if (rc == AVQA_OK)
        rc = avqa_io_write(path, text.data, text.len);
    avqa_buf_release(&text);
    free(path);
    return rc;
}

enum avqa_status avqa_run_folder_write(const char *folder, const struct avqa_json *run,
                                       const struct avqa_vocabulary *vocabulary)
{
    struct avqa_json *json = avqa_vocabulary_json(vocabulary);
    enum avqa_status rc = write_json(folder, VOCABULARY, json);
    if (rc == AVQA_OK)
        rc = write_json(folder, RUN, run);
    avqa_json_free(json);
    return rc;
}
