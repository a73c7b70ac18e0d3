# shellcheck shell=bash
# The images that the charts name: built here where they are our own, else taken as they are.

# All images of both charts, by their full names.
chart_images() {
    local chart
    for chart in store medusa-store; do "$HELM_PATH" template images "$ROOT/helm/$chart" || exit 1; done |
        sed -n 's/^ *image: *"*\([^"]*\)"*$/\1/p' | sort -u
}

own_images() { chart_images | grep '^storeplatform/'; }

# image_folder IMAGE: its folder below docker/.
image_folder() {
    local name=${1##*/}
    echo "${name%%:*}"
}

# build_image IMAGE
build_image() {
    local folder
    folder=$(image_folder "$1")
    step "Building the image $1"
    quietly "image-$folder.log" docker build -t "$1" "$ROOT/docker/$folder" ||
        fail "the image $1 was not built" "docker/$folder/README.md tells what it needs."
}

# push_images REGISTRY: all images of the charts, under the names that imageRegistry gives them.
push_images() {
    local image images
    have docker || fail "IMAGE_REGISTRY needs docker, to build and push the images" "Install it, or push them by hand and unset IMAGE_REGISTRY here; see docs/charts.md."
    images=$(chart_images) || fail "Helm does not render the charts" "What it says stands above."
    for image in $images; do
        case $image in
            storeplatform/*) build_image "$image" ;;
            *) quietly "pull-$(image_folder "$image").log" docker pull "$image" || fail "the image $image cannot be had" "Check the network, then run this again." ;;
        esac
        step "Pushing ${1%/}/$image"
        docker tag "$image" "${1%/}/$image"
        quietly "push-$(image_folder "$image").log" docker push "${1%/}/$image" ||
            fail "the image was not pushed to $1" "Is docker logged in there? Then run this again."
    done
}
