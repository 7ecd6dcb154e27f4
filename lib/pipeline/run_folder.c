/* See run_folder.h. */
#include "pipeline/run_folder.h"
#include "base/buf.h"
#include "base/io.h"
#include "base/mem.h"
#include "train/checkpoint.h"

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

static bool has(const char *folder, const char *name)
{
    char *path = avqa_io_join(folder, name);
    bool is = avqa_io_exists(path);
    free(path);
    return is;
}

bool avqa_run_folder_has_results(const char *folder)
{
    return has(folder, "epochs.jsonl") || has(folder, "best.safetensors") ||
           has(folder, "last.safetensors");
}

/* One whose run.json is gone is a damaged run, which is said where that is read. */
static bool is_run(const char *folder)
{
    return has(folder, RUN) || avqa_checkpoint_exists(folder) ||
           avqa_run_folder_has_results(folder);
}

enum avqa_status avqa_run_folder_check_name(const char *name)
{
    if (*name && *name != '.' && !strchr(name, '/'))
        return AVQA_OK;
    return avqa_fail(
        AVQA_EINVAL,
        "a run's name is a plain one, without '/' and not beginning with a "
        "full stop, not '%s'; its folder is runs/NAME in the dataset",
        name);
}

static char *own_path(const char *dataset, const char *name)
{
    char *runs = avqa_io_join(dataset, AVQA_RUNS_FOLDER);
    char *path = avqa_io_join(runs, name);
    free(runs);
    return path;
}

enum avqa_status avqa_run_folder_path(char **out, const char *dataset, const char *name)
{
    enum avqa_status rc = avqa_run_folder_check_name(name);
    if (rc == AVQA_OK)
        *out = own_path(dataset, name);
    return rc;
}

/* ---- which there are ------------------------------------------------------------- */

static int is_named(const struct dirent *e)
{
    return e->d_name[0] != '.';
}

enum avqa_status avqa_run_folder_each(const char *dataset, avqa_run_folder_fn *fn,
                                      void *user)
{
    struct dirent **entries = NULL;
    char *runs = avqa_io_join(dataset, AVQA_RUNS_FOLDER);
    int n = scandir(runs, &entries, is_named, alphasort);
    enum avqa_status rc =
        n >= 0 || errno == ENOENT
            ? AVQA_OK
            : avqa_fail(AVQA_EIO, "%s: cannot read: %s", runs, strerror(errno));
    for (int i = 0; i < n; i++) {
        char *folder = avqa_io_join(runs, entries[i]->d_name);
        if (rc == AVQA_OK && is_run(folder))
            rc = fn(user, entries[i]->d_name, folder);
        free(folder);
        free(entries[i]);
    }
    free(entries);
    free(runs);
    return rc;
}

struct listing {
    struct avqa_buf text;
    int n;
};

static enum avqa_status list_run(void *user, const char *name, const char *folder)
{
    struct listing *l = user;
    (void)folder;
    if (l->n++ < MAX_LISTED)
        avqa_buf_addf(&l->text, "%s%s", l->text.len ? ", " : "", name);
    return AVQA_OK;
}

/* "there are: a, b", or that there is none. */
static enum avqa_status list_runs(struct avqa_buf *out, const char *dataset)
{
    struct listing l = {.text = AVQA_BUF_INIT};
    enum avqa_status rc = avqa_run_folder_each(dataset, list_run, &l);
    if (l.n == 0)
        avqa_buf_addf(out, "there is none in %s/%s", dataset, AVQA_RUNS_FOLDER);
    else
        avqa_buf_addf(out, "there are: %s", avqa_buf_str(&l.text));
    if (l.n > MAX_LISTED)
        avqa_buf_addf(out, " and %d more", l.n - MAX_LISTED);
    avqa_buf_release(&l.text);
    return rc;
}

enum avqa_status avqa_run_folder_ask(const char *dataset, const char *question)
{
    struct avqa_buf list = AVQA_BUF_INIT;
    enum avqa_status rc = list_runs(&list, dataset);
    if (rc == AVQA_OK)
        rc = avqa_fail(AVQA_ENOENT, "%s; %s", question, avqa_buf_str(&list));
    avqa_buf_release(&list);
    return rc;
}

static enum avqa_status fail_no_run(const char *dataset, const char *name)
{
    struct avqa_buf message = AVQA_BUF_INIT;
    avqa_buf_addf(&message, "there is no run '%s'", name);
    enum avqa_status rc = avqa_run_folder_ask(dataset, avqa_buf_str(&message));
    avqa_buf_release(&message);
    return rc;
}

enum avqa_status avqa_run_folder_find_own(char **out, const char *dataset,
                                          const char *name)
{
    enum avqa_status rc = avqa_run_folder_path(out, dataset, name);
    if (rc != AVQA_OK || is_run(*out))
        return rc;
    free(*out);
    *out = NULL;
    return fail_no_run(dataset, name);
}

enum avqa_status avqa_run_folder_find(char **out, const char *dataset, const char *name)
{
    char *own = *name && !strchr(name, '/') ? own_path(dataset, name) : NULL;
    if (own && is_run(own)) {
        *out = own;
        return AVQA_OK;
    }
    free(own);
    *out = NULL;
    if (!is_run(name)) /* a folder anywhere else */
        return fail_no_run(dataset, name);
    *out = avqa_mem_strdup(name);
    return AVQA_OK;
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
    if (rc == AVQA_ENOENT)
        rc = avqa_fail(AVQA_ENOENT, "%s: is missing, which says what the run is", path);
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
