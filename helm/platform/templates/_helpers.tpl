{{/* What all names begin with. */}}
{{- define "platform.name" -}}
{{ .Release.Name | trunc 40 | trimSuffix "-" }}
{{- end }}

{{/* Labels that never change over a release's life: what selectors match. Takes {root, component}. */}}
{{- define "platform.selectorLabels" -}}
app.kubernetes.io/name: {{ .root.Chart.Name | quote }}
app.kubernetes.io/instance: {{ .root.Release.Name | quote }}
app.kubernetes.io/component: {{ .component | quote }}
{{- end }}

{{/* Labels of a pod. Takes {root, component}. */}}
{{- define "platform.podLabels" -}}
{{ include "platform.selectorLabels" . }}
app.kubernetes.io/part-of: store-weaver
app.kubernetes.io/managed-by: {{ .root.Release.Service | quote }}
{{- end }}

{{/* Labels of an object. Takes {root, component}. */}}
{{- define "platform.labels" -}}
{{ include "platform.podLabels" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" | quote }}
{{- end }}

{{/* metadata of a namespaced object. Takes {root, component, name: what follows the release's name}. */}}
{{- define "platform.metadata" -}}
name: {{ include "platform.name" .root }}-{{ .name }}
namespace: {{ .root.Release.Namespace | quote }}
labels:
  {{- include "platform.labels" . | nindent 2 }}
{{- end }}

{{/* The image's full name. Takes {root, image, official: whether it is one of Docker's own}. */}}
{{- define "platform.image" -}}
{{- $official := ternary .root.Values.officialImageRegistry "" (.official | default false) -}}
{{- $registry := $official | default .root.Values.imageRegistry | trimSuffix "/" -}}
{{- $name := ternary .image.repository (printf "%s/%s" $registry .image.repository) (empty $registry) -}}
{{- if .image.digest -}}
{{ printf "%s@%s" $name .image.digest | quote }}
{{- else -}}
{{ printf "%s:%s" $name (.image.tag | default .root.Chart.AppVersion | toString) | quote }}
{{- end -}}
{{- end }}

{{/* Pod Security "restricted". Takes the user's id. */}}
{{- define "platform.podSecurity" -}}
runAsNonRoot: true
runAsUser: {{ . }}
runAsGroup: {{ . }}
fsGroup: {{ . }}
fsGroupChangePolicy: OnRootMismatch
seccompProfile:
  type: RuntimeDefault
{{- end }}

{{- define "platform.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end }}

{{/* What every pod has: no service variables, where it may run. */}}
{{- define "platform.podCommon" -}}
enableServiceLinks: false
{{- with .Values.imagePullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . | quote }}
  {{- end }}
{{- end }}
{{- with .Values.priorityClassName }}
priorityClassName: {{ . | quote }}
{{- end }}
{{- with .Values.nodeSelector }}
nodeSelector:
  {{- range $key, $value := . }}
  {{ $key }}: {{ $value | toString | quote }}
  {{- end }}
{{- end }}
{{- with .Values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{/* Over nodes and zones as evenly as may be. Takes {root, component}. */}}
{{- define "platform.spread" -}}
topologySpreadConstraints:
  {{- range list "kubernetes.io/hostname" "topology.kubernetes.io/zone" }}
  - maxSkew: 1
    topologyKey: {{ . }}
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
      matchLabels:
        {{- include "platform.selectorLabels" $ | nindent 8 }}
  {{- end }}
{{- end }}

{{/* Environment of a program. Takes {root, own: its own settings, which win, fixed: what this chart sets}. It listens at every address of
     the pod, of IPv4 and IPv6. */}}
{{- define "platform.environment" -}}
{{- $common := dict "SECRETS_DIR" "/run/secrets/store-weaver" "ENVIRONMENT" .root.Values.environment "OPERATOR_HOST" "::" "OPERATOR_PORT" "9464" -}}
{{- range $name, $value := mergeOverwrite $common .fixed .root.Values.settings .own }}
- name: {{ $name }}
  value: {{ $value | toString | quote }}
{{- end }}
{{- end }}

{{/* Where workers and stores' pods reach the vault. */}}
{{- define "platform.vaultURL" -}}
http://{{ include "platform.name" . }}-vault.{{ .Release.Namespace }}.svc:3000
{{- end }}

{{/* Whether the platform's own database is saved to the vault, or nothing. */}}
{{- define "platform.isBackedUp" -}}
{{- if and .Values.vault.enabled .Values.vault.platform.enabled }}yes{{ end -}}
{{- end }}

{{/* Where Prometheus finds a program's metrics, by the annotations that most installations of it look for. */}}
{{- define "platform.metricsAnnotations" -}}
prometheus.io/scrape: "true"
prometheus.io/port: "9464"
prometheus.io/path: /metrics
{{- end }}

{{- define "platform.operatorPort" -}}
- name: operator
  containerPort: 9464
  protocol: TCP
{{- end }}

{{/* Ingress of the operator's port, or nothing. */}}
{{- define "platform.metricsIngress" -}}
{{- with .Values.networkPolicy.metricsNamespace -}}
- from:
    - namespaceSelector:
        matchLabels:
          kubernetes.io/metadata.name: {{ . | quote }}
  ports:
    - port: 9464
      protocol: TCP
{{- end }}
{{- end }}

{{/* The files of API and workers that are always there, by the keys of the Secret. */}}
{{- define "platform.dataKeys" -}}
database-url: database-url
redis-url: redis-url
{{- end }}

{{/* The Secret's keys that are settings, as files. Takes {root, keys: by file the key that has to be there, more: keys that may be absent}. */}}
{{- define "platform.secretsVolume" -}}
{{- $root := .root -}}
- name: secrets
  projected:
    defaultMode: 0440
    sources:
      - secret:
          name: {{ $root.Values.secretName | quote }}
          items:
            {{- range $file, $key := .keys }}
            - key: {{ $key | quote }}
              path: {{ $file }}
            {{- end }}
      {{- with .more }}
      - secret:
          name: {{ $root.Values.secretName | quote }}
          optional: true
          items:
            {{- range . }}
            - key: {{ . }}
              path: {{ . }}
            {{- end }}
      {{- end }}
{{- end }}

{{/* Brings the schema up to date before the program starts; several at once are safe. An init container, since a hook would wait for a
     bundled PostgreSQL that comes after it. Takes {root, image}. */}}
{{- define "platform.migrate" -}}
- name: migrate
  image: {{ include "platform.image" . }}
  imagePullPolicy: {{ .image.pullPolicy }}
  command: [storectl, migrate, --wait, "240"]
  env:
    {{- include "platform.environment" (dict "root" .root "own" (dict) "fixed" (dict)) | nindent 4 }}
  resources:
    {{- toYaml .root.Values.migration.resources | nindent 4 }}
  securityContext:
    {{- include "platform.containerSecurity" . | nindent 4 }}
  volumeMounts:
    - name: secrets
      mountPath: /run/secrets/store-weaver
      readOnly: true
{{- end }}

{{/* Egress to a data server. Takes {root, component, from: its values, port: of the bundled one}. */}}
{{- define "platform.dataEgress" -}}
- to:
    {{- if .from.bundled }}
    - podSelector:
        matchLabels:
          {{- include "platform.selectorLabels" . | nindent 10 }}
    {{- else }}
    {{- if not .from.external.cidrs }}{{ fail (printf "%s.cidrs: where is it? e.g. [10.1.2.3/32]" (.named | default (printf "%s.external" .component))) }}{{ end }}
    {{- range .from.external.cidrs }}
    - ipBlock:
        cidr: {{ . | quote }}
    {{- end }}
    {{- end }}
  ports:
    - port: {{ ternary .port (int .from.external.port) .from.bundled }}
      protocol: TCP
{{- end }}

{{/* Egress to the Kubernetes API server: to what networkPolicy.apiServer names, else to the addresses that the cluster says it has: its own
     and, for network plugins that look before they translate it, the Service's. */}}
{{- define "platform.apiServerEgress" -}}
{{- $addresses := .Values.networkPolicy.apiServer.cidrs -}}
{{- $ports := .Values.networkPolicy.apiServer.ports -}}
{{- if not $addresses -}}
{{- $slice := dict -}}
{{- if .Capabilities.APIVersions.Has "discovery.k8s.io/v1/EndpointSlice" -}}{{- $slice = lookup "discovery.k8s.io/v1" "EndpointSlice" "default" "kubernetes" -}}{{- end -}}
{{- if $slice -}}
{{- $service := lookup "v1" "Service" "default" "kubernetes" -}}
{{- $addresses = $service.spec.clusterIPs | default (list $service.spec.clusterIP) -}}
{{- range $slice.endpoints -}}{{- $addresses = concat $addresses .addresses -}}{{- end -}}
{{- $ports = list -}}
{{- range concat $service.spec.ports $slice.ports -}}{{- $ports = append $ports (int .port) -}}{{- end -}}
{{- else -}}
{{- fail "networkPolicy.apiServer.cidrs is empty, and Helm has no cluster to ask: name the API server's addresses, e.g. [10.0.0.7/32]" -}}
{{- end -}}
{{- end -}}
- to:
    {{- range $addresses | uniq }}
    - ipBlock:
        cidr: {{ ternary . (printf "%s/%s" . (ternary "128" "32" (contains ":" .))) (contains "/" .) | quote }}
    {{- end }}
  ports:
    {{- range $ports | default (list 443 6443) | uniq }}
    - port: {{ . }}
      protocol: TCP
    {{- end }}
{{- end }}

{{/* Egress to the public internet (as Sources/Program/Outbound/PublicNetworks.swift has it) and to what settings allow, but for what they refuse. */}}
{{- define "platform.publicEgress" -}}
{{- $special := list "0.0.0.0/8" "10.0.0.0/8" "100.64.0.0/10" "127.0.0.0/8" "169.254.0.0/16" "172.16.0.0/12" "192.0.0.0/24" "192.168.0.0/16" "198.18.0.0/15" "224.0.0.0/4" "240.0.0.0/4" -}}
{{- $refused := include "platform.networks" .Values.settings.WEBHOOK_REFUSED_NETWORKS | splitList "," | compact -}}
- to:
    - ipBlock:
        cidr: 0.0.0.0/0
        except:
          {{- range concat $special $refused }}
          {{- if not (contains ":" .) }}
          - {{ . | quote }}
          {{- end }}
          {{- end }}
    - ipBlock:
        cidr: 2000::/3
        except:
          {{- range concat (list "2001::/23" "2001:db8::/32" "2002::/16") $refused }}
          {{- if contains ":" . }}
          - {{ . | quote }}
          {{- end }}
          {{- end }}
    {{- range include "platform.networks" .Values.settings.WEBHOOK_ALLOWED_NETWORKS | splitList "," | compact }}
    - ipBlock:
        cidr: {{ . | quote }}
    {{- end }}
  ports:
    {{- range list 80 443 (include "platform.mailPort" .) | compact }}
    - port: {{ . }}
      protocol: TCP
    {{- end }}
    - port: 1024
      endPort: 65535
      protocol: TCP
{{- end }}

{{/* The port of the mail server, or nothing where there is none. */}}
{{- define "platform.mailPort" -}}
{{- if .Values.settings.SMTP_HOST -}}
{{- .Values.settings.SMTP_PORT | default (get (dict "tls" "465" "none" "25") (.Values.settings.SMTP_TLS | default "")) | default "587" -}}
{{- end -}}
{{- end }}

{{/* Networks as a setting names them, each with its length and nothing around it, separated by commas. */}}
{{- define "platform.networks" -}}
{{- $networks := list -}}
{{- range splitList "," (. | default "") -}}
{{- with trim . -}}
{{- $networks = append $networks (ternary . (printf "%s/%s" . (ternary "128" "32" (contains ":" .))) (contains "/" .)) -}}
{{- end -}}
{{- end -}}
{{- join "," $networks -}}
{{- end }}

{{/* Egress to the cluster's DNS. */}}
{{- define "platform.dnsEgress" -}}
{{- with .Values.networkPolicy.dns -}}
- to:
    - namespaceSelector:
        matchLabels:
          kubernetes.io/metadata.name: {{ .namespace | quote }}
      podSelector:
        matchLabels:
          k8s-app: kube-dns
    {{- range .cidrs }}
    - ipBlock:
        cidr: {{ . | quote }}
    {{- end }}
  ports:
    - port: 53
      protocol: UDP
    - port: 53
      protocol: TCP
{{- end }}
{{- end }}

{{/* The dashboard's address, without a slash at its end. */}}
{{- define "platform.url" -}}
{{ ternary "https" "http" .Values.ingress.tls.enabled }}://{{ .Values.host }}
{{- end }}

{{/* RESERVED_NAMES: as the API has it by itself, and the dashboard's own host where a store could be called so. */}}
{{- define "platform.reservedNames" -}}
api,www,admin,dashboard,app,auth,weaver
{{- if hasSuffix .Values.storeSuffix .Values.host -}}
,{{ trimSuffix .Values.storeSuffix .Values.host }}
{{- end -}}
{{- end }}

{{/* The drain, and then 40 s: Helm's end by the lease's times (10 s as set by default), settling what is left, and a margin. */}}
{{- define "platform.workerGrace" -}}
{{ add (int .Values.worker.drainSeconds) 40 }}
{{- end }}
