/* See template_load.h. */
#include "qa/template_load.h"
#include "base/buf.h"
#include "catalog/template.h"

enum avqa_status avqa_templates_load(struct avqa_templates **out,
                                     struct avqa_catalog *cat)
{
    struct avqa_buf document = AVQA_BUF_INIT;
    bool found = false;
    *out = NULL;
    enum avqa_status rc = avqa_template_set_read(cat, &document, &found);
    if (rc == AVQA_OK && found)
        rc = avqa_templates_parse(out, avqa_buf_str(&document), document.len);
    avqa_buf_release(&document);
    return rc;
}
