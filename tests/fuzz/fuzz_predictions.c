/* Any bytes as a file of predictions for a small split, as JSON, CSV and TSV, with and
 * without rules for replies: refused with a message, or every line is counted once, and
 * every question has what was said to it or is missing. */
#include "fuzz.h"
#include "pipeline/dataset.h"
#include "pipeline/eval_predictions.h"
#include "pipeline/import.h"

static const char TEMPLATES[] =
    "{\"schema\": 1, \"name\": \"fuzz\", \"language\": \"en\", \"domains\": "
    "{\"object\": {\"kind\": \"object\", \"values\": [\"piano\", \"flute\"]}, "
    "\"truth\": {\"kind\": \"truth\", \"values\": [\"yes\", \"no\"]}}, \"slots\": "
    "{\"Object\": \"object\"}, \"answers\": [\"yes\", \"no\", \"piano\", \"flute\"], "
    "\"templates\": [{\"id\": \"E1\", \"modality\": \"Audio\", \"type\": "
    "\"Existential\", \"text\": \"Is there sound?\", \"slots\": [], \"answers\": "
    "[\"truth\"]}, {\"id\": \"W1\", \"modality\": \"Visual\", \"type\": \"Location\", "
    "\"text\": \"What is beside the <Object>?\", \"slots\": [\"Object\"], "
    "\"answers\": [\"object\"]}]}";

#define ROW(id, text, slots, answer)                                                   \
    "{\"video_id\": \"v\", \"question_id\": " id ", \"question_content\": \"" text     \
    "\", \"templ_values\": \"" slots "\", \"anser\": \"" answer "\"}"

/* Two questions share an id, with different answers; one row is of no id. */
static const char ROWS[] = "[" ROW("1", "Is there sound?", "[]", "yes") ", " ROW(
    "2", "What is beside the <Object>?", "[\\\"piano\\\"]",
    "flute") ", " ROW("2", "What is beside the <Object>?", "[\\\"flute\\\"]",
                      "piano") ", "
                               "{\"video_id\": \"w\", \"question_content\": \"Is there "
                               "sound?\", "
                               "\"templ_values\": \"[]\", \"anser\": \"no\"}]";

static const char RULES[] =
    "{\"schema\": 1, \"drop\": [\"the\"], \"numbers\": [\"zero\", \"one\"], "
    "\"answers\": {\"yes\": [\"there is\"], \"no\": [\"there is no\"]}}";

static struct avqa_eval_set set;
static struct avqa_reply_rules *rules;

static void start(void)
{
    char rows[128];
    char templates[128];
    struct avqa_import_counts counts = {0};
    fuzz_make_folder();
    snprintf(rows, sizeof rows, "%s", fuzz_path("rows.json"));
    snprintf(templates, sizeof templates, "%s", fuzz_path("templates.json"));
    fuzz_write(rows, (const uint8_t *)ROWS, sizeof ROWS - 1);
    fuzz_write(templates, (const uint8_t *)TEMPLATES, sizeof TEMPLATES - 1);
    const char *files[] = {rows};
    struct avqa_import_config config = {.dataset = fuzz_folder,
                                        .files = files,
                                        .n_files = 1,
                                        .split = "test",
                                        .templates = templates};
    FUZZ_REQUIRE(avqa_dataset_init(fuzz_folder, "fuzz") == AVQA_OK);
    FUZZ_REQUIRE(avqa_import_music_avqa(&config, &counts) == AVQA_OK);
    avqa_import_counts_release(&counts);
    FUZZ_REQUIRE(avqa_eval_set_load(&set, fuzz_folder, "test", NULL, NULL) == AVQA_OK);
    FUZZ_REQUIRE(avqa_reply_rules_parse(&rules, RULES, sizeof RULES - 1,
                                        set.table.templates) == AVQA_OK);
}

static int64_t count(const struct avqa_eval_model *m, const char *key)
{
    int64_t n = -1;
    FUZZ_REQUIRE(avqa_json_int(avqa_json_get(m->about, key), &n) && n >= 0);
    return n;
}

static void check_counts(const struct avqa_eval_model *m, bool answered_only)
{
    int64_t answered = count(m, "answered");
    FUZZ_REQUIRE(answered + count(m, "missing") == (int64_t)set.n);
    FUZZ_REQUIRE(count(m, "exact") + count(m, "worded") + count(m, "found") +
                     count(m, "nothing") + count(m, "several") ==
                 answered);
    FUZZ_REQUIRE(count(m, "lines") > count(m, "not_in_split"));
    FUZZ_REQUIRE(count(m, "lines") >=
                 count(m, "duplicates") + count(m, "not_in_split"));
    FUZZ_REQUIRE(count(m, "duplicates") >= count(m, "contradicting"));
    for (size_t i = 0; i < set.n; i++) {
        const struct avqa_eval_said *said = &m->said[i];
        FUZZ_REQUIRE(said->asked == (said->said || !answered_only));
        FUZZ_REQUIRE(!said->said || (said->text && said->way < AVQA_REPLY_N_WAYS));
        FUZZ_REQUIRE(said->said || !avqa_eval_is_right(&set, m, i));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const names[] = {"p.json", "p.csv", "p.tsv"};
    char path[128];
    if (!fuzz_folder[0])
        start();
    for (size_t i = 0; i < 6; i++) {
        struct avqa_eval_model model = {0};
        snprintf(path, sizeof path, "%s", fuzz_path(names[i / 2]));
        fuzz_write(path, data, size);
        const struct avqa_eval_file file = {path, "question_id", "answer",
                                            i % 2 ? rules : NULL, i % 2};
        enum avqa_status rc = avqa_eval_read(&model, &set, &file);
        fuzz_check_message(rc);
        if (rc == AVQA_OK)
            check_counts(&model, i % 2);
        avqa_eval_model_release(&model);
    }
    return 0;
}
