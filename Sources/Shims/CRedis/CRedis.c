#include "CRedis.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>

redisContext *batuta_redis_connect(const char *host, int port, int milliseconds) {
    struct timeval time = {.tv_sec = milliseconds / 1000, .tv_usec = milliseconds % 1000 * 1000};
    redisContext *connection = redisConnectWithTimeout(host, port, time);
    if (!connection || connection->err) return connection;
    fcntl(connection->fd, F_SETFD, FD_CLOEXEC);
    redisSetTimeout(connection, time);
    return connection;
}

int batuta_redis_listen(redisContext *connection, int wake, int milliseconds) {
    struct pollfd watched[] = {
        {.fd = wake, .events = POLLIN, .revents = 0},
        {.fd = connection->fd, .events = POLLIN, .revents = 0},
    };
    int ready = poll(watched, 2, milliseconds);
    if (ready == 0 || (ready < 0 && errno == EINTR)) return 0;
    if (ready < 0) return BATUTA_REDIS_LOST;
    int met = watched[0].revents ? BATUTA_REDIS_WAKE : 0;
    if (!watched[1].revents) return met;
    return met | (redisBufferRead(connection) == REDIS_OK ? BATUTA_REDIS_BYTES : BATUTA_REDIS_LOST);
}
