{{/* Labels that never change over a release's life: what selectors match. Takes {root, component}. */}}
{{- define "store.selectorLabels" -}}
app.kubernetes.io/name: {{ .root.Chart.Name | quote }}
app.kubernetes.io/instance: {{ .root.Release.Name | quote }}
app.kubernetes.io/component: {{ .component | quote }}
{{- end }}

{{/* Labels of a pod: the selector's, and others that do not change with the chart's version. Takes {root, component}. */}}
{{- define "store.podLabels" -}}
{{ include "store.selectorLabels" . }}
app.kubernetes.io/part-of: store-weaver
app.kubernetes.io/managed-by: {{ .root.Release.Service | quote }}
store-weaver.dev/store-id: {{ .root.Values.storeId | quote }}
store-weaver.dev/engine: woocommerce
{{- end }}

{{/* Labels of an object. Takes {root, component}. */}}
{{- define "store.labels" -}}
{{ include "store.podLabels" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" | quote }}
{{- end }}

{{/* The image's full name. Takes {root, image, tag: what to use when the image names none, official: whether it is one of Docker's own}. */}}
{{- define "store.image" -}}
{{- $official := ternary .root.Values.officialImageRegistry "" (.official | default false) -}}
{{- $registry := $official | default .root.Values.imageRegistry | trimSuffix "/" -}}
{{- $name := ternary .image.repository (printf "%s/%s" $registry .image.repository) (empty $registry) -}}
{{- if .image.digest -}}
{{ printf "%s@%s" $name .image.digest | quote }}
{{- else -}}
{{ printf "%s:%s" $name (.image.tag | default .tag | toString) | quote }}
{{- end -}}
{{- end }}

{{/* The sizes of the chosen plan, as YAML. */}}
{{- define "store.plan" -}}
{{- $plan := get .Values.plans .Values.plan -}}
{{- if not $plan -}}{{ fail (printf "plan %q is not one of: %s" .Values.plan (keys .Values.plans | sortAlpha | join ", ")) }}{{- end -}}
{{ toYaml $plan }}
{{- end }}

{{/* Why the store is away: "asleep" (no pods at all), "closed" (its database's alone), "shut" (all that it has), or nothing. */}}
{{- define "store.away" -}}
{{- if .Values.asleep -}}asleep{{- else if .Values.closed -}}closed{{- else if .Values.shut -}}shut{{- end -}}
{{- end }}

{{/* How many pods a workload has. Takes {root, component}. */}}
{{- define "store.replicas" -}}
{{- $away := include "store.away" .root -}}
{{ ternary 1 0 (or (has $away (list "" "shut")) (and (eq $away "closed") (eq .component "database"))) }}
{{- end }}

{{/* requests and limits of one part of a plan, or of the test, as a block. */}}
{{- define "store.resources" -}}
{{- range $side := list "requests" "limits" }}
{{ $side }}:
  {{- range $name := list "cpu" "memory" "ephemeral-storage" }}
  {{ $name }}: {{ get (get $ $side) $name | quote }}
  {{- end }}
{{- end }}
{{- end }}

{{/* Pod Security "restricted". Takes the user's id. */}}
{{- define "store.podSecurity" -}}
runAsNonRoot: true
runAsUser: {{ . }}
runAsGroup: {{ . }}
fsGroup: {{ . }}
fsGroupChangePolicy: OnRootMismatch
seccompProfile:
  type: RuntimeDefault
{{- end }}

{{- define "store.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end }}

{{/* What every pod has: no token, no service variables, where it may run. */}}
{{- define "store.podCommon" -}}
automountServiceAccountToken: false
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

{{/* Non-empty when the ingress ends TLS. */}}
{{- define "store.tls" -}}
{{- if and (eq .Values.scheme "https") .Values.ingress.tls.enabled -}}true{{- end -}}
{{- end }}

{{/* The store's address, without a slash at its end. */}}
{{- define "store.url" -}}
{{ .Values.scheme }}://{{ .Values.primaryHost | default .Values.host }}{{ with .Values.publicPort }}:{{ int . }}{{ end }}
{{- end }}

{{/* The store's hosts whose visitors are sent on to its address, a line each. */}}
{{- define "store.otherHosts" -}}
{{- $hosts := list .Values.host -}}
{{- range .Values.domains }}{{ $hosts = append $hosts .host }}{{ end -}}
{{- without $hosts (.Values.primaryHost | default .Values.host) | join "\n" -}}
{{- end }}

{{/* What of a running app its successor must share to start beside it: the image, whose set-up may change the database under other code, and the
     address, which it writes into the database. */}}
{{- define "store.runs" -}}
{{ include "store.image" (dict "root" . "image" .Values.image "tag" .Chart.AppVersion) | trimAll "\"" }} at {{ include "store.url" . }}
{{- end }}

{{/* How a changed app takes its predecessor's place: it starts beside it, which serves until the new one does; or after it, where they must not run at
     once. A Deployment without the annotation is of an earlier chart. */}}
{{- define "store.appStrategy" -}}
{{- $there := lookup "apps/v1" "Deployment" .Release.Namespace "wordpress" | default dict -}}
{{- $runs := dig "metadata" "annotations" "store-weaver.dev/runs" "" $there -}}
{{- $version := dig "metadata" "labels" "app.kubernetes.io/version" "" $there -}}
{{- $alike := ternary (eq $runs (include "store.runs" .)) (and (eq $version .Chart.AppVersion) (hasSuffix (printf " at %s" (include "store.url" .)) $runs)) .Values.imageMigrates -}}
{{- if or (eq .Values.rollout "after") (eq .Values.persistence.uploads.accessMode "ReadWriteOncePod") (and $there (not $alike)) -}}
type: Recreate
{{- else -}}
type: RollingUpdate
rollingUpdate:
  maxSurge: 1
  maxUnavailable: 0
{{- end -}}
{{- end }}

{{/* A volume that one node mounts at a time keeps the app's two pods together. The first finds none, and goes where it likes. */}}
{{- define "store.appAffinity" -}}
{{- if eq .Values.persistence.uploads.accessMode "ReadWriteOnce" -}}
affinity:
  podAffinity:
    requiredDuringSchedulingIgnoredDuringExecution:
      - topologyKey: kubernetes.io/hostname
        labelSelector:
          matchLabels:
            {{- include "store.selectorLabels" (dict "root" . "component" "app") | nindent 12 }}
{{- end -}}
{{- end }}

{{/* What the setup step reads: /etc/store-weaver/store.json. */}}
{{- define "store.storeFile" -}}
{{- $told := dict "name" .Values.storeName "url" (include "store.url" .) -}}
{{- if .Values.adminRevision -}}{{- $_ := set $told "adminRevision" .Values.adminRevision -}}{{- end -}}
{{- merge $told .Values.store | toJson -}}
{{- end }}

{{/* What all volumes ask for together. Sizes are whole Gi (the schema sees to it), so that they can be added here. */}}
{{- define "store.storage" -}}
{{- $sum := 0 -}}
{{- range list .Values.persistence.database .Values.persistence.uploads -}}
{{- $sum = add $sum (trimSuffix "Gi" .size | int) -}}
{{- end -}}
{{ $sum }}Gi
{{- end }}

{{/* "open" when web servers elsewhere can be reached, else nothing. A mail server's port is no way to them. */}}
{{- define "store.webEgress" -}}
{{- $open := not .Values.networkPolicy.enabled -}}
{{- range .Values.networkPolicy.internetPorts }}{{- if has (int .) (list 80 443) }}{{- $open = true }}{{- end }}{{- end -}}
{{- if $open -}}open{{- end -}}
{{- end }}

{{/* Environment of a container of the app. Passwords and salts are files below SECRETS_DIR. Takes {root, phpMemory}. */}}
{{- define "store.wordpressEnv" -}}
- name: WORDPRESS_DB_HOST
  value: mysql:3306
- name: WORDPRESS_DB_NAME
  value: wordpress
- name: WORDPRESS_DB_USER
  value: wordpress
- name: SECRETS_DIR
  value: /run/secrets/store
- name: STORE_URL
  value: {{ include "store.url" .root | quote }}
# What one PHP process may take; fits the container's limit.
- name: PHP_MEMORY_LIMIT
  value: {{ .phpMemory | quote }}
# Closed: WordPress does not even try to reach others, instead of waiting for each attempt to time out.
- name: STORE_EGRESS
  value: {{ include "store.webEgress" .root | default "closed" }}
# The volumes' sizes: uploads beyond are refused, and the platform is told.
{{- range $name := list "database" "uploads" }}
- name: STORE_{{ upper $name }}_BYTES
  value: {{ get $.root.Values.persistence $name | dig "size" "" | trimSuffix "Gi" | int | mul 1073741824 | quote }}
{{- end }}
- name: STORE_OWNER_PLUGINS
  value: {{ ternary "yes" "no" .root.Values.wordpress.ownerPlugins | quote }}
{{- if .root.Values.staging }}
- name: STORE_STAGING
  value: "1"
{{- end }}
{{- end }}

{{/* Volume mounts of every container of the app. */}}
{{- define "store.wordpressMounts" -}}
- name: uploads
  mountPath: /srv/uploads
- name: store
  mountPath: /etc/store-weaver
  readOnly: true
- name: secrets
  mountPath: /run/secrets/store
  readOnly: true
- name: tmp
  mountPath: /tmp
- name: run
  mountPath: /run/apache2
- name: lock
  mountPath: /run/lock
{{- if .Values.mail.existingSecret }}
- name: mail
  mountPath: /run/secrets/mail
  readOnly: true
{{- end }}
{{- end }}

{{/* An egress rule that admits DNS. */}}
{{- define "store.dnsEgress" -}}
- to:
    - namespaceSelector:
        matchLabels:
          kubernetes.io/metadata.name: {{ .Values.networkPolicy.dns.namespace | quote }}
      podSelector:
        matchLabels:
          k8s-app: kube-dns
    {{- range .Values.networkPolicy.dns.cidrs }}
    - ipBlock:
        cidr: {{ . | quote }}
    {{- end }}
  ports:
    - port: 53
      protocol: UDP
    - port: 53
      protocol: TCP
{{- end }}

{{/* An egress rule to public addresses, or nothing. */}}
{{- define "store.internetEgress" -}}
{{- with .Values.networkPolicy.internetPorts -}}
- to:
    - ipBlock:
        cidr: 0.0.0.0/0
        except: [10.0.0.0/8, 100.64.0.0/10, 169.254.0.0/16, 172.16.0.0/12, 192.168.0.0/16]
    - ipBlock:
        cidr: ::/0
        except: ["fc00::/7", "fe80::/10"]
  ports:
    {{- range . }}
    - port: {{ int . }}
      protocol: TCP
    {{- end }}
{{- end }}
{{- end }}
