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
if [ "${1-}" = --remove ]; then
    [ $# -ge 2 ] || usage
    federation=$2
    shift 2
else
    [ $# -ge 3 ] || usage
    federation=$1
    block="$1.svc.${CLUSTER_DOMAIN:-cluster.local}:53 $1:53 $2:53 {
    errors
    forward . $3
}"
    shift 3
fi
case $federation in
    -* | *[!a-z0-9-]* | '') usage ;;
esac

begin="# fedresolver: federation $federation"
end="# fedresolver: end of $federation"
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

kubectl "$@" --namespace kube-system get configmap "$configmap" --output 'jsonpath={.data.Corefile}' >"$folder/old"
if ! [ -s "$folder/old" ]; then
    echo "$0: the ConfigMap $configmap in kube-system has no Corefile; set CONFIGMAP" >&2
    exit 1
fi
sed "/^$begin\$/,/^$end\$/d" "$folder/old" >"$folder/Corefile"
if [ -n "$block" ]; then
    printf '%s\n%s\n%s\n' "$begin" "$block" "$end" >>"$folder/Corefile"
fi
if grep -q '^ *bind ' "$folder/old"; then
    echo "$0: the Corefile has a 'bind': put the same into the block of $federation, or it is never reached" >&2
fi
kubectl create configmap "$configmap" --from-file="$folder/Corefile" --dry-run=client --output yaml >"$folder/patch"
kubectl "$@" --namespace kube-system patch configmap "$configmap" --type merge --patch-file "$folder/patch"
