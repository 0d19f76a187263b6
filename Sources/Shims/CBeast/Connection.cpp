#include "Connection.hpp"
#include "Reference.hpp"
#include "WebSocketSession.hpp"

#include <cctype>
#include <cerrno>
#include <cstring>
#include <string_view>
#include <sys/socket.h>

namespace batuta {

namespace {

constexpr size_t body_ahead = 64 * 1024;
constexpr size_t pipeline_ahead = 16 * 1024;
constexpr size_t pipeline_unsent = 64 * 1024;
// Reading this much within a time-out counts as progress; less does not, so a dripping sender is cut.
constexpr uint32_t progress_step = 4096;
constexpr size_t kept_capacity = 512;

// Whether a first line ends in "HTTP/digit.digit": then its version is unknown, else the line is broken.
bool names_version(const char *bytes, size_t count) {
    std::string_view line(bytes, count);
    line = line.substr(0, line.find("\r\n"));
    if (line.size() < 8) return false;
    std::string_view version = line.substr(line.size() - 8);
    return version.substr(0, 5) == "HTTP/" && isdigit(static_cast<unsigned char>(version[5])) && version[6] == '.'
        && isdigit(static_cast<unsigned char>(version[7]));
}

void shrink(std::string &text) {
    if (text.capacity() > kept_capacity) text = std::string();
}

// The parser looks for the head's end first and would wait for one that cannot come.
bool has_bare_line_feed(const char *bytes, size_t count) {
    const char *end = bytes + count;
    for (const char *at = bytes; (at = static_cast<const char *>(memchr(at, '\n', static_cast<size_t>(end - at)))); ++at)
        if (at > bytes && at[-1] != '\r') return true;
    return false;
}

}  // namespace

Connection::Connection(Loop &loop, int fd, bool is_unix, std::string remote)
    : loop(loop), server(&loop.server), socket(loop.io.get_executor()), is_unix(is_unix), remote(std::move(remote)) {
    boost::system::error_code ignored;
    socket.assign(asio::generic::stream_protocol(is_unix ? AF_UNIX : AF_INET, 0), fd, ignored);
}

Connection::~Connection() = default;

void intrusive_ptr_release(Connection *connection) {
    if (connection->references.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
    // Sockets and timers of the loop end on its thread while it has one.
    Loop &loop = connection->loop;
    if (loop.is_current() || !loop.discard(connection)) delete connection;
}

void Connection::start() {
    loop.add(this);
    read_due = now_ms() + server->config.header_ms;
    arm_read();
    reschedule();
}

void Connection::service() {
    {
        std::lock_guard guard(mutex);
        waking = false;
    }
    if (phase == Phase::websocket) ws->pump();
    else if (phase != Phase::closed) turn(nullptr, 0);
}

// MARK: Reading

bool Connection::wants_input() const {
    switch (phase) {
    case Phase::idle: case Phase::head: case Phase::prefetch: return !blocked;
    case Phase::busy: return parser ? input.size() + body.size() < body_ahead : input.size() < pipeline_ahead;
    case Phase::linger: return true;
    case Phase::closing: case Phase::websocket: case Phase::closed: return false;
    }
    return false;
}

void Connection::arm_read() {
    if (read_armed || !wants_input()) return;
    read_armed = true;
    socket.async_wait(Socket::wait_read, [self = Ref<Connection>(this)](boost::system::error_code error) {
        self->read_armed = false;
        if (error || self->phase == Phase::closed || self->phase == Phase::websocket) return;
        self->on_readable();
    });
}

void Connection::on_readable() {
    if (!wants_input()) return;
    ssize_t count = ::recv(socket.native_handle(), loop.scratch.data(), loop.scratch.size(), MSG_DONTWAIT);
    if (count < 0 && (errno == EAGAIN || errno == EINTR)) { arm_read(); return; }
    if (phase == Phase::linger) {
        if (count <= 0) close_now();
        else arm_read();
        return;
    }
    if (count > 0) turn(loop.scratch.data(), static_cast<size_t>(count));
    else if (phase == Phase::idle || phase == Phase::head) close_now();
    else lose(CB_PEER_LEFT);
}

void Connection::turn(const char *bytes, size_t count) {
    Ref<Connection> self(this);
    if (turning) return;
    turning = true;
    if (input.empty() && count > 0) {
        size_t used = process(bytes, count);
        if (phase != Phase::closed && used < count) input.assign(bytes + used, count - used);
    } else {
        input.append(bytes ? bytes : "", count);
        dirty = true;
    }
    flush();
    while (dirty && phase != Phase::closed && phase != Phase::websocket) {
        dirty = false;
        size_t used = process(input.data(), input.size());
        input.erase(0, used);
        flush();
    }
    turning = false;
    if (input.empty()) shrink(input);
    if (phase == Phase::closed) return;
    if (phase == Phase::websocket) { ws->pump(); return; }
    arm_read();
    reschedule();
}

size_t Connection::process(const char *bytes, size_t count) {
    size_t used = 0;
    for (;;) {
        switch (phase) {
        case Phase::idle:
            while (used + 1 < count && bytes[used] == '\r' && bytes[used + 1] == '\n') used += 2;
            if (used == count || (used + 1 == count && bytes[used] == '\r')) return used;
            blocked = sending.size() - sent + out.size() > pipeline_unsent;
            if (blocked) return used;
            parser = loop.take_parser();
            phase = Phase::head;
            if (!fresh) read_due = now_ms() + server->config.header_ms;
            break;
        case Phase::head:
            used += parse_head(bytes + used, count - used);
            if (phase == Phase::head) return used;
            break;
        case Phase::prefetch:
            used += parse_body(bytes + used, count - used);
            if (phase != Phase::prefetch) break;
            if (parser && !parser->is_done() && (whole_body || body.size() < body_ahead)) return used;
            ready();
            break;
        case Phase::busy:
            if (settle()) break;
            if (parser && body_error < 0) used += parse_body(bytes + used, count - used);
            if (deliver_body()) break;
            return used;
        case Phase::closing: case Phase::linger: case Phase::websocket: case Phase::closed:
            return count;
        }
    }
}

size_t Connection::parse_head(const char *bytes, size_t count) {
    beast::error_code error;
    size_t used = parser->put({bytes, count}, error);
    if (error == http::error::need_more) {
        if (count - used >= server->config.header_limit) { reject(CB_HEADER_TOO_LARGE); return count; }
        if (has_bare_line_feed(bytes + used, count - used)) { reject(CB_BAD_FRAMING); return count; }
        return used;
    }
    if (error) {
        int reason = reason_of(*parser, error);
        reject(reason == CB_BAD_VERSION && !names_version(bytes, count) ? CB_BAD_FRAMING : reason);
        return count;
    }
    begin_request();
    return used;
}

size_t Connection::parse_body(const char *bytes, size_t count) {
    size_t used = 0;
    beast::error_code error;
    while (!parser->is_done() && used < count && (whole_body || body.size() < body_ahead)) {
        size_t taken = parser->put({bytes + used, count - used}, error);
        used += taken;
        if (error || taken == 0) break;
    }
    if (error && error != http::error::need_more) { fail_body(reason_of(*parser, error)); return count; }
    // A chunk's head or the trailer that does not end.
    if (error && count - used >= server->config.header_limit) { fail_body(CB_BAD_FRAMING); return count; }
    body_progress += static_cast<uint32_t>(std::min<size_t>(used, progress_step));
    if (body_progress >= progress_step && read_due) {
        body_progress = 0;
        read_due = now_ms() + server->config.body_ms;
    }
    if (parser->is_done()) set_body_done();
    return used;
}

void Connection::set_body_done() {
    read_due = 0;
    std::lock_guard guard(mutex);
    body_done = true;
}

// MARK: Requests

void Connection::reset_response() {
    head_sent = ended = chunked = no_body = counted = close_after = is_head = old_version = ws_wanted = false;
    beat.clear();
    beat_every = 0;
    remaining = 0;
}

void Connection::fill_head(cb_head &head, std::vector<cb_field> &fields) const {
    head.method = parser->method();
    head.target = parser->target();
    head.remote = {remote.data(), remote.size()};
    const char *block = parser->block.data();
    fields.reserve(parser->spans.size());
    for (auto &span : parser->spans) fields.push_back({{block + span.name, span.name_count}, {block + span.value, span.value_count}});
    head.fields = fields.data();
    head.field_count = fields.size();
    auto length = parser->content_length();
    head.content_length = parser->chunked() ? -2 : length ? static_cast<int64_t>(*length) : -1;
    head.loop = loop.index;
    head.is_unix = is_unix;
    bool asks = parser->wants_websocket();
    head.is_websocket = !asks ? 0 : parser->upgrade_version_13 ? 1 : 2;
}

void Connection::begin_request() {
    cb_head head;
    std::vector<cb_field> fields;
    fill_head(head, fields);
    bool done = parser->is_done();
    {
        std::lock_guard guard(mutex);
        reset_response();
        is_head = parser->method().count == 4 && memcmp(parser->method().bytes, "HEAD", 4) == 0;
        old_version = parser->version < 11;
        keep_alive = parser->keep_alive();
        body_done = done;
        if (head.is_websocket == 1) ws = std::make_unique<WebSocketSession>(*this, parser->upgrade_key, serial);
    }
    cb_plan plan{nullptr, 0, 0};
    body_error = -1;
    body_progress = 0;
    phase = Phase::prefetch;
    server->config.on_head(server->config.app, reinterpret_cast<cb_conn *>(this), serial, &head, &plan);
    user = plan.user;
    whole_body = plan.whole_body;
    if (done) { read_due = 0; return; }
    if (head.content_length > 0 && static_cast<uint64_t>(head.content_length) > plan.body_limit) { reject(CB_BODY_TOO_LARGE); return; }
    parser->body_limit(plan.body_limit);
    parser->eager(true);
    parser->body = &body;
    read_due = now_ms() + server->config.body_ms;
    if (parser->expects_continue) {
        std::lock_guard guard(mutex);
        static const char words[] = "HTTP/1.1 100 Continue\r\n\r\n";
        out += words;
        queued += sizeof words - 1;
    }
}

void Connection::ready() {
    bool done = parser->is_done();
    phase = Phase::busy;
    read_due = 0;
    std::string bytes;
    bytes.swap(body);
    if (done) loop.give_back(std::move(parser));
    server->config.on_ready(user, reinterpret_cast<const uint8_t *>(bytes.data()), bytes.size(), done);
}

// Answers a request that the application does not get to see, then closes.
void Connection::reject(int reason) {
    uint32_t number;
    void *refused = user;
    user = nullptr;
    {
        std::lock_guard guard(mutex);
        if (refused) {
            ++serial;
            bool head = is_head, old = old_version;
            reset_response();
            is_head = head;
            old_version = old;
        } else if (phase == Phase::head) {
            reset_response();
        }
        body_done = false;
        number = serial;
    }
    if (refused) server->config.on_close(refused, CB_REFUSED, reason);
    phase = Phase::busy;
    rejecting = true;
    read_due = 0;
    loop.give_back(std::move(parser));
    body = std::string();
    server->config.on_reject(server->config.app, reinterpret_cast<cb_conn *>(this), number, reason);
    if (!settle()) close_now();
}

void Connection::fail_body(int reason) {
    if (phase == Phase::prefetch) { reject(reason); return; }
    body_error = reason;
    read_due = 0;
    dirty = true;
}

// True when a reader was told something: it may have asked for more, or ended the response, meanwhile.
bool Connection::deliver_body() {
    Waiter waiter;
    bool last = !parser;
    if (parser && parser->is_done()) last = true;
    {
        std::lock_guard guard(mutex);
        if (!body_waiter) return false;
        if (body.empty() && !last && body_error < 0) {
            if (!read_due) read_due = now_ms() + server->config.body_ms;
            return false;
        }
        waiter = take(body_waiter);
    }
    read_due = 0;
    std::string bytes;
    bytes.swap(body);
    if (last && parser) loop.give_back(std::move(parser));
    if (!bytes.empty() || body_error < 0) waiter.tell(last ? CB_LAST : CB_BYTES, bytes.data(), bytes.size());
    else waiter.tell(CB_FAILED, nullptr, 0, body_error);
    return true;
}

// Looks whether the application has ended its response, cut it, or asked for the WebSocket. True when the phase changed.
bool Connection::settle() {
    bool cut, done, upgrade;
    {
        std::lock_guard guard(mutex);
        cut = aborted;
        done = ended;
        upgrade = ws_wanted && out.empty() && sent == sending.size();
    }
    if (cut) lose(CB_ABORTED);
    else if (upgrade && !input.empty()) lose(CB_PEER_LEFT);  // frames before the handshake was answered
    else if (upgrade) {
        phase = Phase::websocket;
        read_due = write_due = 0;
        ws->accept();
    } else if (done) end_request(CB_DONE, 0);
    else return false;
    return true;
}

void Connection::end_request(int reason, int code) {
    void *finished = user;
    user = nullptr;
    bool close;
    Waiter body_reader, drain_reader;
    {
        std::lock_guard guard(mutex);
        close = close_after || !body_done || rejecting;
        ++serial;
        ended = head_sent = false;
        beat_every = 0;
        body_reader = take(body_waiter);
        drain_reader = take(drain_waiter);
    }
    if (body_reader) body_reader.tell(CB_CLOSED);
    if (drain_reader) drain_reader.tell(CB_CLOSED);
    if (finished) server->config.on_close(finished, reason, code);
    loop.give_back(std::move(parser));
    body = std::string();
    fresh = false;
    phase = close ? Phase::closing : Phase::idle;
    read_due = close ? 0 : now_ms() + server->config.idle_ms;
    dirty = true;
}

void Connection::lose(int reason, int code) {
    if (phase == Phase::closed) return;
    Ref<Connection> self(this);
    void *lost = user;
    user = nullptr;
    phase = Phase::closed;
    Waiter body_reader, drain_reader;
    {
        std::lock_guard guard(mutex);
        ++serial;
        beat_every = 0;
        body_reader = take(body_waiter);
        drain_reader = take(drain_waiter);
        out = std::string();
        queued = 0;
    }
    if (ws) ws->abandon(code);
    if (body_reader) body_reader.tell(CB_CLOSED, nullptr, 0, code);
    if (drain_reader) drain_reader.tell(CB_CLOSED);
    if (lost) server->config.on_close(lost, reason, code);
    close_now();
}

}  // namespace batuta
