#pragma once

#include <sqlite3.h>
#include <stddef.h>

/// Switches SQLite's allocation statistics off (they cost a mutex per allocation). Call before the first connection; later calls do nothing.
void batuta_sqlite_start(void);

/// Defensive mode on, double-quoted strings off, untrusted schema: SQL text can neither corrupt the file nor call back into it.
void batuta_sqlite_harden(sqlite3 *connection);

/// Binds text or bytes without copying: they must stay alive until the statement was stepped. NULL with length 0 is empty, not NULL.
int batuta_sqlite_bind_text(sqlite3_stmt *statement, int position, const void *bytes, size_t count);
int batuta_sqlite_bind_bytes(sqlite3_stmt *statement, int position, const void *bytes, size_t count);

/// The same, copied by SQLite.
int batuta_sqlite_copy_text(sqlite3_stmt *statement, int position, const void *bytes, size_t count);
int batuta_sqlite_copy_bytes(sqlite3_stmt *statement, int position, const void *bytes, size_t count);

/// A deadline of a connection's statements, by the monotonic clock, that any thread may bring forward. It must live longer than the connection.
typedef struct batuta_sqlite_deadline batuta_sqlite_deadline;
batuta_sqlite_deadline *batuta_sqlite_deadline_make(void);
void batuta_sqlite_deadline_free(batuta_sqlite_deadline *deadline);

/// From now on statements that run or wait for a lock beyond the deadline fail with SQLITE_INTERRUPT or SQLITE_BUSY.
void batuta_sqlite_obey(sqlite3 *connection, batuta_sqlite_deadline *deadline);

/// The deadline is so many milliseconds from now; 0 or less: it is over.
void batuta_sqlite_deadline_set(batuta_sqlite_deadline *deadline, long long milliseconds);

/// Names the calling thread for the system's tools; at most 15 bytes.
void batuta_name_thread(const char *name);
