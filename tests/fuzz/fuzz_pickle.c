/* Any bytes as a pickle: what is accepted can be walked, every member of every value
 * once, and takes no more memory than a constant for each byte. */
#include "fuzz.h"
#include "nn/pickle.h"

static size_t count_members(const struct avqa_pickle *pickle,
                            const struct avqa_pickle_value *v)
{
    size_t n = 0;
    uint32_t cursor = v->first;
    const struct avqa_pickle_value *member;
    while ((member = avqa_pickle_next(pickle, &cursor))) {
        FUZZ_REQUIRE(avqa_pickle_kind_name(member) != NULL);
        n++;
    }
    return n;
}

static void walk(const struct avqa_pickle *pickle, const uint8_t *data, size_t size)
{
    const struct avqa_pickle_value *v;
    size_t n = 0;
    for (; (v = avqa_pickle_nth(pickle, n)); n++) {
        FUZZ_REQUIRE(v->at < size);
        if (v->kind == AVQA_PICKLE_TEXT)
            FUZZ_REQUIRE(v->text >= (const char *)data &&
                         v->n <= size - (size_t)(v->text - (const char *)data));
        else
            FUZZ_REQUIRE(count_members(pickle, v) == v->n);
        if (v->kind == AVQA_PICKLE_DICT)
            FUZZ_REQUIRE(v->n % 2 == 0);
        if (v->kind == AVQA_PICKLE_TENSOR)
            FUZZ_REQUIRE(avqa_pickle_at(pickle, v, 0)->kind == AVQA_PICKLE_STORAGE);
    }
    FUZZ_REQUIRE(n <= size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct avqa_pickle *pickle = NULL;
    size_t at = 0;
    enum avqa_status rc = avqa_pickle_read(&pickle, &at, "fuzz", data, size);
    fuzz_check_message(rc);
    FUZZ_REQUIRE((rc == AVQA_OK) == (pickle != NULL));
    FUZZ_REQUIRE(rc == AVQA_OK || rc == AVQA_EFORMAT);
    FUZZ_REQUIRE(at <= size);
    if (pickle) {
        FUZZ_REQUIRE(at > 0 && data[at - 1] == '.');
        FUZZ_REQUIRE(avqa_pickle_root(pickle) != NULL);
        walk(pickle, data, size);
    }
    avqa_pickle_free(pickle);
    return 0;
}
