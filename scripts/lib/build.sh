# shellcheck shell=bash
# The programs. BUILD_CONFIGURATION=debug takes what `swift build --build-tests` made already.

BUILD_CONFIGURATION=${BUILD_CONFIGURATION:-release}

# Sets BIN, the folder with the programs.
build_programs() {
    step "Building ($BUILD_CONFIGURATION); the first time takes some minutes"
    (cd "$ROOT" && swift build -c "$BUILD_CONFIGURATION") || fail "the build failed" "What the compiler says stands above."
    export BIN
    BIN=$(cd "$ROOT" && swift build -c "$BUILD_CONFIGURATION" --show-bin-path)
}
