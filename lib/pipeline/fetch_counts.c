/* See fetch_counts.h. */
#include "pipeline/fetch_counts.h"

#include <stdio.h>
#include <string.h>

void avqa_fetch_counts_fail(struct avqa_fetch_counts *c,
                            const struct avqa_net_outcome *o)
{
    size_t i = 0;
    while (i < c->n_reasons && (strcmp(c->reasons[i].word, o->reason) != 0 ||
                                c->reasons[i].class != o->class))
        i++;
    if (i == AVQA_FETCH_MAX_REASONS)
        i--; /* the last one stands for the rest */
    if (i == c->n_reasons) {
        c->reasons[i] = (struct avqa_fetch_reason){.class = o->class};
        snprintf(c->reasons[i].word, sizeof c->reasons[i].word, "%s", o->reason);
        c->n_reasons++;
    }
    c->reasons[i].n++;
    c->failed++;
}

struct avqa_json *avqa_fetch_counts_json(const struct avqa_fetch_counts *c)
{
    struct avqa_json *out = avqa_json_new_object();
    avqa_json_put_int(out, "sources", c->sources);
    avqa_json_put_int(out, "present", c->present);
    avqa_json_put_int(out, "refused", c->refused);
    avqa_json_put_int(out, "pending", c->pending);
    avqa_json_put_int(out, "fetched", c->fetched);
    avqa_json_put_int(out, "found", c->found);
    avqa_json_put_int(out, "same", c->same);
    avqa_json_put_int(out, "failed", c->failed);
    avqa_json_put_int(out, "attempts", c->attempts);
    avqa_json_put_int(out, "pauses", c->pauses);
    avqa_json_put_int(out, "bytes", c->bytes);
    avqa_json_put_double(out, "seconds", c->seconds);
    struct avqa_json *list = avqa_json_put_array(out, "reasons");
    for (size_t i = 0; i < c->n_reasons; i++) {
        struct avqa_json *r = avqa_json_put_object(list, NULL);
        avqa_json_put_string(r, "reason", c->reasons[i].word);
        avqa_json_put_string(r, "class", avqa_net_class_name(c->reasons[i].class));
        avqa_json_put_int(r, "sources", c->reasons[i].n);
    }
    return out;
}
