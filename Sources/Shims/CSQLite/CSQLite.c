#define _GNU_SOURCE
#include "CSQLite.h"

#include <pthread.h>

static pthread_once_t started = PTHREAD_ONCE_INIT;

static void start(void) {
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    sqlite3_initialize();
}

void batuta_sqlite_start(void) { pthread_once(&started, start); }

void batuta_sqlite_harden(sqlite3 *connection) {
    sqlite3_db_config(connection, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(connection, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    sqlite3_db_config(connection, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
    sqlite3_db_config(connection, SQLITE_DBCONFIG_DQS_DDL, 0, NULL);
}

static int bind_text(sqlite3_stmt *statement, int position, const void *bytes, size_t count, sqlite3_destructor_type keep) {
    return sqlite3_bind_text64(statement, position, bytes ? bytes : "", count, keep, SQLITE_UTF8);
}

static int bind_bytes(sqlite3_stmt *statement, int position, const void *bytes, size_t count, sqlite3_destructor_type keep) {
    if (count == 0) return sqlite3_bind_zeroblob(statement, position, 0);
    return sqlite3_bind_blob64(statement, position, bytes, count, keep);
}

int batuta_sqlite_bind_text(sqlite3_stmt *statement, int position, const void *bytes, size_t count) {
    return bind_text(statement, position, bytes, count, SQLITE_STATIC);
}

int batuta_sqlite_bind_bytes(sqlite3_stmt *statement, int position, const void *bytes, size_t count) {
    return bind_bytes(statement, position, bytes, count, SQLITE_STATIC);
}

int batuta_sqlite_copy_text(sqlite3_stmt *statement, int position, const void *bytes, size_t count) {
    return bind_text(statement, position, bytes, count, SQLITE_TRANSIENT);
}

int batuta_sqlite_copy_bytes(sqlite3_stmt *statement, int position, const void *bytes, size_t count) {
    return bind_bytes(statement, position, bytes, count, SQLITE_TRANSIENT);
}

void batuta_name_thread(const char *name) { pthread_setname_np(pthread_self(), name); }
