/* Any bytes as a file of torch.save, zip or legacy: what is accepted is written and
 * read again the same; what is taken of memory is bounded by the size of the file.
 * Checksums are not looked at, so that a fuzzer gets behind them. */
#include "fuzz.h"
#include "nn/torch_file.h"

static enum avqa_status read_file(struct avqa_params *params, const char *name)
{
    struct avqa_torch_info info;
    const struct avqa_torch_options options = {.unchecked = strcmp(name, "in") == 0};
    enum avqa_status rc = avqa_torch_read(params, &info, fuzz_path(name), &options);
    FUZZ_REQUIRE(info.n_omitted == 0 || info.omitted);
    avqa_torch_info_release(&info);
    return rc;
}

static void check_again(const struct avqa_params *params)
{
    struct avqa_params again = {0};
    FUZZ_REQUIRE(avqa_torch_write(fuzz_path("again"), params) == AVQA_OK);
    FUZZ_REQUIRE(read_file(&again, "again") == AVQA_OK);
    FUZZ_REQUIRE(again.n == params->n);
    for (size_t i = 0; i < params->n; i++) {
        const struct avqa_tensor *a = &params->items[i].value;
        const struct avqa_tensor *b = &again.items[i].value;
        FUZZ_REQUIRE(strcmp(params->items[i].name, again.items[i].name) == 0);
        FUZZ_REQUIRE(a->type == b->type && avqa_tensor_has_shape(b, a->rank, a->shape));
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
    enum avqa_status rc = read_file(&params, "in");
    fuzz_check_message(rc);
    for (size_t i = 0; i < params.n; i++)
        bytes += avqa_tensor_bytes(&params.items[i].value);
    FUZZ_REQUIRE(bytes <= AVQA_TORCH_MAX_GROWTH * size + (1 << 20));
    if (rc == AVQA_OK && params.n > 0)
        check_again(&params);
    avqa_params_release(&params);
    return 0;
}
