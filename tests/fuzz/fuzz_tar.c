/* Any bytes as a tar header: what is accepted is exactly what the writer writes. */
#include "fuzz.h"
#include "shard/tar.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct avqa_tar_entry entry;
    size_t used = 0;
    struct avqa_buf out = AVQA_BUF_INIT;
    enum avqa_status rc = avqa_tar_parse(&entry, &used, data, size);
    fuzz_check_message(rc);
    if (rc != AVQA_OK)
        return 0;
    FUZZ_REQUIRE(used <= size && used <= AVQA_TAR_MAX_HEADER);
    FUZZ_REQUIRE(strlen(entry.name) > 0 && entry.size <= AVQA_TAR_MAX_SIZE);
    FUZZ_REQUIRE(avqa_tar_print(&out, entry.name, entry.size) == AVQA_OK);
    FUZZ_REQUIRE(out.len == used && memcmp(out.data, data, used) == 0);
    avqa_buf_release(&out);
    return 0;
}
