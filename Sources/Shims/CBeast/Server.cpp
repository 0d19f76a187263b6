#include "Loop.hpp"
#include "Connection.hpp"
#include "Reference.hpp"

#include <cerrno>
#include <fcntl.h>
#include <csignal>
#include <cstring>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

namespace batuta {

void intrusive_ptr_add_ref(Server *server) { server->references.fetch_add(1, std::memory_order_relaxed); }
void intrusive_ptr_release(Server *server) {
    if (server->references.fetch_sub(1, std::memory_order_acq_rel) == 1) delete server;
}

Server::Server(const cb_config &given) : config(given), host(given.host ? given.host : ""), unix_path(given.unix_path ? given.unix_path : "") {
    if (config.loops == 0) config.loops = 1;
    for (uint32_t index = 0; index < config.loops; ++index) loops.emplace_back(new Loop(*this, index));
}

Server::~Server() = default;

int Server::start(std::string &message) {
    ::signal(SIGPIPE, SIG_IGN);
    int tcp = -1, local = -1;
    if (config.host) {
        if (int error = open_tcp(tcp, message)) return error;
    }
    if (config.unix_path) {
        if (int error = open_unix(local, message)) {
            if (tcp >= 0) ::close(tcp);
            return error;
        }
    }
    // One listening socket for all loops, so that a second process on the same port is refused.
    for (auto &loop : loops) {
        bool last = loop == loops.back();
        if (tcp >= 0) loop->listen(last ? tcp : ::fcntl(tcp, F_DUPFD_CLOEXEC, 0), false);
        if (local >= 0) loop->listen(last ? local : ::fcntl(local, F_DUPFD_CLOEXEC, 0), true);
    }
    running = loops.size();
    started = true;
    for (auto &loop : loops) loop->start();
    return 0;
}

int Server::open_tcp(int &fd, std::string &message) {
    addrinfo hints{}, *found = nullptr;
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
    int failed = ::getaddrinfo(host.c_str(), std::to_string(config.port).c_str(), &hints, &found);
    if (failed) { message = host + ":" + std::to_string(config.port) + ": " + ::gai_strerror(failed); return EADDRNOTAVAIL; }
    int error = EADDRNOTAVAIL;
    for (addrinfo *one = found; one; one = one->ai_next) {
        fd = ::socket(one->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        if (fd < 0) { error = errno; continue; }
        int on = 1, off = 0;
        ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
        if (one->ai_family == AF_INET6) ::setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
        if (::bind(fd, one->ai_addr, one->ai_addrlen) == 0 && ::listen(fd, static_cast<int>(config.backlog)) == 0) { error = 0; break; }
        error = errno;
        ::close(fd);
        fd = -1;
    }
    ::freeaddrinfo(found);
    if (error) { message = host + ":" + std::to_string(config.port) + ": " + ::strerror(error); return error; }
    sockaddr_storage bound{};
    socklen_t size = sizeof bound;
    ::getsockname(fd, reinterpret_cast<sockaddr *>(&bound), &size);
    port = ntohs(bound.ss_family == AF_INET6 ? reinterpret_cast<sockaddr_in6 &>(bound).sin6_port : reinterpret_cast<sockaddr_in &>(bound).sin_port);
    return 0;
}

int Server::open_unix(int &fd, std::string &message) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    message = unix_path + ": ";
    if (unix_path.size() >= sizeof address.sun_path) { message += "a socket path has at most 107 bytes"; return ENAMETOOLONG; }
    memcpy(address.sun_path, unix_path.data(), unix_path.size());
    auto *named = reinterpret_cast<sockaddr *>(&address);
    fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) { message += ::strerror(errno); return errno; }
    int error = ::bind(fd, named, sizeof address) == 0 ? 0 : errno;
    if (error == EADDRINUSE) {
        // Left over by a process that died: nobody answers.
        int probe = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        bool dead = probe >= 0 && ::connect(probe, named, sizeof address) != 0 && errno == ECONNREFUSED;
        if (probe >= 0) ::close(probe);
        if (dead && ::unlink(unix_path.c_str()) == 0) error = ::bind(fd, named, sizeof address) == 0 ? 0 : errno;
    }
    struct stat made{};
    // Before listen nobody can connect, so there is no moment at which others could.
    if (!error && (::chmod(unix_path.c_str(), 0600) != 0 || ::listen(fd, static_cast<int>(config.backlog)) != 0 || ::stat(unix_path.c_str(), &made) != 0)) error = errno;
    if (error) { message += ::strerror(error); ::close(fd); fd = -1; return error; }
    unix_device = made.st_dev;
    unix_inode = made.st_ino;
    return 0;
}

void Server::drain(uint32_t deadline_ms) {
    draining.store(true);
    uint64_t deadline = now_ms() + deadline_ms;
    {
        std::lock_guard guard(mutex);
        struct stat now{};
        if (unix_inode && ::stat(unix_path.c_str(), &now) == 0 && now.st_ino == unix_inode && now.st_dev == unix_device) ::unlink(unix_path.c_str());
        unix_inode = 0;
    }
    struct Order { Loop *loop; uint64_t deadline; };
    for (auto &loop : loops) {
        auto *order = new Order{loop.get(), deadline};
        auto call = [](void *context) {
            std::unique_ptr<Order> order(static_cast<Order *>(context));
            order->loop->begin_drain(order->deadline);
        };
        if (!loop->enqueue({call, order})) delete order;
    }
}

void Server::on_end(Job job) {
    {
        std::lock_guard guard(mutex);
        if (running > 0) { end = job; return; }
    }
    job.call(job.context);
}

void Server::loop_ended() {
    Job job{nullptr, nullptr};
    {
        std::lock_guard guard(mutex);
        if (--running == 0) job = end;
    }
    if (job.call) job.call(job.context);
}

void Server::join() {
    for (auto &loop : loops)
        if (loop->thread.joinable()) loop->thread.join();
}

bool Server::is_loop_thread() const {
    for (auto &loop : loops)
        if (loop->is_current()) return true;
    return false;
}

}  // namespace batuta
