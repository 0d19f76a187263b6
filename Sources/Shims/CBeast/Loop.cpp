#include "Loop.hpp"
#include "Connection.hpp"
#include "Reference.hpp"

#include <cerrno>
#include <ctime>
#include <sys/socket.h>
#include <sys/un.h>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <unistd.h>
#include <pthread.h>

namespace batuta {

uint64_t now_ms() {
    timespec now;
    clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
    return static_cast<uint64_t>(now.tv_sec) * 1000 + static_cast<uint64_t>(now.tv_nsec) / 1000000;
}

// MARK: Wheel

void Wheel::place(Connection *connection, uint64_t due) {
    uint64_t tick = due / granularity + 1;
    if (empty()) current = now_ms() / granularity;
    if (tick <= current) tick = current + 1;
    if (tick > current + slots - 1) tick = current + slots - 1;
    if (connection->in_wheel) {
        if (connection->wheel_tick <= tick) return;
        remove(connection);
    }
    insert(connection, tick);
}

void Wheel::insert(Connection *connection, uint64_t tick) {
    Connection *&head = heads[tick % slots];
    connection->wheel_tick = tick;
    connection->wheel_previous = nullptr;
    connection->wheel_next = head;
    if (head) head->wheel_previous = connection;
    head = connection;
    connection->in_wheel = true;
    ++count;
}

void Wheel::remove(Connection *connection) {
    if (!connection->in_wheel) return;
    if (connection->wheel_previous) connection->wheel_previous->wheel_next = connection->wheel_next;
    else heads[connection->wheel_tick % slots] = connection->wheel_next;
    if (connection->wheel_next) connection->wheel_next->wheel_previous = connection->wheel_previous;
    connection->in_wheel = false;
    --count;
}

void Wheel::advance(uint64_t now) {
    uint64_t target = now / granularity;
    while (current < target && count > 0) {
        ++current;
        while (Connection *head = heads[current % slots]) {
            Ref<Connection> connection(head);
            remove(head);
            connection->on_timer(now);
        }
    }
    current = target > current ? target : current;
}

// MARK: Loop

Loop::Loop(Server &server, uint32_t index)
    : server(server), index(index), scratch(64 * 1024), work(asio::make_work_guard(io)), timer(io) {
    const cb_config &c = server.config;
    uint32_t shortest = std::min({c.idle_ms, c.header_ms, c.body_ms, c.write_ms, c.linger_ms});
    wheel.granularity = std::min<uint64_t>(250, std::max<uint64_t>(20, shortest / 4));
}

Loop::~Loop() = default;

void Loop::start() {
    thread = std::thread([this] { run(); });
    pthread_setname_np(thread.native_handle(), "http-loop");
}

void Loop::run() {
    id.store(std::this_thread::get_id());
    for (size_t i = 0; i < listeners.size(); ++i) accept_soon(i);
    io.run();
    run_leftovers();
    server.loop_ended();
}

void Loop::run_leftovers() {
    for (;;) {
        {
            std::lock_guard guard(mutex);
            if (jobs.empty() && discarded.empty() && woken.empty()) { ended = true; return; }
        }
        run_queue();
    }
}

bool Loop::enqueue(Job job) {
    std::lock_guard guard(mutex);
    if (ended) return false;
    jobs.push_back(job);
    if (!posted) asio::post(io, [this] { run_queue(); });
    posted = true;
    return true;
}

bool Loop::wake(Connection *connection) {
    std::lock_guard guard(mutex);
    if (ended) return false;
    woken.emplace_back(connection);
    if (!posted) asio::post(io, [this] { run_queue(); });
    posted = true;
    return true;
}

bool Loop::discard(Connection *connection) {
    std::lock_guard guard(mutex);
    if (ended) return false;
    discarded.push_back(connection);
    if (!posted) asio::post(io, [this] { run_queue(); });
    posted = true;
    return true;
}

void Loop::run_queue() {
    std::vector<Ref<Connection>> connections;
    std::vector<Connection *> garbage;
    std::vector<Job> work_now;
    {
        std::lock_guard guard(mutex);
        connections.swap(woken);
        garbage.swap(discarded);
        work_now.swap(jobs);
        posted = false;
    }
    for (auto &connection : connections) connection->service();
    for (auto &job : work_now) job.call(job.context);
    for (auto *connection : garbage) delete connection;
}

void Loop::schedule(Connection *connection, uint64_t due) {
    wheel.place(connection, due);
    if (!ticking) tick_soon();
}

void Loop::tick_soon() {
    ticking = true;
    timer.expires_after(std::chrono::milliseconds(wheel.granularity));
    timer.async_wait([this](boost::system::error_code error) { if (!error) tick(); });
}

void Loop::tick() {
    uint64_t now = now_ms();
    ticking = false;
    auto late = std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now() - timer.expiry()).count();
    server.config.on_lag(server.config.app, late > 0 ? static_cast<uint64_t>(late) : 0);
    wheel.advance(now);
    if (draining) drain_tick(now);
    if (!ticking && (!wheel.empty() || (draining && count > 0))) tick_soon();
}

