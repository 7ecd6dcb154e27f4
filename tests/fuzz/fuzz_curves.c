/* Any JSON as what a run's state.json tells of its epochs: curves are drawn of it, or
 * the state is refused, whatever numbers stand there. */
#include "base/io.h"
#include "fuzz.h"
#include "pipeline/train_curves.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (!fuzz_folder[0])
        fuzz_make_folder();
    fuzz_write(fuzz_path("state.json"), data, size);
    enum avqa_status rc = avqa_train_curves_redraw(fuzz_folder);
    fuzz_check_message(rc);
    if (rc == AVQA_OK && avqa_io_exists(fuzz_path("curves.svg")))
        FUZZ_REQUIRE(avqa_io_remove(fuzz_path("curves.svg")) == AVQA_OK);
    return 0;
}
