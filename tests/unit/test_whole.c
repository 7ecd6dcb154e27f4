/* Sizes that containers state, against the bytes that are there; and what is no media
 * at all. */
#include "check.h"
#include "media/whole.h"

#include <fcntl.h>

#define BYTES(literal) literal, sizeof(literal) - 1

static struct avqa_verdict look(const void *bytes, size_t len, int64_t size)
{
    struct avqa_verdict v = {0};
    char *dir = check_folder();
    char *path = check_write(dir, "f", bytes, len);
    int fd = open(path, O_RDONLY);
    assert_true(fd >= 0);
    avqa_whole_sniff(&v, fd);
    if (v.outcome == AVQA_MEDIA_OK)
        avqa_whole_check(&v, fd, size);
    close(fd);
    free(path);
    check_remove(dir);
    return v;
}

#define FTYP "\0\0\0\014ftypisom"
#define MOOV "\0\0\0\010moov"

static void test_sizes(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t len;
        bool cut;
    } cases[] = {
        {BYTES(FTYP MOOV "\0\0\0\012mdatxx"), false},
        {BYTES(FTYP MOOV "\0\0\0\013mdatxx"), true},
        {BYTES(FTYP "\0\0\0\012mdatxx" MOOV), false},
        {BYTES(FTYP "\0\0\0\012mdatxx"), true}, /* no index */
        {BYTES(FTYP "\0\0\0\0mdatxx"), true},   /* to the end, no index */
        {BYTES(FTYP MOOV "\0\0\0\0mdatxx"), false},
        {BYTES(FTYP MOOV "\0\0\0\1mdat\0\0\0\0\0\0\0\022xx"), false},
        {BYTES(FTYP MOOV "\0\0\0\1mdat\0\0\0\0\0\0\0\023xx"), true},
        {BYTES(FTYP MOOV "\0\0\0\1mdat\377\377\377\377\377\377\377\377xx"), true},
        {BYTES(FTYP MOOV "\0\0\0\7mdat"), false}, /* nonsense; for libav to judge */
        {BYTES("RIFF\4\0\0\0WAVE"), false},
        {BYTES("RIFF\6\0\0\0WAVE"), true},
        {BYTES("RIFF\377\377\377\377WAVE"),
         false}, /* a writer that could not go back */
        {BYTES("RIFF\0\0\0\0WAVE"), false},
        {BYTES("\x1a\x45\xdf\xa3\x81x\x18\x53\x80\x67\x82xx"), false},
        {BYTES("\x1a\x45\xdf\xa3\x81x\x18\x53\x80\x67\x83xx"), true},
        {BYTES("\x1a\x45\xdf\xa3\x81x\x18\x53\x80\x67\xffxx"), false}, /* not known */
        {BYTES("\x1a\x45\xdf\xa3\x81x\x18\x53\x80\x67\x01\xff\xff\xff\xff\xff\xff\xfe"),
         true},
        {BYTES("\x1a\x45\xdf\xa3\x01\xff\xff\xff\xff\xff\xff\xfe"), false},
        {BYTES("\x1a\x45\xdf\xa3\0\0\0\0"), false},
        {BYTES("\0\0"), false},
    };
    for (size_t i = 0; i < N_OF(cases); i++) {
        struct avqa_verdict v =
            look(cases[i].bytes, cases[i].len, (int64_t)cases[i].len);
        if (v.outcome != (cases[i].cut ? AVQA_MEDIA_TRUNCATED : AVQA_MEDIA_OK))
            fail_msg("case %zu: %s: %s", i, avqa_media_outcome_name(v.outcome),
                     v.reason);
        assert_int_equal(*v.reason != '\0', cases[i].cut);
    }
}

static void test_no_media(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t len;
        const char *reason;
    } cases[] = {{BYTES("<!DOCTYPE html><p>404"), "HTML page"},
                 {BYTES("\xef\xbb\xbf \n<HTML>\1"), "HTML page"},
                 {BYTES("<?xml version='1.0'?>"), "XML"},
                 {BYTES("{\"error\": 404}\n"), "a text"},
                 {BYTES("#EXTM3U\n"), "a text"},
                 {BYTES("PK\3\4\0\0"), "zip"},
                 {BYTES("\037\213\10\0"), "gzip"},
                 {BYTES("%PDF-1.4\n\1"), "PDF"},
                 {BYTES("SQLite format 3\0"), "SQLite"},
                 {BYTES("\x7f"
                        "ELF\2"),
                  "program"}};
    for (size_t i = 0; i < N_OF(cases); i++) {
        struct avqa_verdict v =
            look(cases[i].bytes, cases[i].len, (int64_t)cases[i].len);
        assert_int_equal(v.outcome, AVQA_MEDIA_NOT_MEDIA);
        assert_has(v.reason, cases[i].reason);
    }
}

static void test_worst_stays(void **state)
{
    (void)state;
    struct avqa_verdict v = {0};
    avqa_verdict_set(&v, AVQA_MEDIA_NO_AUDIO, "%s", "first");
    avqa_verdict_set(&v, AVQA_MEDIA_NO_AUDIO, "%s", "second");
    assert_string_equal(v.reason, "first");
    avqa_verdict_set(&v, AVQA_MEDIA_TRUNCATED, "a\nb\x80");
    assert_string_equal(v.reason, "a\\x0ab\\x80"); /* one line, whatever a file says */
    avqa_verdict_set(&v, AVQA_MEDIA_NO_VIDEO, "%s", "third");
    assert_int_equal(v.outcome, AVQA_MEDIA_TRUNCATED);
    for (int i = AVQA_MEDIA_OK; i <= AVQA_MEDIA_NO_FILE; i++) {
        for (int k = AVQA_MEDIA_OK; k < i; k++)
            assert_string_not_equal(avqa_media_outcome_name(i),
                                    avqa_media_outcome_name(k));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_sizes),
                                       cmocka_unit_test(test_no_media),
                                       cmocka_unit_test(test_worst_stays)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
