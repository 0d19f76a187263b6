#pragma once
#include <stdbool.h>
#include <sys/types.h>

/// What a child process begins with. Everything in it is the caller's and must live until `batuta_process_start` returns.
typedef struct {
    /// The program's file; no search along PATH.
    const char *program;
    char *const *arguments;
    char *const *environment;
    /// NULL: the caller's own.
    const char *folder;
    /// Become 0, 1 and 2.
    int input;
    int output;
    int errors;
} batuta_process_launch;

/// Starts a process in a session and process group of its own. It is killed when the calling thread ends, and inherits no other descriptor,
/// no blocked signal and no ignored one.
///
/// Returns its id; or the negative errno, with `*at` naming the step: 'f' for the folder, 'x' for the program, 'p' for the process.
pid_t batuta_process_start(const batuta_process_launch *launch, char *at);

/// A descriptor that becomes readable when the process ends; negative errno.
int batuta_process_watch(pid_t process);

/// Takes a process away that has ended. Returns 1 and its exit code, or the negative signal, in `*status`; 0 while it lives; -1 if there is none.
int batuta_process_collect(pid_t process, int *status);

/// The two ends of a pipe that no program of ours inherits. False when there are no descriptors left.
bool batuta_process_pipe(int *read_end, int *write_end);

/// A descriptor that is readable after 8 bytes were written to it, until they are read; negative when there is none left.
int batuta_process_bell(void);

/// Names the calling thread and blocks every signal for it, SIGPIPE too: a write to a closed pipe is an error code.
void batuta_process_thread(const char *name);
