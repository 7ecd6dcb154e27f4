/* See stream.h. Standstill is what transfer.h calls it: fewer bytes in the folder than
 * the least rate would have brought. Before the first byte the resolver's own limit
 * counts, since yt-dlp asks for pages then. */
#include "net/stream.h"
#include "base/buf.h"
#include "base/io.h"
#include "base/mem.h"
#include "net/child.h"
#include "net/sniff.h"
#include "net/space.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { OUTPUT_MAX = 64 << 10, LOOK_US = 500000 };

struct avqa_stream {
    struct avqa_child child;
    const struct avqa_transfer_options *limits;
    struct avqa_net_outcome outcome;
    bool ended;
    char *folder, *file;
    int fd; /* of the folder */
    int64_t first_us, deadline_us, looked_us;
    int64_t mark_us, mark_bytes; /* the last time that enough had come */
};

/* ---- its folder --------------------------------------------------------------------
 */

struct content {
    int64_t bytes;
    size_t n_media;
    char *media; /* the last file that is media */
};

/* Also if it is cut off: that is for verifying to say. */
static bool is_media(const char *path)
{
    const char *extension = NULL;
    enum avqa_status rc = avqa_sniff_file(&extension, path);
    return (rc == AVQA_OK || rc == AVQA_EFORMAT) && extension;
}

/* All that is in the folder; with `names`, what of it is media. */
static struct content look(const struct avqa_stream *s, bool names)
{
    struct content c = {0};
    struct stat st;
    DIR *dir = opendir(s->folder);
    for (struct dirent *e; dir && (e = readdir(dir)) != NULL;) {
        if (fstatat(s->fd, e->d_name, &st, AT_SYMLINK_NOFOLLOW) != 0 ||
            !S_ISREG(st.st_mode))
            continue;
        c.bytes += st.st_size;
        char *path = names ? avqa_io_join(s->folder, e->d_name) : NULL;
        if (names && is_media(path)) {
            c.n_media++;
            free(c.media);
            c.media = path;
        } else {
            free(path);
        }
    }
    if (dir)
        closedir(dir);
    return c;
}

static void make_folder(struct avqa_stream *s)
{
    enum avqa_status rc = avqa_io_remove_tree(s->folder);
    if (rc == AVQA_OK)
        rc = avqa_io_mkdir(s->folder);
    s->fd = rc == AVQA_OK
                ? open(s->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW)
                : -1;
    if (rc == AVQA_OK && s->fd < 0)
        rc = avqa_fail(AVQA_EIO, "%s: cannot open: %s", s->folder, strerror(errno));
    if (rc != AVQA_OK)
        avqa_net_fail(&s->outcome, AVQA_NET_OURS, "cannot-write", "%s", avqa_message());
}

/* ---- the process -------------------------------------------------------------------
 */

static void start(struct avqa_stream *s, const struct avqa_resolver_options *o,
                  const struct avqa_stream_request *request)
{
    char rate[32];
    snprintf(rate, sizeof rate, "%lld", (long long)s->limits->max_rate);
    const char *const first[] = {"--no-playlist",
                                 "--no-warnings",
                                 "--no-progress",
                                 "--quiet",
                                 "--no-mtime",
                                 "--downloader",
                                 "m3u8:native",
                                 s->limits->max_rate ? "--limit-rate" : NULL,
                                 rate,
                                 NULL};
    const char *const last[] = {"--format", *request->format ? request->format : "b",
                                "--output", "media.%(ext)s", NULL};
    struct avqa_ytdlp_words w;
    avqa_ytdlp_words(&w, o, first, last, request->page, &s->outcome);
    if (!avqa_net_failed(&s->outcome)) {
        int code = avqa_child_start(&s->child, w.items, o->environment, s->folder);
        if (code != 0)
            avqa_ytdlp_fail_start(o, code, &s->outcome);
    }
    avqa_ytdlp_words_release(&w);
}

