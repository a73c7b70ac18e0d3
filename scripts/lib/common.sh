# shellcheck shell=bash
# What every script begins with: where things are, and how it speaks.

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
RUN_DIR=${RUN_DIR:-$ROOT/.run}
case $RUN_DIR in /*) ;; *) RUN_DIR=$PWD/$RUN_DIR ;; esac
TOOLS=$ROOT/.tools
LOGS=$RUN_DIR/log
# What the running stack consists of, as shell assignments; written by scripts/up, readable by its owner alone.
STACK=$RUN_DIR/stack.env
export ROOT RUN_DIR TOOLS LOGS STACK

# C is optimised in debug builds, too: without, a password's hash takes seconds, in each API that starts. With other options for tests than
# for programs, each build would compile everything again.
# shellcheck disable=SC2034
DEBUG_OPTIONS=(-Xcc -O2)

say() { printf '%s\n' "$*"; }
step() { printf '==> %s\n' "$*"; }
warn() { printf 'warning: %s\n' "$*" >&2; }

# fail WHAT [WHAT TO DO]: says both and ends the script.
fail() {
    printf 'error: %s\n' "$1" >&2
    if [ $# -gt 1 ]; then printf '       %s\n' "$2" >&2; fi
    exit 1
}

have() { command -v "$1" >/dev/null 2>&1; }

# quietly LOG COMMAND…: runs it with its output in LOG under $LOGS; when it fails, shows the end of that.
quietly() {
    local log=$LOGS/$1
    shift
    mkdir -p "$LOGS"
    if "$@" >"$log" 2>&1 </dev/null; then return 0; fi
    tail -n 20 "$log" >&2
    printf 'error: %s failed; the whole log is %s\n' "$1" "$log" >&2
    return 1
}
