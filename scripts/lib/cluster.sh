# shellcheck shell=bash
# The Kubernetes cluster of the stack: sim (the simulator, with nothing to install), node (a real one of one node, of Kubernetes' own programs;
# Linux, root), k3d (a real one in Docker, made for this and named store-platform) or current (whatever KUBECONFIG's current context says, and only when asked for).
# Each sets and exports KUBECONFIG, and INGRESS_PORT (empty: the scheme's own). A current cluster gets its images from
# IMAGE_REGISTRY, where they are pushed first; without one from wherever its nodes find them.

start_sim() {
    local port
    port=$(free_port 16443)
    INGRESS_PORT=$(free_port 18080)
    GATE_PORT=$(free_port 18090)
    KUBECONFIG=$RUN_DIR/kubeconfig
    step "Starting the simulated cluster"
    launch_sim "$port"
    export KUBECONFIG INGRESS_PORT GATE_PORT
}

# A new one, which writes KUBECONFIG with a token of its own.
launch_sim() {
    rm -f "$KUBECONFIG"
    launch cluster-sim "$BIN/cluster-sim" --port "$1" --ingress-port "$INGRESS_PORT" \
        --gate "http://127.0.0.1:$GATE_PORT" --kubeconfig-out "$KUBECONFIG" --metrics
    await 30 cluster-sim "the simulated cluster" sim_answers "$1"
}

sim_answers() { [ -s "$KUBECONFIG" ] && taken "$1" && taken "$INGRESS_PORT"; }

# Written after docker/*/README.md. It needs Docker and k3d; it has not been run where it was written, for want of both.
start_k3d() {
    local program image images missing=''
    for program in docker k3d; do have "$program" || missing+=" $program"; done
    [ -z "$missing" ] || fail "--cluster k3d needs$missing" "Install it, or use the default, --cluster sim."
    docker info >/dev/null 2>&1 || fail "Docker is not running" "Start it, then run this again."
    if ! k3d cluster get store-platform >/dev/null 2>&1; then
        taken 80 && fail "port 80 is taken, and the stores' addresses need it" "Free it, or use --cluster sim."
        step "Making the k3d cluster store-platform"
        quietly k3d-create.log k3d cluster create store-platform --port '80:80@loadbalancer' --kubeconfig-update-default=false ||
            fail "k3d cluster create failed" "Repair what it says; k3d cluster delete store-platform removes what is half made."
    else
        quietly k3d-start.log k3d cluster start store-platform || fail "k3d cluster start failed" "Repair what it says."
    fi
    images=$(own_images) || fail "Helm does not render the charts" "What it says stands above."
    for image in $images; do
        build_image "$image"
        quietly "import-$(image_folder "$image").log" k3d image import "$image" -c store-platform ||
            fail "the image $image was not imported" "Repair what it says, then run this again."
    done
    KUBECONFIG=$RUN_DIR/kubeconfig
    (umask 077 && k3d kubeconfig get store-platform >"$KUBECONFIG")
    INGRESS_PORT=''
    export KUBECONFIG INGRESS_PORT
}

# Its stores outlive scripts/down as the database does.
start_node() {
    local images charts=(store)
    require_node
    require_containers
    prepare_node "$RUN_DIR/node"
    require_woocommerce
    step "Starting a Kubernetes node"
    node_in "$RUN_DIR/node" up --system "$NODE_SYSTEM_IMAGE" || fail "the node did not start" "What it says stands above."
    if [ -n "${MEDUSA_MODULES:-}" ]; then require_medusa; fi
    if medusa_can_be_had; then charts+=(medusa-store); else warn "Medusa's packages are not there (MEDUSA_MODULES), so its stores cannot start here"; fi
    images=$(chart_images "${charts[@]}") || fail "Helm does not render the charts" "What it says stands above."
    step "Bringing the images to the node"
    # shellcheck disable=SC2086  # one word each
    "$ROOT/scripts/lib/node/images" "$RUN_DIR/node" $images || fail "an image is missing" "What it says stands above."
    KUBECONFIG=$RUN_DIR/node/kubeconfig
    INGRESS_PORT=$(node_in "$RUN_DIR/node" show | sed -n 's/^INGRESS_PORT=//p')
    export KUBECONFIG INGRESS_PORT
}

use_current_cluster() {
    KUBECONFIG=${KUBECONFIG:-$HOME/.kube/config}
    [ -r "${KUBECONFIG%%:*}" ] || fail "there is no $KUBECONFIG" "Set KUBECONFIG, or use the default, --cluster sim."
    INGRESS_PORT=${INGRESS_PORT:-}
    export KUBECONFIG INGRESS_PORT
    "$HELM_PATH" list --all-namespaces --max 1 >/dev/null 2>&1 ||
        fail "the cluster of $KUBECONFIG does not answer" "Check it with kubectl cluster-info."
    if [ -n "${IMAGE_REGISTRY:-}" ]; then push_images "$IMAGE_REGISTRY"; fi
}

start_cluster() {
    case $1 in
        sim) start_sim ;;
        node) start_node ;;
        k3d) start_k3d ;;
        current) use_current_cluster ;;
    esac
}
