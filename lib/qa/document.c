/* See document.h. */
#include "qa/document.h"

enum avqa_status avqa_document_parse(struct avqa_json **out, const char *text,
                                     size_t len, const char *what)
{
    int64_t schema = 0;
    struct avqa_json *root;
    enum avqa_status rc = avqa_json_parse(&root, text, len);
    if (rc != AVQA_OK)
        return rc;
    if (avqa_json_type(root) != AVQA_JSON_OBJECT)
        rc = avqa_fail(AVQA_EFORMAT, "%s is an object", what);
    else if (!avqa_json_int(avqa_json_get(root, "schema"), &schema) || schema != 1)
        rc = avqa_fail(AVQA_EVERSION, "'schema' must be 1");
    if (rc == AVQA_OK)
        *out = root;
    else
        avqa_json_free(root);
    return rc;
}
