/* See shards_folder.h. A temporary file is called NNNNNN.tar.zst.PROCESS.tmp or
 * NNNNNN-HASH.tar.zst.PROCESS.tmp. Whoever has the folder alone need not ask whether
 * the process lives. */
#include "pipeline/shards_folder.h"
#include "base/io.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>

static bool is_temp(const char *name)
{
    static const char *const forms[] = {"%*6[0-9].tar.zst.%*d.tmp%n",
                                        "%*6[0-9]-%*8[0-9a-f].tar.zst.%*d.tmp%n"};
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        int end = 0;
        if (sscanf(name, forms[i], &end) == 0 && end && !name[end])
            return true;
    }
    return false;
}

static void clean(const char *folder)
{
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
}

enum avqa_status avqa_shards_folder_take(int *lock, const char *dataset, bool alone)
{
    char *folder = avqa_io_join(dataset, AVQA_SHARDS_FOLDER);
    enum avqa_status rc = avqa_io_mkdir(folder);
    *lock = -1;
    if (rc == AVQA_OK) {
        *lock = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (*lock < 0)
            rc = avqa_fail(AVQA_EIO, "%s: cannot open: %s", folder, strerror(errno));
        else if (flock(*lock, (alone ? LOCK_EX : LOCK_SH) | LOCK_NB) != 0)
            rc =
                avqa_fail(AVQA_EEXIST, "%s: another process is writing shards", folder);
        else if (alone)
            clean(folder);
    }
    free(folder);
    return rc;
}
