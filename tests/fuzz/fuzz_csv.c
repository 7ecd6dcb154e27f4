/* Any bytes as a manifest: the fields that the reader gives come back when they are
 * written and read again, and an import of the file either works or says why not. The
 * first byte chooses between CSV and TSV. */
#include "base/csv.h"
#include "base/text.h"
#include "fuzz.h"
#include "pipeline/dataset.h"
#include "pipeline/import.h"

/* Reads all records into `out`, written anew with commas. */
static enum avqa_status rewrite(struct avqa_buf *out, const char *path, char separator)
{
    struct avqa_csv *csv;
    const char *const *fields;
    size_t n = 0;
    int64_t line = 0;
    enum avqa_status rc = avqa_csv_open(&csv, path, separator);
    FUZZ_REQUIRE(rc == AVQA_OK);
    do {
        rc = avqa_csv_next(csv, &fields, &n);
        for (size_t i = 0; rc == AVQA_OK && i < n; i++) {
            FUZZ_REQUIRE(avqa_text_valid(fields[i], strlen(fields[i]), NULL));
            if (i)
                avqa_buf_addc(out, ',');
            avqa_csv_add(out, fields[i]);
        }
        if (rc == AVQA_OK && n) {
            avqa_buf_addc(out, '\n');
            FUZZ_REQUIRE(avqa_csv_line(csv) > line);
            line = avqa_csv_line(csv);
        }
    } while (rc == AVQA_OK && n);
    avqa_csv_close(csv);
    fuzz_check_message(rc);
    return rc;
}

static void check_rewritten(const struct avqa_buf *once)
{
    struct avqa_buf twice = AVQA_BUF_INIT;
    fuzz_write(fuzz_path("again.csv"), (const uint8_t *)avqa_buf_str(once), once->len);
    FUZZ_REQUIRE(rewrite(&twice, fuzz_path("again.csv"), ',') == AVQA_OK);
    FUZZ_REQUIRE(once->len == twice.len);
    FUZZ_REQUIRE(memcmp(avqa_buf_str(once), avqa_buf_str(&twice), twice.len) == 0);
    avqa_buf_release(&twice);
}

static void import(const char *path)
{
    struct avqa_import_counts counts = {0};
    struct avqa_import_config config = {
        .dataset = fuzz_folder, .files = &path, .n_files = 1, .dry_run = true};
    fuzz_check_message(avqa_import_videos(&config, &counts));
    avqa_import_counts_release(&counts);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct avqa_buf once = AVQA_BUF_INIT;
    if (!fuzz_folder[0]) {
        fuzz_make_folder();
        FUZZ_REQUIRE(avqa_dataset_init(fuzz_folder, "fuzz") == AVQA_OK);
    }
    if (size == 0)
        return 0;
    bool tabs = data[0] == 't';
    char path[128];
    snprintf(path, sizeof path, "%s", fuzz_path(tabs ? "in.tsv" : "in.csv"));
    fuzz_write(path, data + 1, size - 1);
    if (rewrite(&once, path, tabs ? '\t' : ',') == AVQA_OK)
        check_rewritten(&once);
    avqa_buf_release(&once);
    import(path);
    return 0;
}
