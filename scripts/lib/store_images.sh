# shellcheck shell=bash
# The images that the charts name: built here where they are our own, else taken as they are.

STORE_CHARTS=(store medusa-store)
# With Store Weaver's own; for scripts/images alone, since scripts/up runs the programs on this machine.
# shellcheck disable=SC2034
ALL_CHARTS=("${STORE_CHARTS[@]}" platform)

# chart_images [CHART…]: all their images by full name; of the stores' charts when none is named.
chart_images() {
    local chart values
    [ $# -gt 0 ] || set -- "${STORE_CHARTS[@]}"
    for chart in "$@"; do
        # This one asks the cluster where its API server is, and wants to be told where there is none.
        values='{}'
        if [ "$chart" = platform ]; then values='{"networkPolicy": {"apiServer": {"cidrs": ["192.0.2.1/32"], "ports": [6443]}}}'; fi
        "$HELM_PATH" template images "$ROOT/helm/$chart" --values - <<<"$values" || exit 1
    done |
        # The keeper's image is a setting of the workers.
        sed -n -e '/name: KEEPER_IMAGE$/{n;s/^ *value: *"\([^"]*\)"$/\1/p;}' -e 's/^ *image: *"*\([^"]*\)"*$/\1/p' | sort -u
}

# own_images [CHART…]
own_images() { chart_images "$@" | grep '^storeplatform/'; }

# image_folder IMAGE: its folder below docker/, for a store's; for logs a name.
image_folder() {
    local name=${1##*/}
    echo "${name%%:*}"
}

# missing_digest DOCKERFILE: of its base, as the registry has it now; nothing where it is pinned, or no part of that Dockerfile.
missing_digest() {
    grep -q '^ARG BASE_DIGEST=""' "$1" || return 0
    docker buildx imagetools inspect "$(sed -n 's/^ARG BASE_IMAGE=//p' "$1")" --format '{{.Manifest.Digest}}'
}

# build_image IMAGE
build_image() {
    local name where digest
    name=$(image_folder "$1")
    case $name in
        store-api | store-worker | store-vault) where=(--file "$ROOT/docker/platform/Dockerfile" --target "$name" "$ROOT") ;;
        *)
            where=("$ROOT/docker/$name")
            digest=$(missing_digest "$ROOT/docker/$name/Dockerfile") ||
                fail "the digest of the image's base could not be asked for" "Check the network; or pin it by scripts/images --update where there is one."
            if [ -n "$digest" ]; then
                warn "docker/$name/Dockerfile pins no digest of its base; built on $digest. scripts/images --update pins it."
                where=(--build-arg "BASE_DIGEST=$digest" "${where[@]}")
            fi
            ;;
    esac
    step "Building the image $1"
    quietly "image-$name.log" docker build -t "$1" "${where[@]}" ||
        fail "the image $1 was not built" "Its README.md tells what it needs: docker/README.md."
}

# push_images REGISTRY [CHART…]: all images of the charts, under the names that imageRegistry gives them.
push_images() {
    local image images registry=${1%/}
    shift
    have docker || fail "IMAGE_REGISTRY needs docker, to build and push the images" "Install it, or push them by hand and unset IMAGE_REGISTRY here; see docs/charts.md."
    images=$(chart_images "$@") || fail "Helm does not render the charts" "What it says stands above."
    for image in $images; do
        case $image in
            storeplatform/*) build_image "$image" ;;
            *) quietly "pull-$(image_folder "$image").log" docker pull "$image" || fail "the image $image cannot be had" "Check the network, then run this again." ;;
        esac
        step "Pushing $registry/$image"
        docker tag "$image" "$registry/$image"
        quietly "push-$(image_folder "$image").log" docker push "$registry/$image" ||
            fail "the image was not pushed to $registry" "Is docker logged in there? Then run this again."
    done
}

# import_into_k3s IMAGE
import_into_k3s() {
    have k3s || fail "there is no k3s on this machine" "Install it (deploy/k3s/README.md), or push to a registry."
    step "Importing $1 into k3s"
    docker save "$1" | k3s ctr images import - || fail "the image $1 was not imported" "As root? Then run this again."
}
