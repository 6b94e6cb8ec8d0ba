#!/bin/sh
# Let fedresolver read a cluster: apply deploy/rbac.yaml there, and print a kubeconfig with one context, NAME, and a token that lasts.
#
#     deploy/member.sh NAME [KUBECTL_OPTION...] >NAME.kubeconfig
#
# The options say which cluster, as in `--context gce-us-east1`; its address is the one that kubectl uses for it, unless SERVER names
# another. RBAC is a file in place of deploy/rbac.yaml. It may be run again: the token stays.
set -eu

if [ $# -lt 1 ]; then
    sed -n '2,4s/^# \{0,1\}//p' "$0" >&2
    exit 2
fi
name=$1
shift
case $name in
    -* | *[!A-Za-z0-9./:@_-]* | '')
        echo "$0: '$name' cannot be the name of a member: write a context's, such as gce-us-east1" >&2
        exit 2
        ;;
esac

of_cluster() {
    printf 'jsonpath={.clusters[0].cluster.%s}' "$1"
}

view() {
    field=$1
    shift
    kubectl "$@" config view --minify --flatten --raw --output "$(of_cluster "$field")"
}

server=${SERVER:-$(view server "$@")}
authority=$(view certificate-authority-data "$@")
tls_name=$(view tls-server-name "$@")
case $server in
    https://*) ;;
    *)
        echo "$0: '$server' is no address that begins with https://: name the cluster with --context, or set SERVER" >&2
        exit 1
        ;;
esac

kubectl "$@" apply --filename "${RBAC:-$(dirname "$0")/rbac.yaml}" >&2
kubectl "$@" apply --filename - >&2 <<END
apiVersion: v1
kind: Secret
metadata:
  name: fedresolver-remote
  namespace: fedresolver
  annotations: {kubernetes.io/service-account.name: fedresolver-remote}
type: kubernetes.io/service-account-token
END

tries=30
while
    token=$(kubectl "$@" --namespace fedresolver get secret fedresolver-remote --output 'jsonpath={.data.token}')
    [ -z "$token" ]
do
    tries=$((tries - 1))
    if [ "$tries" -eq 0 ]; then
        echo "$0: the cluster puts no token into the Secret fedresolver/fedresolver-remote: is its controller manager well?" >&2
        exit 1
    fi
    sleep 1
done

cat <<END
apiVersion: v1
kind: Config
clusters:
  - name: "$name"
    cluster:
      server: "$server"
END
[ -z "$authority" ] || echo "      certificate-authority-data: $authority"
[ -z "$tls_name" ] || echo "      tls-server-name: \"$tls_name\""
cat <<END
users:
  - name: "$name"
    user:
      token: $(printf '%s' "$token" | base64 -d)
contexts:
  - name: "$name"
    context: {cluster: "$name", user: "$name"}
current-context: "$name"
END
