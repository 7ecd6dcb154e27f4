/* What is asked of a server for one transfer: a libcurl handle with url, headers,
 * limits and signature, and what its failure means. The handle is untyped here, so that
 * libcurl's header stays in this room's .c files. */
#ifndef AVQA_NET_REQUEST_H
#define AVQA_NET_REQUEST_H

#include "net/outcome.h"
#include "net/response.h"

#include <stdbool.h>
#include <stddef.h>

struct avqa_transfer_options;
struct avqa_request;

/* For a url (http, https, file, s3) and more headers ("Name: value"). Options are
 * borrowed, the rest is copied. */
AVQA_CHECK enum avqa_status
avqa_request_new(struct avqa_request **out, const struct avqa_transfer_options *o,
                 const char *url, const char *const *headers, size_t n_headers);
void avqa_request_free(struct avqa_request *r); /* NULL is legal */

/* The CURL handle. */
void *avqa_request_easy(const struct avqa_request *r);
bool avqa_request_is_http(const struct avqa_request *r);

/* Asks for what is missing behind `have`; for everything if that is empty. */
void avqa_request_range(struct avqa_request *r, const struct avqa_partial *have);

/* What libcurl could not do (`code` is a CURLcode), as an outcome with its own words.
 * `answered`: headers had come. */
void avqa_request_fail(const struct avqa_request *r, int code, bool answered,
                       struct avqa_net_outcome *outcome);

#endif
