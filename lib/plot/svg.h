/* Writes recorded shapes as SVG, without the drawing library: the shapes are few and
 * simple, and written directly they take a third of the bytes, rotated text shares its
 * letters with level text, and ids are ours. Letters are outlines (a page needs no
 * fonts), each kept once per document and referred to. */
#ifndef AVQA_PLOT_SVG_H
#define AVQA_PLOT_SVG_H

#include "plot/surface.h"

/* Appends the document to `out`; a failed append shows in its status. Every id begins
 * with target->id_prefix, whose unsafe characters become "-". AVQA_ENOMEM if a picture
 * could not be written. */
AVQA_CHECK enum avqa_status avqa_svg_write(const struct avqa_surface_page *page,
                                           const struct avqa_canvas_target *target,
                                           struct avqa_buf *out);

#endif
