/* s3:// as what it is over HTTP: the URL of an object, and requests that are signed
 * where there is a key (AWS Signature Version 4, by libcurl). */
#ifndef AVQA_NET_S3_H
#define AVQA_NET_S3_H

#include "net/transfer.h"

#include <stdbool.h>
#include <stddef.h>

enum { AVQA_S3_HEADERS = 2 };

bool avqa_s3_is(const char *url);

/* s3://bucket/key as the https URL that serves it. Caller frees. */
char *avqa_s3_url(const struct avqa_transfer_options *o, const char *url);

/* Makes libcurl sign the requests of `easy` (a CURL *) and gives the headers that they
 * need, whose texts the caller frees; none of it without a key. Returns their number.
 */
size_t avqa_s3_sign(void *easy, char *headers[AVQA_S3_HEADERS],
                    const struct avqa_transfer_options *o);

#endif
