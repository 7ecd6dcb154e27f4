/* report.html: the page template with the report, tables, figures and proving rows put
 * in. One file that needs nothing else. */
#ifndef AVQA_PIPELINE_AUDIT_PAGE_H
#define AVQA_PIPELINE_AUDIT_PAGE_H

#include "audit/audit.h"
#include "base/json.h"
#include "base/status.h"

struct avqa_audit_page {
    const char *page;    /* path of templates/report.html */
    const char *output;  /* folder */
    const char *figures; /* HTML */
    const struct avqa_json *tables;
};

AVQA_CHECK enum avqa_status avqa_audit_page_write(const struct avqa_audit *audit,
                                                  const struct avqa_audit_page *page);

#endif
