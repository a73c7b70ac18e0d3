// Headings for the causes in docs/diagnosis.md; what exactly was seen and what to do is the API's own text.
const titles: Record<string, string> = {
  'namespace-terminating': 'The namespace is still being deleted',
  'image-pull': 'An image could not be pulled',
  'missing-reference': 'A Secret or ConfigMap is missing',
  'container-configuration': 'A container could not be configured',
  'out-of-memory': 'A container ran out of memory',
  'crash-loop': 'A container keeps crashing',
  'volume-not-bound': 'A volume was not provided',
  'volume-not-mounted': 'A volume could not be mounted',
  unschedulable: 'No node has room for a pod',
  quota: 'The store’s quota is exhausted',
  'pod-security': 'Pod Security refused a pod',
  'limit-range': 'A LimitRange refused a pod',
  'pod-refused': 'The cluster refused a pod',
  'job-failed': 'A setup job failed',
  evicted: 'A pod was evicted',
  'progress-deadline': 'A deployment made no progress',
  'not-ready': 'A pod did not become ready',
  'shop-unserved': 'The shop did not answer',
  'time-limit': 'It took too long',
  'helm-conflict': 'Helm met another owner’s object',
  'helm-forbidden': 'Helm was not allowed to do it',
  'helm-chart': 'The chart could not be applied',
  helm: 'Helm failed',
  cluster: 'The cluster answered badly',
};

export const causeTitle = (cause: string | null | undefined) => (cause && titles[cause]) || 'It failed';
