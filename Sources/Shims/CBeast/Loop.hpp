// One thread with its io_context, its connections, its timers and the queue through which other threads reach it.
#pragma once
#define BOOST_ASIO_NO_DEPRECATED 1
#include "include/CBeast.h"

#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/smart_ptr/intrusive_ptr.hpp>

#include <sys/types.h>

#include <array>
#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace batuta {

namespace asio = boost::asio;
using Socket = asio::basic_stream_socket<asio::generic::stream_protocol, asio::io_context::executor_type>;
template <class T> using Ref = boost::intrusive_ptr<T>;

struct Connection;
struct RequestParser;
struct Server;

// Milliseconds of the monotonic clock; coarse (4 ms), which is enough for time-outs.
uint64_t now_ms();

// A hashed wheel of time-outs. Moving a time-out later costs nothing: it is looked at again when its old slot comes.
class Wheel {
public:
    static constexpr size_t slots = 256;
    void place(Connection *connection, uint64_t due);
    void remove(Connection *connection);
    // Calls on_timer of whatever may be due.
    void advance(uint64_t now);
    bool empty() const { return count == 0; }
    uint64_t granularity = 250;

private:
    void insert(Connection *connection, uint64_t tick);
    std::array<Connection *, slots> heads{};
    uint64_t current = 0;
    size_t count = 0;
};

struct Job {
    cb_call call;
    void *context;
};

struct Loop {
    Loop(Server &server, uint32_t index);
    ~Loop();

    void start();
    void listen(int fd, bool is_unix);
    // From any thread; false when the loop has ended.
    bool enqueue(Job job);
    bool wake(Connection *connection);
    bool discard(Connection *connection);
    bool is_current() const { return std::this_thread::get_id() == id.load(std::memory_order_relaxed); }

    // On the loop's thread only.
    void begin_drain(uint64_t deadline);
    void schedule(Connection *connection, uint64_t due);
    void add(Connection *connection);
    void remove(Connection *connection);
    std::unique_ptr<RequestParser> take_parser();
    void give_back(std::unique_ptr<RequestParser> parser);

    Server &server;
    const uint32_t index;
    asio::io_context io{1};
    Wheel wheel;
    std::vector<char> scratch;
    bool draining = false;

private:
    struct Listener {
        asio::posix::stream_descriptor descriptor;
        asio::steady_timer pause;
        bool is_unix;
    };
    void run();
    void run_queue();
    void run_leftovers();
    void accept_soon(size_t listener);
    void accept_some(Listener &listener);
    void accept_later(size_t listener);
    void tick_soon();
    void tick();
    void drain_tick(uint64_t now);
    void end_if_empty();

    std::mutex mutex;
    std::vector<Ref<Connection>> woken;
    std::vector<Connection *> discarded;
    std::vector<Job> jobs;
    bool posted = false, ended = false;

    asio::executor_work_guard<asio::io_context::executor_type> work;
    asio::steady_timer timer;
    bool ticking = false;
    uint64_t drain_deadline = 0;
    std::vector<std::unique_ptr<Listener>> listeners;
    std::vector<std::unique_ptr<RequestParser>> parsers;
    Connection *first = nullptr;
    size_t count = 0;
    std::thread thread;
    std::atomic<std::thread::id> id;
    friend struct Server;
};

struct Server {
    explicit Server(const cb_config &config);
    ~Server();

    int start(std::string &message);
    void drain(uint32_t deadline_ms);
    void on_end(Job job);
    void loop_ended();
    void join();
    bool is_loop_thread() const;

    std::atomic<uint32_t> references{0};
    cb_config config;
    std::string host, unix_path;
    uint16_t port = 0;
    bool started = false;
    std::atomic<uint32_t> connections{0};
    std::atomic<bool> draining{false};
    std::vector<std::unique_ptr<Loop>> loops;

private:
    int open_tcp(int &fd, std::string &message);
    int open_unix(int &fd, std::string &message);

    std::mutex mutex;
    size_t running = 0;
    Job end{nullptr, nullptr};
    dev_t unix_device = 0;
    ino_t unix_inode = 0;
};

}  // namespace batuta
