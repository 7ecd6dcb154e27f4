/* Any bytes as an annotation file, imported with dry_run into one dataset, which must
 * stay as it is: empty. */
#include "fuzz.h"
#include "pipeline/dataset.h"
#include "pipeline/import.h"

static const char TEMPLATES[] =
    "{\"schema\": 1, \"name\": \"fuzz\", \"language\": \"en\", \"domains\": "
    "{\"object\": "
    "{\"kind\": \"object\", \"values\": [\"piano\", \"flute\"]}, \"truth\": {\"kind\": "
    "\"truth\", \"values\": [\"yes\", \"no\"]}}, \"slots\": {\"Object\": \"object\"}, "
    "\"answers\": [\"yes\", \"no\", \"piano\", \"flute\"], \"templates\": [{\"id\": "
    "\"E1\", \"modality\": \"Audio\", \"type\": \"Existential\", \"text\": \"Is there "
    "sound?\", \"slots\": [], \"answers\": [\"truth\"], \"program\": \"scene\"}, "
    "{\"id\": \"C1\", \"modality\": \"Visual\", \"type\": \"Comparative\", \"text\": "
    "\"Is the <Object> left of the <Object>?\", \"slots\": [\"Object\", \"Object\"], "
    "\"answers\": [\"truth\"], \"program\": \"left($0, $1)\"}]}";

static void start(void)
{
    fuzz_make_folder();
    FUZZ_REQUIRE(avqa_dataset_init(fuzz_folder, "fuzz") == AVQA_OK);
    fuzz_write(fuzz_path("templates.json"), (const uint8_t *)TEMPLATES,
               sizeof TEMPLATES - 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static unsigned n_inputs;
    char input[128];
    char templates[128];
    if (!fuzz_folder[0])
        start();
    snprintf(input, sizeof input, "%s", fuzz_path("in.json"));
    snprintf(templates, sizeof templates, "%s", fuzz_path("templates.json"));
    fuzz_write(input, data, size);
    const char *files[] = {input};
    struct avqa_import_counts counts = {0};
    struct avqa_import_config config = {.dataset = fuzz_folder,
                                        .files = files,
                                        .n_files = 1,
                                        .split = "test",
                                        .templates = templates,
                                        .dry_run = true};
    enum avqa_status rc = avqa_import_music_avqa(&config, &counts);
    fuzz_check_message(rc);
    FUZZ_REQUIRE(rc != AVQA_OK || counts.n_rejected == 0);
    FUZZ_REQUIRE(counts.questions + counts.updated + counts.duplicates <=
                 2 * counts.rows);
    avqa_import_counts_release(&counts);
    if (n_inputs++ % 64 == 0) {
        struct avqa_json *status;
        int64_t n = -1;
        FUZZ_REQUIRE(avqa_dataset_status(&status, fuzz_folder) == AVQA_OK);
        FUZZ_REQUIRE(avqa_json_int(
            avqa_json_get(avqa_json_get(status, "counts"), "commands"), &n));
        FUZZ_REQUIRE(n == 0);
        avqa_json_free(status);
    }
    return 0;
}
