#!/usr/bin/env bash
# Stands in for Helm in `scripts/chaos --jobs`: renders no chart, makes the least that a worker takes for a store, and keeps its
# release in a Secret with Helm's labels and states, those of a killed Helm included.
set -euo pipefail
verb=$1 release='' namespace='' chart='' labels=''

case $verb in
    version) echo v4.0.0-stub && exit ;;
    get) echo '# stub Helm: no manifest' && exit ;;
    upgrade) release=$3 chart=$4 ;;
    *) release=$2 ;;
esac
before=''
for word in "$@"; do
    case $before in
        --namespace) namespace=$word ;;
        --labels) labels=$word ;;
    esac
    before=$word
done
while read -r key value; do
    if [ "$key" = server: ]; then server=$value; fi
done <"$KUBECONFIG"

core=/api/v1/namespaces/$namespace apps=/apis/apps/v1/namespaces/$namespace
ingresses=/apis/networking.k8s.io/v1/namespaces/$namespace/ingresses
secret=sh.helm.release.v1.$release.v1
image=stub/wordpress
if [[ $chart == *medusa* ]]; then image=stub/medusa; fi

requests=()
# request METHOD PATH [BODY]: puts it in line.
request() {
    local type=application/json
    if [ "$1" = PATCH ]; then type=application/merge-patch+json; fi
    if [ ${#requests[@]} -gt 0 ]; then requests+=(--next); fi
    requests+=(--silent --show-error --max-time 20 --user-agent Helm/stub --output /dev/null --write-out '%{http_code} '
        --request "$1" --header "Content-Type: $type" --data "${3:-}" "$server$2")
}
# Sends what is in line, one after the other. What is there already, or already gone, is no error.
send() {
    local code codes
    codes=$(curl "${requests[@]}")
    for code in $codes; do
        case $code in 2?? | 404 | 409) ;; *) echo "Error: stub Helm: the cluster answered $codes" >&2 && exit 1 ;; esac
    done
    requests=()
}
# status WORD [MORE LABELS]: marks the release.
status() { request PATCH "$core/secrets/$secret" "{\"metadata\":{\"labels\":{\"status\":\"$1\"${2:-}}}}"; }
# Up to 0.4 s, in which it can be killed.
work() { sleep "0.$((RANDOM % 5))"; }

# workload KIND NAME COMPONENT
workload() {
    local mark="{\"app.kubernetes.io/component\":\"$3\"}"
    printf '{"apiVersion":"apps/v1","kind":"%s","metadata":{"name":"%s","labels":%s},"spec":{"replicas":1,"serviceName":"%s",' "$1" "$2" "$mark" "$2"
    printf '"selector":{"matchLabels":%s},"template":{"metadata":{"labels":%s},"spec":{"containers":[{"name":"c","image":"%s"}]}}}}' \
        "$mark" "$mark" "$image"
}

case $verb in
    upgrade)
        request POST "$core/secrets" '{"apiVersion":"v1","kind":"Secret","type":"helm.sh/release.v1","metadata":{"name":"'"$secret"'","labels":
            {"owner":"helm","name":"'"$release"'","version":"1","status":"pending-install"}}}'
        request POST "$apps/statefulsets" "$(workload StatefulSet database database)"
        request POST "$apps/deployments" "$(workload Deployment app app)"
        request POST "$core/services" '{"apiVersion":"v1","kind":"Service","metadata":{"name":"app","labels":{"app.kubernetes.io/component":"app"}},
            "spec":{"selector":{"app.kubernetes.io/component":"app"},"ports":[{"port":80}]}}'
        request POST "$ingresses" '{"apiVersion":"networking.k8s.io/v1","kind":"Ingress","metadata":{"name":"store"},"spec":{"rules":[]}}'
        send
        work
        labels=${labels//=/'":"'}
        status deployed ",\"${labels//,/'","'}\""
        ;;
    uninstall)
        status uninstalling
        send
        work
        request DELETE "$ingresses/store"
        request DELETE "$core/services/app"
        request DELETE "$apps/deployments/app"
        request DELETE "$apps/statefulsets/database"
        request DELETE "$core/secrets/$secret"
        ;;
    rollback) status deployed ;;
    *) echo "Error: stub Helm knows no $verb" >&2 && exit 1 ;;
esac
send
