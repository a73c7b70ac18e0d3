# shellcheck shell=bash
# The stack as a whole: what it consists of, whether it is well, and its end.

PROGRAMS='store-worker-1 store-worker-2 store-api store-courier store-gate cluster-sim'

# The programs of the running stack; a cluster that is not simulated is not among them, and its ingress does not reach a gate outside of it.
expected_programs() {
    if [ "${CLUSTER:-sim}" = sim ]; then echo "$PROGRAMS"; else echo "${PROGRAMS% * *}"; fi
}

# Loads what scripts/up wrote about the stack; fails when there is none.
load_stack() {
    [ -r "$STACK" ] || return 1
    # shellcheck source=/dev/null
    . "$STACK"
}

# assignments NAME…: as `export` lines that a shell reads back.
assignments() {
    local name
    for name in "$@"; do printf 'export %s=%q\n' "$name" "${!name-}"; done
}

record_stack() {
    (umask 077 && assignments CLUSTER API_URL DATABASE_URL REDIS_URL KUBECONFIG INGRESS_PORT GATE_PORT IMAGE_REGISTRY HELM_PATH SECRETS_DIR SERVERS OWN_SERVERS BIN >"$STACK.new")
    mv "$STACK.new" "$STACK"
}

# The keys that seal stores' credentials, sign sessions and open the vault, made once: what they sealed would be lost without them. Each program reads
# them from the folder, so that they are in nobody's environment.
make_keys() {
    local name
    export SECRETS_DIR=${SECRETS_DIR:-$RUN_DIR/secrets}
    (umask 077 && mkdir -p "$SECRETS_DIR")
    for name in credentials-keys auth-keys vault-keys archive-keys channel-keys; do
        [ -s "$SECRETS_DIR/$name" ] && continue
        (umask 077 && printf 'k1:%s\n' "$(head -c 32 /dev/urandom | base64 | tr -d '\n')" >"$SECRETS_DIR/$name.new")
        mv "$SECRETS_DIR/$name.new" "$SECRETS_DIR/$name"
    done
}

# launch_api PORT
launch_api() {
    launch store-api env HOST="${HOST:-127.0.0.1}" PORT="$1" OPERATOR_HOST=127.0.0.1 OPERATOR_PORT=0 VAULT_URL="$(vault_url)" "$BIN/store-api"
}

# launch_gate PORT
launch_gate() {
    launch store-gate env HOST=127.0.0.1 PORT="$1" OPERATOR_HOST=127.0.0.1 OPERATOR_PORT=0 "$BIN/store-gate"
}

launch_courier() {
    launch store-courier env OPERATOR_HOST=127.0.0.1 OPERATOR_PORT=0 "$BIN/store-courier"
}

# The vault that the workers keep backups in, and the API reads archives from. The simulated cluster has a simulated one.
vault_url() {
    if [ -z "${VAULT_URL:-}" ] && [ "${CLUSTER:-}" = sim ]; then
        sed -n 's#^ *server: *\(http://[^/]*\).*#\1#p' "$KUBECONFIG" | head -n 1
    else
        echo "${VAULT_URL:-}"
    fi
}

# launch_worker NUMBER
launch_worker() {
    launch "store-worker-$1" env WORKER_NAME="$(uname -n)-$1" HELM_GUARD_PATH="$BIN/helm-guard" \
        OPERATOR_HOST=127.0.0.1 OPERATOR_PORT=0 VAULT_URL="$(vault_url)" \
        HELM_CHART_PATH="${HELM_CHART_PATH:-$ROOT/helm/store}" HELM_CHART_ARCHIVE="${HELM_CHART_ARCHIVE:-$ROOT/helm/released}" \
        HELM_CHART_PATH_MEDUSA="${HELM_CHART_PATH_MEDUSA:-$ROOT/helm/medusa-store}" "$BIN/store-worker"
}

# metrics_url NAME: where a program that runs tells Prometheus how it is.
metrics_url() {
    local port
    port=$(sed -n 's/.*"operator-port":"\([0-9]*\)".*/\1/p' "$LOGS/$1.log" | tail -n 1)
    [ -n "$port" ] && echo "http://127.0.0.1:$port/metrics"
}

running_programs() {
    local name
    for name in $PROGRAMS; do
        if process_of "$name" >/dev/null; then echo "$name"; fi
    done
}

stack_runs() {
    local name
    load_stack || return 1
    for name in $(expected_programs); do process_of "$name" >/dev/null || return 1; done
}

# The API's own word on database, Redis, Kubernetes and Helm.
stack_health() { curl -fsS --max-time 10 "$API_URL/api/health"; }

print_addresses() {
    say ""
    say "  Dashboard and API   $API_URL"
    say "  Cluster             $CLUSTER, KUBECONFIG=$KUBECONFIG"
    case $CLUSTER in
        sim) say "  Stores               http://<name>.localhost:$INGRESS_PORT (simulated: a page that says so)" ;;
        node) say "  Stores              http://<name>.localhost:$INGRESS_PORT" ;;
    esac
    say "  Helm                $HELM_PATH"
    say "  Logs                $LOGS"
    say ""
}

stop_stack() {
    local name result=0
    # Workers first: they hand back what they were doing, and want the others for it.
    end_processes 40 store-worker-1 store-worker-2
    end_processes 20 store-api store-courier store-gate
    end_processes 10 cluster-sim
    load_stack || choose_servers_folder
    stop_servers "$SERVERS"
    # Whatever cluster is up now: an earlier start may have left one.
    if [ -d "$RUN_DIR/node" ]; then node_in "$RUN_DIR/node" down || result=1; fi
    rm -f "$STACK"
    for name in $(running_programs); do
        warn "$name still runs"
        result=1
    done
    return "$result"
}
