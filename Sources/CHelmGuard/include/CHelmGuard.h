#ifndef CHELMGUARD_H
#define CHELMGUARD_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/// What Swift cannot say about processes: code between fork and exec, signal handlers, and the parent-death signal.
/// For one single-threaded process with one child; every call is made from its only thread.

/// What `helm_guard_wait` woke up for; several at once are or-ed.
enum {
    /// The feed can be read, or is at its end.
    HELM_GUARD_FEED = 1,
    /// The guard was told to stop, by SIGTERM, SIGINT or SIGHUP.
    HELM_GUARD_STOP = 2,
    /// A child changed its state.
    HELM_GUARD_CHILD = 4,
};

/// Prepares the process: SIGCHLD and the signals that mean "stop" are turned into bytes in a pipe, SIGPIPE is ignored,
/// and on Linux orphans of the command become children of this process (subreaper), so that they can be waited for.
/// Returns 0, or the number of an error.
int helm_guard_open(void);

/// Starts `arguments` (ended by NULL; the first is a path, or looked for on PATH) as the leader of a new process group, with
/// `input` as its standard input, no signal blocked and none ignored.
///
/// On Linux the kernel kills it (SIGKILL) when this process dies, however it dies; the child checks after asking for this that
/// its parent has not died before. The wish is not inherited: what the command itself starts does not get that signal.
/// Other systems, such as macOS, have no such signal: there a guard that is killed leaves the command running, to its own
/// time limit. Nothing else is lost there.
///
/// Returns the process id, which is the group's too, or the negated number of the error that kept it from starting.
pid_t helm_guard_spawn(char *const arguments[], int input);

/// Waits, without any wake-up between, until the descriptor `feed` can be read (-1: do not look), a signal arrived, or
/// `until` is over: nanoseconds of the clock that counts suspension, `UINT64_MAX` for never. On Linux a timer on that very
/// clock rings, also when the machine wakes from suspension after `until`; elsewhere `poll`'s timeout does, which stands
/// still during suspension. So callers look at the clock after every return.
/// Returns what it woke up for; 0 when time is over or the wait was interrupted.
int helm_guard_wait(int feed, uint64_t until);

/// Whether the command's first process has ended. It stays a zombie, so its group's id cannot be taken by others meanwhile.
bool helm_guard_has_ended(pid_t group);

/// Kills what is left of the group and waits until all of it is gone; on Linux also what has moved out of the group or the session. To be called once
/// the first process has ended.
/// Returns that process' exit status, or 128 + the signal that ended it.
int helm_guard_finish(pid_t group);

/// Nanoseconds of the monotonic clock that counts suspension; the worker feeds times of the same clock.
uint64_t helm_guard_now(void);

#endif
