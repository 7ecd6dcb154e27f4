/* Where the scenes of a video begin, by FFmpeg's scene score (its filter scdet): how
 * much a picture differs from the one before, and how much more than that one did; from
 * 0 to 100. The whole video is decoded. */
#ifndef AVQA_MEDIA_SCENE_H
#define AVQA_MEDIA_SCENE_H

#include "base/log.h"
#include "base/status.h"
#include "media/probe.h"

#include <stddef.h>
#include <stdint.h>

struct avqa_scene_options {
    double threshold; /* of the score, 0 to 100; ffmpeg's own default is 10 */
    int64_t least_us; /* a change sooner after the last one counts for nothing */
    struct avqa_media_limits limits;
    const struct avqa_log *log; /* asked whether to stop; may be NULL */
};

struct avqa_scenes {
    struct avqa_media_info info; /* its verdict says why there are none */
    int64_t *begin_us;           /* of each scene, after time 0, ascending */
    size_t n, cap;
    int64_t end_us; /* of the last picture */
};

/* Whatever the file is, AVQA_OK; one without pictures has no scenes. Release the result
 * in any case. */
AVQA_CHECK enum avqa_status avqa_scenes_find(struct avqa_scenes *scenes,
                                             const char *path,
                                             const struct avqa_scene_options *options);
void avqa_scenes_release(struct avqa_scenes *scenes);

#endif
