{{- define "fedresolver.name" -}}
{{- $name := .Release.Name -}}
{{- if not (contains "fedresolver" $name) -}}{{- $name = printf "%s-fedresolver" $name -}}{{- end -}}
{{- $name | trunc 63 | trimSuffix "-" -}}
{{- end }}

{{- define "fedresolver.account" -}}
{{- .Values.serviceAccount.name | default (include "fedresolver.name" .) -}}
{{- end }}

{{- define "fedresolver.members" -}}
{{- .Values.kubeconfigSecret | default (printf "%s-members" (include "fedresolver.name" .)) -}}
{{- end }}

{{- define "fedresolver.selector" -}}
app.kubernetes.io/name: fedresolver
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "fedresolver.labels" -}}
{{ include "fedresolver.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
{{- end }}

{{- define "fedresolver.image" -}}
{{- $image := .Values.image -}}
{{- if $image.digest -}}
{{ $image.repository }}@{{ $image.digest }}
{{- else -}}
{{ $image.repository }}:{{ $image.tag | default .Chart.AppVersion }}
{{- end -}}
{{- end }}
