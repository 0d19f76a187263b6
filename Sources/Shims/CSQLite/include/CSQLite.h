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

/// Names the calling thread for the system's tools; at most 15 bytes.
void batuta_name_thread(const char *name);
