// What any thread may do with a connection: fill its buffer, under its mutex, and wake its loop when that is not awake already.
#include "Connection.hpp"
#include "WebSocketSession.hpp"

#include <boost/beast/http/status.hpp>

#include <cstdio>
#include <ctime>

namespace batuta {

namespace {

// The Date field's value (RFC 9110 §5.6.7), formatted once a second per thread.
const char *date_line() {
    thread_local time_t made = 0;
    thread_local char line[48];
    timespec now;
    clock_gettime(CLOCK_REALTIME_COARSE, &now);
    if (now.tv_sec != made) {
        tm parts;
        gmtime_r(&now.tv_sec, &parts);
        strftime(line, sizeof line, "Date: %a, %d %b %Y %H:%M:%S GMT\r\n", &parts);
        made = now.tv_sec;
    }
    return line;
}

std::string reason_phrase(int status) {
    auto phrase = http::obsolete_reason(static_cast<http::status>(status));
    return phrase.empty() || phrase[0] == '<' ? "Status" : std::string(phrase.data(), phrase.size());
}

}  // namespace

bool Connection::must_wake() {
    if (loop.is_current() && turning) { dirty = true; return false; }
    if (waking) return false;
    waking = true;
    return true;
}

void Connection::wake() { loop.wake(this); }

void Connection::append_head(int status, cb_text headers, int64_t content_length, int flags) {
    bool bodiless = status < 200 || status == 204 || status == 304;
    bool counted_by_close = !bodiless && content_length < 0 && old_version && !is_head;
    bool keep = keep_alive && body_done && !(flags & CB_CLOSE) && !counted_by_close && !server->draining.load(std::memory_order_relaxed);
    size_t before = out.size();
    char line[64];
    if (status == 200) out += "HTTP/1.1 200 OK\r\n";
    else out += "HTTP/1.1 " + std::to_string(status) + " " + reason_phrase(status) + "\r\n";
    out += date_line();
    if (headers.count) out.append(headers.bytes, headers.count);
    chunked = !bodiless && content_length < 0 && !old_version && !is_head;
    if (chunked) out += "Transfer-Encoding: chunked\r\n";
    if (!bodiless && content_length >= 0) out.append(line, static_cast<size_t>(snprintf(line, sizeof line, "Content-Length: %lld\r\n", static_cast<long long>(content_length))));
    if (!keep) out += "Connection: close\r\n";
    else if (old_version) out += "Connection: keep-alive\r\n";
    out += "\r\n";
    queued += out.size() - before;
    head_sent = true;
    close_after = !keep;
    no_body = bodiless || is_head;
    counted = content_length >= 0;
    remaining = content_length;
}

void Connection::append_part(cb_text bytes) {
    if (no_body || bytes.count == 0) return;
    size_t before = out.size();
    size_t count = bytes.count;
    if (counted) {
        if (static_cast<uint64_t>(remaining) < count) count = static_cast<size_t>(remaining);
        remaining -= static_cast<int64_t>(count);
    }
    if (chunked) {
        char line[24];
        out.append(line, static_cast<size_t>(snprintf(line, sizeof line, "%zx\r\n", count)));
    }
    out.append(bytes.bytes, count);
    if (chunked) out += "\r\n";
    queued += out.size() - before;
}

int Connection::respond(uint32_t number, int status, cb_text headers, cb_text content, int flags) {
    bool waking_now;
    {
        std::lock_guard guard(mutex);
        if (!is_current(number) || head_sent) return -1;
        append_head(status, headers, static_cast<int64_t>(content.count), flags);
        append_part(content);
        ended = true;
        waking_now = must_wake();
    }
    if (waking_now) wake();
    return 0;
}

int Connection::begin(uint32_t number, int status, cb_text headers, int64_t content_length) {
    bool waking_now;
    {
        std::lock_guard guard(mutex);
        if (!is_current(number) || head_sent) return -1;
        append_head(status, headers, content_length, 0);
        waking_now = must_wake();
    }
    if (waking_now) wake();
    return 0;
}

int64_t Connection::write(uint32_t number, cb_text bytes) {
    bool waking_now;
    int64_t result;
    {
        std::lock_guard guard(mutex);
        if (!is_streaming(number)) return -1;
        if (queued + bytes.count > server->config.max_queued) {
            aborted = true;
            result = -2;
        } else {
            append_part(bytes);
            result = static_cast<int64_t>(queued);
        }
        waking_now = must_wake();
    }
    if (waking_now) wake();
    return result;
}

void Connection::finish(uint32_t number, bool whole) {
    bool waking_now;
    {
        std::lock_guard guard(mutex);
        if (!is_streaming(number)) return;
        if (!whole || (counted && !no_body && remaining > 0)) {
            aborted = true;
        } else {
            if (chunked) {
                out += "0\r\n\r\n";
                queued += 5;
            }
            ended = true;
        }
        waking_now = must_wake();
    }
    if (waking_now) wake();
}

void Connection::wait_drained(uint32_t number, Waiter waiter) {
    int kind = -1;
    {
        std::lock_guard guard(mutex);
        if (!is_streaming(number) && !(is_current(number) && ws_wanted)) kind = CB_CLOSED;
        else if (queued < server->config.low_water || drain_waiter) kind = CB_BYTES;
        else drain_waiter = waiter;
    }
    if (kind >= 0) waiter.tell(kind);
}

void Connection::wait_body(uint32_t number, Waiter waiter) {
    bool refused, waking_now = false;
    {
        std::lock_guard guard(mutex);
        refused = !is_current(number) || body_waiter;
        if (!refused) {
            body_waiter = waiter;
            waking_now = must_wake();
        }
    }
    if (refused) waiter.tell(CB_CLOSED);
    else if (waking_now) wake();
}

void Connection::cancel_waits(uint32_t number) {
    Waiter body_reader, drain_reader;
    {
        std::lock_guard guard(mutex);
        if (number != serial) return;
        body_reader = take(body_waiter);
        drain_reader = take(drain_waiter);
    }
    if (body_reader) body_reader.tell(CB_CLOSED);
    if (drain_reader) drain_reader.tell(CB_CLOSED);
}

void Connection::set_heartbeat(uint32_t number, cb_text bytes, uint32_t every_ms) {
    bool waking_now;
    {
        std::lock_guard guard(mutex);
        if (!is_streaming(number)) return;
        beat.assign(bytes.bytes, bytes.count);
        beat_every = every_ms;
        waking_now = must_wake();
    }
    if (waking_now) wake();
}

int Connection::ws_accept(uint32_t number, cb_text headers) {
    bool waking_now;
    {
        std::lock_guard guard(mutex);
        if (!is_current(number) || head_sent || !ws) return -1;
        ws->headers.assign(headers.bytes ? headers.bytes : "", headers.count);
        ws_wanted = true;
        head_sent = true;
        waking_now = must_wake();
    }
    if (waking_now) wake();
    return 0;
}

int64_t Connection::ws_send(uint32_t number, bool is_text, cb_text bytes) {
    bool waking_now;
    int64_t result;
    {
        std::lock_guard guard(mutex);
        if (!is_current(number) || !ws_wanted || ws->close_code) return -1;
        if (queued + bytes.count > server->config.max_queued) {
            aborted = true;
            result = -2;
        } else {
            ws->outbox.push_back({std::string(bytes.bytes ? bytes.bytes : "", bytes.count), is_text});
            queued += bytes.count;
            result = static_cast<int64_t>(queued);
        }
        waking_now = must_wake();
    }
    if (waking_now) wake();
    return result;
}

void Connection::ws_receive(uint32_t number, bool on_loop, Waiter waiter) {
    bool waking_now = false;
    int kind = -1, code = 0;
    WebSocketSession::Message message;
    {
        std::lock_guard guard(mutex);
        if (!ws || ws->serial != number || body_waiter) {
            kind = CB_CLOSED;
        } else if (!ws->inbox.empty() && !(on_loop && is_current(number))) {
            message = ws->take_message();
            kind = message.is_text ? CB_TEXT : CB_BINARY;
            waking_now = must_wake();  // there is room to read again
        } else if (!is_current(number)) {
            kind = CB_CLOSED;
            code = ws->final_code;
        } else {
            body_waiter = waiter;
            waking_now = must_wake();
        }
    }
    if (waking_now) wake();
    if (kind >= 0) waiter.tell(kind, message.bytes.data(), message.bytes.size(), code);
}

void Connection::ws_close(uint32_t number, uint16_t code, cb_text reason) {
    bool waking_now;
    {
        std::lock_guard guard(mutex);
        if (!is_current(number) || !ws_wanted || ws->close_code) return;
        ws->close_code = code;
        ws->close_reason.assign(reason.bytes ? reason.bytes : "", std::min<size_t>(reason.count, 120));
        waking_now = must_wake();
    }
    if (waking_now) wake();
}

}  // namespace batuta
