/* See stage_run.h. */
#include "pipeline/stage_run.h"
#include "base/buf.h"
#include "base/clock.h"
#include "catalog/run.h"

enum avqa_status avqa_stage_start(int64_t *run_id, struct avqa_catalog *cat,
                                  const char *stage, struct avqa_json *options)
{
    struct avqa_buf text = AVQA_BUF_INIT;
    avqa_json_print(&text, options, 0);
    enum avqa_status rc =
        avqa_run_start(run_id, cat, stage, avqa_buf_str(&text), avqa_clock_wall_us());
    avqa_buf_release(&text);
    avqa_json_free(options);
    return rc;
}

enum avqa_status avqa_stage_end(struct avqa_catalog *cat, int64_t run_id,
                                const struct avqa_stage_end *end)
{
    struct avqa_buf text = AVQA_BUF_INIT;
    const char *outcome = !end->changed ? AVQA_RUN_NOTHING
                          : end->whole  ? "done"
                                        : "partly";
    avqa_json_print(&text, end->counts, 0);
    enum avqa_status rc = avqa_run_finish(cat, run_id, outcome, avqa_buf_str(&text),
                                          avqa_clock_wall_us());
    avqa_buf_release(&text);
    avqa_json_free(end->counts);
    return rc;
}

enum avqa_status avqa_stage_finish(struct avqa_catalog *cat, int64_t run_id,
                                   const struct avqa_stage_end *end)
{
    enum avqa_status rc = avqa_catalog_begin(cat);
    if (rc != AVQA_OK) {
        avqa_json_free(end->counts);
        return rc;
    }
    rc = avqa_stage_end(cat, run_id, end);
    return rc == AVQA_OK ? avqa_catalog_commit(cat) : rc;
}
