// Made from the OpenAPI document by scripts/dashboard --types; the tests compare the two. Change the document instead.

export type Credentials = {
  adminUrl: string | null;
  user: string;
  password: string;
};

export type AuditEntry = {
  id: number;
  at: string;
  actor: string;
  source: 'api' | 'storectl' | 'worker';
  action: string;
  target: string | null;
  detail: string | null;
  address: string | null;
  outcome: 'done' | 'refused';
};

export type Role = 'user' | 'operator' | 'admin';

export type SessionUser = {
  id: string;
  name: string | null;
  role: Role;
};

export type SessionState = {
  mode: 'header' | 'accounts' | 'oidc';
  signUp: 'open' | 'invitation' | 'closed' | null;
  user?: SessionUser;
  csrfToken?: string;
  expiresAt?: string;
};

export type Session = {
  user: SessionUser;
  /** To be sent as X-CSRF-Token. */
  csrfToken: string;
  /** Refresh before this. */
  expiresAt: string;
};

export type SignIn = {
  email: string;
  password: string;
};

export type SignUp = {
  email: string;
  password: string;
  /** Where sign-up is by invitation. */
  invitation?: string | null;
};

export type PasswordChange = {
  current: string;
  new: string;
};

export type Scope = 'stores:read' | 'stores:write' | 'stores:credentials' | 'queue:operate' | 'accounts:administer';

export type Token = {
  id: string;
  name: string;
  scopes: Scope[];
  createdAt: string;
  expiresAt: string;
  lastUsedAt: string | null;
};

export type NewToken = {
  name: string;
  scopes: Scope[];
  days?: number;
};

export type Account = {
  id: string;
  email: string;
  role: Role;
  createdAt: string;
  disabledAt: string | null;
  stores: number;
  /** Its own; null: the role's, else the installation's. */
  quota: number | null;
};

export type AccountChange = {
  role?: Role;
  disabled?: boolean;
  /** -1: none of its own. */
  quota?: number;
};

export type NewInvitation = {
  /** Restrict to this e-mail (default: anyone). */
  email?: string | null;
  role?: Role;
  days?: number;
};

export type StoreId = string;

export type StoreStatus = 'provisioning' | 'ready' | 'failed' | 'deleting';

export type Engine = 'woocommerce' | 'medusa';

export type NewStore = {
  /** Trimmed before it is looked at. */
  name: string;
  engine: Engine;
  /** The address that is wanted, e.g. acme; without it the name makes one. */
  slug?: string | null;
  /** Without it, the engine's default. */
  plan?: 'small' | 'medium' | 'large' | null;
  /** What it is filled with before it is ready: a backup that is done, of a store of its owner and engine. */
  from?: {
    backup: BackupId;
  } | null;
  /** The owner where there is no X-User-Id. */
  userId?: string | null;
};

export type PlanName = 'small' | 'medium' | 'large';

export type Plan = {
  name: PlanName;
  /** What a store of this plan counts; asleep half. */
  units: number;
  /** What it gives, as Kubernetes' quantities. */
  engines: {
    engine: Engine;
    /** The app's limit. */
    cpu: string;
    /** The app's limit. */
    memory: string;
    /** The database's limit. */
    databaseMemory: string;
  }[];
};

export type EngineDefaults = {
  engine: Engine;
  defaultPlan: PlanName;
  /** The volumes of a new store. */
  storage: {
    database: string;
    uploads: string;
  };
};

export type Version = {
  engine: Engine;
  /** The chart's. */
  version: string;
  /** Of the engine in it. */
  appVersion: string;
  /** Whether new stores are installed with it. */
  current: boolean;
};

/** A size in whole Mi, Gi or Ti, up to 64Ti, e.g. 10Gi. */
export type VolumeSize = string | null;

export type BackupId = string;

/** What is only known of one that is done is null before. */
export type Backup = {
  id: BackupId;
  /** Why it was taken: `pre-change` before a change that may lose data, `final` before a deletion. */
  kind: 'manual' | 'nightly' | 'pre-change' | 'final';
  /** `running` also while it is queued. */
  status: 'running' | 'done' | 'failed';
  /** Database and files */
  size: number | null;
  databaseBytes: number | null;
  fileBytes: number | null;
  products: number | null;
  orders: number | null;
  createdAt: string;
  finishedAt: string | null;
  /** When a store was last made of it to see that it can be. */
  verifiedAt: string | null;
  /** What the store ran then. */
  engineVersion: string | null;
  /** The chart's, then. */
  version: string | null;
  /** Why it failed, for people. */
  error: string | null;
  /** The same for programs, e.g. vault-away; docs/runbook.md has them all. */
  errorCode: string | null;
};