void Loop::add(Connection *connection) {
    intrusive_ptr_add_ref(connection);
    connection->next = first;
    if (first) first->previous = connection;
    first = connection;
    connection->in_list = true;
    ++count;
    server.connections.fetch_add(1, std::memory_order_relaxed);
}

void Loop::remove(Connection *connection) {
    if (!connection->in_list) return;
    wheel.remove(connection);
    if (connection->previous) connection->previous->next = connection->next;
    else first = connection->next;
    if (connection->next) connection->next->previous = connection->previous;
    connection->in_list = false;
    --count;
    server.connections.fetch_sub(1, std::memory_order_relaxed);
    if (draining) asio::post(io, [this] { end_if_empty(); });
    intrusive_ptr_release(connection);
}

// MARK: Drain

void Loop::begin_drain(uint64_t deadline) {
    drain_deadline = draining ? std::min(drain_deadline, deadline) : deadline;
    if (!draining) {
        draining = true;
        for (auto &listener : listeners) {
            listener->pause.cancel();
            listener->descriptor.close();
        }
        std::vector<Ref<Connection>> all;
        for (Connection *c = first; c; c = c->next) all.emplace_back(c);
        for (auto &connection : all) connection->on_drain();
    }
    end_if_empty();
    if (count > 0 && !ticking) tick_soon();
}

void Loop::drain_tick(uint64_t now) {
    std::vector<Ref<Connection>> all;
    for (Connection *c = first; c; c = c->next) all.emplace_back(c);
    for (auto &connection : all) {
        if (now >= drain_deadline) connection->lose(CB_DRAINED);
        else connection->on_drain_tick(now);
    }
}

void Loop::end_if_empty() {
    if (!draining || count > 0) return;
    timer.cancel();
    work.reset();
}

// MARK: Accepting

void Loop::listen(int fd, bool is_unix) {
    listeners.emplace_back(new Listener{asio::posix::stream_descriptor(io, fd), asio::steady_timer(io), is_unix});
}

void Loop::accept_soon(size_t index) {
    Listener &listener = *listeners[index];
    listener.descriptor.async_wait(asio::posix::descriptor_base::wait_read, [this, index](boost::system::error_code error) {
        if (error || draining) return;
        accept_some(*listeners[index]);
        if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) accept_later(index);
        else accept_soon(index);
    });
}

void Loop::accept_later(size_t index) {
    asio::steady_timer &pause = listeners[index]->pause;
    pause.expires_after(std::chrono::milliseconds(100));
    pause.async_wait([this, index](boost::system::error_code error) { if (!error && !draining) accept_soon(index); });
}

namespace {

std::string text_of(const sockaddr_storage &address) {
    char text[INET6_ADDRSTRLEN] = "";
    if (address.ss_family == AF_INET) {
        inet_ntop(AF_INET, &reinterpret_cast<const sockaddr_in &>(address).sin_addr, text, sizeof text);
    } else if (address.ss_family == AF_INET6) {
        const in6_addr &six = reinterpret_cast<const sockaddr_in6 &>(address).sin6_addr;
        if (IN6_IS_ADDR_V4MAPPED(&six)) inet_ntop(AF_INET, six.s6_addr + 12, text, sizeof text);
        else inet_ntop(AF_INET6, &six, text, sizeof text);
    }
    return text;
}

void refuse_at_the_door(int fd) {
    static const char words[] = "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    (void)!::send(fd, words, sizeof words - 1, MSG_NOSIGNAL | MSG_DONTWAIT);
    ::close(fd);
}

}  // namespace

void Loop::accept_some(Listener &listener) {
    for (int i = 0; i < 16; ++i) {
        sockaddr_storage address{};
        socklen_t size = sizeof address;
        errno = 0;
        int fd = ::accept4(listener.descriptor.native_handle(), reinterpret_cast<sockaddr *>(&address), &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0) {
            if (errno == ECONNABORTED || errno == EINTR) continue;
            return;
        }
        if (server.connections.load(std::memory_order_relaxed) >= server.config.max_connections) { refuse_at_the_door(fd); continue; }
        int on = 1;
        if (!listener.is_unix) ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        Ref<Connection> connection(new Connection(*this, fd, listener.is_unix, listener.is_unix ? "unix" : text_of(address)));
        connection->start();
    }
    errno = 0;
}

// MARK: Parsers

std::unique_ptr<RequestParser> Loop::take_parser() {
    auto parser = std::make_unique<RequestParser>(server.config.header_limit);
    if (!parsers.empty()) {
        parser->block.swap(parsers.back()->block);
        parser->spans.swap(parsers.back()->spans);
        parsers.pop_back();
    }
    return parser;
}

void Loop::give_back(std::unique_ptr<RequestParser> parser) {
    if (!parser || parsers.size() >= 8) return;
    parser->block.clear();
    parser->spans.clear();
    parsers.push_back(std::move(parser));
}

}  // namespace batuta