struct avqa_stream *avqa_stream_start(const struct avqa_resolver_options *o,
                                      const struct avqa_transfer_options *limits,
                                      const struct avqa_stream_request *request,
                                      int64_t now_us)
{
    struct avqa_stream *s = avqa_mem_new(sizeof *s);
    s->child = (struct avqa_child)AVQA_CHILD_INIT;
    s->child.texts[0].max = s->child.texts[1].max = OUTPUT_MAX;
    s->limits = limits;
    s->folder = avqa_mem_strdup(request->folder);
    s->outcome.retry_after_us = -1;
    s->first_us = now_us + o->wall_us;
    s->deadline_us = limits->wall_us ? now_us + limits->wall_us : INT64_MAX;
    s->looked_us = s->mark_us = now_us;
    make_folder(s);
    if (!avqa_net_failed(&s->outcome))
        start(s, o, request);
    s->ended = avqa_net_failed(&s->outcome);
    return s;
}

/* ---- while it runs -----------------------------------------------------------------
 */

static void check_progress(struct avqa_stream *s, int64_t now_us)
{
    int64_t bytes = look(s, false).bytes;
    int64_t stall_s = (s->limits->stall_us + 999999) / 1000000;
    int64_t grown = bytes - s->mark_bytes;
    s->looked_us = now_us;
    if (grown < 0 || grown >= s->limits->stall_rate * stall_s) {
        s->mark_us = now_us; /* less than before: pieces were joined */
        s->mark_bytes = bytes;
    }
    bool waits = bytes == 0;
    if (waits ? now_us >= s->first_us : now_us - s->mark_us >= s->limits->stall_us)
        avqa_net_fail(&s->outcome, AVQA_NET_TRANSIENT, "stalled",
                      "yt-dlp stood still after %lld bytes and was killed",
                      (long long)bytes);
    struct avqa_space space = {.keep_free = s->limits->keep_free};
    avqa_space_check(&space, s->fd, 0, &s->outcome);
}

static void take_file(struct avqa_stream *s)
{
    struct content c = look(s, true);
    if (c.n_media != 1)
        avqa_net_fail(&s->outcome, AVQA_NET_TRANSIENT, "resolver-failed",
                      "yt-dlp left %zu media files, not one", c.n_media);
    if (c.n_media == 1)
        s->file = c.media;
    else
        free(c.media);
}

bool avqa_stream_poll(struct avqa_stream *s, int64_t now_us)
{
    int code = 0;
    if (s->ended)
        return true;
    if (avqa_child_poll(&s->child, &code)) {
        s->ended = true;
        if (code != 0)
            avqa_ytdlp_fail(avqa_buf_str(&s->child.texts[1]), &s->outcome);
        else
            take_file(s);
    } else if (now_us >= s->deadline_us) {
        avqa_net_fail(&s->outcome, AVQA_NET_TRANSIENT, "timeout",
                      "yt-dlp did not end within %lld s and was killed",
                      (long long)(s->limits->wall_us / 1000000));
    } else if (now_us - s->looked_us >= LOOK_US) {
        check_progress(s, now_us);
    }
    if (!s->ended && !avqa_net_failed(&s->outcome))
        return false;
    s->ended = true;
    s->outcome.bytes = look(s, false).bytes;
    s->outcome.host_works = s->outcome.bytes > 0;
    avqa_child_end(&s->child);
    return true;
}

const struct avqa_net_outcome *avqa_stream_outcome(const struct avqa_stream *s)
{
    return &s->outcome;
}

const char *avqa_stream_file(const struct avqa_stream *s)
{
    return s->file;
}

void avqa_stream_free(struct avqa_stream *s)
{
    if (!s)
        return;
    avqa_child_end(&s->child);
    if (s->fd >= 0)
        close(s->fd);
    enum avqa_status rc = avqa_io_remove_tree(s->folder);
    (void)rc; /* what is left, the next start removes */
    free(s->folder);
    free(s->file);
    free(s);
}
