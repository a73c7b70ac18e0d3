// Stores for the tests.
import type { Store } from '../src/api/schema';

export const store = (change: Partial<Store> = {}): Store => ({
  id: 'a00000000001', name: 'Acme', engine: 'woocommerce', status: 'ready', url: null, adminUrl: null, createdAt: '2026-01-01T00:00:00Z',
  updatedAt: '2026-01-01T00:00:00Z', askedAt: '2026-01-01T00:00:00Z', provisioningStartedAt: null, namespace: 'store-acme', errorMessage: null, userId: null, engineVersion: '',
  replicas: 1, podsRunning: 1, podRestarts: 0, provisioningSteps: [], generation: 1, appliedGeneration: 1, activity: null, lastBackupAt: null, restoredFrom: null, staging: false, asleep: false, plan: 'small', version: '1.1.0', changeError: null, domains: [], ...change,
});
