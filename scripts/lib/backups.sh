# shellcheck shell=bash
# What stores' backups are tested with: restic 0.18 or later, rclone and restic-rest-server, which are on PATH or fetched into .tools/backups.

BACKUPS=$TOOLS/backups
MOTO_VERSION=5.2.5

# Sets PATH.
require_backup_tools() {
    local program
    have jq || install_backup_tool jq
    if backup_tools_are_there; then return 0; fi
    PATH=$BACKUPS/bin:$PATH
    if backup_tools_are_there; then return 0; fi
    have apt-get || fail "restic 0.18, rclone or restic-rest-server is missing" "Put them on PATH: restic.net, rclone.org, github.com/restic/rest-server."
    step "Fetching restic, rclone and restic-rest-server into .tools/backups"
    unpack_unstable "$BACKUPS" backups restic rclone restic-rest-server || fail "restic could not be fetched" "Repair what it says, then run this again."
    for program in restic rclone restic-rest-server; do run_by_own_loader "$BACKUPS" "usr/bin/$program"; done
    backup_tools_are_there || fail "the fetched restic does not run" "Put restic 0.18 or later, rclone and restic-rest-server on PATH."
}

install_backup_tool() {
    case $(uname -s) in
        Darwin) quietly "brew-$1.log" brew install "$1" || fail "$1 is missing" "brew install $1" ;;
        *) install_with_apt "$1" ;;
    esac
}

backup_tools_are_there() {
    local version
    version=$(restic version 2>/dev/null | sed -n 's/^restic 0\.\([0-9]*\)\..*/\1/p')
    [ "${version:-0}" -ge 18 ] && have rclone && have restic-rest-server
}

# Sets MOTO_SERVER: a stand-in for S3.
require_bucket() {
    MOTO_SERVER=$TOOLS/moto/bin/moto_server
    if [ ! -x "$MOTO_SERVER" ]; then
        step "Fetching a stand-in for S3 into .tools/moto"
        python3 -m venv --clear "$TOOLS/moto"
        quietly moto.log "$TOOLS/moto/bin/pip" install --quiet "moto[s3]==$MOTO_VERSION" flask flask-cors ||
            fail "pip install failed" "Check the network, then run this again."
    fi
    export MOTO_SERVER
}
