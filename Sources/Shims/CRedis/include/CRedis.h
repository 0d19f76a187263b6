#pragma once

#include <hiredis/hiredis.h>
#include <stddef.h>

/// Connects within a time, and lets each command take as long. The socket is no child's. NULL when there is no memory; otherwise ask `err` of it.
/// Looking up the host's name is not bounded.
redisContext *batuta_redis_connect(const char *host, int port, int milliseconds);

/// What waiting met, as a sum.
enum { BATUTA_REDIS_BYTES = 1, BATUTA_REDIS_WAKE = 2, BATUTA_REDIS_LOST = 4 };

/// Waits until the server said something, until `wake` can be read, or until the time is over (0). Takes in what the server said.
int batuta_redis_listen(redisContext *connection, int wake, int milliseconds);
