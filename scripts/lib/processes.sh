# shellcheck shell=bash
# The stack's own processes. Each has a file in $RUN_DIR/pid with its number and when it began, so that a number
# that the system gave to somebody else in the meantime is never taken for ours.

# When process PID began, in whatever form the system says it.
began() {
    if [ -r "/proc/$1/stat" ]; then
        # The 22nd field; the second, in parentheses, may itself have spaces.
        sed 's/^.*) //' "/proc/$1/stat" 2>/dev/null | cut -d ' ' -f 1,20 | grep -v '^Z' | cut -d ' ' -f 2
    elif [ ! -d /proc/self ]; then
        ps -o lstart= -p "$1" 2>/dev/null | tr -s ' '
    fi
}

# launch NAME COMMAND…: in the background, in a process group of its own, with its output in $LOGS/NAME.log.
launch() {
    local name=$1 pid
    shift
    mkdir -p "$RUN_DIR/pid" "$LOGS"
    set -m
    nohup "$@" >"$LOGS/$name.log" 2>&1 </dev/null &
    pid=$!
    set +m
    disown "$pid"
    printf '%s\n%s\n' "$pid" "$(began "$pid")" >"$RUN_DIR/pid/$name"
}

# record_self NAME: this script as one of them; fails when there is one of that name already.
record_self() {
    local draft=$RUN_DIR/pid/.$1.$$
    mkdir -p "$RUN_DIR/pid"
    process_of "$1" >/dev/null || rm -f "$RUN_DIR/pid/$1"
    printf '%s\n%s\n' "$$" "$(began $$)" >"$draft"
    # A link is made by one alone, and is whole at once.
    if ! ln "$draft" "$RUN_DIR/pid/$1" 2>/dev/null; then
        rm -f "$draft"
        return 1
    fi
    rm -f "$draft"
}

# process_of NAME: its number, if it still runs.
process_of() {
    local pid since
    [ -r "$RUN_DIR/pid/$1" ] || return 1
    { read -r pid && read -r since; } <"$RUN_DIR/pid/$1" || return 1
    [ -n "$since" ] && [ "$(began "$pid")" = "$since" ] || return 1
    echo "$pid"
}

# end_processes SECONDS NAME…: asks all of them to end, waits so long, then kills.
end_processes() {
    local patience=$(($1 * 10)) name pid
    shift
    for name in "$@"; do
        if pid=$(process_of "$name"); then kill -TERM "$pid" 2>/dev/null || true; fi
    done
    for name in "$@"; do
        while pid=$(process_of "$name"); do
            if [ "$patience" -le 0 ]; then
                warn "$name did not end in time and is killed; see $LOGS/$name.log"
                kill -KILL -- "-$pid" 2>/dev/null || kill -KILL "$pid" 2>/dev/null || true
                patience=20
            fi
            patience=$((patience - 1))
            sleep 0.1
        done
        rm -f "$RUN_DIR/pid/$name"
    done
}

# await SECONDS NAME WHAT COMMAND…: until the command succeeds; fails at once when process NAME is gone.
await() {
    local patience=$(($1 * 5)) name=$2 what=$3
    shift 3
    while ! "$@" >/dev/null 2>&1; do
        patience=$((patience - 1))
        if ! process_of "$name" >/dev/null; then
            tail -n 15 "$LOGS/$name.log" >&2 || true
            fail "$name ended while it was starting" "The reason should be in $LOGS/$name.log."
        fi
        if [ "$patience" -le 0 ]; then
            tail -n 15 "$LOGS/$name.log" >&2 || true
            fail "$what took too long" "Look into $LOGS/$name.log; scripts/down ends what was started."
        fi
        sleep 0.2
    done
    # Whoever answered must be ours.
    process_of "$name" >/dev/null || fail "$name ended while it was starting" "The reason should be in $LOGS/$name.log."
}

taken() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# free_port FIRST: it, or the next that nobody listens on. Stacks that start at the same moment look from different PORT_OFFSETs on.
free_port() {
    local first=$(($1 + ${PORT_OFFSET:-0})) port
    port=$first
    while taken "$port"; do
        port=$((port + 1))
        [ "$port" -lt $((first + 500)) ] || fail "no free port from $first on"
    done
    echo "$port"
}