export type DeletedStore = {
  id: StoreId;
  name: string;
  engine: Engine;
  plan: PlanName;
  userId: string | null;
  deletedAt: string;
  /** Until when it can be brought back. */
  keptUntil: string;
  backup: Backup;
};

export type Restore = {
  backup: BackupId;
  /** The store's slug, where the caller wants to be sure which store it is. */
  confirm?: string | null;
};

export type Clone = {
  name: string;
  /** As of a new store; without it, of the name. */
  slug?: string | null;
  /** Of the store, or of a store of the same owner and engine; without it, one is taken now. */
  backup?: string | null;
  /** A copy to try things on. */
  staging?: boolean | null;
};

/** What is not given stays as it is. */
export type StoreChange = {
  /** The address stays. */
  name?: string | null;
  /** One of `GET /api/plans`. */
  plan?: 'small' | 'medium' | 'large' | null;
  /** Volumes grow where their storage class can, and never shrink. */
  storage?: {
    database?: VolumeSize;
    uploads?: VolumeSize;
  } | null;
  /** One of `GET /api/versions` of the store's engine. */
  version?: string | null;
  /** Asleep, nothing of the store runs, and everything of it is kept. */
  asleep?: boolean | null;
  /** When the store is awake, e.g. `Mo-Fr 08:00-20:00 Europe/Berlin`: days (`Mo Tu We Th Fr Sa Su`, ranges such as `Fr-Mo`, commas), one span of hours, which ends on the next day where its end is earlier than its start, and a time zone of IANA's. Null takes it away. The schedule acts when a span begins or ends, from the next time on: what is done by hand between holds until then. */
  awakeSchedule?: string | null;
};

/** What the store is to be; null is what is not known before a worker has looked at the store. */
export type Spec = {
  name: string;
  plan: PlanName;
  /** The chart's. */
  version: string | null;
  /** Whether it is left alone when many stores are upgraded. */
  pinned: boolean;
  asleep: boolean;
  /** When the store is awake of itself; no part of a generation. */
  awakeSchedule: string | null;
  storage: {
    /** A size such as 10Gi. */
    database: string | null;
    /** A size such as 10Gi. */
    uploads: string | null;
    /** The storage class; empty: the cluster's default when the volumes were made. */
    class: string | null;
  };
  /** The storefront's host name. */
  host: string | null;
};

export type Retry = {
  /** Whether Helm is to set the fields that another manager has set; without it such a field is left alone. */
  takeOver?: boolean | null;
};

/** The last change was not made and the store goes on as it was; null once a later one is made. */
export type ChangeError = {
  /** A word for programs: helm-conflict where another manager has set a field, see takeOver; unit-limit where a schedule may not wake the store. */
  code: string;
  /** Which field, whose it is, and what can be done. */
  message: string;
  at: string;
} | null;

export type Store = {
  id: StoreId;
  name: string;
  engine: Engine;
  status: StoreStatus;
  /** Set once it was ready. */
  url: string | null;
  adminUrl: string | null;
  createdAt: string;
  updatedAt: string;
  provisioningStartedAt: string | null;
  readyAt?: string | null;
  namespace: string;
  errorMessage: string | null;
  /** A word for programs, e.g. image-pull; docs/operations.md has them all. */
  failureCause?: string | null;
  health?: Health;
  healthSince?: string | null;
  healthCause?: string | null;
  /** What another hand took away; a retry makes it anew. */
  drift?: 'namespace' | 'release' | null;
  changeError: ChangeError;
  /** Of the spec; each change makes the next one. */
  generation: number;
  /** The last one that was made true; 0 before the store was ready. */
  appliedGeneration: number;
  /** What is being changed of a ready store. */
  activity: 'resizing' | 'upgrading' | 'renaming' | 'falling-asleep' | 'waking' | 'restoring' | 'backing-up' | 'renewing-password' | null;
  /** Whether it is to sleep. */
  asleep: boolean;
  plan: PlanName;
  /** The chart's; null before a worker has looked at the store. */
  version: string | null;
  /** When its newest backup was done. */
  lastBackupAt: string | null;
  /** The backup that the store was made of. */
  restoredFrom: string | null;
  /** A copy to try things on: it sends no mail and hides from search engines. */
  staging: boolean;
  userId: string | null;
  /** What the release really runs; empty before it is known. */
  engineVersion: string;
  replicas: number;
  podsRunning: number;
  podRestarts: number;
  provisioningSteps: ProvisioningSteps;
};

