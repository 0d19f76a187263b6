#include "WebSocketSession.hpp"

#include <boost/asio/buffer.hpp>

namespace batuta {

namespace websocket = beast::websocket;

namespace {

constexpr size_t inbox_limit = 64 * 1024;

void add_lines(websocket::response_type &response, const std::string &lines) {
    size_t start = 0;
    while (start < lines.size()) {
        size_t end = lines.find("\r\n", start);
        if (end == std::string::npos) return;
        size_t colon = lines.find(": ", start);
        if (colon != std::string::npos && colon < end)
            response.insert(lines.substr(start, colon - start), lines.substr(colon + 2, end - colon - 2));
        start = end + 2;
    }
}

}  // namespace

WebSocketSession::WebSocketSession(Connection &connection, const std::string &key, uint32_t serial)
    : serial(serial), connection(connection), key(key) {}

void WebSocketSession::accept() {
    const cb_config &config = connection.server->config;
    stream = std::make_unique<Stream>(connection.socket);
    websocket::stream_base::timeout timeout;
    timeout.handshake_timeout = std::chrono::seconds(10);
    timeout.idle_timeout = std::chrono::milliseconds(config.ping_ms);
    timeout.keep_alive_pings = true;
    stream->set_option(timeout);
    stream->read_message_max(config.message_limit);
    stream->auto_fragment(false);
    std::string lines = headers;
    stream->set_option(websocket::stream_base::decorator([lines](websocket::response_type &response) {
        response.set(http::field::server, "batuta");  // Beast would name itself
        add_lines(response, lines);
    }));
    stream->control_callback([this](websocket::frame_type kind, beast::string_view) {
        if (kind == websocket::frame_type::close) bound_closing();
    });
    http::request<http::empty_body> request{http::verb::get, "/", 11};
    request.set(http::field::host, "-");
    request.set(http::field::connection, "upgrade");
    request.set(http::field::upgrade, "websocket");
    request.set(http::field::sec_websocket_key, key);
    request.set(http::field::sec_websocket_version, "13");
    ++operations;
    stream->async_accept(request, [self = Ref<Connection>(&connection), this](beast::error_code error) {
        --operations;
        open = !error;
        if (error) finished(1006);
        else pump();
        operation_ended();
    });
}

void WebSocketSession::read() {
    if (reading || done) return;
    {
        std::lock_guard guard(connection.mutex);
        if (inbox_bytes >= inbox_limit) return;
    }
    reading = true;
    ++operations;
    stream->async_read(buffer, [self = Ref<Connection>(&connection), this](beast::error_code error, size_t) {
        --operations;
        reading = false;
        if (!error) on_message();
        else finished(error == websocket::error::message_too_big ? 1009 : stream->reason().code ? stream->reason().code : 1006);
        operation_ended();
    });
}

void WebSocketSession::on_message() {
    auto bytes = buffer.cdata();
    {
        std::lock_guard guard(connection.mutex);
        inbox.push_back({std::string(static_cast<const char *>(bytes.data()), bytes.size()), stream->got_text()});
        inbox_bytes += bytes.size() + sizeof(Message);
    }
    buffer.clear();
    if (buffer.capacity() > 4096) buffer.shrink_to_fit();
    pump();
}

WebSocketSession::Message WebSocketSession::take_message() {
    Message message = std::move(inbox.front());
    inbox.pop_front();
    inbox_bytes -= message.bytes.size() + sizeof(Message);
    if (inbox.empty()) inbox.shrink_to_fit();
    return message;
}

bool WebSocketSession::deliver() {
    Waiter waiter;
    Message message;
    {
        std::lock_guard guard(connection.mutex);
        if (inbox.empty() || !connection.body_waiter) return false;
        waiter = connection.take(connection.body_waiter);
        message = take_message();
    }
    waiter.tell(message.is_text ? CB_TEXT : CB_BINARY, message.bytes.data(), message.bytes.size());
    return true;
}

void WebSocketSession::pump() {
    if (!open || done) return;
    bool aborted;
    {
        std::lock_guard guard(connection.mutex);
        aborted = connection.aborted;
    }
    if (aborted) { connection.lose(CB_ABORTED, 1006); return; }
    // A receiver may ask for the next message, and write, within its own call.
    while (!done && deliver()) {}
    if (done) return;
    read();
    write_next();
    close_when_sent();
    connection.reschedule();
}

void WebSocketSession::write_next() {
    if (writing || closing) return;
    bool is_text;
    {
        std::lock_guard guard(connection.mutex);
        if (outbox.empty()) return;
        sending = std::move(outbox.front().bytes);
        is_text = outbox.front().is_text;
        outbox.pop_front();
    }
    writing = true;
    ++operations;
    connection.write_due = now_ms() + connection.server->config.write_ms;
    stream->text(is_text);
    stream->async_write(asio::buffer(sending), [self = Ref<Connection>(&connection), this](beast::error_code error, size_t) {
        --operations;
        writing = false;
        connection.write_due = 0;
        connection.last_write = now_ms();
        Waiter waiter;
        {
            std::lock_guard guard(connection.mutex);
            connection.queued -= std::min(connection.queued, sending.size());
            if (connection.queued < connection.server->config.low_water) waiter = connection.take(connection.drain_waiter);
        }
        sending = std::string();
        if (waiter) waiter.tell(error ? CB_CLOSED : CB_BYTES);
        if (error) finished(1006);
        else pump();
        operation_ended();
    });
}

void WebSocketSession::close_when_sent() {
    if (writing || closing || done) return;
    websocket::close_reason reason;
    {
        std::lock_guard guard(connection.mutex);
        if (!close_code || !outbox.empty()) return;
        reason.code = close_code;
        reason.reason = close_reason;
    }
    closing = true;
    ++operations;
    bound_closing();
    stream->async_close(reason, [self = Ref<Connection>(&connection), this](beast::error_code) {
        --operations;
        finished(close_code);
        operation_ended();
    });
}

// Beast waits for the peer's end of the connection after both close frames; some never come.
void WebSocketSession::bound_closing() {
    connection.read_due = now_ms() + connection.server->config.linger_ms;
    connection.reschedule();
}

int WebSocketSession::closing_code() const {
    if (stream && stream->reason().code) return stream->reason().code;
    return close_code ? close_code : 1006;
}

void WebSocketSession::on_drain_tick(bool quiet) {
    if (!open || !quiet) return;
    {
        std::lock_guard guard(connection.mutex);
        if (close_code || !outbox.empty()) return;
        close_code = 1001;
        close_reason = "draining";
    }
    pump();
}

void WebSocketSession::finished(int code) {
    if (done) return;
    connection.lose(closing || (code != 1006 && code != 1009) ? CB_DONE : CB_PEER_LEFT, code);
}

void WebSocketSession::abandon(int code) {
    done = true;
    {
        std::lock_guard guard(connection.mutex);
        final_code = code;
        outbox.clear();
    }
    operation_ended();
}

// Beast's own timer would keep the loop alive: the stream ends as soon as nothing of it is under way.
void WebSocketSession::operation_ended() {
    if (done && operations == 0) stream.reset();
}

}  // namespace batuta
