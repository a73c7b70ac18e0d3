#include "CHelmGuard.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

static int signal_pipe[2] = {-1, -1};

static void note(int number) {
    int saved = errno;
    unsigned char byte = (unsigned char)number;
    // A full pipe has a byte in it already, which is all that is needed.
    ssize_t written = write(signal_pipe[1], &byte, 1);
    (void)written;
    errno = saved;
}

int guarded_signals(void) {
    if (pipe(signal_pipe) != 0) return -1;
    for (int end = 0; end < 2; end++) {
        if (fcntl(signal_pipe[end], F_SETFL, O_NONBLOCK) != 0) return -1;
        if (fcntl(signal_pipe[end], F_SETFD, FD_CLOEXEC) != 0) return -1;
    }
    struct sigaction action = {0};
    action.sa_handler = note;
    action.sa_flags = SA_RESTART;
    sigemptyset(&action.sa_mask);
    const int watched[] = {SIGCHLD, SIGTERM, SIGINT};
    for (unsigned index = 0; index < sizeof watched / sizeof *watched; index++) {
        if (sigaction(watched[index], &action, NULL) != 0) return -1;
    }
    return signal_pipe[0];
}

// Only what may be called between fork and exec.
static void become(char *const arguments[], int input, pid_t guard) {
    setpgid(0, 0);
#ifdef __linux__
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) _exit(127);
#endif
    // The guard ended in between: nobody would end this one.
    if (getppid() != guard) _exit(127);
    for (int number = 1; number < NSIG; number++) signal(number, SIG_DFL);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    if (dup2(input, STDIN_FILENO) < 0) _exit(127);
    execvp(arguments[0], arguments);
    _exit(127);
}

pid_t guarded_spawn(char *const arguments[], int input) {
    pid_t guard = getpid();
    pid_t child = fork();
    if (child == 0) become(arguments, input, guard);
    // From both sides: whoever comes first, the group is there before anybody signals it.
    if (child > 0) setpgid(child, child);
    return child;
}
