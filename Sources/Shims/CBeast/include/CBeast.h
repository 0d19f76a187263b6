// The HTTP/1.1 and WebSocket server of Boost.Beast behind plain C. Memory handed to a callback is valid during the call only.
#pragma once
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct cb_server cb_server;
// One connection. Reference counted; every function below may be called from any thread.
typedef struct cb_conn cb_conn;

typedef struct { const char *bytes; size_t count; } cb_text;
typedef struct { cb_text name, value; } cb_field;

typedef struct {
    cb_text method, target, remote;
    const cb_field *fields;
    size_t field_count;
    int64_t content_length;  // -1: none, -2: chunked
    uint32_t loop;
    uint8_t is_unix, is_websocket;
} cb_head;

// What the application answers to a head: its own object, and how much body it takes.
typedef struct {
    void *user;
    uint64_t body_limit;
    uint8_t whole_body;  // wait for all of it before on_ready
} cb_plan;

enum { CB_DONE = 0, CB_PEER_LEFT = 1, CB_TIMED_OUT = 2, CB_DRAINED = 3, CB_ABORTED = 4, CB_REFUSED = 5 };
enum {
    CB_BAD_FRAMING = 0, CB_BAD_HOST, CB_BAD_TARGET, CB_BAD_LENGTH, CB_BAD_TRANSFER_ENCODING, CB_HEADER_TOO_LARGE,
    CB_BODY_TOO_LARGE, CB_HEADER_TOO_SLOW, CB_BODY_TOO_SLOW, CB_BAD_EXPECTATION, CB_BAD_VERSION,
};
// Kinds of what a waiting reader is told.
enum { CB_BYTES = 0, CB_LAST = 1, CB_TEXT = 2, CB_BINARY = 3, CB_CLOSED = 4, CB_FAILED = 5 };

typedef void (*cb_receive)(void *context, int kind, const uint8_t *bytes, size_t count, int code);
typedef void (*cb_call)(void *context);

typedef struct {
    const char *host;       // NULL: no TCP
    uint16_t port;          // 0: any
    const char *unix_path;  // NULL: none
    uint32_t loops, backlog, max_connections, header_limit;
    uint32_t idle_ms, header_ms, body_ms, write_ms, ping_ms, linger_ms;
    size_t low_water, max_queued;
    uint64_t message_limit;
    void *app;
    void (*on_head)(void *app, cb_conn *conn, uint32_t serial, const cb_head *head, cb_plan *plan);
    void (*on_ready)(void *user, const uint8_t *bytes, size_t count, int complete);
    // A request that the server refuses by itself: answer with cb_respond before returning.
    void (*on_reject)(void *app, cb_conn *conn, uint32_t serial, int reason);
    // The last that is heard of a request: its response was handed over (CB_DONE), or why not.
    void (*on_close)(void *user, int reason, int code);
    // Several times a second, while there are connections: how late a timer came, for whoever watches the loop.
    void (*on_lag)(void *app, uint64_t nanoseconds);
} cb_config;

cb_server *cb_server_create(const cb_config *config);
// 0, or an errno with words in message.
int cb_server_start(cb_server *server, char *message, size_t capacity);
uint16_t cb_server_port(cb_server *server);
uint32_t cb_server_connections(cb_server *server);
// Stops accepting; the loops end when the last connection is gone, at the latest after deadline_ms. May be called again to shorten.
void cb_server_drain(cb_server *server, uint32_t deadline_ms);
// Called once, on the last loop's thread, when every loop has ended (at once if that is so already).
void cb_server_on_end(cb_server *server, cb_call call, void *context);
// Ends and joins the threads. Not from a loop thread.
void cb_server_destroy(cb_server *server);
// Runs call on a loop's thread. 0 when the loop has ended and the call will not be made.
int cb_loop_enqueue(cb_server *server, uint32_t loop, cb_call call, void *context);

void cb_conn_retain(cb_conn *conn);
void cb_conn_release(cb_conn *conn);

enum { CB_CLOSE = 1, CB_NO_BODY = 2 };
// headers: lines "Name: value\r\n". Date, Content-Length, Transfer-Encoding and Connection are added. 0, or -1 when the request is over.
int cb_respond(
    cb_conn *conn, uint32_t serial, int status, const uint8_t *headers, size_t header_count, const uint8_t *body, size_t body_count, int flags);
int cb_begin(cb_conn *conn, uint32_t serial, int status, const uint8_t *headers, size_t header_count, int64_t content_length);
// Bytes now queued, -1 when the request is over, -2 when the reader is too far behind (the connection is then cut).
int64_t cb_write(cb_conn *conn, uint32_t serial, const uint8_t *bytes, size_t count);
void cb_finish(cb_conn *conn, uint32_t serial, int whole);
// Calls back once, CB_BYTES when less than low_water is queued, CB_CLOSED when the request is over.
void cb_drained(cb_conn *conn, uint32_t serial, cb_receive receive, void *context);
// Writes these bytes whenever nothing was written for so long; such a stream ends by itself when the server drains.
void cb_heartbeat(cb_conn *conn, uint32_t serial, const uint8_t *bytes, size_t count, uint32_t every_ms);
// The next part of the request body: CB_BYTES, CB_LAST (may be empty), CB_FAILED with a reject reason, CB_CLOSED.
void cb_read_body(cb_conn *conn, uint32_t serial, cb_receive receive, void *context);

// Whoever waits for bytes, a message or the queue to drain is told CB_CLOSED now.
void cb_cancel_waits(cb_conn *conn, uint32_t serial);

int cb_ws_accept(cb_conn *conn, uint32_t serial, const uint8_t *headers, size_t header_count);
int64_t cb_ws_send(cb_conn *conn, uint32_t serial, int is_text, const uint8_t *bytes, size_t count);
// The next message: CB_TEXT, CB_BINARY, or CB_CLOSED with the close code; from within this call when one is there, unless on_loop.
void cb_ws_receive(cb_conn *conn, uint32_t serial, int on_loop, cb_receive receive, void *context);
void cb_ws_close(cb_conn *conn, uint32_t serial, uint16_t code, const char *reason, size_t reason_count);

#ifdef __cplusplus
}
#endif
