#!/bin/sh
# Have CoreDNS hand the names of a federation on to fedresolver, with a server block in its ConfigMap.
#
#     deploy/stub/coredns.sh FEDERATION DOMAIN ADDRESS [KUBECTL_OPTION...]
#     deploy/stub/coredns.sh --remove FEDERATION [KUBECTL_OPTION...]
#
# ADDRESS is that of the Service, or 127.0.0.1:5353 of a sidecar. It may be run again: the block of the federation is replaced, and
# whatever else is in the ConfigMap stays. From the environment: CLUSTER_DOMAIN (cluster.local), and CONFIGMAP (coredns), which is
# in kube-system.
set -eu

usage() {
    sed -n '2,5s/^# \{0,1\}//p' "$0" >&2
    exit 2
}

configmap=${CONFIGMAP:-coredns}
block=
zones=
if [ "${1-}" = --remove ]; then
    [ $# -ge 2 ] || usage
    federation=$2
    shift 2
else
    [ $# -ge 3 ] || usage
    federation=$1
    # What is wrong here would keep CoreDNS from starting.
    case $2 in -* | *[!A-Za-z0-9.-]* | '') usage ;; esac
    case $3 in *[!0-9A-Fa-f.:]* | '') usage ;; esac
    zones="$1.svc.${CLUSTER_DOMAIN:-cluster.local} $1 $2"
    block="$(printf '%s:53 ' $zones){
    errors
    forward . $3
}"
    shift 3
fi
case $federation in -* | *[!a-z0-9-]* | '') usage ;; esac

begin="# fedresolver: federation $federation"
end="# fedresolver: end of $federation"
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

kubectl "$@" --namespace kube-system get configmap "$configmap" --output 'jsonpath={.data.Corefile}' >"$folder/old"
if ! [ -s "$folder/old" ]; then
    echo "$0: the ConfigMap $configmap in kube-system has no Corefile; set CONFIGMAP" >&2
    exit 1
fi
if [ "$(grep -cx "$begin" "$folder/old")" != "$(grep -cx "$end" "$folder/old")" ]; then
    echo "$0: of the lines '$begin' and '$end' in the Corefile one is missing; take the other out, too" >&2
    exit 1
fi
sed "/^$begin\$/,/^$end\$/d" "$folder/old" >"$folder/Corefile"
for zone in $zones; do
    if grep -Eq "^([^[:space:]#][^{]*[[:space:]])?(dns://)?$(printf '%s' "$zone" | sed 's/[.]/[.]/g')[.]?(:53)?[[:space:]{]" "$folder/Corefile"; then
        echo "$0: the Corefile has a block for $zone, and CoreDNS takes no second one; hand it on to fedresolver there" >&2
        exit 1
    fi
done
if [ -n "$block" ]; then
    printf '%s\n%s\n%s\n' "$begin" "$block" "$end" >>"$folder/Corefile"
fi
if grep -q '^ *bind ' "$folder/old"; then
    echo "$0: the Corefile has a 'bind': put the same into the block of $federation, or it is never reached" >&2
fi
kubectl create configmap "$configmap" --from-file="$folder/Corefile" --dry-run=client --output yaml >"$folder/patch"
kubectl "$@" --namespace kube-system patch configmap "$configmap" --type merge --patch-file "$folder/patch"
