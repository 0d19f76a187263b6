#define _GNU_SOURCE
#include "CProcess.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <pthread.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* What the child tells its parent when it cannot become the program: vfork shares the memory. */
typedef struct {
    int error;
    char at;
} failure;

static void reset_signals(void) {
    struct sigaction action = {.sa_handler = SIG_DFL};
    for (int number = 1; number < NSIG; number++)
        if (number != SIGKILL && number != SIGSTOP) sigaction(number, &action, NULL);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

static int move(int from, int to) {
    if (from != to) return dup2(from, to) < 0 ? -1 : 0;
    return fcntl(to, F_SETFD, 0);
}

/* Only calls that POSIX allows between fork and exec. */
static void become(const batuta_process_launch *launch, pid_t parent, volatile failure *failed) {
    failed->at = 'p';
    setsid();
    /* Should the server be killed, nobody is left to end its tools. */
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(127);
    if (move(launch->input, 0) || move(launch->output, 1) || move(launch->errors, 2)) goto fail;
    close_range(3, ~0U, CLOSE_RANGE_CLOEXEC);
    failed->at = 'f';
    if (launch->folder && chdir(launch->folder)) goto fail;
    failed->at = 'x';
    reset_signals();
    execve(launch->program, launch->arguments, launch->environment);
fail:
    failed->error = errno;
    _exit(127);
}

pid_t batuta_process_start(const batuta_process_launch *launch, char *at) {
    volatile failure failed = {0, 'p'};
    sigset_t all, before;
    sigfillset(&all);
    /* A handler of the parent must not run in the child, which shares its memory. */
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pid_t parent = getpid();
    pid_t process = vfork();
    if (process == 0) become(launch, parent, &failed);
    int error = process < 0 ? errno : failed.error;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    *at = failed.at;
    if (error == 0) return process;
    if (process > 0) waitpid(process, NULL, 0);
    return -error;
}

int batuta_process_watch(pid_t process) {
    int descriptor = pidfd_open(process, 0);
    return descriptor < 0 ? -errno : descriptor;
}

int batuta_process_collect(pid_t process, int *status) {
    int raw = 0;
    pid_t found = waitpid(process, &raw, WNOHANG);
    if (found == 0) return 0;
    if (found < 0) return -1;
    *status = WIFEXITED(raw) ? WEXITSTATUS(raw) : -WTERMSIG(raw);
    return 1;
}

bool batuta_process_pipe(int *read_end, int *write_end) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC)) return false;
    *read_end = ends[0];
    *write_end = ends[1];
    return true;
}

int batuta_process_bell(void) { return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }

void batuta_process_thread(const char *name) {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, NULL);
    pthread_setname_np(pthread_self(), name);
}
