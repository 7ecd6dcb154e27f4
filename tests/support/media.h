/* Media for tests, made by the ffmpeg program where it is installed. Without it a test
 * skips, saying so: nothing binary is kept in the repository. */
#ifndef AVQA_TESTS_MEDIA_H
#define AVQA_TESTS_MEDIA_H

#include "check.h"

#include <stdbool.h>
#include <unistd.h>

#define MEDIA_VIDEO " -f lavfi -i testsrc2=s=320x240:r=30:d=6"
#define MEDIA_AUDIO " -f lavfi -i sine=frequency=440:sample_rate=44100:d=6"
#define MEDIA_H264 " -c:v libx264 -pix_fmt yuv420p"

static inline bool media_can_make(void)
{
    return system(
               "ffmpeg -version >/dev/null 2>&1 && ffprobe -version >/dev/null 2>&1") ==
           0;
}

/* To be returned from a test's main. */
static inline int media_skip(void)
{
    puts("skipped: the ffmpeg program is not installed");
    return 77;
}

/* Runs "ffmpeg ARGS" in `dir`; a test that cannot make its media fails. */
static inline void media_run(const char *dir, const char *args)
{
    struct avqa_buf line = AVQA_BUF_INIT;
    avqa_buf_addf(&line, "cd '%s' && ffmpeg -v fatal -nostdin -y %s", dir, args);
    if (system(avqa_buf_str(&line)) != 0)
        fail_msg("this failed: %s", avqa_buf_str(&line));
    avqa_buf_release(&line);
}

/* The first `percent` of the bytes of DIR/FROM as DIR/TO. */
static inline void media_cut(const char *dir, const char *from, const char *to,
                             size_t percent)
{
    char *path = avqa_io_join(dir, from);
    struct avqa_buf bytes = check_read(path);
    free(check_write(dir, to, bytes.data, bytes.len * percent / 100));
    avqa_buf_release(&bytes);
    free(path);
}

#endif
