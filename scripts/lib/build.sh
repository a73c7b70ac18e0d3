# shellcheck shell=bash
# The programs. BUILD_CONFIGURATION=debug takes what `swift build --build-tests` made already.

BUILD_CONFIGURATION=${BUILD_CONFIGURATION:-release}

# Sets BIN, the folder with the programs.
build_programs() {
    build_dashboard
    step "Building ($BUILD_CONFIGURATION); the first time takes some minutes"
    (cd "$ROOT" && swift build -c "$BUILD_CONFIGURATION") || fail "the build failed" "What the compiler says stands above."
    export BIN
    BIN=$(cd "$ROOT" && swift build -c "$BUILD_CONFIGURATION" --show-bin-path)
}

# The same with the trait FaultSwitches, in a folder of its own: never what users run.
build_with_fault_switches() {
    local options=(-c "$BUILD_CONFIGURATION" --traits FaultSwitches --scratch-path "$ROOT/.build-faults")
    step "Building with fault switches ($BUILD_CONFIGURATION); the first time takes some minutes"
    (cd "$ROOT" && swift build "${options[@]}") || fail "the build failed" "What the compiler says stands above."
    export BIN
    BIN=$(cd "$ROOT" && swift build "${options[@]}" --show-bin-path)
}
