/* The templates of a file of the source tree. */
#ifndef AVQA_TESTS_TEMPLATES_H
#define AVQA_TESTS_TEMPLATES_H

#include "check.h"
#include "qa/template.h"

/* The caller frees them. */
static inline struct avqa_templates *templates_of(const char *name)
{
    struct avqa_templates *t = NULL;
    char *path = check_source(name);
    struct avqa_buf text = check_read(path);
    assert_ok(avqa_templates_parse(&t, text.data, text.len));
    avqa_buf_release(&text);
    free(path);
    return t;
}

#endif
