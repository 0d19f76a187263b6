#pragma once

/// Inserts `events` rows of `size` bytes into a new SQLite file in commits of `group`, as one thread that does nothing else.
/// Gives the seconds it took, or a negative number when something failed. The floor under the event log.
double cfloor_sqlite_events(const char *path, int events, int group, int size);

/// Removes a folder with everything in it.
void cfloor_remove_tree(const char *path);

/// Shows each line of standard output as it is written.
void cfloor_line_buffered(void);

/// A pipe whose ends programs started later do not inherit.
int cfloor_pipe(int *ends);

/// memmem(3): where bytes occur first in bytes, or -1.
long cfloor_place(const void *bytes, unsigned long count, const void *needle, unsigned long length);
