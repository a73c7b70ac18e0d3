# shellcheck shell=bash
# A real MySQL for the suite databases: MYSQL_BIN (a folder with mysqld, mysql and mysqldump), what is on PATH, else Debian's packages with all that they
# need, unpacked into .tools/mysql and run by their own loader: nothing is installed.

MYSQL=$TOOLS/mysql

# Sets MYSQL_BIN, which may be empty: PATH has it.
require_mysql() {
    if [ -z "${MYSQL_BIN:-}" ]; then
        if PATH=$PATH:/usr/sbin have mysqld && have mysql && ! PATH=$PATH:/usr/sbin mysqld --version | grep -q MariaDB; then
            export MYSQL_BIN=/usr/sbin
            return 0
        fi
        if [ ! -x "$MYSQL/bin/mysqldump" ]; then fetch_mysql; fi
        MYSQL_BIN=$MYSQL/bin
    fi
    [ -x "$MYSQL_BIN/mysqld" ] || fail "there is no mysqld in MYSQL_BIN=$MYSQL_BIN" "Unset it to have MySQL found or fetched."
    export MYSQL_BIN
}

# apt-get that knows Debian's unstable release, which has MySQL, and thinks that nothing is installed.
apt_for_mysql() {
    apt-get -o Dir::Etc::SourceList="$MYSQL/sources.list" -o Dir::Etc::SourceParts="$MYSQL/none" -o Dir::Etc::PreferencesParts="$MYSQL/none" \
        -o Dir::State::Lists="$MYSQL/lists" -o Dir::State::status="$MYSQL/status" -o Dir::Cache="$MYSQL/cache" \
        -o APT::Sandbox::User=root -o Acquire::Check-Valid-Until=false "$@"
}

fetch_mysql() {
    local root=$MYSQL/root package
    have apt-get || fail "there is no MySQL" "Put mysqld and mysql of MySQL 8.4 or later on PATH, or their folder into MYSQL_BIN."
    step "Fetching MySQL and what it needs into .tools/mysql"
    rm -rf "$MYSQL"
    mkdir -p "$root" "$MYSQL/bin" "$MYSQL/none" "$MYSQL/lists/partial" "$MYSQL/cache/archives/partial"
    : >"$MYSQL/status"
    # shellcheck disable=SC2016  # apt's own variable
    apt-get indextargets --format 'deb $(SITE) sid main' 'Created-By: Packages' 'Origin: Debian' | head -n 1 >"$MYSQL/sources.list"
    if ! quietly mysql-lists.log apt_for_mysql update ||
        ! quietly mysql-fetch.log apt_for_mysql install --download-only --yes --no-install-recommends mysql-server-core mysql-client-core; then
        fail "MySQL could not be fetched" "Repair what it says, or put mysqld and mysql on PATH."
    fi
    for package in "$MYSQL"/cache/archives/*.deb; do
        quietly mysql-unpack.log dpkg -x "$package" "$root" || fail "MySQL could not be unpacked" "Repair what it says, then run this again."
    done
    rm -rf "$MYSQL/cache" "$MYSQL/lists"
    run_by_own_loader "$root" usr/sbin/mysqld --no-defaults "--basedir=$root/usr"
    # They take a file of settings in the place of --no-defaults, which has to come first.
    run_by_own_loader "$root" usr/bin/mysql
    run_by_own_loader "$root" usr/bin/mysqldump
}

# run_by_own_loader ROOT PROGRAM [ARGUMENT…]: a program of that name in .tools/mysql/bin, with the C library it was made for.
run_by_own_loader() {
    local root=$1 program=$2 loader
    loader=$(find "$root" -name 'ld-linux*.so.*' | head -n 1)
    printf '#!/bin/sh\nexec %s --library-path %s %s %s "$@"\n' "$loader" "$(dirname "$(find "$root" -name 'libc.so.6' | head -n 1)")" "$root/$program" "${*:3}" \
        >"$MYSQL/bin/${program##*/}"
    chmod 755 "$MYSQL/bin/${program##*/}"
}
