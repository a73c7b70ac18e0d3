#define _GNU_SOURCE
#include "CHelmGuard.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#ifdef __linux__
#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/timerfd.h>
#endif

static int signals[2] = {-1, -1};
#ifdef __linux__
static int timer = -1;
#endif

static void note(int signal) {
    int saved = errno;
    char byte = signal == SIGCHLD ? HELM_GUARD_CHILD : HELM_GUARD_STOP;
    // A full pipe wakes as well as one more byte would.
    if (write(signals[1], &byte, 1) < 0) { }
    errno = saved;
}

static int make_pipe(int ends[2], bool blocking) {
    if (pipe(ends) != 0) return -1;
    for (int end = 0; end < 2; end++) {
        if (fcntl(ends[end], F_SETFD, FD_CLOEXEC) != 0) return -1;
        if (!blocking && fcntl(ends[end], F_SETFL, O_NONBLOCK) != 0) return -1;
    }
    return 0;
}

int helm_guard_open(void) {
    if (make_pipe(signals, false) != 0) return errno;
#ifdef __linux__
    timer = timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC | TFD_NONBLOCK);
    if (timer < 0 || prctl(PR_SET_CHILD_SUBREAPER, 1) != 0) return errno;
#endif
    struct sigaction noting = {.sa_handler = note, .sa_flags = SA_RESTART | SA_NOCLDSTOP};
    sigemptyset(&noting.sa_mask);
    const int watched[] = {SIGCHLD, SIGTERM, SIGINT, SIGHUP};
    sigset_t open;
    sigemptyset(&open);
    for (size_t index = 0; index < sizeof watched / sizeof *watched; index++) {
        if (sigaction(watched[index], &noting, NULL) != 0) return errno;
        sigaddset(&open, watched[index]);
    }
    // Whoever started the guard may have left them blocked.
    if (sigprocmask(SIG_UNBLOCK, &open, NULL) != 0) return errno;
    return signal(SIGPIPE, SIG_IGN) == SIG_ERR ? errno : 0;
}

/// In the child. Does not return; `failure` is closed by a successful exec and gets the error's number otherwise.
static void become(char *const arguments[], int input, pid_t guard, int failure) {
    bool ready = setpgid(0, 0) == 0;
#ifdef __linux__
    ready = ready && prctl(PR_SET_PDEATHSIG, SIGKILL) == 0;
    // A guard that died before this was asked for sends no signal any more.
    if (getppid() != guard) _exit(127);
#else
    (void)guard;
#endif
    for (int number = 1; number < NSIG; number++) {
        // Fails for those that cannot be changed.
        (void)signal(number, SIG_DFL);
    }
    ready = ready && dup2(input, STDIN_FILENO) == STDIN_FILENO;
    sigset_t none;
    sigemptyset(&none);
    if (ready && sigprocmask(SIG_SETMASK, &none, NULL) == 0) execvp(arguments[0], arguments);
    int error = errno;
    if (write(failure, &error, sizeof error) < 0) { }
    _exit(127);
}

pid_t helm_guard_spawn(char *const arguments[], int input) {
    int failure[2];
    if (make_pipe(failure, true) != 0) return -errno;
    // No signal reaches the child while it still has the guard's handlers, which write into the guard's pipe.
    sigset_t all, before;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, &before);
    pid_t guard = getpid();
    pid_t child = fork();
    int error = errno;
    if (child == 0) become(arguments, input, guard, failure[1]);
    sigprocmask(SIG_SETMASK, &before, NULL);
    close(failure[1]);
    if (child > 0) {
        ssize_t count;
        do { count = read(failure[0], &error, sizeof error); } while (count < 0 && errno == EINTR);
        if (count > 0) {
            while (waitpid(child, NULL, 0) < 0 && errno == EINTR) { }
            child = -1;
        }
    }
    close(failure[0]);
    return child < 0 ? -error : child;
}

