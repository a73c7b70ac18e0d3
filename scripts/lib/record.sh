# shellcheck shell=bash
# The result of a test that no test runner runs, in the runners' form, in the folder RESULTS.

# record NAME passed|failed
record() {
    local failure=
    if [ "$2" = failed ]; then failure='<failure/>'; fi
    if [ -n "${RESULTS:-}" ]; then
        printf '<testsuite><testcase name="%s">%s</testcase></testsuite>\n' "$1" "$failure" >"$RESULTS/$1.xml"
    fi
    printf '%s %s\n' "${2^^}" "$1"
    [ "$2" = passed ]
}
