#include "internal.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static curl_socket_t open_socket(void *user, curlsocktype purpose, struct curl_sockaddr *target) {
    (void)purpose;
    bcurl_transfer *transfer = user;
    bcurl_address address = {0};
    if (target->family == AF_INET) {
        struct sockaddr_in in;
        memcpy(&in, &target->addr, sizeof in);
        address.family = 4;
        address.port = ntohs(in.sin_port);
        memcpy(address.bytes, &in.sin_addr, 4);
    } else if (target->family == AF_INET6) {
        // libcurl keeps the address in a larger buffer than the `struct sockaddr` it declares.
        struct sockaddr_in6 in;
        memcpy(&in, (const void *)&target->addr, sizeof in);
        address.family = 6;
        address.port = ntohs(in.sin6_port);
        memcpy(address.bytes, &in.sin6_addr, 16);
    }
    if (!transfer->loop->callbacks.may_connect(transfer->context, &address)) return CURL_SOCKET_BAD;
    return socket(target->family, target->socktype | SOCK_CLOEXEC, target->protocol);
}

static int before_request(void *user, char *ip, char *local_ip, int port, int local_port) {
    (void)local_ip;
    (void)local_port;
    bcurl_transfer *transfer = user;
    bcurl_address address = {.port = (uint16_t)port};
    if (ip && inet_pton(AF_INET, ip, address.bytes) == 1) address.family = 4;
    else if (ip && inet_pton(AF_INET6, ip, address.bytes) == 1) address.family = 6;
    bool go = transfer->loop->callbacks.may_send(transfer->context, &address);
    return go ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT;
}

static size_t take_header(char *bytes, size_t size, size_t count, void *user) {
    bcurl_transfer *transfer = user;
    size_t total = size * count;
    bool go = transfer->loop->callbacks.header(transfer->context, (const uint8_t *)bytes, total);
    return go ? total : CURL_WRITEFUNC_ERROR;
}

static size_t take_body(char *bytes, size_t size, size_t count, void *user) {
    bcurl_transfer *transfer = user;
    size_t total = size * count;
    bool go = transfer->loop->callbacks.body(transfer->context, (const uint8_t *)bytes, total);
    return go ? total : CURL_WRITEFUNC_ERROR;
}

static bool add_headers(bcurl_transfer *transfer, const bcurl_request *request) {
    const char *line = request->headers;
    for (size_t i = 0; i < request->header_count; i++) {
        struct curl_slist *longer = curl_slist_append(transfer->headers, line);
        if (!longer) return false;
        transfer->headers = longer;
        line += strlen(line) + 1;
    }
    curl_easy_setopt(transfer->easy, CURLOPT_HTTPHEADER, transfer->headers);
    return true;
}

static bool set_method(bcurl_transfer *transfer, const bcurl_request *request) {
    CURL *easy = transfer->easy;
    if (request->has_body) {
        transfer->body = malloc(request->body_count + 1);
        if (!transfer->body) return false;
        if (request->body_count) memcpy(transfer->body, request->body, request->body_count);
        curl_easy_setopt(easy, CURLOPT_POSTFIELDS, transfer->body);
        curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body_count);
        if (strcmp(request->method, "POST") != 0) curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request->method);
    } else if (strcmp(request->method, "HEAD") == 0) {
        curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
    } else if (strcmp(request->method, "GET") != 0) {
        curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request->method);
    }
    return true;
}

static void set_callbacks(bcurl_transfer *transfer) {
    CURL *easy = transfer->easy;
    curl_easy_setopt(easy, CURLOPT_PRIVATE, transfer);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, transfer->detail);
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, open_socket);
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, transfer);
    curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, before_request);
    curl_easy_setopt(easy, CURLOPT_PREREQDATA, transfer);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, take_header);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, transfer);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, transfer);
}

static CURLcode set_connection(bcurl_transfer *transfer, const bcurl_request *request) {
    CURL *easy = transfer->easy;
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    // Without it, taking a transfer away while its name is being looked up waits for the resolver's thread and so stops the loop.
    curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
    curl_easy_setopt(easy, CURLOPT_SHARE, transfer->loop->share);
    curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, request->connect_timeout_ms);
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_2TLS);
    // Over plain HTTP curl knows no HTTP/2 and would let a second request wait for the first answer of a host.
    curl_easy_setopt(easy, CURLOPT_PIPEWAIT, strncmp(request->url, "https:", 6) == 0 ? 1L : 0L);
    curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, request->fresh_connection ? 1L : 0L);
    curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    if (!request->proxy_environment) curl_easy_setopt(easy, CURLOPT_PROXY, "");
    if (request->unix_socket) curl_easy_setopt(easy, CURLOPT_UNIX_SOCKET_PATH, request->unix_socket);
    if (request->ca_file) curl_easy_setopt(easy, CURLOPT_CAINFO, request->ca_file);
    if (request->decompress) curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "gzip, deflate");
    CURLcode code = curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    return code ? code : curl_easy_setopt(easy, CURLOPT_URL, request->url);
}

bcurl_transfer *bcurl_transfer_start(bcurl_loop *loop, const bcurl_request *request, void *context, int *code) {
    *code = CURLE_OUT_OF_MEMORY;
    bcurl_transfer *transfer = calloc(1, sizeof *transfer);
    if (!transfer) return NULL;
    transfer->loop = loop;
    transfer->context = context;
    transfer->easy = loop->spare_count > 0 ? loop->spare[--loop->spare_count] : curl_easy_init();
    if (!transfer->easy) {
        free(transfer);
        return NULL;
    }
    set_callbacks(transfer);
    CURLcode result = set_connection(transfer, request);
    if (result == CURLE_OK && (!add_headers(transfer, request) || !set_method(transfer, request))) result = CURLE_OUT_OF_MEMORY;
    if (result == CURLE_OK && curl_multi_add_handle(loop->multi, transfer->easy) != CURLM_OK) result = CURLE_FAILED_INIT;
    *code = (int)result;
    if (result == CURLE_OK) return transfer;
    bcurl_transfer_retire(transfer);
    return NULL;
}

void bcurl_transfer_retire(bcurl_transfer *transfer) {
    bcurl_loop *loop = transfer->loop;
    curl_multi_remove_handle(loop->multi, transfer->easy);
    if (loop->spare_count < BCURL_SPARE_HANDLES) {
        curl_easy_reset(transfer->easy);
        loop->spare[loop->spare_count++] = transfer->easy;
    } else {
        curl_easy_cleanup(transfer->easy);
    }
    curl_slist_free_all(transfer->headers);
    free(transfer->body);
    free(transfer);
}

void bcurl_transfer_abort(bcurl_transfer *transfer) { bcurl_transfer_retire(transfer); }

const char *bcurl_explain(int code) { return curl_easy_strerror((CURLcode)code); }
