#pragma once

#include <postgresql/libpq-fe.h>
#include <stddef.h>
#include <stdint.h>

/// The values of one statement in PostgreSQL's binary form, packed one behind the other.
typedef struct {
    int count;
    const Oid *types;
    const int *offsets;
    const int *lengths;
    const uint8_t *bytes;
} batuta_postgres_values;

/// Connects, in pipeline mode and without notices on stderr. Blocks at most `milliseconds`, or as long as `connect_timeout` of the URL says.
/// Errors carry their SQLSTATE in the text. NULL when there is no memory or the time is over; otherwise ask `PQstatus`.
PGconn *batuta_postgres_connect(const char *url, const char *name, int milliseconds);

/// Queues the compilation of a statement under a name. 1, or 0 when the connection does not take it.
int batuta_postgres_prepare(PGconn *connection, const char *name, const char *text, const batuta_postgres_values *values);

/// Queues a statement: a compiled one by its name, or `text` when `name` is NULL. Its rows will come in binary form. 1 or 0 as above.
int batuta_postgres_send(PGconn *connection, const char *name, const char *text, const batuta_postgres_values *values);

/// Queues a statement whose values and rows are text, with types that the server finds out. A NULL among `values` is NULL; `text` NULL runs what
/// `batuta_postgres_describe` compiled. 1, or 0 when the connection does not take it.
int batuta_postgres_ask(PGconn *connection, const char *text, int count, const char *const *values);

/// Queues the compilation of a statement without a name, and the question of which types its values have. 1 or 0 as above.
int batuta_postgres_describe(PGconn *connection, const char *text);

/// Asks the server to end what the connection is doing. Blocks as long as the network takes; may be called on any thread with what
/// `PQgetCancel` gave, which it frees.
void batuta_postgres_cancel(PGcancel *cancel);

/// Sends what is queued, then waits until the next result can be taken without waiting, or until `wake` can be read. 1; 2 when `wake` can be read;
/// 0 when the time is over; -1 when the connection is lost.
int batuta_postgres_await(PGconn *connection, int wake, int milliseconds);

/// Writes a byte into the second end of a pipe; takes out of the first what was written.
void batuta_postgres_ring(int end);
void batuta_postgres_hush(int end);

/// Sends what is queued and waits until the next result can be taken without waiting. 1; 0 when the time is over; -1 when the connection is lost.
int batuta_postgres_wait(PGconn *connection, int milliseconds);

/// Waits for a notification, or until `wake` can be read. 1: there may be notifications; 2: `wake` can be read; 0 when the time is over;
/// -1 when the connection is lost.
int batuta_postgres_listen(PGconn *connection, int wake, int milliseconds);

/// A pipe that no child inherits and on which nothing blocks: what is written to the second end can be read from the first. 0, or -1.
int batuta_postgres_pipe(int ends[2]);

/// The five letters of an error, or an empty text. Valid as long as the result.
const char *batuta_postgres_state(const PGresult *result);
