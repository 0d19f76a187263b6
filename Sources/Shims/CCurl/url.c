#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>

#include "CCurl.h"

static bool read_parts(CURLU *handle, bcurl_url *out) {
    char *port = NULL;
    bool good = curl_url_get(handle, CURLUPART_URL, &out->url, 0) == CURLUE_OK
        && curl_url_get(handle, CURLUPART_SCHEME, &out->scheme, 0) == CURLUE_OK
        && curl_url_get(handle, CURLUPART_HOST, &out->host, 0) == CURLUE_OK
        && curl_url_get(handle, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT) == CURLUE_OK;
    if (good) {
        long number = strtol(port, NULL, 10);
        good = number > 0 && number <= 65535;
        out->port = (uint16_t)number;
    }
    curl_free(port);
    return good;
}

bool bcurl_url_read(const char *url, const char *location, bcurl_url *out) {
    memset(out, 0, sizeof *out);
    CURLU *handle = curl_url();
    if (!handle) return false;
    bool good = curl_url_set(handle, CURLUPART_URL, url, 0) == CURLUE_OK;
    if (good && location) {
        good = curl_url_set(handle, CURLUPART_URL, location, CURLU_URLENCODE) == CURLUE_OK;
        curl_url_set(handle, CURLUPART_USER, NULL, 0);
        curl_url_set(handle, CURLUPART_PASSWORD, NULL, 0);
    }
    good = good && read_parts(handle, out);
    curl_url_cleanup(handle);
    if (!good) bcurl_url_free(out);
    return good;
}

void bcurl_url_free(bcurl_url *url) {
    curl_free(url->url);
    curl_free(url->scheme);
    curl_free(url->host);
    memset(url, 0, sizeof *url);
}

const char *bcurl_version(void) { return curl_version_info(CURLVERSION_NOW)->version; }
