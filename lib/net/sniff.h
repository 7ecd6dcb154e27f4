/* What the first bytes of a file say it is. Servers' words (Content-Type, the ending of
 * a URL) are not asked: an error page is often sent as video/mp4.
 *
 * For the containers whose outermost structure tells their length (mp4 and its kin,
 * wav, avi) a file that ends too early is noticed. Whether the media in it can be
 * decoded is for a decoder to say. */
#ifndef AVQA_NET_SNIFF_H
#define AVQA_NET_SNIFF_H

#include "base/status.h"
#include "net/outcome.h"

#include <stdbool.h>
#include <stddef.h>

enum { AVQA_SNIFF_BYTES = 512 }; /* as many of a file's first as there are */

/* The usual ending of such a file ("mp4", "webm", ...), or NULL for what is no media.
 */
const char *avqa_sniff_media(const void *bytes, size_t len);

extern const char *const avqa_sniff_extensions[]; /* all of them; NULL at the end */

/* Whether it is an HTML page (or XML, as DASH's lists are). */
bool avqa_sniff_page(const void *bytes, size_t len);

/* Whether it is an HLS playlist: the names of pieces instead of media. */
bool avqa_sniff_playlist(const void *bytes, size_t len);

/* Looks at a file. *extension is static. AVQA_EFORMAT: it is no media file (*extension
 * NULL), or one that is cut off (*extension says of what kind). */
AVQA_CHECK enum avqa_status avqa_sniff_file(const char **extension, const char *path);

/* The same as an outcome, for transfers of those who have no decoder at hand
 * (avqa_transfer_verify_fn): no media is permanent, cut off is transient. `user` is not
 * used. */
void avqa_sniff_verify(void *user, const char *path, struct avqa_net_outcome *outcome,
                       char extension[8]);

#endif
