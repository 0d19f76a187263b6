#define _GNU_SOURCE
#include "CPostgres.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { BINARY = 1, ON_STACK = 64 };

static int64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

/// 1 when something happened, 0 when the time is over, -1 on an error.
static int wait_for(int file, short events, int64_t deadline) {
    struct pollfd watched = {.fd = file, .events = events, .revents = 0};
    for (;;) {
        int64_t left = deadline - now();
        if (left <= 0) return 0;
        int ready = poll(&watched, 1, (int)(left > 60000 ? 60000 : left));
        if (ready > 0) return 1;
        if (ready < 0 && errno != EINTR) return -1;
    }
}

static void ignore_notice(void *context, const PGresult *notice) {
    (void)context;
    (void)notice;
}

/// What the URL says in `connect_timeout`, or what is given.
static int64_t connecting_time(PGconn *connection, int milliseconds) {
    int64_t time = milliseconds;
    PQconninfoOption *options = PQconninfo(connection);
    for (PQconninfoOption *option = options; option && option->keyword; option++) {
        if (strcmp(option->keyword, "connect_timeout") != 0 || !option->val) continue;
        long seconds = strtol(option->val, NULL, 10);
        if (seconds > 0 && seconds < 86400) time = seconds * 1000;
    }
    PQconninfoFree(options);
    return time;
}

/// 1 when the connecting has come to an end, good or bad; 0 when the time is over.
static int finish_connecting(PGconn *connection, int64_t deadline) {
    PostgresPollingStatusType wants = PGRES_POLLING_WRITING;
    while (wants == PGRES_POLLING_WRITING || wants == PGRES_POLLING_READING) {
        int ready = wait_for(PQsocket(connection), wants == PGRES_POLLING_READING ? POLLIN : POLLOUT, deadline);
        if (ready == 0) return 0;
        wants = PQconnectPoll(connection);
    }
    return 1;
}

PGconn *batuta_postgres_connect(const char *url, const char *name, int milliseconds) {
    // What comes before `dbname` is a default that the URL may override, what comes after it is ours.
    const char *keywords[] = {"application_name", "keepalives_idle", "dbname", "client_encoding", NULL};
    const char *values[] = {name, "30", url, "UTF8", NULL};
    int64_t start = now();
    PGconn *connection = PQconnectStartParams(keywords, values, 1);
    if (!connection || PQstatus(connection) == CONNECTION_BAD) return connection;
    PQsetErrorVerbosity(connection, PQERRORS_VERBOSE);
    PQsetNoticeReceiver(connection, ignore_notice, NULL);
    if (!finish_connecting(connection, start + connecting_time(connection, milliseconds))) {
        PQfinish(connection);
        return NULL;
    }
    PQsetErrorVerbosity(connection, PQERRORS_DEFAULT);
    if (PQstatus(connection) == CONNECTION_OK) {
        PQsetnonblocking(connection, 1);
        PQenterPipelineMode(connection);
    }
    return connection;
}

int batuta_postgres_prepare(PGconn *connection, const char *name, const char *text, const batuta_postgres_values *values) {
    return PQsendPrepare(connection, name, text, values->count, values->types);
}

int batuta_postgres_send(PGconn *connection, const char *name, const char *text, const batuta_postgres_values *values) {
    const char *few_pointers[ON_STACK];
    int few_formats[ON_STACK];
    int count = values->count;
    const char **pointers = count > ON_STACK ? calloc((size_t)count, sizeof *pointers) : few_pointers;
    int *formats = count > ON_STACK ? calloc((size_t)count, sizeof *formats) : few_formats;
    int sent = 0;
    if (pointers && formats) {
        for (int index = 0; index < count; index++) {
            pointers[index] = (const char *)values->bytes + values->offsets[index];
            formats[index] = BINARY;
        }
        sent = name
            ? PQsendQueryPrepared(connection, name, count, pointers, values->lengths, formats, BINARY)
            : PQsendQueryParams(connection, text, count, values->types, pointers, values->lengths, formats, BINARY);
    }
    if (pointers != few_pointers) free(pointers);
    if (formats != few_formats) free(formats);
    return sent;
}

int batuta_postgres_wait(PGconn *connection, int milliseconds) {
    int64_t deadline = now() + milliseconds;
    for (;;) {
        int unsent = PQflush(connection);
        if (!PQisBusy(connection)) return 1;
        if (unsent < 0 || PQsocket(connection) < 0) return -1;
        int ready = wait_for(PQsocket(connection), (short)(unsent > 0 ? POLLIN | POLLOUT : POLLIN), deadline);
        if (ready <= 0) return ready;
        if (!PQconsumeInput(connection)) return -1;
    }
}

int batuta_postgres_listen(PGconn *connection, int wake, int milliseconds) {
    if (PQsocket(connection) < 0) return -1;
    struct pollfd watched[] = {
        {.fd = wake, .events = POLLIN, .revents = 0},
        {.fd = PQsocket(connection), .events = POLLIN, .revents = 0},
    };
    int ready = poll(watched, 2, milliseconds);
    if (ready == 0 || (ready < 0 && errno == EINTR)) return 0;
    if (ready < 0) return -1;
    if (watched[1].revents) return PQconsumeInput(connection) ? 1 : -1;
    return 2;
}

int batuta_postgres_ask(PGconn *connection, const char *text, int count, const char *const *values) {
    return text
        ? PQsendQueryParams(connection, text, count, NULL, values, NULL, NULL, 0)
        : PQsendQueryPrepared(connection, "", count, values, NULL, NULL, 0);
}

int batuta_postgres_describe(PGconn *connection, const char *text) {
    return PQsendPrepare(connection, "", text, 0, NULL) && PQsendDescribePrepared(connection, "");
}

void batuta_postgres_cancel(PGcancel *cancel) {
    char words[256];
    PQcancel(cancel, words, sizeof words);
    PQfreeCancel(cancel);
}

int batuta_postgres_await(PGconn *connection, int wake, int milliseconds) {
    int64_t deadline = now() + milliseconds;
    for (;;) {
        int unsent = PQflush(connection);
        if (!PQisBusy(connection)) return 1;
        if (unsent < 0 || PQsocket(connection) < 0) return -1;
        int64_t left = deadline - now();
        if (left <= 0) return 0;
        struct pollfd watched[] = {
            {.fd = wake, .events = POLLIN, .revents = 0},
            {.fd = PQsocket(connection), .events = (short)(unsent > 0 ? POLLIN | POLLOUT : POLLIN), .revents = 0},
        };
        int ready = poll(watched, 2, (int)(left > 60000 ? 60000 : left));
        if (ready < 0 && errno != EINTR) return -1;
        if (ready <= 0) continue;
        if (watched[0].revents) return 2;
        if (!PQconsumeInput(connection)) return -1;
    }
}

void batuta_postgres_ring(int end) {
    ssize_t written = write(end, "", 1);
    (void)written;
}

void batuta_postgres_hush(int end) {
    char taken[64];
    while (read(end, taken, sizeof taken) > 0) {}
}

int batuta_postgres_pipe(int ends[2]) { return pipe2(ends, O_CLOEXEC | O_NONBLOCK); }

const char *batuta_postgres_state(const PGresult *result) {
    const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    return state ? state : "";
}