export type ProvisioningSteps = {
  label: string;
  completed: boolean;
  completedAt?: string;
  error?: string;
}[];

export type Observations = {
  resources: {
    kind: string;
    name: string;
    status: 'Running' | 'Pending' | 'Error' | 'Bound' | 'Active';
    replicas?: string;
    age: string;
  }[];
  events: {
    timestamp: string;
    message: string;
    type: 'Normal' | 'Warning' | 'Error';
  }[];
  quotas: Record<'cpuUsed' | 'cpuLimit' | 'memUsed' | 'memLimit' | 'pvcUsed' | 'pvcLimit', string>;
  /** What the volumes really use, as the store counted it last; empty before it was asked. */
  volumes: {
    name: 'database' | 'uploads' | 'cache';
    usedBytes: number;
    sizeBytes: number;
  }[];
};

export type Job = {
  id: number;
  kind: 'provision' | 'retry' | 'delete' | 'apply' | 'backup' | 'restore';
  state: 'queued' | 'running' | 'succeeded' | 'failed' | 'cancelled';
  attempt: number;
  error?: string | null;
  /** Why it does not run yet; while it is queued. */
  waiting?: {
    reason: 'paused' | 'retry' | 'busy' | 'no-worker' | 'queue' | 'slot';
    text: string;
    /** How many jobs are before it. */
    ahead?: number;
    /** When it is tried again. */
    at?: string;
  };
};

/** How a ready store fares; null while the store is not ready. */
export type Health = 'healthy' | 'degraded' | 'unknown' | null;

export type Attempt = {
  /** The fence: higher is newer. */
  id: number;
  job: number;
  kind: 'provision' | 'retry' | 'delete' | 'apply' | 'backup' | 'restore';
  /** Which attempt at its job, from 1. */
  number: number;
  worker: string | null;
  startedAt: string;
  endedAt: string | null;
  outcome: 'succeeded' | 'failed' | 'cancelled' | 'handed-back' | 'vanished' | null;
  message: string | null;
  cause: string | null;
};

export type LogLine = {
  id: number;
  at: string;
  attempt: number;
  stage: 'namespace' | 'secrets' | 'release' | 'workloads' | 'storefront' | 'backup' | 'removal' | null;
  source: 'worker' | 'helm';
  type: 'Normal' | 'Warning' | 'Error';
  text: string;
};

export type Quota = {
  used: number;
  limit: number;
};

export type Reason = {
  reason: string;
};

export type Message = {
  message: string;
};

export type Purged = {
  purged: number;
};

export type Replayed = {
  message: string;
  job: number;
};

export type Queue = {
  paused?: {
    at: string;
    by: string;
    reason: string;
  };
  living: {
    kind: string;
    class: JobClass;
    state: string;
    count: number;
    oldestSeconds: number;
  }[];
  users: {
    user: string | null;
    queued: number;
    running: number;
  }[];
  dead: number;
  /** Absent while Redis is away. Of the running ones `provisioning` are interactive and `background` background; `apart` are of a kind that a worker did not know. */
  redis?: Record<'ready' | 'apart' | 'delayed' | 'running' | 'provisioning' | 'background' | 'dead', number>;
};

/** Jobs of one class wait and are counted together. Nobody waits for background jobs. */
export type JobClass = 'delete' | 'interactive' | 'background';

export type OperatedJob = {
  id: number;
  storeId: string;
  storeName: string;
  kind: string;
  class: JobClass;
  state: string;
  namespace: string;
  user: string | null;
  attempt: number;
  maxAttempts: number;
  reclaims: number;
  runAfter: string;
  cancelRequestedAt: string | null;
  error: string | null;
  worker: string | null;
  fence: number | null;
  traceparent: string | null;
  createdAt: string;
  startedAt: string | null;
  finishedAt: string | null;
};

