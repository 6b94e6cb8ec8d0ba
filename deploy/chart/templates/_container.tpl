{{- define "fedresolver.container" -}}
name: fedresolver
image: {{ include "fedresolver.image" . }}
imagePullPolicy: {{ .Values.image.pullPolicy }}
args: [serve, --conf, /etc/fedresolver/Corefile]
env:
  # Our topology zone is that of our Node.
  - name: NODE_NAME
    valueFrom: {fieldRef: {fieldPath: spec.nodeName}}
ports:
  {{- with .Values.ports }}
  - {name: dns, containerPort: {{ .dns }}, protocol: UDP}
  - {name: dns-tcp, containerPort: {{ .dns }}, protocol: TCP}
  - {name: health, containerPort: {{ .health }}, protocol: TCP}
  - {name: ready, containerPort: {{ .ready }}, protocol: TCP}
  - {name: metrics, containerPort: {{ .metrics }}, protocol: TCP}
  {{- end }}
# Alive is not ready: a resolver that waits for its members is not started again.
startupProbe:
  httpGet: {path: /health, port: {{ .Values.ports.health }}}
  periodSeconds: 1
  failureThreshold: 60
livenessProbe:
  httpGet: {path: /health, port: {{ .Values.ports.health }}}
  periodSeconds: 10
  timeoutSeconds: 5
  failureThreshold: 5
readinessProbe:
  httpGet: {path: /ready, port: {{ .Values.ports.ready }}}
  periodSeconds: 2
  timeoutSeconds: 2
resources:
  {{- toYaml .Values.resources | nindent 2 }}
securityContext:
  allowPrivilegeEscalation: false
  capabilities: {drop: [ALL]}
  privileged: false
  readOnlyRootFilesystem: true
  runAsNonRoot: true
  runAsUser: {{ .Values.user }}
  runAsGroup: {{ .Values.user }}
  seccompProfile: {type: RuntimeDefault}
# The kubelet shows what a Pod said last when it ends with an error, such as one in the Corefile.
terminationMessagePolicy: FallbackToLogsOnError
volumeMounts:
  - {name: fedresolver-config, mountPath: /etc/fedresolver, readOnly: true}
  - name: fedresolver-state
    mountPath: /var/lib/fedresolver
    {{- if .Values.snapshot.claim }}
    # No two Pods of a node write the same file for longer than a roll-out takes.
    subPathExpr: $(NODE_NAME)
    {{- end }}
{{- end }}

{{- define "fedresolver.volumes" -}}
# One folder with both, which changes as one.
- name: fedresolver-config
  projected:
    sources:
      - configMap: {name: {{ include "fedresolver.name" . }}}
      - secret:
          name: {{ include "fedresolver.members" . }}
          items: [{key: kubeconfig, path: kubeconfig}]
          optional: {{ not .Values.kubeconfigSecret }}
- name: fedresolver-state
  {{- if .Values.snapshot.claim }}
  persistentVolumeClaim: {claimName: {{ .Values.snapshot.claim }}}
  {{- else }}
  emptyDir: {sizeLimit: {{ .Values.snapshot.sizeLimit }}}
  {{- end }}
{{- end }}
