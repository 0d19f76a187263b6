// One connection: reads requests one after the other, hands them to the application, writes what it answers.
// Members under "loop" are touched on the loop's thread only, those under "shared" with the mutex held.
#pragma once
#include "Loop.hpp"
#include "RequestParser.hpp"

namespace batuta {

struct WebSocketSession;

enum class Phase : uint8_t { idle, head, prefetch, busy, closing, linger, websocket, closed };

struct Waiter {
    cb_receive receive = nullptr;
    void *context = nullptr;
    explicit operator bool() const { return receive != nullptr; }
    void tell(int kind, const char *bytes = nullptr, size_t count = 0, int code = 0) const {
        receive(context, kind, reinterpret_cast<const uint8_t *>(bytes), count, code);
    }
};

struct Connection {
    Connection(Loop &loop, int fd, bool is_unix, std::string remote);
    ~Connection();

    // --- any thread ---
    int respond(uint32_t serial, int status, cb_text headers, cb_text body, int flags);
    int begin(uint32_t serial, int status, cb_text headers, int64_t content_length);
    int64_t write(uint32_t serial, cb_text bytes);
    void finish(uint32_t serial, bool whole);
    void wait_drained(uint32_t serial, Waiter waiter);
    void wait_body(uint32_t serial, Waiter waiter);
    void cancel_waits(uint32_t serial);
    void set_heartbeat(uint32_t serial, cb_text bytes, uint32_t every_ms);
    int ws_accept(uint32_t serial, cb_text headers);
    int64_t ws_send(uint32_t serial, bool is_text, cb_text bytes);
    void ws_receive(uint32_t serial, bool on_loop, Waiter waiter);
    void ws_close(uint32_t serial, uint16_t code, cb_text reason);

    // --- loop ---
    void start();
    void service();
    void on_timer(uint64_t now);
    void on_drain();
    void on_drain_tick(uint64_t now);
    void lose(int reason, int code = 0);

    std::atomic<uint32_t> references{0};
    Loop &loop;
    Ref<Server> server;
    Connection *wheel_previous = nullptr, *wheel_next = nullptr, *previous = nullptr, *next = nullptr;
    uint64_t wheel_tick = 0;
    bool in_wheel = false, in_list = false;

private:
    friend struct WebSocketSession;
    bool is_current(uint32_t number) const { return number == serial && !ended && !aborted; }
    bool is_streaming(uint32_t number) const { return is_current(number) && head_sent && !ws_wanted; }
    Waiter take(Waiter &waiter) { Waiter taken = waiter; waiter = Waiter(); return taken; }

    // reading
    void arm_read();
    void on_readable();
    bool wants_input() const;
    size_t process(const char *bytes, size_t count);
    size_t parse_head(const char *bytes, size_t count);
    size_t parse_body(const char *bytes, size_t count);
    void fill_head(cb_head &head, std::vector<cb_field> &fields) const;
    void begin_request();
    void reset_response();
    void set_body_done();
    void ready();
    void reject(int reason);
    void fail_body(int reason);
    bool deliver_body();
    void turn(const char *fresh, size_t count);
    bool settle();
    void end_request(int reason, int code);

    // writing
    void arm_write();
    void flush();
    void drained();
    void close_softly();
    void close_now();
    void reschedule();
    void append_head(int status, cb_text headers, int64_t content_length, int flags);
    void append_part(cb_text bytes);
    bool must_wake();
    void wake();

    // --- loop ---
    Socket socket;
    Phase phase = Phase::idle;
    bool read_armed = false, write_armed = false, turning = false, dirty = false, blocked = false, fresh = true;
    bool whole_body = false, rejecting = false, is_unix;
    int body_error = -1;
    uint32_t body_progress = 0, write_progress = 0;
    uint64_t read_due = 0, write_due = 0, last_write = 0;
    std::string remote, input, body, sending;
    size_t sent = 0;
    std::unique_ptr<RequestParser> parser;
    void *user = nullptr;

    // --- shared ---
    std::mutex mutex;
    uint32_t serial = 1;
    bool head_sent = false, ended = false, aborted = false, chunked = false, no_body = false, counted = false, close_after = false;
    bool body_done = true, waking = false, is_head = false, old_version = false, keep_alive = true, ws_wanted = false;
    int64_t remaining = 0;
    size_t queued = 0;
    std::string out, beat;
    uint32_t beat_every = 0;
    Waiter drain_waiter, body_waiter;
    std::unique_ptr<WebSocketSession> ws;
};

inline void intrusive_ptr_add_ref(Connection *connection) { connection->references.fetch_add(1, std::memory_order_relaxed); }
void intrusive_ptr_release(Connection *connection);

}  // namespace batuta
