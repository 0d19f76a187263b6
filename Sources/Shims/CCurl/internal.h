#pragma once
#include <curl/curl.h>

#include "CCurl.h"

enum { BCURL_SPARE_HANDLES = 64 };

struct bcurl_loop {
    CURLM *multi;
    CURLSH *share;  // TLS sessions; no locks, one thread
    int epoll;
    int event;
    uint64_t timer_due;  // UINT64_MAX = none
    uint64_t woke_at;
    bcurl_callbacks callbacks;
    CURL *spare[BCURL_SPARE_HANDLES];
    int spare_count;
};

struct bcurl_transfer {
    bcurl_loop *loop;
    CURL *easy;
    struct curl_slist *headers;
    uint8_t *body;
    void *context;
    char detail[CURL_ERROR_SIZE];
};

/// Removes the handle from the multi, keeps it for the next transfer and frees the rest.
void bcurl_transfer_retire(bcurl_transfer *transfer);
