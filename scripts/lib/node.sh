# shellcheck shell=bash
# A real Kubernetes of one node on this machine, for the suite node and for scripts/up --cluster node: the programs that it needs, and
# scripts/lib/node/node.py, which starts and ends it. Linux, root.
#   KUBERNETES_BIN=DIR   kube-apiserver, kube-controller-manager, kube-scheduler, kubelet, kube-proxy and kubectl of Kubernetes 1.31 or later, or one
#                        program kubernetes that is all of them. A release's are in kubernetes-server-linux-ARCH.tar.gz of
#                        kubernetes.io/releases/download ("Server Binaries").
# Without it they are compiled from Kubernetes' Go modules, where Go is on PATH. containerd 2, runc, etcd and the CNI plugins: what is on PATH (and in
# /opt/cni/bin or /usr/lib/cni), else Debian's packages, unpacked into .tools/node and never installed.

NODE_TOOLS=$TOOLS/node
KUBERNETES_VERSION=v1.36.3
KUBERNETES_PROGRAMS=(kube-apiserver kube-controller-manager kube-scheduler kubelet kube-proxy kubectl)
NODE_ELSE='Or take a cluster that you have: NODE_CLUSTER=current scripts/test node, scripts/up --cluster current.'

# node_in FOLDER VERB…: the node of that folder.
node_in() {
    local folder=$1 verb=$2
    shift 2
    "$ROOT/scripts/lib/node/node.py" "$verb" "$folder" "$@"
}

