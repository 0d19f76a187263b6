// What a connection sends, and what it does as time passes.
#include "Connection.hpp"
#include "Reference.hpp"
#include "WebSocketSession.hpp"

#include <cerrno>
#include <sys/socket.h>

namespace batuta {

namespace {

// Writing this much within a time-out counts as progress; less does not, so a dripping reader is cut.
constexpr uint32_t progress_step = 4096;
constexpr size_t kept_capacity = 512;
constexpr uint64_t quiet_ms = 500;

void shrink(std::string &text) {
    if (text.capacity() > kept_capacity) text = std::string();
}

}  // namespace

// MARK: Writing

void Connection::arm_write() {
    if (write_armed) return;
    write_armed = true;
    socket.async_wait(Socket::wait_write, [self = Ref<Connection>(this)](boost::system::error_code error) {
        self->write_armed = false;
        if (!error && self->phase != Phase::closed) self->turn(nullptr, 0);
    });
}

void Connection::flush() {
    if (write_armed || phase == Phase::closed || phase == Phase::websocket || phase == Phase::linger) return;
    for (;;) {
        if (sent == sending.size()) {
            sending.clear();
            sent = 0;
            std::lock_guard guard(mutex);
            sending.swap(out);
        }
        if (sending.empty()) { drained(); return; }
        ssize_t count = ::send(socket.native_handle(), sending.data() + sent, sending.size() - sent, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0 && errno == EAGAIN) {
            if (!write_due) write_due = now_ms() + server->config.write_ms;
            arm_write();
            return;
        }
        if (count < 0) { lose(CB_PEER_LEFT); return; }
        sent += static_cast<size_t>(count);
        last_write = now_ms();
        write_progress += static_cast<uint32_t>(std::min<ssize_t>(count, progress_step));
        if (write_progress >= progress_step) {
            write_progress = 0;
            if (write_due) write_due = last_write + server->config.write_ms;
        }
        Waiter waiter;
        {
            std::lock_guard guard(mutex);
            queued -= std::min(queued, static_cast<size_t>(count));
            if (queued < server->config.low_water) waiter = take(drain_waiter);
        }
        if (waiter) waiter.tell(CB_BYTES);
    }
}

void Connection::drained() {
    write_due = 0;
    write_progress = 0;
    shrink(sending);
    if (blocked) dirty = true;
    blocked = false;
    {
        std::lock_guard guard(mutex);
        if (ws_wanted && phase == Phase::busy) dirty = true;
        if (out.empty()) shrink(out);
    }
    if (phase == Phase::closing) close_softly();
}

// Says that nothing more comes, then waits a while for the peer to close: closing with unread input would throw away what was just sent.
void Connection::close_softly() {
    ::shutdown(socket.native_handle(), SHUT_WR);
    phase = Phase::linger;
    read_due = now_ms() + server->config.linger_ms;
}

void Connection::close_now() {
    Ref<Connection> self(this);
    phase = Phase::closed;
    boost::system::error_code ignored;
    socket.close(ignored);
    loop.remove(this);
}

// MARK: Time

void Connection::reschedule() {
    uint64_t due = UINT64_MAX;
    if (read_due) due = std::min(due, read_due);
    if (write_due) due = std::min(due, write_due);
    if (phase == Phase::busy) {
        std::lock_guard guard(mutex);
        if (beat_every) {
            if (!last_write) last_write = now_ms();
            due = std::min(due, last_write + beat_every);
        }
    }
    if (due != UINT64_MAX) loop.schedule(this, due);
}

void Connection::on_timer(uint64_t now) {
    if (phase == Phase::closed) return;
    if (write_due && now >= write_due) { lose(CB_TIMED_OUT, 1006); return; }
    if (read_due && now >= read_due) {
        switch (phase) {
        case Phase::idle: case Phase::linger: close_now(); return;
        case Phase::head: reject(CB_HEADER_TOO_SLOW); break;
        case Phase::prefetch: case Phase::busy: fail_body(CB_BODY_TOO_SLOW); break;
        case Phase::websocket: lose(CB_DONE, ws->closing_code()); return;
        case Phase::closing: case Phase::closed: break;
        }
        turn(nullptr, 0);
        return;
    }
    if (phase == Phase::busy) {
        std::lock_guard guard(mutex);
        if (beat_every && head_sent && !ended && queued == 0 && now >= last_write + beat_every) {
            append_part({beat.data(), beat.size()});
        } else {
            now = 0;
        }
    } else {
        now = 0;
    }
    if (now) turn(nullptr, 0);
    else reschedule();
}

// A request that is in the socket already is still answered.
void Connection::on_drain() {
    if (phase != Phase::idle) return;
    on_readable();
    if (phase == Phase::idle) close_now();
}

void Connection::on_drain_tick(uint64_t now) {
    bool quiet, endless;
    {
        std::lock_guard guard(mutex);
        quiet = queued == 0 && now >= last_write + quiet_ms;
        endless = beat_every > 0 && head_sent && !ended;
    }
    if (phase == Phase::idle) close_now();
    else if (phase == Phase::websocket) ws->on_drain_tick(quiet);
    else if (phase == Phase::busy && endless && quiet) {
        {
            std::lock_guard guard(mutex);
            if (chunked) { out += "0\r\n\r\n"; queued += 5; }
            close_after = true;
        }
        end_request(CB_DRAINED, 0);
        turn(nullptr, 0);
    }
}

}  // namespace batuta
