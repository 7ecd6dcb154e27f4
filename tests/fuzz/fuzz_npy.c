/* Any bytes as an NPY header: what is accepted is small, its sizes fit, and written
 * again it is the same array. */
#include "fuzz.h"
#include "shard/npy.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct avqa_npy npy;
    struct avqa_npy again;
    size_t header = 0;
    size_t bytes;
    struct avqa_buf out = AVQA_BUF_INIT;
    enum avqa_status rc = avqa_npy_parse(&npy, &header, data, size);
    fuzz_check_message(rc);
    if (rc != AVQA_OK)
        return 0;
    FUZZ_REQUIRE(header <= size && header <= AVQA_NPY_MAX_HEADER);
    FUZZ_REQUIRE(avqa_npy_bytes(&bytes, &npy));
    avqa_npy_print(&out, &npy, AVQA_NPY_ALIGN);
    FUZZ_REQUIRE(out.len % AVQA_NPY_ALIGN == 0);
    FUZZ_REQUIRE(avqa_npy_parse(&again, &header, out.data, out.len) == AVQA_OK);
    FUZZ_REQUIRE(header == out.len && again.type == npy.type);
    FUZZ_REQUIRE(again.n_dims == npy.n_dims);
    FUZZ_REQUIRE(memcmp(again.dims, npy.dims, npy.n_dims * sizeof *npy.dims) == 0);
    avqa_buf_release(&out);
    return 0;
}
