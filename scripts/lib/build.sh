# shellcheck shell=bash
# The programs. BUILD_CONFIGURATION=debug takes what `swift build --build-tests` made already.

BUILD_CONFIGURATION=${BUILD_CONFIGURATION:-release}

# Sets BIN, the folder with the programs; one that is set has them already. What users run has Swift's libraries in it, as the images'
# programs have: calls need no look-up, and what nobody calls takes no memory. Apple's systems bring them.
build_programs() {
    if [ -n "${BIN:-}" ]; then return 0; fi
    local options=(-c "$BUILD_CONFIGURATION")
    if [ "$BUILD_CONFIGURATION" = release ] && [ "$(uname)" = Linux ]; then options+=(--static-swift-stdlib); fi
    if [ "$BUILD_CONFIGURATION" = debug ]; then options+=("${DEBUG_OPTIONS[@]}"); fi
    build_dashboard
    step "Building ($BUILD_CONFIGURATION); the first time takes some minutes"
    build_in_bin "${options[@]}"
}

# The same with the trait FaultSwitches, in a folder of its own: never what users run.
build_with_fault_switches() {
    step "Building with fault switches ($BUILD_CONFIGURATION); the first time takes some minutes"
    build_in_bin -c "$BUILD_CONFIGURATION" --traits FaultSwitches --scratch-path "$ROOT/.build-faults"
}

build_in_bin() {
    (cd "$ROOT" && swift build "$@") || fail "the build failed" "What the compiler says stands above."
    export BIN
    BIN=$(cd "$ROOT" && swift build "$@" --show-bin-path)
}
