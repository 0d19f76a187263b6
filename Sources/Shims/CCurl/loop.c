#define _GNU_SOURCE
#include "internal.h"

#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

static void start_library(void) { curl_global_init(CURL_GLOBAL_DEFAULT); }

uint64_t bcurl_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

// libcurl says which sockets it waits for; `known` is set once epoll has the socket.
static int watch_socket(CURL *easy, curl_socket_t fd, int what, void *user, void *known) {
    (void)easy;
    bcurl_loop *loop = user;
    if (what == CURL_POLL_REMOVE) {
        epoll_ctl(loop->epoll, EPOLL_CTL_DEL, fd, NULL);
        return 0;
    }
    struct epoll_event event = {.data.fd = fd};
    if (what & CURL_POLL_IN) event.events |= EPOLLIN;
    if (what & CURL_POLL_OUT) event.events |= EPOLLOUT;
    if (epoll_ctl(loop->epoll, known ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, fd, &event) != 0) {
        int other = errno == EEXIST ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;
        if (epoll_ctl(loop->epoll, other, fd, &event) != 0) return -1;
    }
    if (!known) curl_multi_assign(loop->multi, fd, loop);
    return 0;
}

static int set_timer(CURLM *multi, long milliseconds, void *user) {
    (void)multi;
    bcurl_loop *loop = user;
    loop->timer_due = milliseconds < 0 ? UINT64_MAX : bcurl_now() + (uint64_t)milliseconds * 1000000u;
    return 0;
}

bcurl_loop *bcurl_loop_create(const bcurl_callbacks *callbacks, long idle_connections, long connections_per_host) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, start_library);
    bcurl_loop *loop = calloc(1, sizeof *loop);
    if (!loop) return NULL;
    loop->callbacks = *callbacks;
    loop->timer_due = UINT64_MAX;
    loop->woke_at = bcurl_now();
    loop->epoll = epoll_create1(EPOLL_CLOEXEC);
    loop->event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    loop->multi = curl_multi_init();
    loop->share = curl_share_init();
    struct epoll_event event = {.events = EPOLLIN, .data.fd = loop->event};
    if (loop->epoll < 0 || loop->event < 0 || !loop->multi || !loop->share
        || epoll_ctl(loop->epoll, EPOLL_CTL_ADD, loop->event, &event) != 0) {
        bcurl_loop_destroy(loop);
        return NULL;
    }
    curl_share_setopt(loop->share, CURLSHOPT_SHARE, CURL_LOCK_DATA_SSL_SESSION);
    curl_multi_setopt(loop->multi, CURLMOPT_SOCKETFUNCTION, watch_socket);
    curl_multi_setopt(loop->multi, CURLMOPT_SOCKETDATA, loop);
    curl_multi_setopt(loop->multi, CURLMOPT_TIMERFUNCTION, set_timer);
    curl_multi_setopt(loop->multi, CURLMOPT_TIMERDATA, loop);
    curl_multi_setopt(loop->multi, CURLMOPT_MAXCONNECTS, idle_connections);
    curl_multi_setopt(loop->multi, CURLMOPT_MAX_HOST_CONNECTIONS, connections_per_host);
    return loop;
}

void bcurl_loop_destroy(bcurl_loop *loop) {
    for (int i = 0; i < loop->spare_count; i++) curl_easy_cleanup(loop->spare[i]);
    if (loop->multi) curl_multi_cleanup(loop->multi);
    if (loop->share) curl_share_cleanup(loop->share);
    if (loop->epoll >= 0) close(loop->epoll);
    if (loop->event >= 0) close(loop->event);
    free(loop);
}

void bcurl_loop_wake(bcurl_loop *loop) {
    uint64_t one = 1;
    ssize_t written = write(loop->event, &one, sizeof one);
    (void)written;  // EAGAIN: the counter is full, so the loop is awake anyway.
}

static void report(bcurl_loop *loop, CURLMsg *message) {
    bcurl_transfer *transfer = NULL;
    CURL *easy = message->easy_handle;
    curl_easy_getinfo(easy, CURLINFO_PRIVATE, &transfer);
    long system_error = 0, connects = 0;
    curl_easy_getinfo(easy, CURLINFO_OS_ERRNO, &system_error);
    curl_easy_getinfo(easy, CURLINFO_NUM_CONNECTS, &connects);
    char detail[CURL_ERROR_SIZE];
    memcpy(detail, transfer->detail, sizeof detail);
    detail[CURL_ERROR_SIZE - 1] = 0;
    bcurl_outcome outcome = {
        .code = (int)message->data.result,
        .system_error = (int)system_error,
        .reused = connects == 0,
        .chunk_garbage = message->data.result == CURLE_RECV_ERROR && strstr(detail, "chunk") != NULL,
        .detail = detail,
    };
    void *context = transfer->context;
    bcurl_transfer_retire(transfer);
    loop->callbacks.finished(context, &outcome);
}

static void report_finished(bcurl_loop *loop) {
    int left;
    CURLMsg *message;
    while ((message = curl_multi_info_read(loop->multi, &left))) {
        if (message->msg == CURLMSG_DONE) report(loop, message);
    }
}

void bcurl_loop_advance(bcurl_loop *loop) {
    int running;
    // A timer that libcurl sets again for "now" waits for the next turn, so that sockets and jobs get theirs.
    if (loop->timer_due != UINT64_MAX && loop->timer_due <= bcurl_now()) {
        loop->timer_due = UINT64_MAX;
        curl_multi_socket_action(loop->multi, CURL_SOCKET_TIMEOUT, 0, &running);
    }
    report_finished(loop);
}

static int milliseconds_until(uint64_t deadline) {
    if (deadline == UINT64_MAX) return -1;
    if (deadline == 0) return 0;
    uint64_t now = bcurl_now();
    if (deadline <= now) return 0;
    uint64_t milliseconds = (deadline - now + 999999u) / 1000000u;
    return milliseconds > INT_MAX ? INT_MAX : (int)milliseconds;
}

static int curl_events(uint32_t events) {
    int flags = 0;
    if (events & EPOLLIN) flags |= CURL_CSELECT_IN;
    if (events & EPOLLOUT) flags |= CURL_CSELECT_OUT;
    if (events & (EPOLLERR | EPOLLHUP)) flags |= CURL_CSELECT_ERR;
    return flags;
}

void bcurl_loop_wait(bcurl_loop *loop, uint64_t deadline) {
    struct epoll_event events[128];
    if (loop->timer_due < deadline) deadline = loop->timer_due;
    int count = epoll_wait(loop->epoll, events, 128, milliseconds_until(deadline));
    loop->woke_at = bcurl_now();
    for (int i = 0; i < count; i++) {
        int running, fd = events[i].data.fd;
        if (fd == loop->event) {
            uint64_t value;
            ssize_t got = read(loop->event, &value, sizeof value);
            (void)got;
        } else {
            curl_multi_socket_action(loop->multi, fd, curl_events(events[i].events), &running);
        }
    }
    if (count > 0) report_finished(loop);
}

uint64_t bcurl_loop_woke_at(const bcurl_loop *loop) { return loop->woke_at; }

void bcurl_name_thread(const char *name) { pthread_setname_np(pthread_self(), name); }
