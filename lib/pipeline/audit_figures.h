/* The figures of an audit, in the manner of the MUSIC-AVQA paper's figure 3. */
#ifndef AVQA_PIPELINE_AUDIT_FIGURES_H
#define AVQA_PIPELINE_AUDIT_FIGURES_H

#include "audit/audit.h"
#include "base/buf.h"
#include "base/log.h"
#include "base/status.h"

/* Draws every figure into OUTPUT/figures as SVG and PDF, and appends to `html` one
 * <figure> each, with the SVG inside and links to the files. Without any font on the
 * system figures have no text; the log says so. */
AVQA_CHECK enum avqa_status avqa_audit_figures(const struct avqa_audit *audit,
                                               const char *output,
                                               struct avqa_buf *html,
                                               const struct avqa_log *log);

/* Removes what an earlier audit drew there; other files stay. avqa_audit_figures does
 * so for each figure that it does not draw. */
AVQA_CHECK enum avqa_status avqa_audit_figures_drop(const char *output);

#endif
