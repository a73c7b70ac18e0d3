#!/usr/bin/env bash
# Stands in for Helm: records when it runs in which namespace, then becomes Helm.
# What changes a namespace takes a kernel lock on it that Helm itself then holds, however it dies: a lock that is taken is an overlap.
# While the file SLOW exists, what begins takes the seconds that it holds longer.
# The record has lines `EVENT BOOTTIME_MS PID NAMESPACE VERB`; `end` is seen by a watcher every 50 ms, so it is late by as much.
helm='@HELM@' record='@RECORD@' locks='@LOCKS@' slow='@SLOW@'

verb=$1 namespace='' before=''
for word in "$@"; do
    if [ "$before" = --namespace ]; then namespace=$word; fi
    before=$word
done

# CLOCK_BOOTTIME, to the nearest 10 ms.
boottime() { read -r seconds _ </proc/uptime && echo $((10#${seconds/./} * 10)); }
note() { printf '%s %s %s %s %s\n' "$1" "$(boottime)" "$2" "$namespace" "$verb" >>"$record"; }

if [ "$1" = watch ]; then
    namespace=$3 verb=$4
    tail --pid="$2" --sleep-interval=0.05 --follow /dev/null
    note end "$2"
    exit
fi

case $verb in
    upgrade | install | rollback | uninstall)
        exec {lock}>"$locks/$namespace"
        longer=$(cat "$slow" 2>/dev/null)
        if ! flock --nonblock "$lock"; then note overlap $$; fi
        note begin $$
        # In a session of its own, or it would die with Helm's group.
        setsid "$0" watch $$ "$namespace" "$verb" {lock}>&- </dev/null >/dev/null 2>&1 &
        # In Helm's group: what ends Helm ends it.
        if [ -n "$longer" ]; then sleep "$longer" {lock}>&-; fi
        ;;
    get | status | list) note read $$ ;;
esac
exec "$helm" "$@"
