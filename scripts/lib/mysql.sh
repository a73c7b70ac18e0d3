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

# From Debian's unstable release, which has MySQL.
fetch_mysql() {
    have apt-get || fail "there is no MySQL" "Put mysqld, mysql and mysqldump of MySQL 8.4 or later on PATH, or their folder into MYSQL_BIN."
    step "Fetching MySQL and what it needs into .tools/mysql"
    unpack_unstable "$MYSQL" mysql mysql-server-core mysql-client-core ||
        fail "MySQL could not be fetched" "Repair what it says, or put mysqld, mysql and mysqldump on PATH."
    run_by_own_loader "$MYSQL" usr/sbin/mysqld --no-defaults "--basedir=$MYSQL/root/usr"
    # They take a file of settings in the place of --no-defaults, which has to come first.
    run_by_own_loader "$MYSQL" usr/bin/mysql
    run_by_own_loader "$MYSQL" usr/bin/mysqldump
}
