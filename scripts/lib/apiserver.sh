# shellcheck shell=bash
# A real Kubernetes API server for the suite conformance: KUBE_APISERVER, KUBE_CONTROLLER_MANAGER and ETCD where these are set, a release's
# programs in the folder KUBERNETES_BIN (as for the suite node, with etcd in it or on PATH), what is on PATH, else built from Debian 12's source
# package into .tools/apiserver (some minutes, 2 GB while it builds).

APISERVER=$TOOLS/apiserver
GO_VERSION=1.19

require_apiserver() {
    local name variable path
    # A store's stand-in gets an address that the API server may proxy to.
    have ip || install_with_apt iproute2
    for name in kube-apiserver kube-controller-manager etcd; do
        variable=$(printf '%s' "$name" | tr 'a-z-' 'A-Z_')
        path=${!variable:-$(PATH=${KUBERNETES_BIN:+$KUBERNETES_BIN:}$PATH command -v "$name" || true)}
        if [ -z "$path" ]; then
            [ -x "$APISERVER/$name" ] || build_apiserver
            path=$APISERVER/$name
        fi
        [ -x "$path" ] || fail "$variable=$path is not a program" "Unset it to have one found or built."
        export "$variable=$path"
    done
}

# apt-get with the machine's own sources as source packages, without touching the machine's settings.
apt_sources() {
    apt-get -o Dir::Etc::SourceList="$APISERVER/sources.list" -o Dir::Etc::SourceParts="$APISERVER/none" -o Dir::State::Lists="$APISERVER/lists" "$@"
}

build_apiserver() {
    local build=$APISERVER/build
    have apt-get || fail "there is no Kubernetes API server" "Set KUBE_APISERVER, KUBE_CONTROLLER_MANAGER and ETCD, or run this on Debian 12."
    step "Building a Kubernetes API server from Debian's sources; this takes some minutes"
    rm -rf "$APISERVER"
    mkdir -p "$build/src/k8s.io" "$APISERVER/lists/partial" "$APISERVER/none"
    install_with_apt "golang-$GO_VERSION-go" rsync dpkg-dev make g++
    # shellcheck disable=SC2016  # apt's own variables
    apt-get indextargets --format 'deb-src $(SITE) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' |
        sort -u >"$APISERVER/sources.list"
    quietly apiserver-sources.log apt_sources update || fail "Debian's sources cannot be had" "Repair what it says, then run this again."
    (cd "$build" && quietly apiserver-fetch.log apt_sources source kubernetes/bookworm && quietly etcd-fetch.log apt-get download etcd-server) ||
        fail "Debian's sources cannot be had" "Repair what it says, then run this again."
    (cd "$build" && dpkg -x etcd-server_*.deb etcd && mv kubernetes-*/ src/k8s.io/kubernetes)
    quietly apiserver-build.log compile_apiserver "$build" || fail "the API server was not built" "Look into $LOGS/apiserver-build.log."
    cp "$build"/src/k8s.io/kubernetes/_output/local/bin/linux/*/kube-{apiserver,controller-manager} "$build/etcd/usr/bin/etcd" "$APISERVER/"
    rm -rf "$build"
}

# compile_apiserver FOLDER: in the layout of GOPATH, which this old version wants.
compile_apiserver() {
    (
        cd "$1/src/k8s.io/kubernetes" || exit 1
        export PATH=/usr/lib/go-$GO_VERSION/bin:$PATH GOPATH=$1 GOFLAGS='' GO111MODULE=off
        export KUBE_GIT_VERSION=v1.20.2 KUBE_GIT_MAJOR=1 KUBE_GIT_MINOR=20 KUBE_GIT_COMMIT=0 KUBE_GIT_TREE_STATE=archive
        make WHAT='cmd/kube-apiserver cmd/kube-controller-manager'
    )
}
