/* See fetch_files.h. */
#include "pipeline/fetch_files.h"
#include "base/clock.h"
#include "catalog/source.h"
#include "net/part.h"
#include "pipeline/fetch_verify.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Whether another source has these bytes as a file already; then its path. */
static enum avqa_status find_same(struct avqa_buf *path,
                                  struct avqa_fetch_ledger *ledger,
                                  const struct avqa_media_folder *media,
                                  const struct avqa_transfer_result *result,
                                  const char *own)
{
    enum avqa_status rc =
        avqa_source_find_file(ledger->cat, result->sha256, result->bytes, path);
    if (rc == AVQA_OK && path->len &&
        (strcmp(path->data, own) == 0 ||
         !avqa_media_has(media->dataset, path->data, result->bytes)))
        avqa_buf_clear(path);
    return rc;
}

enum avqa_status avqa_fetch_files_place(struct avqa_fetch_ledger *ledger,
                                        const struct avqa_media_folder *media,
                                        struct avqa_fetch_item *it,
                                        const struct avqa_transfer_result *result)
{
    struct avqa_buf same = AVQA_BUF_INIT;
    char *part = avqa_media_part(media, it->stem);
    char *target = avqa_media_target(media, it->stem, result->extension);
    char *relative = avqa_media_relative(it->stem, result->extension);
    enum avqa_status rc = avqa_fetch_ledger_begin(ledger);
    if (rc == AVQA_OK)
        rc = find_same(&same, ledger, media, result, relative);
    enum avqa_status placed = AVQA_OK;
    if (rc == AVQA_OK)
        placed = same.len ? avqa_part_remove(part) : avqa_part_publish(part, target);
    if (placed != AVQA_OK)
        avqa_net_fail(&it->last, AVQA_NET_OURS, "cannot-write", "%s", avqa_message());
    else if (rc == AVQA_OK)
        rc = avqa_source_set_file(ledger->cat, it->id, same.len ? same.data : relative,
                                  result->bytes, result->sha256);
    if (rc == AVQA_OK && placed == AVQA_OK)
        ledger->counts->same += same.len > 0;
    avqa_buf_release(&same);
    free(part);
    free(target);
    free(relative);
    return rc;
}

enum avqa_status avqa_fetch_files_adopt(struct avqa_fetch_ledger *ledger,
                                        const struct avqa_media_folder *media,
                                        struct avqa_fetch_item *it, bool *adopted)
{
    struct avqa_transfer_result found = {.item = 0};
    const char *extension = avqa_media_find(media, it->stem);
    *adopted = false;
    if (!extension)
        return AVQA_OK;
    char *path = avqa_media_target(media, it->stem, extension);
    char *relative = avqa_media_relative(it->stem, extension);
    enum avqa_status rc = AVQA_OK;
    it->last = (struct avqa_net_outcome){.started_us = avqa_clock_wall_us()};
    avqa_fetch_verify(NULL, path, &it->last, found.extension);
    bool good = !avqa_net_failed(&it->last) &&
                avqa_sha256_file(found.sha256, &found.bytes, path) == AVQA_OK &&
                (it->bytes < 0 || it->bytes == found.bytes) &&
                (!it->sha256 || strcasecmp(it->sha256, found.sha256) == 0);
    if (good) {
        it->last.ended_us = avqa_clock_wall_us();
        snprintf(it->last.detail, sizeof it->last.detail, "it was in %s already",
                 AVQA_MEDIA_FOLDER);
        rc = avqa_fetch_ledger_attempt(ledger, it, "done");
        if (rc == AVQA_OK)
            rc = avqa_source_set_file(ledger->cat, it->id, relative, found.bytes,
                                      found.sha256);
        ledger->counts->found++;
    }
    *adopted = good;
    free(path);
    free(relative);
    return rc;
}
