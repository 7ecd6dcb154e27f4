/* A web server on the loopback that serves files and does every wrong thing on demand:
 * the query of a URL says which. Files are called /f/NAME; what is in them follows from
 * NAME, `v` and `size`, so a test knows every byte. They are sound that decodes (WAV);
 * one whose NAME begins with "hollow" is an mp4 by its boxes, without a stream.
 *
 * Ranges may be A-, A-B or -N. What stands in the server's folder, if it has one, is
 * called /r/NAME, and served as it is.
 *
 *   size=N       bytes of the file (at least 46)
 *   v=N          version; another version has other bytes and another ETag
 *   times=N      the fault happens to the first N requests of this URL; without it, to
 * all status=N     answers N with an HTML page;  retry=S, retrydate=S: Retry-After
 *   html=1       answers 200, video/mp4, with an HTML page
 *   drop=N       closes the connection after N bytes of the body
 *   claim=N      says Content-Length: N
 *   drip=N       sends N bytes every 50 ms;  hang=1 sends nothing at all
 *   norange=1    ignores Range;  wrongrange=1 answers with another range
 *   nolength=1   says no length;  noval=1 sends no validator;  date=1 only
 * Last-Modified change=1     the fault is a newer version: requests after it see
 * version v + 1 loop=1       redirects to itself;  to=PATH redirects there (the rest of
 * the query) gzip=1       says that the body is compressed auth=TEXT    answers 403
 * unless Authorization begins with TEXT
 */
#ifndef AVQA_TESTS_FAULT_SERVER_H
#define AVQA_TESTS_FAULT_SERVER_H

#include <stddef.h>
#include <stdint.h>

struct fault_server;

/* On a free port; with a key and a certificate (PEM) it speaks TLS. NULL: it cannot. */
struct fault_server *fault_server_start(const char *key, const char *certificate);
/* Serves the files of a folder too; borrowed. */
void fault_server_folder(struct fault_server *s, const char *folder);
void fault_server_stop(struct fault_server *s);
int fault_server_port(const struct fault_server *s);

/* Requests of this path with its query so far; NULL: of everything. */
size_t fault_server_requests(struct fault_server *s, const char *url);
/* The largest number of requests that were answered at the same time. */
size_t fault_server_peak(struct fault_server *s);
/* The bytes of all bodies so far. */
int64_t fault_server_bytes(struct fault_server *s);

/* A header of the last request, by its name in lower case; "" if it had none. Valid
 * until the next request. */
const char *fault_server_header(struct fault_server *s, const char *name);

/* The bytes [at, at + len) of a file. */
void fault_server_content(const char *name, int version, int64_t size, int64_t at,
                          void *out, size_t len);

#endif
