#define _GNU_SOURCE
#include "CSQLite.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

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

enum { STEPS_BETWEEN_LOOKS = 4000, MICROSECONDS_BETWEEN_TRIES = 3000 };

struct batuta_sqlite_deadline {
    _Atomic long long at;
};

static long long milliseconds_now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (long long)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

batuta_sqlite_deadline *batuta_sqlite_deadline_make(void) { return calloc(1, sizeof(batuta_sqlite_deadline)); }

void batuta_sqlite_deadline_free(batuta_sqlite_deadline *deadline) { free(deadline); }

void batuta_sqlite_deadline_set(batuta_sqlite_deadline *deadline, long long milliseconds) {
    atomic_store(&deadline->at, milliseconds > 0 ? milliseconds_now() + milliseconds : 0);
}

static int is_over(void *deadline) { return milliseconds_now() >= atomic_load(&((batuta_sqlite_deadline *)deadline)->at); }

static int wait_for_lock(void *deadline, int tries) {
    (void)tries;
    if (is_over(deadline)) return 0;
    usleep(MICROSECONDS_BETWEEN_TRIES);
    return 1;
}

void batuta_sqlite_obey(sqlite3 *connection, batuta_sqlite_deadline *deadline) {
    sqlite3_progress_handler(connection, STEPS_BETWEEN_LOOKS, is_over, deadline);
    sqlite3_busy_handler(connection, wait_for_lock, deadline);
}

void batuta_name_thread(const char *name) { pthread_setname_np(pthread_self(), name); }
