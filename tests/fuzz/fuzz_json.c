/* Any bytes as JSON: what is accepted prints to text that means the same. */
#include "base/json.h"
#include "fuzz.h"

static void check_printed(const struct avqa_json *root, int indent)
{
    struct avqa_buf once = AVQA_BUF_INIT;
    struct avqa_buf twice = AVQA_BUF_INIT;
    struct avqa_json *again;
    avqa_json_print(&once, root, indent);
    FUZZ_REQUIRE(avqa_buf_status(&once) == AVQA_OK);
    FUZZ_REQUIRE(avqa_json_parse(&again, avqa_buf_str(&once), once.len) == AVQA_OK);
    FUZZ_REQUIRE(avqa_json_type(again) == avqa_json_type(root));
    FUZZ_REQUIRE(avqa_json_count(again) == avqa_json_count(root));
    avqa_json_print(&twice, again, indent);
    FUZZ_REQUIRE(once.len == twice.len);
    FUZZ_REQUIRE(memcmp(avqa_buf_str(&once), avqa_buf_str(&twice), once.len) == 0);
    avqa_json_free(again);
    avqa_buf_release(&once);
    avqa_buf_release(&twice);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct avqa_json *root;
    enum avqa_status rc = avqa_json_parse(&root, (const char *)data, size);
    fuzz_check_message(rc);
    if (rc != AVQA_OK)
        return 0;
    check_printed(root, 0);
    check_printed(root, 2);
    avqa_json_free(root);
    return 0;
}
