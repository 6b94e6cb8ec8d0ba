{{- define "fedresolver.needed" -}}
{{- $found := get .federation .key -}}
{{- if not $found -}}{{- fail (printf "federation.%s is not set: %s" .key .right) -}}{{- end -}}
{{- $found -}}
{{- end }}

{{- define "fedresolver.corefile" -}}
{{- if .Values.corefile -}}
{{ .Values.corefile | trimSuffix "\n" }}
{{- else -}}
{{- $federation := .Values.federation -}}
{{- $name := include "fedresolver.needed" (dict "federation" $federation "key" "name" "right" "name the federation, as in --set federation.name=myfederation") -}}
{{- $domain := include "fedresolver.needed" (dict "federation" $federation "key" "domain" "right" "name its public domain, as in --set federation.domain=example.com") -}}
{{- $member := include "fedresolver.needed" (dict "federation" $federation "key" "member" "right" "say what this cluster is called in it, as in --set federation.member=gce-us-central1") -}}
{{- $ports := .Values.ports -}}
.:{{ $ports.dns }} {
    {{- with .Values.bind }}
    bind {{ join " " . }}
    {{- end }}
    errors
    health :{{ $ports.health }} {
        lameduck {{ .Values.lameduck }}s
    }
    ready :{{ $ports.ready }}
    prometheus :{{ $ports.metrics }}
    status 127.0.0.1:8053
    federation {{ $name }} {{ $domain }} {
        cluster_domain {{ $federation.clusterDomain }}
        in_cluster {{ $member }}
        {{- if .Values.kubeconfigSecret }}
        kubeconfig /etc/fedresolver/kubeconfig
        {{- else }}
        # The other members, once the Secret {{ include "fedresolver.members" . }} has a kubeconfig:
        # kubeconfig /etc/fedresolver/kubeconfig
        {{- end }}
        select {{ $federation.select }}
        {{- range $name, $places := $federation.topology }}
        topology {{ $name }} {{ join " " $places }}
        {{- end }}
        {{- if not $federation.probe }}
        probe off
        {{- end }}
        snapshot /var/lib/fedresolver/snapshot
        {{- with $federation.more }}
        {{- . | trimSuffix "\n" | nindent 8 }}
        {{- end }}
    }
    loadbalance
    {{- with .Values.upstreams }}
    cache 30
    loop
    forward . {{ join " " . }}
    {{- end }}
    reload
}
{{- end -}}
{{- end }}
