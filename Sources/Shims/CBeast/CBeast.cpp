// The C interface: each function finds its object and calls it.
#include "include/CBeast.h"
#include "Connection.hpp"
#include "Reference.hpp"

#include <cstring>

using batuta::Connection;
using batuta::Server;
using batuta::Waiter;

namespace {

Server *of(cb_server *server) { return reinterpret_cast<Server *>(server); }
Connection *of(cb_conn *connection) { return reinterpret_cast<Connection *>(connection); }
cb_text text(const uint8_t *bytes, size_t count) { return {reinterpret_cast<const char *>(bytes), count}; }

void end(Server *server) {
    if (server->started) server->drain(0);
    server->join();
    intrusive_ptr_release(server);
}

}  // namespace

cb_server *cb_server_create(const cb_config *config) {
    auto *server = new Server(*config);
    intrusive_ptr_add_ref(server);
    return reinterpret_cast<cb_server *>(server);
}

int cb_server_start(cb_server *server, char *message, size_t capacity) {
    std::string words;
    int error = of(server)->start(words);
    if (error && capacity > 0) {
        strncpy(message, words.c_str(), capacity - 1);
        message[capacity - 1] = 0;
    }
    return error;
}

uint16_t cb_server_port(cb_server *server) { return of(server)->port; }
uint32_t cb_server_connections(cb_server *server) { return of(server)->connections.load(); }
void cb_server_drain(cb_server *server, uint32_t deadline_ms) { of(server)->drain(deadline_ms); }
void cb_server_on_end(cb_server *server, cb_call call, void *context) { of(server)->on_end({call, context}); }

void cb_server_destroy(cb_server *server) {
    // A thread cannot wait for itself.
    if (of(server)->is_loop_thread()) std::thread(end, of(server)).detach();
    else end(of(server));
}

int cb_loop_enqueue(cb_server *server, uint32_t loop, cb_call call, void *context) {
    return of(server)->loops[loop]->enqueue({call, context});
}

void cb_conn_retain(cb_conn *conn) { intrusive_ptr_add_ref(of(conn)); }
void cb_conn_release(cb_conn *conn) { intrusive_ptr_release(of(conn)); }

int cb_respond(
    cb_conn *conn, uint32_t serial, int status, const uint8_t *headers, size_t header_count, const uint8_t *body, size_t body_count, int flags) {
    return of(conn)->respond(serial, status, text(headers, header_count), text(body, body_count), flags);
}

int cb_begin(cb_conn *conn, uint32_t serial, int status, const uint8_t *headers, size_t header_count, int64_t content_length) {
    return of(conn)->begin(serial, status, text(headers, header_count), content_length);
}

int64_t cb_write(cb_conn *conn, uint32_t serial, const uint8_t *bytes, size_t count) { return of(conn)->write(serial, text(bytes, count)); }
void cb_finish(cb_conn *conn, uint32_t serial, int whole) { of(conn)->finish(serial, whole != 0); }
void cb_drained(cb_conn *conn, uint32_t serial, cb_receive receive, void *context) { of(conn)->wait_drained(serial, Waiter{receive, context}); }

void cb_heartbeat(cb_conn *conn, uint32_t serial, const uint8_t *bytes, size_t count, uint32_t every_ms) {
    of(conn)->set_heartbeat(serial, text(bytes, count), every_ms);
}

void cb_read_body(cb_conn *conn, uint32_t serial, cb_receive receive, void *context) { of(conn)->wait_body(serial, Waiter{receive, context}); }

void cb_cancel_waits(cb_conn *conn, uint32_t serial) { of(conn)->cancel_waits(serial); }

int cb_ws_accept(cb_conn *conn, uint32_t serial, const uint8_t *headers, size_t header_count) {
    return of(conn)->ws_accept(serial, text(headers, header_count));
}

int64_t cb_ws_send(cb_conn *conn, uint32_t serial, int is_text, const uint8_t *bytes, size_t count) {
    return of(conn)->ws_send(serial, is_text != 0, text(bytes, count));
}

void cb_ws_receive(cb_conn *conn, uint32_t serial, int on_loop, cb_receive receive, void *context) {
    of(conn)->ws_receive(serial, on_loop != 0, Waiter{receive, context});
}

void cb_ws_close(cb_conn *conn, uint32_t serial, uint16_t code, const char *reason, size_t reason_count) {
    of(conn)->ws_close(serial, code, {reason, reason_count});
}
