#define _GNU_SOURCE
#include "CFloor.h"

#include <fcntl.h>
#include <ftw.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static int run(sqlite3 *db, const char *sql) { return sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK; }

static int prepare_table(sqlite3 *db) {
    return run(db, "PRAGMA journal_mode = wal") && run(db, "PRAGMA synchronous = full")
        && run(db, "CREATE TABLE events (session_id TEXT NOT NULL, seq BIGINT NOT NULL, type TEXT NOT NULL, payload BLOB NOT NULL,"
                   " UNIQUE (session_id, seq))");
}

static int insert_all(sqlite3 *db, sqlite3_stmt *insert, int events, int group, int size) {
    char payload[4096];
    char session[32];
    memset(payload, 'x', sizeof payload);
    for (int event = 0; event < events; event++) {
        if (event % group == 0 && !run(db, "BEGIN IMMEDIATE")) return 0;
        int length = snprintf(session, sizeof session, "ses_%026d", event % 200);
        sqlite3_bind_text(insert, 1, session, length, SQLITE_STATIC);
        sqlite3_bind_int(insert, 2, event / 200);
        sqlite3_bind_text(insert, 3, "content", 7, SQLITE_STATIC);
        sqlite3_bind_blob(insert, 4, payload, size, SQLITE_STATIC);
        if (sqlite3_step(insert) != SQLITE_DONE) return 0;
        sqlite3_reset(insert);
        if ((event % group == group - 1 || event == events - 1) && !run(db, "COMMIT")) return 0;
    }
    return 1;
}

double cfloor_sqlite_events(const char *path, int events, int group, int size) {
    sqlite3 *db = NULL;
    sqlite3_stmt *insert = NULL;
    double took = -1;
    if (size < 0 || size > 4096 || group < 1) return -1;
    if (sqlite3_open(path, &db) == SQLITE_OK && prepare_table(db)
        && sqlite3_prepare_v2(db, "INSERT INTO events VALUES (?, ?, ?, ?)", -1, &insert, NULL) == SQLITE_OK) {
        double start = now();
        if (insert_all(db, insert, events, group, size)) took = now() - start;
    }
    sqlite3_finalize(insert);
    sqlite3_close(db);
    return took;
}

static int remove_entry(const char *path, const struct stat *status, int type, struct FTW *place) {
    (void)status, (void)type, (void)place;
    return remove(path);
}

void cfloor_remove_tree(const char *path) { nftw(path, remove_entry, 16, FTW_DEPTH | FTW_PHYS); }

void cfloor_line_buffered(void) { setvbuf(stdout, NULL, _IOLBF, 0); }

int cfloor_pipe(int *ends) { return pipe2(ends, O_CLOEXEC); }

long cfloor_place(const void *bytes, unsigned long count, const void *needle, unsigned long length) {
    const char *found = memmem(bytes, count, needle, length);
    return found ? found - (const char *)bytes : -1;
}
