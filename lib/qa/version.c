/* See version.h. Words are quoted as in JSON, so that no word can look like two. */
#include "qa/version.h"
#include "base/hash.h"
#include "base/json.h"

#include <string.h>

/* To be raised when a function comes to mean something else. */
static const char LANGUAGE[] = "avqa-program 1";

void avqa_program_text(struct avqa_buf *out, const struct avqa_program_node *n)
{
    switch (n->op) {
    case AVQA_OP_SLOT:
        avqa_buf_addf(out, "$%zu", n->slot);
        return;
    case AVQA_OP_NUMBER:
        avqa_buf_addf(out, "%lld", (long long)n->number);
        return;
    case AVQA_OP_STRING:
        avqa_json_quote(out, n->text, false);
        return;
    default:
        break;
    }
    avqa_buf_adds(out, avqa_program_name(n->op));
    for (size_t i = 0; i < n->n_args; i++) {
        avqa_buf_adds(out, i ? ", " : "(");
        avqa_program_text(out, n->args[i]);
    }
    if (n->n_args)
        avqa_buf_addc(out, ')');
}

static void add_domains(struct avqa_buf *out, const char *what,
                        const struct avqa_domain *const *domains, size_t n)
{
    for (size_t d = 0; d < n; d++) {
        avqa_buf_addf(out, "%s %d", what, (int)domains[d]->kind);
        for (size_t i = 0; i < domains[d]->n_values; i++) {
            avqa_buf_addc(out, ' ');
            avqa_json_quote(out, domains[d]->values[i], false);
        }
        avqa_buf_addc(out, '\n');
    }
}

void avqa_program_version(char hex[AVQA_VERSION_HEX], const struct avqa_template *t,
                          const struct avqa_margins *margins)
{
    char whole[AVQA_SHA256_HEX];
    struct avqa_buf text = AVQA_BUF_INIT;
    hex[0] = '\0';
    if (!t->answer)
        return;
    avqa_buf_addf(&text, "%s\n", LANGUAGE);
    avqa_program_text(&text, t->answer);
    avqa_buf_addc(&text, '\n');
    add_domains(&text, "slot", t->slots, t->n_slots);
    add_domains(&text, "answer", t->answers, t->n_answers);
    avqa_buf_addf(&text, "margins %.17g %lld %.17g\n", margins->relative,
                  (long long)margins->onset_us, margins->always);
    struct avqa_sha256 *sha = avqa_sha256_new();
    avqa_sha256_add(sha, avqa_buf_str(&text), text.len);
    avqa_sha256_hex(sha, whole);
    avqa_sha256_free(sha);
    avqa_buf_release(&text);
    memcpy(hex, whole, AVQA_VERSION_HEX - 1);
    hex[AVQA_VERSION_HEX - 1] = '\0';
}
