/* What first bytes say, and files that end too early. */
#include "check.h"

#include "net/sniff.h"

#define SNIFF(bytes) avqa_sniff_media(bytes, sizeof bytes - 1)

static void test_media(void **state)
{
    (void)state;
    assert_string_equal(SNIFF("\0\0\0\x18"
                              "ftypisom\0\0\0\0"),
                        "mp4");
    assert_string_equal(SNIFF("\0\0\0\x18"
                              "ftypqt  \0\0\0\0"),
                        "mov");
    assert_string_equal(SNIFF("\0\0\0\x18"
                              "ftypM4A \0\0\0\0"),
                        "m4a");
    assert_string_equal(SNIFF("\0\0\0\x18"
                              "moovxxxx"),
                        "mov");
    assert_string_equal(SNIFF("\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01\x42\x82\x84webm"),
                        "webm");
    assert_string_equal(SNIFF("\x1a\x45\xdf\xa3\x9f\x42\x82\x88matroska"), "mkv");
    assert_string_equal(SNIFF("RIFF\x10\0\0\0AVI LIST"), "avi");
    assert_string_equal(SNIFF("RIFF\x10\0\0\0WAVEfmt "), "wav");
    assert_string_equal(SNIFF("ID3\x04"), "mp3");
    assert_string_equal(SNIFF("\xff\xfb\x90\x64"), "mp3");
    assert_string_equal(SNIFF("OggS\0"), "ogg");
    assert_string_equal(SNIFF("fLaC\0"), "flac");
    assert_string_equal(SNIFF("FLV\x01\x05"), "flv");
    assert_string_equal(SNIFF("\0\0\x01\xba\x44"), "mpg");
    assert_string_equal(SNIFF("\x30\x26\xb2\x75\x8e\x66"), "wmv");
    assert_string_equal(SNIFF("FORM\0\0\0\x10"
                              "AIFFCOMM"),
                        "aiff");
    assert_string_equal(SNIFF("\xff\xf1\x50\x80"), "aac");
    char packets[400] = {0x47};
    assert_null(avqa_sniff_media(packets, sizeof packets));
    packets[188] = packets[376] = 0x47;
    assert_string_equal(avqa_sniff_media(packets, sizeof packets), "ts");
    assert_null(SNIFF("RIFF\x10\0\0\0WEBPVP8 "));
    assert_null(SNIFF("\xff\xff\xff\xff"));
    assert_null(SNIFF("\xff\xfe\x3c\0")); /* UTF-16 */
    assert_null(SNIFF("{\"error\": 1}"));
    assert_null(SNIFF("<html>"));
    assert_null(avqa_sniff_media("\0\0\0\x18"
                                 "ftyp",
                                 7));
    assert_null(avqa_sniff_media("", 0));
}

static void test_pages(void **state)
{
    static const char *const pages[] = {"<!DOCTYPE html><html>",
                                        "<!doctype HTML>",
                                        " \r\n\t<HTML lang=en>",
                                        "\xef\xbb\xbf<html>",
                                        "<head>",
                                        "<?xml version=\"1.0\"?>",
                                        "<!-- x -->"};
    (void)state;
    for (size_t i = 0; i < N_OF(pages); i++)
        assert_true(avqa_sniff_page(pages[i], strlen(pages[i])));
    assert_false(avqa_sniff_page("htm", 3));
    assert_false(avqa_sniff_page("<htm", 4));
    assert_false(avqa_sniff_page("", 0));
    assert_false(avqa_sniff_page("    ", 4));
    assert_false(avqa_sniff_page("\0\0\0\x18"
                                 "ftypisom",
                                 12));
}

#define FILE_OF(bytes) check_write(folder, "x", bytes, sizeof bytes - 1)

static void test_cut_off(void **state)
{
    char *folder = check_folder();
    const char *extension;
    static const char whole[] = "\0\0\0\x10"
                                "ftypisom\0\0\0\0"
                                "\0\0\0\x08"
                                "moov"
                                "\0\0\0\x0c"
                                "mdatABCD";
    (void)state;
    for (size_t len = 8; len < sizeof whole - 1; len++) {
        char *path = check_write(folder, "x", whole, len);
        if (len ==
            24) /* ends between two boxes; nothing is missing that could be known */
            assert_ok(avqa_sniff_file(&extension, path));
        else
            assert_fails(avqa_sniff_file(&extension, path), AVQA_EFORMAT, "");
        assert_string_equal(extension, "mp4");
        free(path);
    }
    char *path = FILE_OF(whole);
    assert_ok(avqa_sniff_file(&extension, path));
    free(path);
    path = FILE_OF("\0\0\0\x10"
                   "ftypisom\0\0\0\0"
                   "\0\0\0\0"
                   "moovABCD"); /* to the end */
    assert_ok(avqa_sniff_file(&extension, path));
    free(path);
    path = FILE_OF("\0\0\0\x10"
                   "ftypisom\0\0\0\0"
                   "\0\0\0\x01"
                   "moov\0\0\0\0\0\0\0\x12xx");
    assert_ok(avqa_sniff_file(&extension, path)); /* a long length */
    free(path);
    path = FILE_OF("RIFF\x10\0\0\0WAVEfmt 12345678");
    assert_ok(avqa_sniff_file(&extension, path));
    free(path);
    path = FILE_OF("RIFF\x11\0\0\0WAVEfmt 12345678");
    assert_fails(avqa_sniff_file(&extension, path), AVQA_EFORMAT, "cut off: 24 of 25");
    free(path);
    path = FILE_OF("RIFF\xff\xff\xff\xffWAVEfmt 12345678"); /* written as a stream */
    assert_ok(avqa_sniff_file(&extension, path));
    free(path);
    path = FILE_OF("<html>no</html>");
    assert_fails(avqa_sniff_file(&extension, path), AVQA_EFORMAT, "an HTML page");
    assert_null(extension);
    free(path);
    assert_fails(avqa_sniff_file(&extension, folder), AVQA_EIO, "cannot read");
    check_remove(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_media),
                                       cmocka_unit_test(test_pages),
                                       cmocka_unit_test(test_cut_off)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
