/* Any text as a program of the answer language; the first byte is the number of slots.
 * A refusal names a column within the text. */
#include "qa/program.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    char *text = fuzz_string(data + 1, size - 1);
    enum avqa_status rc = avqa_program_check(text, data[0] % 10);
    fuzz_check_message(rc);
    size_t column = 0;
    if (rc != AVQA_OK) {
        FUZZ_REQUIRE(rc == AVQA_EFORMAT);
        FUZZ_REQUIRE(sscanf(avqa_message(), "column %zu: ", &column) == 1);
        FUZZ_REQUIRE(column >= 1 && column <= strlen(text) + 1);
    }
    free(text);
    return 0;
}
