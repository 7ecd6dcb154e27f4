/* Any bytes as a file of paraphrases: what is accepted can be drawn from and filled. */
#include "qa/paraphrase.h"
#include "fuzz.h"

static const char document[] =
    "{\"schema\": 1, \"name\": \"t\", \"language\": \"en\", \"domains\": {\"o\": "
    "{\"kind\": \"object\", \"values\": [\"a\"]}, \"y\": {\"kind\": \"truth\", "
    "\"values\": [\"yes\", \"no\"]}}, \"slots\": {\"O\": \"o\", \"P\": \"o\"}, "
    "\"answers\": [\"yes\", \"no\"], \"templates\": [{\"id\": \"A\", \"modality\": "
    "\"m\", \"type\": \"t\", \"text\": \"is <O> <P>?\", \"slots\": [\"O\", \"P\"], "
    "\"answers\": [\"y\"]}, {\"id\": \"B\", \"modality\": \"m\", \"type\": \"t\", "
    "\"text\": \"is it?\", \"slots\": [], \"answers\": [\"y\"]}]}";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct avqa_templates *templates;
    static const char *const words[] = {"a", "a"};
    struct avqa_paraphrases *p;
    if (!templates)
        FUZZ_REQUIRE(avqa_templates_parse(&templates, document, strlen(document)) ==
                     AVQA_OK);
    enum avqa_status rc =
        avqa_paraphrases_parse(&p, (const char *)data, size, templates);
    fuzz_check_message(rc);
    if (rc != AVQA_OK)
        return 0;
    for (size_t i = 0; i < templates->n; i++) {
        for (uint64_t hash = 0; hash < 5; hash++) {
            struct avqa_buf filled = AVQA_BUF_INIT;
            const char *text = avqa_paraphrase_text(p, &templates->items[i], hash);
            FUZZ_REQUIRE(text && *text);
            FUZZ_REQUIRE(avqa_template_check_text(&templates->items[i], text) ==
                         AVQA_OK);
            FUZZ_REQUIRE(avqa_template_fill(&filled, text, words,
                                            templates->items[i].n_slots) == AVQA_OK);
            FUZZ_REQUIRE(!strstr(avqa_buf_str(&filled), "<O>") ||
                         !templates->items[i].n_slots);
            avqa_buf_release(&filled);
        }
    }
    avqa_paraphrases_free(p);
    return 0;
}
