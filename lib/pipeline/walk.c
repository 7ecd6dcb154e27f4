/* See walk.h. */
#include "pipeline/walk.h"
#include "base/io.h"
#include "base/mem.h"

#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

enum { MAX_DEPTH = 64 };

static bool is_media_name(const char *name)
{
    static const char *const endings[] = {
        "mp4", "m4v",  "mov", "mkv",  "webm", "avi", "flv", "ts",  "m2ts", "mts",
        "mpg", "mpeg", "ogv", "ogg",  "wmv",  "asf", "3gp", "mxf", "mp3",  "m4a",
        "wav", "flac", "aac", "opus", "oga",  "wma", "aif", "aiff"};
    const char *dot = strrchr(name, '.');
    for (size_t i = 0; dot && i < sizeof endings / sizeof *endings; i++) {
        if (strcasecmp(dot + 1, endings[i]) == 0)
            return true;
    }
    return false;
}

static bool is_wanted(const struct avqa_walk *walk, const char *name)
{
    const char *dot = strrchr(name, '.');
    if (!walk->ending)
        return is_media_name(name);
    return dot && strcasecmp(dot + 1, walk->ending) == 0;
}

static void push(struct avqa_walk *walk, char *path)
{
    avqa_mem_need(&walk->paths, &walk->cap, walk->n + 1, sizeof *walk->paths);
    walk->paths[walk->n++] = path;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The names in a folder, sorted, as whole paths. */
static enum avqa_status list(struct avqa_walk *names, const char *folder)
{
    DIR *dir = opendir(folder);
    if (!dir)
        return avqa_fail(AVQA_EIO, "%s: cannot be listed: %s", folder, strerror(errno));
    for (struct dirent *e; (e = readdir(dir));) {
        if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
            continue;
        if (e->d_name[0] == '.')
            names->n_ignored++;
        else
            push(names, avqa_io_join(folder, e->d_name));
    }
    closedir(dir);
    if (names->n)
        qsort(names->paths, names->n, sizeof *names->paths, by_name);
    return AVQA_OK;
}

static enum avqa_status add_folder(struct avqa_walk *walk, const char *folder,
                                   int depth)
{
    struct avqa_walk names = {0};
    enum avqa_status rc = AVQA_OK;
    if (depth > MAX_DEPTH)
        return avqa_fail(AVQA_EINVAL, "%s: more than %d folders deep", folder,
                         MAX_DEPTH);
    rc = list(&names, folder);
    walk->n_ignored += names.n_ignored;
    for (size_t i = 0; rc == AVQA_OK && i < names.n; i++) {
        struct stat link;
        struct stat st;
        const char *path = names.paths[i];
        bool there = lstat(path, &link) == 0 && stat(path, &st) == 0;
        if (there && S_ISDIR(link.st_mode)) {
            rc = add_folder(walk, path, depth + 1);
        } else if (there && S_ISREG(st.st_mode) && is_wanted(walk, path)) {
            push(walk, names.paths[i]);
            names.paths[i] = NULL;
        } else {
            walk->n_ignored++;
        }
    }
    avqa_walk_release(&names);
    return rc;
}

enum avqa_status avqa_walk_add(struct avqa_walk *walk, const char *path)
{
    if (avqa_io_is_dir(path))
        return add_folder(walk, path, 0);
    push(walk, avqa_mem_strdup(path));
    return AVQA_OK;
}

void avqa_walk_release(struct avqa_walk *walk)
{
    for (size_t i = 0; i < walk->n; i++)
        free(walk->paths[i]);
    free(walk->paths);
    *walk = (struct avqa_walk){0};
}
