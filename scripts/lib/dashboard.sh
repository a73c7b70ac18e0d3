# shellcheck shell=bash
# The dashboard's page: what builds it, and building it. SwiftPM copies the result beside the API, so it comes before `swift build`.

PAGE=$ROOT/Sources/Dashboard/Page

# React, esbuild and TypeScript: Debian's packages, else npm's by package.json.
require_dashboard_tools() {
    local missing=() name
    if has_dashboard_tools; then return 0; fi
    if have apt-get && { ! have npm || apt-cache show esbuild >/dev/null 2>&1; }; then
        have node || missing+=(nodejs)
        have esbuild || missing+=(esbuild)
        [ -d /usr/share/nodejs/react-dom ] || missing+=(node-react node-react-dom)
        [ -d /usr/share/nodejs/typescript ] || missing+=(node-typescript)
        if [ ${#missing[@]} -gt 0 ]; then install_with_apt "${missing[@]}"; fi
        # Where both esbuild and TypeScript look.
        rm -rf "$PAGE/node_modules"
        ln -s /usr/share/nodejs "$PAGE/node_modules"
        return 0
    fi
    for name in node npm; do
        have "$name" || fail "$name is missing, which the dashboard is built with" "Install Node.js 18 or later (nodejs.org), then run this again."
    done
    step "Installing the dashboard's packages with npm"
    rm -rf "$PAGE/node_modules"
    quietly npm.log npm --prefix "$PAGE" install --no-audit --no-fund --no-package-lock || fail "npm install failed" "Check the network, then run this again."
}

has_dashboard_tools() {
    have node && [ -d "$PAGE/node_modules/react-dom" ] && [ -d "$PAGE/node_modules/typescript" ] &&
        { have esbuild || [ -x "$PAGE/node_modules/.bin/esbuild" ]; }
}

# exec_page_script NAME: becomes one of package.json's scripts, as npm would run it; Debian's Node.js comes without npm.
exec_page_script() {
    require_dashboard_tools
    cd "$PAGE" || exit
    PATH=$PAGE/node_modules/.bin:$PATH
    exec sh -c "exec $(node -p 'require("./package.json").scripts[process.argv[1]]' "$1")"
}

run_page_script() { (exec_page_script "$1"); }

build_dashboard() {
    require_dashboard_tools
    step "Building the dashboard"
    quietly dashboard.log run_page_script build || fail "the dashboard could not be built" "What esbuild says stands above."
}

# The types of what the API answers, from its document. PyYAML is among the tests' packages.
write_api_types() { require_test_tools && api_types; }
check_api_types() { api_types --check; }
api_types() {
    "$TOOLS/venv/bin/python" "$ROOT/scripts/lib/api_types.py" "$@" "$ROOT/Sources/StoreAPI/OpenAPI/openapi.yaml" "$PAGE/src/api/schema.ts"
}
