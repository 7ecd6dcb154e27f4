/* Any bytes as a manifest of videos (the first one tells of which kind: CSV, TSV or
 * JSON lines), imported with dry_run into one dataset, which must stay as it is: empty.
 */
#include "fuzz.h"
#include "pipeline/dataset.h"
#include "pipeline/import.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const names[] = {"in.csv", "in.tsv", "in.jsonl"};
    static unsigned n_inputs;
    char input[128];
    if (!fuzz_folder[0]) {
        fuzz_make_folder();
        FUZZ_REQUIRE(avqa_dataset_init(fuzz_folder, "fuzz") == AVQA_OK);
    }
    if (size == 0)
        return 0;
    snprintf(input, sizeof input, "%s", fuzz_path(names[data[0] % 3]));
    fuzz_write(input, data + 1, size - 1);
    const char *files[] = {input};
    struct avqa_import_counts counts = {0};
    struct avqa_import_config config = {
        .dataset = fuzz_folder, .files = files, .n_files = 1, .dry_run = true};
    enum avqa_status rc = avqa_import_videos(&config, &counts);
    fuzz_check_message(rc);
    FUZZ_REQUIRE(rc != AVQA_OK || counts.n_rejected == 0);
    FUZZ_REQUIRE(counts.clips + counts.updated + counts.duplicates <= 2 * counts.rows);
    avqa_import_counts_release(&counts);
    if (n_inputs++ % 64 == 0) {
        struct avqa_json *status;
        int64_t n = -1;
        FUZZ_REQUIRE(avqa_dataset_status(&status, fuzz_folder) == AVQA_OK);
        FUZZ_REQUIRE(
            avqa_json_int(avqa_json_get(avqa_json_get(status, "counts"), "clips"), &n));
        FUZZ_REQUIRE(n == 0);
        avqa_json_free(status);
    }
    return 0;
}
