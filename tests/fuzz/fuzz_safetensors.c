/* Any bytes as a file of tensors: what is accepted is written and read again the same;
 * what is taken of memory is no more than the file holds. */
#include "fuzz.h"
#include "nn/safetensors.h"

static void check_again(const struct avqa_params *params)
{
    struct avqa_params again = {0};
    FUZZ_REQUIRE(avqa_safetensors_write(fuzz_path("again"), params) == AVQA_OK);
    FUZZ_REQUIRE(avqa_safetensors_read(&again, NULL, fuzz_path("again")) == AVQA_OK);
    FUZZ_REQUIRE(again.n == params->n);
    for (size_t i = 0; i < params->n; i++) {
        const struct avqa_tensor *a = &params->items[i].value;
        const struct avqa_tensor *b = avqa_params_find(&again, params->items[i].name);
        FUZZ_REQUIRE(b && a->type == b->type);
        FUZZ_REQUIRE(avqa_tensor_has_shape(b, a->rank, a->shape));
        FUZZ_REQUIRE(memcmp(a->data, b->data, avqa_tensor_bytes(a)) == 0);
    }
    avqa_params_release(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct avqa_params params = {0};
    size_t bytes = 0;
    if (!fuzz_folder[0])
        fuzz_make_folder();
    fuzz_write(fuzz_path("in"), data, size);
    enum avqa_status rc = avqa_safetensors_read(&params, NULL, fuzz_path("in"));
    fuzz_check_message(rc);
    for (size_t i = 0; i < params.n; i++)
        bytes += avqa_tensor_bytes(&params.items[i].value);
    FUZZ_REQUIRE(bytes <= size);
    if (rc == AVQA_OK)
        check_again(&params);
    avqa_params_release(&params);
    return 0;
}
