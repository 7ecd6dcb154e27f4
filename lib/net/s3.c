/* See s3.h. */
#include "net/s3.h"
#include "base/buf.h"

#include <string.h>

#include <curl/curl.h>

bool avqa_s3_is(const char *url)
{
    return strncmp(url, "s3://", 5) == 0;
}

char *avqa_s3_url(const struct avqa_transfer_options *o, const char *url)
{
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                "0123456789-._~/";
    struct avqa_buf out = AVQA_BUF_INIT;
    const char *bucket = url + strlen("s3://");
    int n = (int)strcspn(bucket, "/");
    const char *key = bucket + n + (bucket[n] == '/');
    if (o->s3_endpoint)
        avqa_buf_addf(&out, "%s/%.*s/", o->s3_endpoint, n, bucket);
    else
        avqa_buf_addf(&out, "https://%.*s.s3.%s.amazonaws.com/", n, bucket,
                      o->s3_region);
    for (; *key; key++) {
        if (strchr(plain, *key))
            avqa_buf_addc(&out, *key);
        else
            avqa_buf_addf(&out, "%%%02X", (unsigned)(unsigned char)*key);
    }
    return out.data;
}

size_t avqa_s3_sign(void *easy, char *headers[AVQA_S3_HEADERS],
                    const struct avqa_transfer_options *o)
{
    struct avqa_buf text = AVQA_BUF_INIT;
    struct avqa_buf hash = AVQA_BUF_INIT;
    struct avqa_buf token = AVQA_BUF_INIT;
    size_t n = 0;
    if (!o->s3_key)
        return 0;
    avqa_buf_addf(&text, "aws:amz:%s:s3", o->s3_region);
    curl_easy_setopt(easy, CURLOPT_AWS_SIGV4, avqa_buf_str(&text));
    curl_easy_setopt(easy, CURLOPT_USERNAME, o->s3_key);
    curl_easy_setopt(easy, CURLOPT_PASSWORD, o->s3_secret ? o->s3_secret : "");
    /* S3 wants the hash of the body, ours is empty; not every libcurl adds it. */
    avqa_buf_adds(&hash,
                  "x-amz-content-sha256: "
                  "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    headers[n++] = hash.data;
    if (o->s3_token) {
        avqa_buf_addf(&token, "x-amz-security-token: %s", o->s3_token);
        headers[n++] = token.data;
    }
    avqa_buf_release(&text);
    return n;
}
