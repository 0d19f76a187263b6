// HTTP transfers over libcurl's multi interface, driven by one epoll instance on one thread.
//
// Every function belongs to the loop's thread, except bcurl_loop_create, bcurl_loop_wake, bcurl_now, bcurl_name_thread and the URL functions.
// None may be called from inside a callback, except bcurl_loop_wake and bcurl_now.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct bcurl_loop bcurl_loop;
typedef struct bcurl_transfer bcurl_transfer;

/// Where a connection goes: `family` 4 or 6 with that many meaningful bytes (4 or 16), 0 for a Unix socket or something unknown.
typedef struct {
    int family;
    uint8_t bytes[16];
    uint16_t port;
} bcurl_address;

/// How a transfer ended. Pointers live until the callback returns.
typedef struct {
    int code;            // CURLcode, 0 = complete
    int system_error;    // errno of the failed connect, or 0
    bool reused;         // the exchange used a connection that was open before
    bool chunk_garbage;  // the chunked framing of the body was broken
    const char *detail;  // libcurl's own words, may be empty
} bcurl_outcome;

/// All return true to go on, false to end the transfer (its outcome still follows).
typedef struct {
    /// Before a socket is opened; `address` is what will be connected to, after any name resolution.
    bool (*may_connect)(void *context, const bcurl_address *address);
    /// Before a request leaves, on new and on reused connections, once per attempt.
    bool (*may_send)(void *context, const bcurl_address *address);
    /// One line of a response head or trailer, with its line end.
    bool (*header)(void *context, const uint8_t *bytes, size_t count);
    /// A piece of the body, content encoding removed.
    bool (*body)(void *context, const uint8_t *bytes, size_t count);
    /// Last call for a transfer, made outside libcurl; its handle is gone.
    void (*finished)(void *context, const bcurl_outcome *outcome);
} bcurl_callbacks;

/// What to send. Pointers are copied from before bcurl_transfer_start returns.
typedef struct {
    const char *method;
    const char *url;
    const char *headers;       // `header_count` lines, each ended by NUL
    size_t header_count;
    const uint8_t *body;       // null = none
    size_t body_count;
    bool has_body;             // send a body, even an empty one
    long connect_timeout_ms;
    bool decompress;           // undo gzip and deflate; a header line asks for them
    bool proxy_environment;    // honour http_proxy and its like
    bool fresh_connection;
    const char *unix_socket;   // null = none
    const char *ca_file;       // null = the system's
} bcurl_request;

/// Null if the system refuses a descriptor or memory is out.
bcurl_loop *bcurl_loop_create(const bcurl_callbacks *callbacks, long idle_connections, long connections_per_host);
/// Every transfer must have been finished or aborted; any thread, once the loop's own has ended.
void bcurl_loop_destroy(bcurl_loop *loop);
/// Ends a bcurl_loop_wait that sleeps, or the next one.
void bcurl_loop_wake(bcurl_loop *loop);
/// Does what libcurl's timers ask for and reports finished transfers; never waits.
void bcurl_loop_advance(bcurl_loop *loop);
/// Waits for sockets until `deadline` (of bcurl_now; UINT64_MAX = for ever, 0 = not at all) and moves transfers.
void bcurl_loop_wait(bcurl_loop *loop, uint64_t deadline);
/// When the last wait ended.
uint64_t bcurl_loop_woke_at(const bcurl_loop *loop);
/// Monotonic nanoseconds.
uint64_t bcurl_now(void);

/// Null with *code = CURLcode if it cannot even begin; then no callback comes.
bcurl_transfer *bcurl_transfer_start(bcurl_loop *loop, const bcurl_request *request, void *context, int *code);
/// Takes a transfer away without a last callback; a connection in the middle of an exchange is closed at once.
void bcurl_transfer_abort(bcurl_transfer *transfer);

/// The parts of an absolute URL; free with bcurl_url_free. `port` is the effective one.
typedef struct {
    char *url;
    char *scheme;
    char *host;
    uint16_t port;
} bcurl_url;

/// Reads `url`; with `location` not null, the URL that a redirection from `url` leads to, without user information.
/// False, with nothing to free, if it is no URL of a scheme that libcurl knows.
bool bcurl_url_read(const char *url, const char *location, bcurl_url *out);
void bcurl_url_free(bcurl_url *url);

const char *bcurl_explain(int code);

/// Names the calling thread, at most 15 bytes.
void bcurl_name_thread(const char *name);

// The version of the library, a static string.
const char *bcurl_version(void);

#ifdef __cplusplus
}
#endif
