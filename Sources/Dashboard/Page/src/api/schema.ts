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

export type Activity = {
  id: number;
  at: string;
  /** Null where it is somebody whom the caller is not told by name. */
  actor: string | null;
  source: 'api' | 'storectl' | 'worker';
  /** A word, e.g. store.backup. */
  action: string;
  /** Of a change what was asked for, e.g. plan large, uploads 2Gi. */
  detail: string | null;
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
  /** Whether a link to set a new password is mailed to who asks. */
  forgotten: boolean;
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

export type ForgottenPassword = {
  email: string;
};

export type PasswordReset = {
  token: string;
  password: string;
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

/** What a channel may be told of. A store is degraded once it was so for two minutes; a quota is near at four fifths. */
export type NoticeEvent = 'store.ready' | 'store.failed' | 'store.degraded' | 'store.recovered' | 'store.lost' | 'store.deleted' | 'backup.failed' | 'domain.failing' | 'domain.lost' | 'member.added' | 'store.transferred' | 'rollout.halted' | 'quota.near';

export type Channel = {
  id: string;
  type: 'webhook' | 'email';
  /** Of a webhook scheme, host and port, as the rest may be a secret; of e-mail the address. */
  shown: string;
  events: NoticeEvent[];
  /** unconfirmed: nobody opened the mailed link. */
  state: 'active' | 'paused' | 'unconfirmed';
  /** Why nothing is sent. */
  pausedReason: string | null;
  /** Since when nothing came through. */
  failingSince: string | null;
  createdAt: string;
};

export type NewChannel = Record<string, unknown>;

export type NewWebhook = {
  type: 'webhook';
  url: string;
  events: NoticeEvent[];
};

export type NewMailbox = {
  type: 'email';
  address: string;
  events: NoticeEvent[];
};

export type MailboxAnswer = {
  channel: string;
  token: string;
};

export type ChannelChange = {
  url?: string;
  events?: NoticeEvent[];
  state?: 'active' | 'paused';
};

export type Delivery = {
  /** The webhook-id that the receiver gets. */
  id: string;
  /** One of NoticeEvent, test, or channel.confirm: whether the mailbox wants to be told. */
  event: string;
  store: string | null;
  status: 'waiting' | 'delivered' | 'failed';
  attempts: number;
  nextAt: string | null;
  code: number | null;
  error: string | null;
  createdAt: string;
  finishedAt: string | null;
};

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
  /** What it is filled with before it is ready: a backup that is done, of a store of its owner and engine; or an archive of that engine, which its owner sent. */
  from?: {
    backup?: BackupId;
    import?: ArchiveId;
  } | null;
  /** The owner where there is no X-User-Id. */
  userId?: string | null;
};

export type PlanName = 'small' | 'medium' | 'large';

export type Plan = {
  name: PlanName;
  /** What a store of this plan counts; asleep half. */
  units: number;
  /** Which nightly backups are kept: the newest of so many days (d), weeks (w) and months (m). null: none are taken. */
  backupKeep?: string | null;
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

export type MonthlyUsage = {
  /** In UTC */
  month: string;
  owner: string | null;
  /** The store's id, where rows are by store */
  store: string | null;
  /** The store's address, without the suffix, where rows are by store */
  slug: string | null;
  awakeHours: HoursByPlan;
  asleepHours: HoursByPlan;
  volumeGiBHours: number;
  backupGiBHours: number;
};

export type HoursByPlan = {
  small: number;
  medium: number;
  large: number;
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

/** pending: not proved. verified: proved by its TXT record. active: it led here, too, and the store is served there. failing: it was active, did not lead here for 14 days, and is served no more. */
export type DomainState = 'pending' | 'verified' | 'active' | 'failing';

export type Domain = {
  /** Lower case, in punycode. */
  host: string;
  /** The same as people write it. */
  displayName: string;
  state: DomainState;
  /** Whether it is the store's address. */
  primary: boolean;
  /** Whether the cluster has all that the store was last asked to be there. */
  served: boolean;
  /** What its owner sets in the DNS. */
  records: {
    type: 'TXT' | 'CNAME';
    name: string;
    value: string;
  }[];
  /** What keeps it from the next state, as seen last; for people. */
  error: string | null;
  createdAt: string;
  /** When it was looked at last. */
  checkedAt: string | null;
  nextCheckAt: string;
  /** When it moves here, if its TXT record stays. */
  takesOverAt: string | null;
  /** Since when it does not lead here. */
  failingSince: string | null;
  /** When its certificate ends. */
  certificateUntil: string | null;
};

export type OpenSession = {
  id: string;
  /** Whether it is the one that asks. */
  current: boolean;
  createdAt: string;
  /** An open page uses it every few minutes. */
  usedAt: string;
  expiresAt: string;
  /** From where one signed in. */
  address: string | null;
  userAgent: string | null;
};

/** A viewer sees the store; a manager runs it, but for what is its owner's alone. */
export type MemberRole = 'viewer' | 'manager';

export type Member = {
  user: string;
  /** Of the account */
  email: string | null;
  role: 'viewer' | 'manager' | 'owner';
  /** null of the owner. */
  addedAt: string | null;
  addedBy: string | null;
};

export type StoreInvitation = {
  id: string;
  /** owner: the store itself is offered. */
  role: 'viewer' | 'manager' | 'owner';
  /** What the owner is once the store is another's. */
  leavesAs: 'viewer' | 'manager' | null;
  /** The only address that may accept it. */
  email: string | null;
  invitedBy: string;
  createdAt: string;
  expiresAt: string;
  /** Told once, to who makes it. */
  token?: string;
  /** Of the page that accepts it, e.g. /#join=swm_… */
  path?: string;
};

export type StoreInvitationAnswer = {
  message: string;
  invitation: StoreInvitation;
};

export type DomainAnswer = {
  message: string;
  domain: Domain;
};

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
  /** Why none could be made the last time, for people. */
  verifyError: string | null;
  /** Why the last test could not be made, for people, as where the vault was away; it says nothing of the backup. */
  untested: string | null;
  /** What the store ran then. */
  engineVersion: string | null;
  /** The chart's, then. */
  version: string | null;
  /** Why it failed, for people. */
  error: string | null;
  /** The same for programs, e.g. vault-away; docs/runbook.md has them all. */
  errorCode: string | null;
};

/** An export's or an import's. */
export type ArchiveId = string;

/** As the archive's manifest says. */
export type Import = {
  id: ArchiveId;
  engine: Engine;
  engineVersion: string | null;
  /** The storefront's host when it was saved. */
  host: string | null;
  /** Of the file, in bytes. */
  size: number;
  products: number;
  orders: number;
  createdAt: string;
  /** When it is removed, unless a store is just made of it. */
  expiresAt: string;
};

/** What is only known of one that is done is null before. */
export type Export = {
  id: ArchiveId;
  backup: BackupId;
  /** `running` also while it is queued. */
  status: 'running' | 'done' | 'failed';
  /** Of the file, in bytes. */
  size: number | null;
  /** Of the file, in hex. */
  sha256: string | null;
  createdAt: string;
  finishedAt: string | null;
  /** When it is removed. */
  expiresAt: string;
  /** A path of this API, which fetches the file once. */
  link?: string;
  /** Why it failed, for people. */
  error: string | null;
  /** The same for programs, as of backups. */
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
  /** Whether rollouts leave it alone */
  pinned: boolean;
  /** When that ends. */
  pinnedUntil: string | null;
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
  /** The storefront's host name; it is chosen when the store is accepted. */
  host: string | null;
};

export type Recreate = {
  /** The store's slug: what it had does not come back. */
  confirm: string;
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
  /** When somebody asked for what makes it ready, for the last time. While a worker has not begun since, it is queued. */
  askedAt: string;
  /** When a worker began with that. */
  provisioningStartedAt: string | null;
  readyAt?: string | null;
  /** `store-` and the slug, which is also the first label of its host. */
  namespace: string;
  errorMessage: string | null;
  /** A word for programs, e.g. image-pull; docs/operations.md has them all. */
  failureCause?: string | null;
  health?: Health;
  healthSince?: string | null;
  healthCause?: string | null;
  /** What another hand took away. A retry installs the release anew; a namespace is restored or recreated. */
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
  /** Its own domains, in the order in which they were added; more of them at /domains. */
  domains: {
    host: string;
    state: DomainState;
    /** Whether it is the store's address. */
    primary: boolean;
  }[];
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
  waiting?: Waiting;
};

/** Why it does not run yet; while it is queued. */
export type Waiting = {
  reason: 'paused' | 'retry' | 'busy' | 'no-worker' | 'queue' | 'slot';
  text: string;
  /** How many jobs are before it. */
  ahead?: number;
  /** About how long until its turn, at the pace of the last hour; null where no job ended in it. */
  seconds?: number | null;
  /** When it is tried again. */
  at?: string;
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
  /** Why its last attempt failed, as a word, e.g. image-pull. */
  cause: string | null;
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
  /** MAX_CONCURRENT_PROVISIONS, as this worker has it; null: it is of a version that does not say. */
  interactiveLimit: number | null;
  /** MAX_CONCURRENT_BACKGROUND, as this worker has it. */
  backgroundLimit: number | null;
  /** It is to take no more jobs */
  draining: boolean;
  reportedAt: string;
};

/** Lists of 24, one for each hour of the day in UTC; null where nobody looked. */
export type UseDay = {
  day: string;
  /** Thousandths of a processor, the hour's mean. */
  cpuMillis: (number | null)[];
  /** The most in the hour. */
  memoryBytes: (number | null)[];
  /** The median of the hour. */
  responseMillis: (number | null)[];
};

export type QueueHours = {
  hours: QueueHour[];
};

export type QueueHour = {
  /** Its beginning. */
  at: string;
  /** Jobs that ended so in it; attempts that are tried again are none. */
  succeeded: number;
  /** For good. */
  failed: number;
  cancelled: number;
  /** At once, when a worker looked. */
  mostQueued: number;
  mostRunning: number;
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

export type Capacity = {
  /** Null: no worker has looked, or may. */
  seenAt: string | null;
  nodes: NodeCapacity[];
  waiting: Amounts;
  room: PlanRoom[];
};

export type NodeCapacity = {
  name: string;
  /** It is ready, and no taint keeps pods of stores away. */
  takesPods: boolean;
  allocatable: Amounts;
  reserved: Amounts;
};

export type PlanRoom = {
  engine: Engine;
  plan: PlanName;
  /** How many more fit; an estimate. */
  stores: number;
};

/** Thousandths of a processor, bytes of memory, pods. */
export type Amounts = {
  cpuMillis: number;
  memoryBytes: number;
  pods: number;
};

export type Incident = {
  level: 'info' | 'warning';
  text: string;
  /** Since when this text is shown. */
  since: string;
  /** Nobody sees it from then on; null: until an operator ends it. */
  endsAt: string | null;
};

export type NewIncident = {
  text: string;
  level?: 'info' | 'warning';
  /** Within the next year. */
  endsAt?: string | null;
};

export type Pin = {
  /** Within the next 90 days. */
  until: string;
};

export type RolloutId = string;

/** Where a wave ends among the stores that are no canaries: after so many of them, or a percentage, rounded up. */
export type RolloutWave = {
  count?: number;
  percent?: number;
};

export type NewRollout = {
  engine: Engine;
  /** A version of the engine's chart that a worker has, see listVersions. */
  to: string;
  /** Each ends later than the one before, and the last at 100 percent; without them 3 stores, 10 percent, 100 percent. */
  waves?: RolloutWave[];
  /** Ids of stores that begin before the first wave, each once. */
  canaries?: string[];
  /** How many stores run at once. */
  batch?: number;
  /** More of them halt it. */
  maxFailures?: number;
  /** For how long an upgraded store is watched. */
  soakSeconds?: number;
  /** Stores begin in ROLLOUT_WINDOW only. */
  respectWindows?: boolean;
  /** Neither pins nor windows hold it up. */
  urgent?: boolean;
  /** What becomes of sleeping stores: they are upgraded and sleep on, or are skipped. */
  sleeping?: 'upgrade' | 'skip';
  /** Why, for everybody to read. */
  reason?: string;
};

export type RolloutNumbers = {
  total: number;
  waiting: number;
  running: number;
  /** Upgraded and watched */
  soaking: number;
  done: number;
  /** The upgrade was taken back, and the store serves as before */
  kept: number;
  failed: number;
  skipped: number;
};

export type RolloutWaveNumbers = RolloutNumbers & {
  /** From 1; 0: the canaries. */
  wave: number;
};

export type RolloutState = 'planned' | 'running' | 'paused' | 'halted' | 'done' | 'cancelled';

export type RolloutStoreState = 'waiting' | 'running' | 'soaking' | 'done' | 'kept' | 'failed' | 'skipped';

export type Rollout = {
  id: RolloutId;
  engine: Engine;
  to: string;
  state: RolloutState;
  reason: string | null;
  createdBy: string;
  waves: RolloutWave[];
  batch: number;
  maxFailures: number;
  soakSeconds: number;
  respectWindows: boolean;
  urgent: boolean;
  sleeping: 'upgrade' | 'skip';
  /** Why it was halted last, for people. */
  haltedReason: string | null;
  /** It waits for its hours until then. */
  opensAt: string | null;
  createdAt: string;
  startedAt: string | null;
  endedAt: string | null;
  stores: RolloutNumbers;
  /** Waves that have stores */
  byWave: RolloutWaveNumbers[];
};

export type RolloutAnswer = {
  rollout: Rollout;
};

export type Rollouts = {
  rollouts: Rollout[];
};

export type RolloutStore = {
  storeId: string;
  storeName: string;
  namespace: string;
  place: number;
  wave: number;
  state: RolloutStoreState;
  /** Why it failed, was kept or was skipped, for people. */
  reason: string | null;
  /** Its version when it was drawn */
  fromVersion: string | null;
  job: number | null;
  beganAt: string | null;
  /** When the cluster had the new version */
  appliedAt: string | null;
  endedAt: string | null;
};

export type RolloutStores = {
  stores: RolloutStore[];
  nextAfter?: number;
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
  recreateStore: {
    message: string;
    store: Store;
  };
  pinStore: {
    message: string;
    store: Store;
  };
  unpinStore: {
    message: string;
    store: Store;
  };
  listBackups: {
    backups: Backup[];
    /** Whether backups are taken in this installation now. */
    keepsBackups: boolean;
    /** When it was last looked whether what is kept can be read; each week, with a nightly backup. */
    checkedAt: string | null;
    /** What was found damaged then, for people. */
    checkError: string | null;
    /** When the store is to be backed up by night the next time; null where it is not, or no time was chosen yet. */
    nextBackupAt: string | null;
    /** What the store's backups take where they are kept. What is the same in several counts once. */
    usedBytes: number;
  };
  takeBackup: {
    backup: Backup;
  };
  exportStore: {
    export: Export;
  };
  listExports: {
    exports: Export[];
  };
  getExport: {
    export: Export;
  };
  listImports: {
    imports: Import[];
  };
  sendArchive: {
    import: Import;
  };
  listDomains: {
    domains: Domain[];
  };
  addDomain: DomainAnswer;
  removeDomain: {
    message: string;
    store: Store;
  };
  choosePrimaryDomain: {
    message: string;
    store: Store;
  };
  checkDomain: DomainAnswer;
  listMembers: {
    members: Member[];
    invitations: StoreInvitation[];
  };
  inviteMember: StoreInvitationAnswer;
  setMember: Message;
  removeMember: Message;
  withdrawInvitation: Message;
  offerStore: StoreInvitationAnswer;
  readInvitation: {
    invitation: StoreInvitation;
    store: {
      name: string;
      engine: Engine;
      plan: PlanName;
      url: string | null;
    };
  };
  acceptInvitation: {
    message: string;
    store: Store;
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
  getUse: {
    /** Whether the cluster measures CPU and memory; absent before a worker looked. */
    measured?: boolean;
    days: UseDay[];
  };
  listActivity: {
    entries: Activity[];
    /** Where the next page begins; absent on the last. */
    nextBefore?: number;
  };
  revealCredentials: Credentials;
  regenerateCredentials: {
    message: string;
    store: Store;
  };
  openAdminSession: {
    url: string;
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
  listChannels: {
    channels: Channel[];
    events: NoticeEvent[];
    limit: number;
    enabled: boolean;
    /** Whose mail people get; null where no mail is sent. */
    mailFrom: string | null;
  };
  createChannel: {
    channel: Channel;
    /** Of a webhook. */
    secret?: string;
  };
  changeChannel: {
    channel: Channel;
  };
  deleteChannel: Message;
  testChannel: {
    delivery: string;
  };
  listDeliveries: {
    deliveries: Delivery[];
  };
  confirmMailbox: {
    address: string;
    state: 'active' | 'paused' | 'stopped';
  };
  stopMailbox: {
    address: string;
    state: 'active' | 'paused' | 'stopped';
  };
  listUsage: {
    from: string;
    to: string;
    usage: MonthlyUsage[];
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
    /** The stores of others that the caller works on. */
    memberOf: {
      store: string;
      role: MemberRole;
    }[];
  };
  getIncident: {
    incident?: Incident;
  };
  getHealth: {
    status: 'healthy' | 'unhealthy';
    timestamp: string;
    checks: Record<'database' | 'redis' | 'kubernetes' | 'helm', boolean>;
    /** What is wrong with those that are false, as far as it is known. */
    problems?: Record<string, string>;
  };
  getQueue: Queue;
  listWaiting: {
    jobs: (OperatedJob & {
      waiting: Waiting;
    })[];
  };
  listQueueHours: QueueHours;
  pauseQueue: Message;
  resumeQueue: Message;
  listJobs: Jobs;
  purgeJobs: Purged;
  getJob: JobDetail;
  cancelJob: Message;
  replayJob: Replayed;
  listLocks: Locks;
  listWorkers: Workers;
  drainWorker: Message;
  undrainWorker: Message;
  listOrphans: Orphans;
  getCapacity: Capacity;
  setIncident: {
    incident?: Incident;
  };
  endIncident: Message;
  listRollouts: Rollouts;
  createRollout: RolloutAnswer;
  getRollout: RolloutAnswer;
  listRolloutStores: RolloutStores;
  pauseRollout: Message & RolloutAnswer;
  resumeRollout: Message & RolloutAnswer;
  cancelRollout: Message & RolloutAnswer;
  retryRollout: Message & RolloutAnswer;
  getSession: SessionState;
  signUp: Session;
  signIn: Session;
  refreshSession: Session;
  signOut: Message;
  changePassword: Message;
  forgotPassword: Message;
  resetPassword: Message;
  listSessions: {
    sessions: OpenSession[];
  };
  endOtherSessions: {
    message: string;
    ended: number;
  };
  endSession: Message;
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
  listAccountSessions: {
    sessions: OpenSession[];
  };
  endAccountSessions: Message & {
    ended: number;
  };
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
  recreateStore: ['POST', '/api/stores/{id}/recreate'],
  pinStore: ['POST', '/api/stores/{id}/pin'],
  unpinStore: ['DELETE', '/api/stores/{id}/pin'],
  listBackups: ['GET', '/api/stores/{id}/backups'],
  takeBackup: ['POST', '/api/stores/{id}/backups'],
  exportStore: ['POST', '/api/stores/{id}/export'],
  listExports: ['GET', '/api/stores/{id}/exports'],
  getExport: ['GET', '/api/stores/{id}/exports/{export}'],
  fetchExport: ['GET', '/api/exports/{token}'],
  listImports: ['GET', '/api/imports'],
  sendArchive: ['POST', '/api/imports'],
  listDomains: ['GET', '/api/stores/{id}/domains'],
  addDomain: ['POST', '/api/stores/{id}/domains'],
  removeDomain: ['DELETE', '/api/stores/{id}/domains/{host}'],
  choosePrimaryDomain: ['POST', '/api/stores/{id}/domains/{host}/primary'],
  checkDomain: ['POST', '/api/stores/{id}/domains/{host}/check'],
  listMembers: ['GET', '/api/stores/{id}/members'],
  inviteMember: ['POST', '/api/stores/{id}/members'],
  setMember: ['PUT', '/api/stores/{id}/members/{member}'],
  removeMember: ['DELETE', '/api/stores/{id}/members/{member}'],
  withdrawInvitation: ['DELETE', '/api/stores/{id}/invitations/{invitation}'],
  offerStore: ['POST', '/api/stores/{id}/transfer'],
  readInvitation: ['POST', '/api/invitations/read'],
  acceptInvitation: ['POST', '/api/invitations/accept'],
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
  getUse: ['GET', '/api/stores/{id}/use'],
  listActivity: ['GET', '/api/stores/{id}/activity'],
  revealCredentials: ['POST', '/api/stores/{id}/credentials/reveal'],
  regenerateCredentials: ['POST', '/api/stores/{id}/credentials/regenerate'],
  openAdminSession: ['POST', '/api/stores/{id}/admin-session'],
  getSlug: ['GET', '/api/slugs/{slug}'],
  listPlans: ['GET', '/api/plans'],
  listChannels: ['GET', '/api/channels'],
  createChannel: ['POST', '/api/channels'],
  changeChannel: ['PATCH', '/api/channels/{id}'],
  deleteChannel: ['DELETE', '/api/channels/{id}'],
  testChannel: ['POST', '/api/channels/{id}/test'],
  listDeliveries: ['GET', '/api/channels/{id}/deliveries'],
  confirmMailbox: ['POST', '/api/mailboxes/confirm'],
  stopMailbox: ['POST', '/api/mailboxes/stop'],
  listUsage: ['GET', '/api/usage'],
  listVersions: ['GET', '/api/versions'],
  getMe: ['GET', '/api/me'],
  getIncident: ['GET', '/api/incident'],
  getHealth: ['GET', '/api/health'],
  getQueue: ['GET', '/api/admin/queue'],
  listWaiting: ['GET', '/api/admin/queue/waiting'],
  listQueueHours: ['GET', '/api/admin/queue/hours'],
  pauseQueue: ['POST', '/api/admin/queue/pause'],
  resumeQueue: ['POST', '/api/admin/queue/resume'],
  listJobs: ['GET', '/api/admin/jobs'],
  purgeJobs: ['DELETE', '/api/admin/jobs'],
  getJob: ['GET', '/api/admin/jobs/{id}'],
  cancelJob: ['POST', '/api/admin/jobs/{id}/cancel'],
  replayJob: ['POST', '/api/admin/jobs/{id}/replay'],
  listLocks: ['GET', '/api/admin/locks'],
  listWorkers: ['GET', '/api/admin/workers'],
  drainWorker: ['POST', '/api/admin/workers/{worker}/drain'],
  undrainWorker: ['POST', '/api/admin/workers/{worker}/undrain'],
  listOrphans: ['GET', '/api/admin/orphans'],
  getCapacity: ['GET', '/api/admin/capacity'],
  setIncident: ['PUT', '/api/admin/incident'],
  endIncident: ['DELETE', '/api/admin/incident'],
  listRollouts: ['GET', '/api/admin/rollouts'],
  createRollout: ['POST', '/api/admin/rollouts'],
  getRollout: ['GET', '/api/admin/rollouts/{id}'],
  listRolloutStores: ['GET', '/api/admin/rollouts/{id}/stores'],
  pauseRollout: ['POST', '/api/admin/rollouts/{id}/pause'],
  resumeRollout: ['POST', '/api/admin/rollouts/{id}/resume'],
  cancelRollout: ['POST', '/api/admin/rollouts/{id}/cancel'],
  retryRollout: ['POST', '/api/admin/rollouts/{id}/retry'],
  getSession: ['GET', '/api/auth/session'],
  signUp: ['POST', '/api/auth/sign-up'],
  signIn: ['POST', '/api/auth/sign-in'],
  refreshSession: ['POST', '/api/auth/refresh'],
  signOut: ['POST', '/api/auth/sign-out'],
  changePassword: ['POST', '/api/auth/password'],
  forgotPassword: ['POST', '/api/auth/forgotten'],
  resetPassword: ['POST', '/api/auth/reset'],
  listSessions: ['GET', '/api/auth/sessions'],
  endOtherSessions: ['DELETE', '/api/auth/sessions'],
  endSession: ['DELETE', '/api/auth/sessions/{id}'],
  listTokens: ['GET', '/api/auth/tokens'],
  createToken: ['POST', '/api/auth/tokens'],
  revokeToken: ['DELETE', '/api/auth/tokens/{id}'],
  listAccounts: ['GET', '/api/admin/accounts'],
  changeAccount: ['POST', '/api/admin/accounts/{id}'],
  listAccountSessions: ['GET', '/api/admin/accounts/{id}/sessions'],
  endAccountSessions: ['DELETE', '/api/admin/accounts/{id}/sessions'],
  invite: ['POST', '/api/admin/invitations'],
  listAudit: ['GET', '/api/admin/audit'],
  exportAudit: ['GET', '/api/admin/audit/export'],
} as const;
