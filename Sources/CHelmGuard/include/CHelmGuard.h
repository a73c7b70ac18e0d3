// What helm-guard needs between fork and exec and in signal handlers, where only C is safe.
#ifndef CHELMGUARD_H
#define CHELMGUARD_H

#include <sys/types.h>

/// Starts a command in a process group of its own, which is there before this returns.
///
/// `arguments`: the command, looked for on PATH where it has no slash, and its arguments; ends with NULL.
/// `input`: becomes its standard input. All signals have their default effect in it.
///
/// Linux: it gets SIGKILL when the calling thread ends for whatever reason, so the caller must have one thread alone.
/// It is not run at all when the caller ended before that was arranged. Elsewhere there is no such signal: a caller that is
/// killed leaves the command running.
///
/// Returns its process id; -1 with errno when it could not be forked. When it could not be run its exit status is 127.
pid_t guarded_spawn(char *const arguments[], int input);

/// From now on SIGCHLD, SIGTERM and SIGINT each write a byte with their number into a pipe. To be called once.
/// Returns the pipe's end to read from, which never blocks; -1 with errno.
int guarded_signals(void);

#endif
