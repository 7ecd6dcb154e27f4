/* Cuts of what is not H.264, or not as a smart cut needs it: that is cut exactly, with
 * the reason said. Beside what ffmpeg decodes of the sources. */
#include "cut_check.h"

static char *dir;

static void test_others(void **state)
{
    (void)state;
    static const struct cut_kind kinds[] = {
        {"opus.webm",
         MEDIA_VIDEO MEDIA_AUDIO
         " -c:v libvpx -deadline realtime -cpu-used 8 -c:a libopus",
         48000, 1, CUT_EXACT},
        {"odd.avi",
         " -f lavfi -i testsrc2=s=161x121:r=25:d=6" MEDIA_AUDIO
         " -c:v mpeg4 -q:v 4 -c:a pcm_s16le",
         44100, 1, CUT_EXACT},
        {"deep.mkv",
         MEDIA_VIDEO MEDIA_AUDIO
         " -c:v libx264 -pix_fmt yuv422p10le -preset ultrafast -c:a flac -ar 96000",
         96000, 1, CUT_EXACT},
        {"hevc.mp4",
         " -f lavfi -i testsrc2=s=160x120:r=25:d=6" MEDIA_AUDIO
         " -c:v libx265 -preset ultrafast -x265-params log-level=none -c:a aac "
         "-aac_pns 0",
         44100, 1, CUT_EXACT},
        {"laced.mp4",
         MEDIA_VIDEO MEDIA_AUDIO CUT_FAST
         " -flags +ilme+ildct -g 25 -c:a aac -aac_pns 0",
         44100, 1, CUT_EXACT},
        {"wide.mp4",
         MEDIA_VIDEO MEDIA_AUDIO " -vf setsar=4/3" CUT_FAST
                                 " -g 25 -c:a aac -aac_pns 0",
         44100, 1, CUT_EXACT},
        {"quarter.mp4", " -i wide.mp4 -c copy -metadata:s:v rotate=90", 44100, 1,
         CUT_EXACT},
        {"half.mp4", " -i wide.mp4 -c copy -metadata:s:v rotate=180", 44100, 1,
         CUT_EXACT},
        {"three.mp4", " -i wide.mp4 -c copy -metadata:s:v rotate=270", 44100, 1,
         CUT_EXACT},
    };
    cut_compare_kinds(dir, kinds, N_OF(kinds));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_others)};
    if (!media_can_make())
        return media_skip();
    dir = check_folder();
    int n = cmocka_run_group_tests(tests, NULL, NULL);
    check_remove(dir);
    return n;
}
