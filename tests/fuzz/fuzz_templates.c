/* Any bytes as a template file: in what is accepted, every template is found by its
 * text and by its id, and can be filled. */
#include "qa/template.h"
#include "fuzz.h"

static void check_template(const struct avqa_templates *t, size_t i)
{
    const struct avqa_template *item = &t->items[i];
    const char *values[AVQA_TEMPLATE_MAX_SLOTS];
    struct avqa_buf filled = AVQA_BUF_INIT;
    FUZZ_REQUIRE(avqa_templates_match(t, item->text) == i);
    FUZZ_REQUIRE(avqa_templates_find(t, item->code) == i);
    FUZZ_REQUIRE(item->n_slots <= AVQA_TEMPLATE_MAX_SLOTS);
    for (size_t s = 0; s < item->n_slots; s++) {
        const struct avqa_domain *d = item->slots[s];
        values[s] = d->n_values ? d->values[0] : "";
        FUZZ_REQUIRE(avqa_domain_mirror(d, values[s]) != NULL);
    }
    for (size_t r = 0; r < item->n_referents; r++) {
        for (size_t k = 0; k < item->referents[r].n_slots; k++)
            FUZZ_REQUIRE(item->referents[r].slots[k] < item->n_slots);
    }
    for (size_t s = 0; s < item->n_senseless; s++)
        FUZZ_REQUIRE(item->senseless[s].slot < item->n_slots);
    FUZZ_REQUIRE(avqa_template_fill(&filled, item->text, values, item->n_slots) ==
                 AVQA_OK);
    avqa_template_answer_domain(item, "yes");
    avqa_buf_release(&filled);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct avqa_templates *t;
    enum avqa_status rc = avqa_templates_parse(&t, (const char *)data, size);
    fuzz_check_message(rc);
    if (rc != AVQA_OK)
        return 0;
    for (size_t i = 0; i < t->n; i++)
        check_template(t, i);
    for (size_t i = 0; i < t->n_answers; i++)
        FUZZ_REQUIRE(avqa_templates_has_answer(t, t->answers[i]));
    avqa_templates_free(t);
    return 0;
}
