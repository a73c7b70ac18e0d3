# shellcheck shell=bash
# What the suite images builds with: podman, buildah and a Debian base that debootstrap makes, all below .tools/containers.

CONTAINERS=$TOOLS/containers

# The Debian packages that are missing for it.
missing_container_packages() {
    local program
    for program in podman buildah runc debootstrap curl; do have "$program" || echo "$program"; done
}

# Makes sure of podman, buildah and the image localhost/store-weaver-test/debian.
require_containers() {
    local missing
    [ "$(uname -s)" = Linux ] || fail "the suite images needs Linux" "Use a Linux machine or a virtual one."
    [ "$(id -u)" = 0 ] || fail "the suite images needs root: it makes a Debian base and runs containers with users of their own" "sudo scripts/test images"
    mapfile -t missing < <(missing_container_packages)
    if [ ${#missing[@]} -gt 0 ]; then
        have apt-get || fail "missing: ${missing[*]}" "Install them, then run this again."
        install_with_apt "${missing[@]}"
    fi
    mkdir -p "$CONTAINERS"
    if ! store_podman image exists localhost/store-weaver-test/debian; then make_debian_base; fi
}

store_podman() {
    podman --root "$CONTAINERS/storage" --runroot "$CONTAINERS/run" --storage-driver overlay --events-backend file "$@"
}

# From the same mirror that this machine's apt uses.
make_debian_base() {
    local folder mirror
    step "Making a Debian base image with debootstrap"
    # shellcheck disable=SC2016  # apt's own variable
    mirror=$(apt-get indextargets --format '$(SITE)' 'Created-By: Packages' 2>/dev/null | head -n 1)
    folder=$(mktemp -d "$CONTAINERS/base.XXXXXX")
    if ! quietly debootstrap.log debootstrap --variant=minbase bookworm "$folder" ${mirror:+"$mirror"}; then
        rm -rf "$folder" "$folder.tar"
        fail "there is no Debian base" "Repair what it says, then run this again."
    fi
    tar -C "$folder" -cf "$folder.tar" .
    quietly import-debian.log store_podman import "$folder.tar" localhost/store-weaver-test/debian
    rm -rf "$folder" "$folder.tar"
}
