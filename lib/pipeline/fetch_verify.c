/* See fetch_verify.h. The container's first bytes are looked at before (sniff.h): they
 * tell an HTML page, and give the file its ending. */
#include "pipeline/fetch_verify.h"
#include "media/probe.h"
#include "net/sniff.h"

#include <stdio.h>

static enum avqa_net_class class_of(enum avqa_media_outcome outcome)
{
    switch (outcome) {
    case AVQA_MEDIA_TRUNCATED:
        return AVQA_NET_TRANSIENT;
    case AVQA_MEDIA_TOO_SLOW:
    case AVQA_MEDIA_NO_FILE:
    case AVQA_MEDIA_UNREADABLE:
        return AVQA_NET_OURS;
    default:
        return AVQA_NET_PERMANENT;
    }
}

static void judge(const struct avqa_media_info *info, struct avqa_net_outcome *outcome)
{
    const struct avqa_verdict *v = &info->verdict;
    bool decodes = info->has_video || info->has_audio;
    const char *word = v->outcome == AVQA_MEDIA_TRUNCATED
                           ? "cut-off"
                           : avqa_media_outcome_name(v->outcome);
    if (v->outcome > AVQA_MEDIA_DAMAGED)
        avqa_net_fail(outcome, class_of(v->outcome), word, "%s", v->reason);
    else if (!decodes)
        avqa_net_fail(outcome, AVQA_NET_PERMANENT, "corrupt",
                      "neither a picture nor a sound in it decodes");
    else
        snprintf(outcome->detail, sizeof outcome->detail, "%s", v->reason);
}

void avqa_fetch_verify(void *user, const char *path, struct avqa_net_outcome *outcome,
                       char extension[8])
{
    struct avqa_media_info info;
    avqa_sniff_verify(user, path, outcome, extension);
    if (avqa_net_failed(outcome))
        return;
    if (avqa_media_probe(&info, path, NULL) != AVQA_OK)
        avqa_net_fail(outcome, AVQA_NET_OURS, "memory", "%s", avqa_message());
    else
        judge(&info, outcome);
}
