/* Any bytes as the headers of a response, line by line: numbers stay in their ranges, a
 * validator can be sent back in a header, and no verdict continues a file at another
 * byte than the one that is missing, or across two versions. The first bytes say what
 * is on disk. */
#include "fuzz.h"
#include "net/response.h"
#include "net/sniff.h"

static void check_validator(const struct avqa_response *r)
{
    char validator[AVQA_VALIDATOR_MAX];
    avqa_response_validator(r, validator);
    size_t len = strlen(validator);
    FUZZ_REQUIRE(len < sizeof validator && strncmp(validator, "W/", 2) != 0);
    for (size_t i = 0; i < len; i++)
        FUZZ_REQUIRE((unsigned char)validator[i] >= ' ' && validator[i] != 0x7f);
}

static void check_judgement(const struct avqa_response *r,
                            const struct avqa_partial *have)
{
    int64_t total = avqa_response_total(r);
    switch (avqa_response_judge(r, have)) {
    case AVQA_VERDICT_WHOLE:
        FUZZ_REQUIRE(r->status == 200);
        break;
    case AVQA_VERDICT_CONTINUE:
        FUZZ_REQUIRE(r->status == 206 && have->bytes > 0);
        FUZZ_REQUIRE(r->range_first == have->bytes);
        FUZZ_REQUIRE(total < 0 || r->range_last == total - 1);
        FUZZ_REQUIRE(total < 0 || have->total < 0 || total == have->total);
        FUZZ_REQUIRE(!r->etag[0] || have->validator[0] != '"' ||
                     strcmp(r->etag, have->validator) == 0);
        break;
    case AVQA_VERDICT_COMPLETE:
        FUZZ_REQUIRE(r->status == 416 && have->bytes > 0);
        FUZZ_REQUIRE(total == have->bytes || (total < 0 && have->total == have->bytes));
        break;
    case AVQA_VERDICT_AGAIN:
        FUZZ_REQUIRE(have->bytes > 0);
        break;
    case AVQA_VERDICT_REFUSED:
        FUZZ_REQUIRE(r->status != 200);
        break;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct avqa_response r;
    struct avqa_partial have = {.bytes = size ? data[0] % 16 : 0, .total = -1};
    if (size > 1)
        have.total = data[1] % 16 + have.bytes - 1;
    snprintf(have.validator, sizeof have.validator, "\"%c\"",
             size > 2 && data[2] >= ' ' && data[2] < 0x7f ? (char)data[2] : 'a');
    avqa_response_init(&r);
    char *text = fuzz_string(data, size);
    for (size_t at = 0; at < size;) {
        const char *end = memchr(text + at, '\n', size - at);
        size_t len = end ? (size_t)(end - text) - at + 1 : size - at;
        avqa_response_line(&r, text + at, len);
        at += len;
        check_validator(&r);
        check_judgement(&r, &have);
        FUZZ_REQUIRE(r.length >= -1 && r.range_first >= -1 && r.range_total >= -1);
        FUZZ_REQUIRE(r.range_last >= r.range_first);
        FUZZ_REQUIRE(avqa_response_retry_after(&r, 1700000000000000) >= -1);
    }
    const char *media = avqa_sniff_media(text, size);
    FUZZ_REQUIRE(!media || !avqa_sniff_page(text, size));
    free(text);
    return 0;
}
