/* Any bytes as rules for replies, and any text as a reply: what comes out is an answer
 * of the vocabulary, or none with a reason. */
#include "qa/reply.h"
#include "fuzz.h"

static const char document[] =
    "{\"schema\": 1, \"name\": \"t\", \"language\": \"en\", \"domains\": {\"o\": "
    "{\"kind\": \"object\", \"values\": [\"big a\", \"a\", \"b\"], \"plurals\": "
    "{\"a\": "
    "\"as\"}}, \"n\": {\"kind\": \"number\", \"values\": [\"zero\", \"one\", "
    "\"more\"]}, "
    "\"y\": {\"kind\": \"truth\", \"values\": [\"yes\", \"no\"]}}, \"slots\": {\"O\": "
    "\"o\"}, \"answers\": [\"big a\", \"a\", \"b\", \"zero\", \"one\", \"more\", "
    "\"yes\", \"no\"], \"templates\": [{\"id\": \"A\", \"modality\": \"m\", \"type\": "
    "\"t\", \"text\": \"is <O>?\", \"slots\": [\"O\"], \"answers\": [\"y\"]}, {\"id\": "
    "\"B\", \"modality\": \"m\", \"type\": \"t\", \"text\": \"how many?\", \"slots\": "
    "[], "
    "\"answers\": [\"n\", \"o\"]}]}";

static const char rules_text[] =
    "{\"schema\": 1, \"drop\": [\"the\"], \"numbers\": [\"zero\", \"one\", \"two\"], "
    "\"bounds\": {\"before\": [\"at least\"], \"behind\": [\"or so\"]}, \"answers\": "
    "{\"yes\": [\"there is\"], \"no\": [\"there is no\"], \"zero\": "
    "[\"no\"]}}";

static struct avqa_templates *templates;

static void read_with(const struct avqa_reply_rules *rules, const char *text)
{
    static const char *const values[] = {"a"};
    for (size_t i = 0; i < templates->n; i++) {
        struct avqa_reply reply;
        enum avqa_status rc =
            avqa_reply_read(&reply, rules, &templates->items[i], values, text);
        fuzz_check_message(rc);
        if (rc != AVQA_OK)
            continue;
        FUZZ_REQUIRE(reply.way < AVQA_REPLY_N_WAYS);
        FUZZ_REQUIRE((reply.way < AVQA_REPLY_NOTHING) == (reply.answer != NULL));
        FUZZ_REQUIRE(!reply.answer ||
                     avqa_templates_has_answer(templates, reply.answer));
        FUZZ_REQUIRE(reply.way != AVQA_REPLY_FOUND ||
                     avqa_template_answer_domain(&templates->items[i], reply.answer));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct avqa_reply_rules *standard;
    struct avqa_reply_rules *rules;
    if (!templates) {
        FUZZ_REQUIRE(avqa_templates_parse(&templates, document, strlen(document)) ==
                     AVQA_OK);
        FUZZ_REQUIRE(avqa_reply_rules_parse(&standard, rules_text, strlen(rules_text),
                                            templates) == AVQA_OK);
    }
    char *text = fuzz_string(data, size);
    read_with(standard, text);
    enum avqa_status rc =
        avqa_reply_rules_parse(&rules, (const char *)data, size, templates);
    fuzz_check_message(rc);
    if (rc == AVQA_OK) {
        read_with(rules, "there is the big_a, as one or so");
        read_with(rules, text);
        avqa_reply_rules_free(rules);
    }
    free(text);
    return 0;
}
