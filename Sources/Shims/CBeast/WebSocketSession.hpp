// The WebSocket that a connection becomes after its handshake.
#pragma once
#include "Connection.hpp"

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/websocket/stream.hpp>

#include <deque>

namespace batuta {

struct WebSocketSession {
    // Beast's stream over the connection's own socket, without permessage-deflate.
    using Stream = beast::websocket::stream<Socket &, false>;
    struct Message {
        std::string bytes;
        bool is_text;
    };

    WebSocketSession(Connection &connection, const std::string &key, uint32_t serial);

    // --- loop ---
    void accept();
    // Sends what is queued, delivers what came, closes when asked to.
    void pump();
    void on_drain_tick(bool quiet);
    // The connection is gone; the stream goes with its last operation.
    void abandon(int code);
    int closing_code() const;

    // --- shared, with the connection's mutex ---
    std::string headers, close_reason;
    std::deque<Message> outbox, inbox;
    size_t inbox_bytes = 0;
    uint16_t close_code = 0;
    int final_code = 0;
    uint32_t serial;
    Message take_message();

private:
    void read();
    void on_message();
    bool deliver();
    void write_next();
    void close_when_sent();
    void bound_closing();
    void finished(int code);
    void operation_ended();

    Connection &connection;
    std::string key;
    std::unique_ptr<Stream> stream;
    beast::flat_buffer buffer;
    std::string sending;
    int operations = 0;
    bool open = false, reading = false, writing = false, closing = false, done = false;
};

}  // namespace batuta
