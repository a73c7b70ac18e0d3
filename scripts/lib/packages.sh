# shellcheck shell=bash
# The system packages that building and running need: nothing is installed that is there already in some other way.

# The shared libraries that the Swift toolchain itself wants and does not find, as the packages that bring them.
missing_toolchain_packages() {
    local bin library
    have swift || return 0
    bin=$(dirname "$(readlink -f "$(command -v swift)")")
    ldd "$bin/swift-package" "$bin/swift-driver" "$bin/lld" 2>/dev/null | sed -n 's/^[[:space:]]*\(lib[^ ]*\) => not found$/\1/p' |
        sort -u | while read -r library; do
        case $library in
            libcurl.*) echo libcurl4-openssl-dev ;;
            libedit.*) echo libedit-dev ;;
            libncurses*) echo libncurses-dev ;;
            libsqlite3.*) echo libsqlite3-dev ;;
            libxml2.*) echo libxml2-dev ;;
            libz3.*) echo libz3-dev ;;
        esac
    done
}

# Prints the names of Debian's packages that are missing.
missing_debian_packages() {
    missing_toolchain_packages
    [ -e /etc/ssl/certs/ca-certificates.crt ] || echo ca-certificates
    [ -d /usr/share/zoneinfo ] || echo tzdata
    [ -e /usr/include/zlib.h ] || echo zlib1g-dev
    have g++ || echo g++
    have curl || echo curl
    have pkg-config || echo pkg-config
    have runuser || echo util-linux
    python3 -c 'import ensurepip, venv' 2>/dev/null || printf 'python3\npython3-venv\n'
    { have pkg-config && pkg-config --exists libpq; } || echo libpq-dev
    [ -e /usr/include/hiredis/hiredis.h ] || echo libhiredis-dev
    { have initdb || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1; } || echo postgresql
    have redis-server || have valkey-server || echo redis-server
}

# Runs a command as root.
privileged() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

# Installing a server's package starts it, and enables it for the next boot. Neither is wanted: the servers of
# scripts/up are private. An existing policy is left alone, ours is removed when apt-get is through.
without_starting_servers() {
    local policy=/usr/sbin/policy-rc.d ours='' result=0 server
    if [ ! -e "$policy" ]; then
        ours=yes
        printf '#!/bin/sh\nexit 101\n' | privileged tee "$policy" >/dev/null
        privileged chmod 755 "$policy"
    fi
    "$@" || result=$?
    if [ -n "$ours" ]; then privileged rm -f "$policy"; fi
    if [ -d /run/systemd/system ]; then
        for server in $SERVERS_TO_DISABLE; do privileged systemctl disable --quiet "$server" || true; done
    fi
    return "$result"
}

install_with_apt() {
    step "Installing with apt-get: $*"
    if [ "$(id -u)" != 0 ] && ! have sudo; then
        fail "some packages are missing, and this is neither root nor is there sudo" "Have an administrator run: apt-get install $*"
    fi
    SERVERS_TO_DISABLE=''
    case " $* " in *' postgresql '*) SERVERS_TO_DISABLE+=' postgresql' ;; esac
    case " $* " in *' redis-server '*) SERVERS_TO_DISABLE+=' redis-server' ;; esac
    case " $* " in *' nginx-light '*) SERVERS_TO_DISABLE+=' nginx' ;; esac
    case " $* " in *' pgbouncer '*) SERVERS_TO_DISABLE+=' pgbouncer' ;; esac
    quietly apt-update.log privileged apt-get update || fail "apt-get update failed" "Check the network and /etc/apt, then run this again."
    without_starting_servers quietly apt-install.log privileged env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y --no-install-recommends "$@" || fail "apt-get install failed" "Repair what it says, then run this again."
}

