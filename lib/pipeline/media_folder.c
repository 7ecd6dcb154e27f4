/* See media_folder.h. Temporary files begin with a dot, which no stem does. */
#include "pipeline/media_folder.h"
#include "base/hash.h"
#include "base/io.h"
#include "base/mem.h"
#include "net/part.h"
#include "net/sniff.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define STREAM_SUFFIX AVQA_PART_SUFFIX ".stream"
enum { STEM_MAX = 180 }; /* with dots, suffixes and an ending it stays below 255 */

static enum avqa_status list(struct avqa_media_folder *folder)
{
    DIR *dir = opendir(folder->path);
    if (!dir)
        return avqa_fail(AVQA_EIO, "%s: cannot list: %s", folder->path,
                         strerror(errno));
    for (struct dirent *e; (e = readdir(dir)) != NULL;)
        avqa_intern_add(&folder->present, e->d_name, strlen(e->d_name), NULL);
    closedir(dir);
    return AVQA_OK;
}

static enum avqa_status lock(struct avqa_media_folder *folder)
{
    char *path = avqa_io_join(folder->path, ".lock");
    enum avqa_status rc = AVQA_OK;
    folder->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666);
    if (folder->lock < 0)
        rc = avqa_fail(AVQA_EIO, "%s: cannot write: %s", path, strerror(errno));
    else if (flock(folder->lock, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK)
        rc = avqa_fail(AVQA_EEXIST, "%s: another avqa is fetching into this dataset",
                       folder->path);
    free(path);
    return rc;
}

enum avqa_status avqa_media_folder_open(struct avqa_media_folder *folder,
                                        const char *dataset)
{
    *folder = (struct avqa_media_folder){.lock = -1};
    folder->dataset = avqa_mem_strdup(dataset);
    folder->path = avqa_io_join(dataset, AVQA_MEDIA_FOLDER);
    enum avqa_status rc = avqa_io_mkdir(folder->path);
    if (rc == AVQA_OK)
        rc = lock(folder);
    if (rc == AVQA_OK)
        rc = list(folder);
    if (rc != AVQA_OK)
        avqa_media_folder_close(folder);
    return rc;
}

void avqa_media_folder_close(struct avqa_media_folder *folder)
{
    if (folder->path && folder->lock >= 0)
        close(folder->lock);
    free(folder->dataset);
    free(folder->path);
    avqa_intern_release(&folder->present);
    *folder = (struct avqa_media_folder){.lock = -1};
}

void avqa_media_stem(struct avqa_buf *out, const char *source)
{
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                "0123456789-_.#@+=,~";
    struct avqa_buf stem = AVQA_BUF_INIT;
    for (const char *s = source; *s; s++) {
        bool as_it_is = strchr(plain, *s) && !(s == source && *s == '.');
        if (as_it_is)
            avqa_buf_addc(&stem, *s);
        else
            avqa_buf_addf(&stem, "%%%02X", (unsigned)(unsigned char)*s);
    }
    if (stem.len <= STEM_MAX)
        avqa_buf_adds(out, avqa_buf_str(&stem));
    else /* %~ is in no short stem */
        avqa_buf_addf(out, "%.*s%%~%016llx", STEM_MAX - 18, stem.data,
                      (unsigned long long)avqa_hash_str(0, source));
    avqa_buf_release(&stem);
}

char *avqa_media_part(const struct avqa_media_folder *folder, const char *stem)
{
    struct avqa_buf b = AVQA_BUF_INIT;
    avqa_buf_addf(&b, "%s/.%s%s", folder->path, stem, AVQA_PART_SUFFIX);
    return b.data;
}

char *avqa_media_stream(const struct avqa_media_folder *folder, const char *stem)
{
    struct avqa_buf b = AVQA_BUF_INIT;
    avqa_buf_addf(&b, "%s/.%s%s", folder->path, stem, STREAM_SUFFIX);
    return b.data;
}

char *avqa_media_relative(const char *stem, const char *extension)
{
    struct avqa_buf b = AVQA_BUF_INIT;
    avqa_buf_addf(&b, "%s/%s.%s", AVQA_MEDIA_FOLDER, stem, extension);
    return b.data;
}

char *avqa_media_target(const struct avqa_media_folder *folder, const char *stem,
                        const char *extension)
{
    char *relative = avqa_media_relative(stem, extension);
    char *path = avqa_io_join(folder->dataset, relative);
    free(relative);
    return path;
}

const char *avqa_media_find(const struct avqa_media_folder *folder, const char *stem)
{
    const char *found = NULL;
    struct avqa_buf name = AVQA_BUF_INIT;
    for (size_t i = 0; !found && avqa_sniff_extensions[i]; i++) {
        avqa_buf_clear(&name);
        avqa_buf_addf(&name, "%s.%s", stem, avqa_sniff_extensions[i]);
        if (avqa_intern_find(&folder->present, name.data, name.len) != AVQA_INTERN_NONE)
            found = avqa_sniff_extensions[i];
    }
    avqa_buf_release(&name);
    return found;
}

bool avqa_media_has(const char *dataset, const char *path, int64_t bytes)
{
    struct stat st;
    char *whole = path[0] == '/' ? avqa_mem_strdup(path) : avqa_io_join(dataset, path);
    bool has = stat(whole, &st) == 0 && S_ISREG(st.st_mode) &&
               (bytes < 0 || st.st_size == bytes);
    free(whole);
    return has;
}

/* The stem in ".stem.part" and what stands beside it for a while; its length is 0 if
 * the name is none of these. */
static size_t temporary_stem(const char *name)
{
    static const char *const endings[] = {
        AVQA_PART_SUFFIX, AVQA_PART_SUFFIX AVQA_PART_NOTE, STREAM_SUFFIX,
        AVQA_PART_SUFFIX AVQA_PART_NOTE "~"};
    size_t len = strlen(name);
    for (size_t i = 0; name[0] == '.' && i < sizeof endings / sizeof *endings; i++) {
        size_t n = strlen(endings[i]);
        if (len > n + 1 && strcmp(name + len - n, endings[i]) == 0)
            return len - n - 1;
    }
    return 0;
}

enum avqa_status avqa_media_clean(const struct avqa_media_folder *folder,
                                  const struct avqa_intern *wanted)
{
    enum avqa_status rc = AVQA_OK;
    for (uint32_t i = 0; rc == AVQA_OK && i < folder->present.n; i++) {
        const char *name = avqa_intern_text(&folder->present, i);
        size_t n = temporary_stem(name);
        bool stream = n && strcmp(name + n + 1, STREAM_SUFFIX) == 0;
        bool torn = stream || name[strlen(name) - 1] == '~';
        if (n == 0 ||
            (!torn && avqa_intern_find(wanted, name + 1, n) != AVQA_INTERN_NONE))
            continue;
        char *path = avqa_io_join(folder->path, name);
        rc = stream ? avqa_io_remove_tree(path) : avqa_io_remove(path);
        free(path);
    }
    return rc;
}