export type Jobs = {
  jobs: OperatedJob[];
  nextBefore?: number;
};

export type JobDetail = {
  job: OperatedJob;
  history: JobChange[];
  /** Absent where Redis does not know the job. */
  position?: Record<'state' | 'ahead' | 'blockedBy', unknown>;
};

export type JobChange = {
  at: string;
  from: string | null;
  to: string;
  worker: string | null;
  fence: number | null;
  attempt: number;
  reclaims: number;
  error: string | null;
};

export type Locks = {
  locks: Lock[];
};

export type Lock = {
  namespace: string;
  job: number | null;
  worker: string | null;
  fence: number;
  expiresAt: string;
  overdue: boolean;
};

export type Workers = {
  workers: Worker[];
};

export type Worker = {
  worker: string;
  version: string;
  slots: number;
  busy: number;
  kubernetes: boolean;
  helm: boolean;
  /** It is to take no more jobs */
  draining: boolean;
  reportedAt: string;
};

export type Orphans = {
  orphans: Orphan[];
};

export type Orphan = {
  kind: 'namespace' | 'store';
  name: string;
  detail: string;
  firstSeen: string;
};

/** What each operation answers. */
export interface Answers {
  listStores: {
    stores: Store[];
    /** Where the next page begins; absent on the last. */
    nextCursor?: string;
  };
  createStore: {
    message: string;
    store: Store;
  };
  getStore: {
    store: Store & Observations & {
      spec: Spec;
      /** The release's manifest, secrets redacted; empty before it is installed. */
      configYaml: string;
      job?: Job;
    };
  };
  changeStore: {
    message: string;
    store: Store;
  };
  deleteStore: {
    message: string;
    store: Store;
  };
  getStoreStatus: {
    id: StoreId;
    status: StoreStatus;
    url: string | null;
    error_message: string | null;
  };
  getStoreDetail: Observations & {
    podRestarts: number;
    provisioningSteps: ProvisioningSteps;
  };
  retryStore: {
    message: string;
    store: Store;
  };
  listBackups: {
    backups: Backup[];
    /** Whether backups are taken in this installation now. */
    keepsBackups: boolean;
  };
  takeBackup: {
    backup: Backup;
  };
  restoreStore: {
    message: string;
    store: Store;
  };
  cloneStore: {
    message: string;
    store: Store;
  };
  undeleteStore: {
    message: string;
    store: Store;
  };
  listDeletedStores: {
    stores: DeletedStore[];
    /** For how many days a store that is deleted now can be brought back; 0: nothing is kept of it. */
    keepDays: number;
  };
  listAttempts: {
    attempts: Attempt[];
  };
  getAttempt: {
    attempt: Attempt & {
      /** States of pods, conditions, warnings and last log lines, as the cluster said them. */
      evidence: Record<string, unknown> | null;
    };
  };
  getBuildLog: {
    lines: LogLine[];
    /** Give it as `after` to go on. */
    next: number;
  };
  getPodLogs: {
    pod: string;
    container: string;
    containers: {
      pod: string;
      container: string;
    }[];
    lines: string[];
  };
  getHealthHistory: {
    history: {
      at: string;
      from: Health;
      to: Health;
      cause: string | null;
    }[];
  };
  revealCredentials: Credentials;
  regenerateCredentials: {
    message: string;
    store: Store;
  };
  getSlug: {
    slug: string;
    available: boolean;
    /** null where the API was not told its stores' domain. */
    url: string | null;
  };
  listPlans: {
    plans: Plan[];
    engines: EngineDefaults[];
  };
  listVersions: {
    versions: Version[];
  };
  getMe: {
    userId: string | null;
    /** For people; the e-mail address of an account. */
    name?: string | null;
    role: 'user' | 'operator' | 'admin';
    stores: Quota;
    /** Units of plans; a sleeping store counts half. */
    units: Quota;
    total: Quota;
  };
  getHealth: {
    status: 'healthy' | 'unhealthy';
    timestamp: string;
    checks: Record<'database' | 'redis' | 'kubernetes' | 'helm', boolean>;
    /** What is wrong with those that are false, as far as it is known. */
    problems?: Record<string, string>;
  };
  getQueue: Queue;
  pauseQueue: Message;
  resumeQueue: Message;
  listJobs: Jobs;
  purgeJobs: Purged;
  getJob: JobDetail;
  cancelJob: Message;
  replayJob: Replayed;
  listLocks: Locks;
  listWorkers: Workers;
  listOrphans: Orphans;
  getSession: SessionState;
  signUp: Session;
  signIn: Session;
  refreshSession: Session;
  signOut: Message;
  changePassword: Message;
  listTokens: {
    tokens: Token[];
  };
  createToken: {
    token: Token;
    secret: string;
  };
  revokeToken: Message;
  listAccounts: {
    accounts: Account[];
  };
  changeAccount: Message;
  invite: {
    invitation: string;
    /** Of the page that takes it. */
    path: string;
  };
  listAudit: {
    entries: AuditEntry[];
    /** Where the next page begins; absent on the last. */
    nextBefore?: number;
  };
}

