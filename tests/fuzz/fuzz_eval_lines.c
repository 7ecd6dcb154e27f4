/* Any bytes as a file of predictions, as JSON, CSV and TSV: each line that comes out
 * has a number and a text, whatever was in it. */
#include "pipeline/eval_lines.h"
#include "base/text.h"
#include "fuzz.h"

static enum avqa_status take(void *user, const struct avqa_eval_line *line)
{
    size_t *n = user;
    FUZZ_REQUIRE(line->has_id || line->has_row);
    FUZZ_REQUIRE(line->text != NULL);
    FUZZ_REQUIRE(avqa_text_valid(line->text, strlen(line->text), NULL));
    (*n)++;
    return AVQA_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const names[] = {"lines.json", "lines.csv", "lines.tsv"};
    if (!fuzz_folder[0])
        fuzz_make_folder();
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        size_t n = 0;
        fuzz_write(fuzz_path(names[i]), data, size);
        enum avqa_status rc =
            avqa_eval_lines(fuzz_path(names[i]), "question_id", "answer", take, &n);
        fuzz_check_message(rc);
        FUZZ_REQUIRE(n <= size);
    }
    return 0;
}
