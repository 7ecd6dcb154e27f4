/* Exact and smart cuts of generated sources of every awkward kind of H.264, beside what
 * ffmpeg decodes of these; and cuts after a seek beside those that read from the
 * beginning. */
#include "cut_check.h"

static char *dir;

/* -aac_pns 0: what stands for noise is drawn anew by every decoder. */
static void test_h264(void **state)
{
    (void)state;
    static const struct cut_kind kinds[] = {
        {"plain.mp4", MEDIA_VIDEO MEDIA_AUDIO CUT_FAST " -g 25 -c:a aac -aac_pns 0",
         44100, 1, CUT_SMART},
        {"pyramid.mp4",
         MEDIA_VIDEO MEDIA_AUDIO MEDIA_H264
         " -preset superfast -bf 8 -g 40 -x264-params b-pyramid=normal:b-adapt=0 -c:a "
         "aac -aac_pns 0 -ac 2",
         44100, 2, CUT_SMART},
        {"open.mp4",
         MEDIA_VIDEO MEDIA_AUDIO CUT_B_PICTURES
         " -x264-params open-gop=1:keyint=20 -c:a aac -aac_pns 0",
         44100, 1, CUT_EXACT},
        {"film.mkv",
         " -f lavfi -i testsrc2=s=160x120:r=24000/1001:d=6" MEDIA_AUDIO CUT_B_PICTURES
         " -g 30 -c:a aac -aac_pns 0 -ar 48000",
         48000, 1, CUT_SMART},
        {"drop.mp4",
         " -f lavfi -i testsrc2=s=160x120:r=60000/1001:d=6" MEDIA_AUDIO CUT_B_PICTURES
         " -g 70 -c:a aac -aac_pns 0 -ar 22050",
         22050, 1, CUT_SMART},
        {"varied.mp4",
         MEDIA_VIDEO MEDIA_AUDIO
         " -vf select='not(mod(n\\,3))+lt(mod(n\\,50)\\,20)' -vsync vfr" CUT_B_PICTURES
         " -g 20 -c:a aac -aac_pns 0",
         44100, 1, CUT_SMART},
        {"opus.mp4", MEDIA_VIDEO MEDIA_AUDIO CUT_B_PICTURES " -g 30 -c:a libopus",
         48000, 1, CUT_SMART},
        {"round.mp4",
         MEDIA_VIDEO " -f lavfi -i anoisesrc=r=48000:d=6:a=0.1 -af "
                     "pan=5.1\\|c0=c0\\|c3=c0" CUT_FAST " -g 30 -c:a aac -aac_pns 0",
         48000, 6, CUT_SMART},
        {"mute.mp4", MEDIA_VIDEO CUT_B_PICTURES " -profile:v main -g 30", 0, 0,
         CUT_SMART},
        {"stream.ts",
         MEDIA_VIDEO MEDIA_AUDIO CUT_B_PICTURES " -g 30 -c:a aac -aac_pns 0", 44100, 1,
         CUT_SMART},
        {"late.mov",
         " -itsoffset 0.3" MEDIA_VIDEO MEDIA_AUDIO CUT_B_PICTURES
         " -g 30 -c:a pcm_s16le",
         44100, 1, CUT_SMART},
        {"edited.mp4", "-ss 0.5 -i plain.mp4 -c copy", 44100, 1, CUT_SMART},
        {"pieces.mp4",
         MEDIA_VIDEO MEDIA_AUDIO CUT_B_PICTURES
         " -g 30 -c:a aac -aac_pns 0 -movflags frag_keyframe+empty_moov",
         44100, 1, CUT_SMART},
        {"cover.mp4",
         "-f lavfi -i color=red:s=64x64:d=0.04 -i plain.mp4 -map 1 -map 0 -c copy "
         "-c:v:1 "
         "mjpeg "
         "-frames:v:1 1 -disposition:v:1 attached_pic",
         44100, 1, CUT_SMART},
    };
    cut_compare_kinds(dir, kinds, N_OF(kinds));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_h264)};
    if (!media_can_make())
        return media_skip();
    dir = check_folder();
    int n = cmocka_run_group_tests(tests, NULL, NULL);
    check_remove(dir);
    return n;
}
