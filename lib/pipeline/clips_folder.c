/* See clips_folder.h. A temporary file is called CLIP.mp4.PROCESS.tmp. */
#include "pipeline/clips_folder.h"
#include "base/io.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

enum avqa_status avqa_clips_folder_clean(const char *folder)
{
    enum avqa_status rc = avqa_io_mkdir(folder);
    DIR *dir = rc == AVQA_OK ? opendir(folder) : NULL;
    if (!dir)
        return rc;
    for (const struct dirent *e = readdir(dir); e; e = readdir(dir)) {
        size_t len = strlen(e->d_name);
        if (len < 10 || strcmp(e->d_name + len - 4, ".tmp") != 0)
            continue;
        const char *mp4 = strstr(e->d_name, ".mp4.");
        long pid = mp4 ? strtol(mp4 + 5, NULL, 10) : 0;
        if (pid <= 0 || kill((pid_t)pid, 0) == 0 || errno != ESRCH)
            continue;
        char *path = avqa_io_join(folder, e->d_name);
        rc = avqa_io_remove(path);
        free(path);
    }
    closedir(dir);
    return rc;
}