install_with_brew() {
    local formula missing=()
    have brew || fail "Homebrew is not installed" "See brew.sh, then run this again."
    have initdb || [ -n "$(brew --prefix --installed postgresql@17 2>/dev/null)" ] || missing+=(postgresql@17)
    have redis-server || missing+=(redis)
    for formula in libpq hiredis pkg-config; do
        brew list --formula "$formula" >/dev/null 2>&1 || missing+=("$formula")
    done
    have helm || missing+=(helm)
    have kubectl || missing+=(kubernetes-cli)
    if [ ${#missing[@]} -gt 0 ]; then
        step "Installing with brew: ${missing[*]}"
        quietly brew-install.log brew install "${missing[@]}" || fail "brew install failed" "Repair what it says, then run this again."
    fi
    # Kept out of PATH by brew, since macOS has or had its own.
    PATH=$PATH:$(brew --prefix)/opt/postgresql@17/bin
    PKG_CONFIG_PATH=$(brew --prefix)/opt/libpq/lib/pkgconfig${PKG_CONFIG_PATH:+:$PKG_CONFIG_PATH}
    CPATH=$(brew --prefix)/include${CPATH:+:$CPATH}
    LIBRARY_PATH=$(brew --prefix)/lib${LIBRARY_PATH:+:$LIBRARY_PATH}
    export PATH PKG_CONFIG_PATH CPATH LIBRARY_PATH
}

require_packages() {
    local missing=()
    case $(uname -s) in
        Darwin) install_with_brew ;;
        Linux)
            if have apt-get; then
                while read -r package; do missing+=("$package"); done < <(missing_debian_packages)
                if [ ${#missing[@]} -gt 0 ]; then install_with_apt "${missing[@]}"; fi
            else
                warn "no apt-get here: libpq, hiredis, PostgreSQL, Redis, python3, curl and pkg-config have to be installed by hand"
            fi
            ;;
        *) fail "$(uname -s) is not supported" "Use Debian, Ubuntu or macOS." ;;
    esac
}

require_swift() {
    local version
    have swift || fail "the Swift toolchain is not on PATH" "Install Swift 6.2 or later (swift.org/install), then run this again."
    version=$(swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9]*\.[0-9]*\).*/\1/p' | head -n 1)
    [ -n "$version" ] || fail "swift --version does not work here" "Run it to see why; a library may be missing."
    if [ "${version%%.*}" -lt 6 ] || { [ "${version%%.*}" -eq 6 ] && [ "${version#*.}" -lt 2 ]; }; then
        fail "Swift $version is too old" "Install Swift 6.2 or later (swift.org/install), then run this again."
    fi
}

# libfaketime, which gives one program of scripts/chaos a clock that is off.
require_faketime() {
    have faketime && compgen -G '/usr/lib/*/faketime/libfaketimeMT.so.1' >/dev/null && return 0
    if ! have apt-get; then fail "libfaketime is missing" "scripts/chaos needs it, and knows where it is on Debian alone."; fi
    install_with_apt faketime
}

# Spin, which explores Tests/Models.
require_spin() {
    have spin && have gcc && return 0
    case $(uname -s) in
        Darwin) quietly brew-spin.log brew install spin || fail "spin is missing" "brew install spin" ;;
        *) install_with_apt spin gcc ;;
    esac
}

# pgbouncer, behind which the platform's tests put a database.
require_pooler() {
    have pgbouncer || [ -x /usr/sbin/pgbouncer ] && return 0
    case $(uname -s) in
        Darwin) quietly brew-pgbouncer.log brew install pgbouncer || fail "pgbouncer is missing" "brew install pgbouncer" ;;
        *) install_with_apt pgbouncer ;;
    esac
}

# Sets BROWSER_PATH: a Chromium, which the tests of the dashboard steer.
require_browser() {
    local candidate
    for candidate in "${BROWSER_PATH:-}" chromium chromium-browser google-chrome "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"; do
        if [ -n "$candidate" ] && have "$candidate"; then
            BROWSER_PATH=$(command -v "$candidate")
            export BROWSER_PATH
            return 0
        fi
    done
    if ! have apt-get; then fail "there is no Chromium" "Install Chromium or Chrome, or set BROWSER_PATH to one, then run this again."; fi
    install_with_apt chromium
    BROWSER_PATH=$(command -v chromium)
    export BROWSER_PATH
}

# GraphicsMagick, which makes pictures smaller for the screens of a Medusa store's visitors.
require_graphicsmagick() {
    have gm && return 0
    case $(uname -s) in
        Darwin) quietly brew-graphicsmagick.log brew install graphicsmagick || fail "GraphicsMagick is missing" "brew install graphicsmagick" ;;
        *) install_with_apt graphicsmagick ;;
    esac
}

# nginx, which the storefront's container is.
require_nginx() {
    PATH=$PATH:/usr/sbin have nginx && return 0
    case $(uname -s) in
        Darwin) quietly brew-nginx.log brew install nginx || fail "nginx is missing" "brew install nginx" ;;
        *) install_with_apt nginx-light ;;
    esac
}