int helm_guard_wait(int feed, uint64_t until) {
    struct pollfd descriptors[3] = {
        {.fd = feed, .events = POLLIN}, {.fd = signals[0], .events = POLLIN}, {.fd = -1, .events = POLLIN}};
    int timeout = -1;
#ifdef __linux__
    struct itimerspec alarm = {.it_value = {.tv_sec = 0, .tv_nsec = 0}};
    if (until != UINT64_MAX) {
        // A time of 0 would switch the timer off.
        uint64_t time = until == 0 ? 1 : until;
        alarm.it_value.tv_sec = (time_t)(time / 1000000000);
        alarm.it_value.tv_nsec = (long)(time % 1000000000);
    }
    if (timerfd_settime(timer, TFD_TIMER_ABSTIME, &alarm, NULL) != 0) return 0;
    descriptors[2].fd = timer;
#else
    if (until != UINT64_MAX) {
        uint64_t now = helm_guard_now();
        uint64_t left = until > now ? (until - now + 999999) / 1000000 : 0;
        timeout = left > 60000 ? 60000 : (int)left;
    }
#endif
    if (poll(descriptors, 3, timeout) <= 0) return 0;
    int reasons = descriptors[0].revents != 0 ? HELM_GUARD_FEED : 0;
    char bytes[64];
    ssize_t count;
    while ((count = read(signals[0], bytes, sizeof bytes)) > 0) {
        for (ssize_t index = 0; index < count; index++) reasons |= bytes[index];
    }
    return reasons;
}

bool helm_guard_has_ended(pid_t group) {
    siginfo_t information = {.si_pid = 0};
    return waitid(P_PID, (id_t)group, &information, WEXITED | WNOHANG | WNOWAIT) == 0 && information.si_pid == group;
}

#ifdef __linux__
/// Kills all children of this process, whatever group or session they have moved to.
static void kill_children(void) {
    DIR *processes = opendir("/proc");
    if (processes == NULL) return;
    struct dirent *entry;
    while ((entry = readdir(processes)) != NULL) {
        pid_t process = (pid_t)atoi(entry->d_name);
        if (process <= 0) continue;
        char path[64], status[512];
        snprintf(path, sizeof path, "/proc/%d/stat", (int)process);
        int file = open(path, O_RDONLY | O_CLOEXEC);
        if (file < 0) continue;
        ssize_t count = read(file, status, sizeof status - 1);
        close(file);
        if (count <= 0) continue;
        status[count] = 0;
        // "pid (name) state parent": the name may hold anything.
        char *name = strrchr(status, ')');
        char state;
        int parent;
        if (name != NULL && sscanf(name + 1, " %c %d", &state, &parent) == 2 && parent == getpid()) kill(process, SIGKILL);
    }
    closedir(processes);
}
#endif

int helm_guard_finish(pid_t group) {
    int result = 127;
    int status;
    kill(-group, SIGKILL);
#ifdef __linux__
    // A parent's children become ours when it ends: when there is none left, nothing of the command is. Until then each that ends may have left us some.
    while (true) {
        kill_children();
        pid_t ended = waitpid(-1, &status, 0);
        if (ended < 0 && errno != EINTR) break;
        if (ended == group) result = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
    }
#else
    pid_t ended;
    while ((ended = waitpid(-group, &status, 0)) > 0 || (ended < 0 && errno == EINTR)) {
        if (ended == group) result = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
    }
    // Orphans are the first process' there, which reaps them soon.
    const struct timespec moment = {.tv_nsec = 1000000};
    for (int tries = 0; tries < 1000 && kill(-group, 0) == 0; tries++) nanosleep(&moment, NULL);
#endif
    return result;
}

uint64_t helm_guard_now(void) {
    struct timespec time;
#ifdef __linux__
    clock_gettime(CLOCK_BOOTTIME, &time);
#else
    // Counts suspension there.
    clock_gettime(CLOCK_MONOTONIC, &time);
#endif
    return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
}