export const routes = {
  listStores: ['GET', '/api/stores'],
  createStore: ['POST', '/api/stores'],
  getStore: ['GET', '/api/stores/{id}'],
  changeStore: ['PATCH', '/api/stores/{id}'],
  deleteStore: ['DELETE', '/api/stores/{id}'],
  getStoreStatus: ['GET', '/api/stores/{id}/status'],
  getStoreDetail: ['GET', '/api/stores/{id}/detail'],
  retryStore: ['POST', '/api/stores/{id}/retry'],
  listBackups: ['GET', '/api/stores/{id}/backups'],
  takeBackup: ['POST', '/api/stores/{id}/backups'],
  restoreStore: ['POST', '/api/stores/{id}/restore'],
  cloneStore: ['POST', '/api/stores/{id}/clone'],
  undeleteStore: ['POST', '/api/stores/{id}/undelete'],
  listDeletedStores: ['GET', '/api/stores/deleted'],
  followStores: ['GET', '/api/stores/events'],
  followStore: ['GET', '/api/stores/{id}/events'],
  listAttempts: ['GET', '/api/stores/{id}/attempts'],
  getAttempt: ['GET', '/api/stores/{id}/attempts/{attempt}'],
  getBuildLog: ['GET', '/api/stores/{id}/log'],
  getPodLogs: ['GET', '/api/stores/{id}/logs'],
  getHealthHistory: ['GET', '/api/stores/{id}/health'],
  revealCredentials: ['POST', '/api/stores/{id}/credentials/reveal'],
  regenerateCredentials: ['POST', '/api/stores/{id}/credentials/regenerate'],
  getSlug: ['GET', '/api/slugs/{slug}'],
  listPlans: ['GET', '/api/plans'],
  listVersions: ['GET', '/api/versions'],
  getMe: ['GET', '/api/me'],
  getHealth: ['GET', '/api/health'],
  getQueue: ['GET', '/api/admin/queue'],
  pauseQueue: ['POST', '/api/admin/queue/pause'],
  resumeQueue: ['POST', '/api/admin/queue/resume'],
  listJobs: ['GET', '/api/admin/jobs'],
  purgeJobs: ['DELETE', '/api/admin/jobs'],
  getJob: ['GET', '/api/admin/jobs/{id}'],
  cancelJob: ['POST', '/api/admin/jobs/{id}/cancel'],
  replayJob: ['POST', '/api/admin/jobs/{id}/replay'],
  listLocks: ['GET', '/api/admin/locks'],
  listWorkers: ['GET', '/api/admin/workers'],
  listOrphans: ['GET', '/api/admin/orphans'],
  getSession: ['GET', '/api/auth/session'],
  signUp: ['POST', '/api/auth/sign-up'],
  signIn: ['POST', '/api/auth/sign-in'],
  refreshSession: ['POST', '/api/auth/refresh'],
  signOut: ['POST', '/api/auth/sign-out'],
  changePassword: ['POST', '/api/auth/password'],
  listTokens: ['GET', '/api/auth/tokens'],
  createToken: ['POST', '/api/auth/tokens'],
  revokeToken: ['DELETE', '/api/auth/tokens/{id}'],
  listAccounts: ['GET', '/api/admin/accounts'],
  changeAccount: ['POST', '/api/admin/accounts/{id}'],
  invite: ['POST', '/api/admin/invitations'],
  listAudit: ['GET', '/api/admin/audit'],
  exportAudit: ['GET', '/api/admin/audit/export'],
} as const;