require_node() {
    local name missing=()
    [ "$(uname -s)" = Linux ] || fail "a node needs Linux" "Use a Linux machine or a virtual one. $NODE_ELSE"
    [ "$(id -u)" = 0 ] || fail "a node needs root: it makes networks, mounts and control groups" "sudo -E. $NODE_ELSE"
    for name in ip:iproute2 nft:nftables conntrack:conntrack openssl:openssl nsenter:util-linux mount:mount sysctl:procps; do
        have "${name%%:*}" || missing+=("${name##*:}")
    done
    if [ ${#missing[@]} -gt 0 ]; then
        have apt-get || fail "missing: ${missing[*]}" "Install them, then run this again."
        install_with_apt "${missing[@]}"
    fi
    require_kubernetes
    require_container_runtime
}

# Sets KUBERNETES_BIN.
require_kubernetes() {
    local name
    if [ -z "${KUBERNETES_BIN:-}" ]; then
        KUBERNETES_BIN=$NODE_TOOLS/kubernetes
        [ -x "$KUBERNETES_BIN/kubectl" ] || build_kubernetes
    fi
    KUBERNETES_BIN=$(cd "$KUBERNETES_BIN" 2>/dev/null && pwd) || fail "KUBERNETES_BIN is no folder" "It has the programs of a Kubernetes release; see scripts/lib/node.sh."
    export KUBERNETES_BIN
    for name in "${KUBERNETES_PROGRAMS[@]}"; do
        [ -x "$KUBERNETES_BIN/$name" ] || [ -x "$KUBERNETES_BIN/kubernetes" ] ||
            fail "there is no $name in $KUBERNETES_BIN" "It has the programs of a Kubernetes release; see scripts/lib/node.sh."
    done
}

# From the module proxy, in one folder that is removed afterwards: the module's own go.mod names its parts by folders that a module does not bring.
build_kubernetes() {
    local build=$NODE_TOOLS/build
    have go || fail "there is no Kubernetes to start a node with, and no Go to compile one" \
        "Unpack kubernetes-server-linux-amd64.tar.gz (or -arm64) of kubernetes.io/releases/download, then set KUBERNETES_BIN to its kubernetes/server/bin."
    step "Compiling Kubernetes $KUBERNETES_VERSION from its Go modules; this takes a quarter of an hour or more"
    rm -rf "$build"
    mkdir -p "$build"
    quietly kubernetes-build.log compile_kubernetes "$build" ||
        fail "Kubernetes was not compiled" "Look into $LOGS/kubernetes-build.log, or set KUBERNETES_BIN; see scripts/lib/node.sh."
    rm -rf "$KUBERNETES_BIN"
    mv "$build/bin" "$KUBERNETES_BIN"
    rm -rf "$build"
}

# compile_kubernetes FOLDER: into its bin.
compile_kubernetes() {
    local module stamp=k8s.io/component-base/version
    module=$(cd "$1" && GOFLAGS='' go mod download -json "k8s.io/kubernetes@$KUBERNETES_VERSION" | sed -n 's/.*"Dir": "\(.*\)".*/\1/p')
    [ -d "$module" ] || return 1
    cp -r "$module" "$1/source" && chmod -R u+w "$1/source" && cd "$1/source" || return 1
    sed -i "s|=> ./staging/src/\(k8s.io/[a-z0-9-]*\)|=> \1 v0.${KUBERNETES_VERSION#v1.}|" go.mod
    GOWORK=off CGO_ENABLED=0 GOFLAGS='-mod=mod -buildvcs=false' go build -trimpath -o "$1/bin/" \
        -ldflags "-s -w -X $stamp.gitVersion=$KUBERNETES_VERSION -X $stamp.gitMajor=1 -X $stamp.gitMinor=$(cut -d . -f 2 <<<"$KUBERNETES_VERSION")" \
        "${KUBERNETES_PROGRAMS[@]/#/./cmd/}"
}

# runtime_program NAME: its path; containerd's must be of version 2 or later, which the kubelets of today ask for.
runtime_program() {
    local path
    path=$(command -v "$1" || true)
    case $1 in
        containerd | containerd-shim-runc-v2 | ctr)
            if ! have containerd || ! containerd --version | grep -qE ' v?([2-9]|[1-9][0-9])\.'; then path=''; fi
            ;;
    esac
    [ -n "$path" ] || path=$NODE_TOOLS/debian/usr/bin/$1
    [ -x "$path" ] || path=$NODE_TOOLS/debian/usr/sbin/$1
    [ -x "$path" ] && echo "$path"
}

cni_folder() {
    local folder
    for folder in "${CNI_BIN:-/opt/cni/bin}" /usr/lib/cni "$NODE_TOOLS/debian/usr/lib/cni"; do
        if [ -x "$folder/bridge" ] && [ -x "$folder/host-local" ] && [ -x "$folder/loopback" ]; then echo "$folder" && return 0; fi
    done
    return 1
}

has_container_runtime() {
    local name
    for name in containerd containerd-shim-runc-v2 ctr runc etcd; do runtime_program "$name" >/dev/null || return 1; done
    cni_folder >/dev/null
}

require_container_runtime() {
    has_container_runtime && return 0
    step "Fetching containerd, runc, etcd and the CNI plugins from Debian into .tools/node"
    fetch_container_runtime
    has_container_runtime || fail "a part of containerd 2, runc, etcd and the CNI plugins is missing" "Install them, then run this again."
}

# runc and the plugins are the machine's own release's; containerd 2 and an etcd that today's API servers take are in Debian's unstable.
fetch_container_runtime() {
    local site folder=$NODE_TOOLS/fetch
    grep -qx 'ID=debian' /etc/os-release || fail "containerd 2, runc, etcd or the CNI plugins are missing" \
        "They are fetched on Debian alone. Install them: github.com/containerd/containerd, opencontainers/runc, etcd-io/etcd, containernetworking/plugins."
    # shellcheck disable=SC2016  # apt's own variable
    site=$(apt-get indextargets --format '$(SITE) $(CODENAME)' 'Created-By: Packages' | grep -v security |
        sed -n 's/\(.*\) \(bookworm\|trixie\|forky\|sid\)$/\1/p' | head -n 1)
    [ -n "$site" ] || fail "apt names no source of Debian's" "Install containerd 2, runc, etcd and the CNI plugins, then run this again."
    rm -rf "$folder"
    mkdir -p "$folder/lists/partial" "$folder/cache/archives/partial" "$folder/none" "$folder/own" "$folder/sid"
    # apt downloads as a user of its own, who has to enter the folders.
    chmod -R 755 "$folder"
    echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $site sid main" >"$folder/sources.list"
    if ! (cd "$folder/own" && quietly fetch-runc.log apt-get download runc containernetworking-plugins) ||
        ! quietly fetch-sid.log apt_sid "$folder" update ||
        ! (cd "$folder/sid" && quietly fetch-containerd.log apt_sid "$folder" download containerd etcd-server); then
        fail "Debian's packages cannot be had" "Repair what it says, or install containerd 2, runc, etcd and the CNI plugins yourself."
    fi
    for package in "$folder"/*/*.deb; do dpkg -x "$package" "$NODE_TOOLS/debian"; done
    rm -rf "$folder"
}

# apt_sid FOLDER WORD…: apt-get with Debian's unstable alone, without touching the machine's settings.
apt_sid() {
    local folder=$1
    shift
    apt-get -o Dir::Etc::SourceList="$folder/sources.list" -o Dir::Etc::SourceParts="$folder/none" -o Dir::State::Lists="$folder/lists" \
        -o Dir::Cache="$folder/cache" -o Dir::Etc::PreferencesParts="$folder/none" -o Dir::Etc::Preferences="$folder/none/x" "$@"
}

# link_node_programs FOLDER: the programs of the node in that folder.
link_node_programs() {
    local name
    mkdir -p "$1/bin"
    for name in "${KUBERNETES_PROGRAMS[@]}"; do
        if [ -x "$KUBERNETES_BIN/$name" ]; then ln -sfn "$KUBERNETES_BIN/$name" "$1/bin/$name"; else ln -sfn "$KUBERNETES_BIN/kubernetes" "$1/bin/$name"; fi
    done
    for name in containerd containerd-shim-runc-v2 ctr runc etcd; do ln -sfn "$(runtime_program "$name")" "$1/bin/$name"; done
    ln -sfn "$(cni_folder)" "$1/bin/cni"
}

# require_node_suite: what the suite node is told by its environment: NODE_FOLDER, the image of the node's own pods, and the images that the charts
# name, which it builds. With NODE_CLUSTER=current it is told nothing: images come from where that cluster finds them (IMAGE_REGISTRY).
require_node_suite() {
    if [ "${NODE_CLUSTER:-own}" = current ]; then
        say "The suite node runs on the cluster of KUBECONFIG: parts that crash a node are left out, each with its reason."
        return 0
    fi
    require_node
    require_containers
    export NODE_FOLDER=$RUN_DIR/node
    prepare_node "$NODE_FOLDER"
    require_woocommerce
    local charts=(store platform)
    if medusa_can_be_had; then charts+=(medusa-store); fi
    if [ -n "${MEDUSA_MODULES:-}" ]; then require_medusa; fi
    NODE_CHART_IMAGES=$(chart_images "${charts[@]}" | tr '\n' ' ') || fail "Helm does not render the charts" "What it says stands above."
    export NODE_CHART_IMAGES
}

# WordPress and WooCommerce of wordpress.org in the versions that the image pins, unless they are given; NODE_SELLS is empty where they cannot be had.
require_woocommerce() {
    local file=$ROOT/docker/wordpress-woocommerce/Dockerfile wordpress plugin folder=$NODE_TOOLS/wordpress
    export NODE_SELLS=yes
    [ -z "${WORDPRESS_DIR:-}${WOOCOMMERCE_ZIP:-}" ] || return 0
    if compgen -G "${NODE_IMAGES:-/nowhere}/wordpress*.tar" >/dev/null; then return 0; fi
    wordpress=$(sed -n 's/^ARG BASE_IMAGE=wordpress:\([0-9.]*\)-.*/\1/p' "$file")
    plugin=woocommerce.$(sed -n 's/^ARG WOOCOMMERCE_VERSION=//p' "$file").zip
    mkdir -p "$folder"
    if [ ! -s "$folder/$plugin" ] || [ ! -d "$folder/$wordpress/wordpress" ]; then
        step "Fetching WordPress $wordpress and $plugin from wordpress.org"
        if ! curl -fsSL --connect-timeout 10 -o "$folder/new.zip" "https://downloads.wordpress.org/plugin/$plugin" ||
            ! curl -fsSL --connect-timeout 10 -o "$folder/new.tar.gz" "https://wordpress.org/wordpress-$wordpress.tar.gz"; then
            warn "WooCommerce cannot be had: its stores are left out, WordPress alone is looked at (WORDPRESS_DIR, WOOCOMMERCE_ZIP: docs/verification.md)"
            NODE_SELLS=''
            return 0
        fi
        mkdir -p "$folder/$wordpress"
        tar -C "$folder/$wordpress" -xzf "$folder/new.tar.gz"
        mv "$folder/new.zip" "$folder/$plugin"
        rm -f "$folder/new.tar.gz"
    fi
    export WORDPRESS_DIR=$folder/$wordpress/wordpress WOOCOMMERCE_ZIP=$folder/$plugin
}

# Whether the image of Medusa's backend is given, or its packages are, to build it of.
medusa_can_be_had() { [ -n "${MEDUSA_MODULES:-}" ] || compgen -G "${NODE_IMAGES:-/nowhere}/medusa-backend*.tar" >/dev/null; }

# prepare_node FOLDER: its programs, and NODE_SYSTEM_IMAGE.
prepare_node() {
    link_node_programs "$1"
    export NODE_SYSTEM_IMAGE=$NODE_TOOLS/system.tar
    "$ROOT/scripts/lib/node/images" --system "$NODE_SYSTEM_IMAGE" || fail "the image of the node's own pods was not built" "What it says stands above."
}
