/* One namespace, one job, two workers: who may run Helm when, and whether the job is ever lost.
 *
 * Time is discrete, a tick is a second, and all that is kept of it are ages and what is left, so that the state space is finite.
 * PostgreSQL's answers may take any time; workers may be frozen, thawed and killed at any moment, Redis may be wiped.
 * Assumed: helm-guard runs (the kernel schedules it, nobody freezes it) and the boot clocks of PostgreSQL and workers run alike.
 *
 * Variants, each of which breaks what is proved: NO_WATCHDOG, LATE_KILL, NO_FENCE, NO_SWEEP, NO_SETTLE.
 */
#define N 2
#define BEAT 3
#define TERM 7
#ifdef LATE_KILL
#define KILL 16
#else
#define KILL 10
#endif
#define LEASE 12
#ifdef NO_SETTLE
#define SETTLE 0
#else
#define SETTLE 2
#endif
/* How long a request of a Helm that is dead may still be on its way to the API server. */
#define FLIGHT 1
/* What can go wrong in one run. */
#define CRASHES 1
#define FREEZES 1
#define WIPES 1

mtype = { queued, running, done };            /* the job, by PostgreSQL */
mtype = { idle, claiming, granted, settling, working, ending };

/* PostgreSQL */
mtype job = queued;
byte fence = 0;          /* of the latest claim */
byte lease_left = 0;     /* seconds */
byte effects = 0;        /* how often the job was ended */

/* Redis */
bool offered = true;     /* the job may be taken */
byte taken_left = 0;     /* until Redis offers a taken job again */

/* Each worker, and its guard */
mtype at[N] = idle;
byte mine[N];            /* its fence */
byte wait_left[N];       /* until it may act */
byte asked[N];           /* seconds since the renewal on its way, or the claim, was sent */
bool renewing[N];
bool renewed[N];         /* PostgreSQL has granted it; the worker does not know yet */
byte fed[N];             /* seconds since the last acknowledged renewal was sent: what the guard knows */
bool frozen[N], dead[N];
bool helm[N];
byte flight[N];          /* requests of a dead Helm under way, seconds */
bool orphaned[N];        /* the worker died: the guard saw the end of its feed */
byte crashes = CRASHES, freezes = FREEZES, wipes = WIPES;

#define awake(i) (!frozen[i] && !dead[i])
#define OLDEST 30
inline older(age) { if :: age < OLDEST -> age++ :: else fi }
inline shorter(left) { if :: left > 0 -> left-- :: else fi }

/* Nobody else's Helm, nor what it sent, is there when mine begins. */
inline alone(i) { assert(!helm[1 - i]); assert(flight[1 - i] == 0) }

active [N] proctype worker() {
    byte i = _pid;
    do
    :: atomic { awake(i) && at[i] == idle && offered -> offered = false; taken_left = LEASE; at[i] = claiming; asked[i] = 0 }

    /* PostgreSQL looks at the claim, at any time after it was sent; the answer is read when the worker is awake. */
    :: atomic { at[i] == claiming ->
        if
#ifdef NO_FENCE
        :: job != done ->
#else
        :: job != done && lease_left == 0 ->
#endif
            fence++; mine[i] = fence;
            wait_left[i] = (job == running -> SETTLE : 0);
            job = running; lease_left = LEASE; at[i] = granted
        :: else -> at[i] = idle
        fi }
    /* Its time counts from when the claim was sent. */
    :: atomic { awake(i) && at[i] == granted -> fed[i] = asked[i]; renewing[i] = false; renewed[i] = false; at[i] = settling }
    :: atomic { awake(i) && at[i] == settling && wait_left[i] == 0 ->
        if
        :: fed[i] < TERM -> at[i] = working; helm[i] = true; alone(i)
        :: else -> at[i] = idle
        fi }

    /* Beats. */
    :: atomic { awake(i) && (at[i] == settling || at[i] == working) && !renewing[i] && fed[i] >= BEAT ->
        renewing[i] = true; renewed[i] = false; asked[i] = 0 }
    :: atomic { renewing[i] && !renewed[i] && fence == mine[i] && lease_left > 0 && job == running -> lease_left = LEASE; renewed[i] = true }
    :: atomic { awake(i) && renewing[i] && renewed[i] -> fed[i] = asked[i]; renewing[i] = false; renewed[i] = false }
    /* No answer, or a refusal: it is asked again. */
    :: atomic { awake(i) && renewing[i] && !renewed[i] && asked[i] >= BEAT -> renewing[i] = false }

    /* Helm comes to its end by itself; what it did is settled under the fence. */
    :: atomic { awake(i) && at[i] == working && helm[i] -> helm[i] = false; flight[i] = 0; at[i] = ending }
    :: atomic { awake(i) && at[i] == working && !helm[i] -> at[i] = idle }
    :: atomic { awake(i) && at[i] == ending ->
#ifdef NO_FENCE
        effects++; job = done; lease_left = 0;
#else
        if
        :: fence == mine[i] && lease_left > 0 && job == running -> effects++; job = done; lease_left = 0
        :: else
        fi;
#endif
        assert(effects <= 1); at[i] = idle }
    :: atomic { job == done && !helm[i] && (at[i] == idle || dead[i]) -> break }
    od
}

/* The guards: never late, which is what they exist for. */
#ifdef NO_WATCHDOG
#define must_end(i) false
#else
#define must_end(i) (helm[i] && (fed[i] >= KILL || orphaned[i]))
#endif

active proctype guards() {
    do
    :: atomic { must_end(0) -> helm[0] = false; flight[0] = FLIGHT }
    :: atomic { must_end(1) -> helm[1] = false; flight[1] = FLIGHT }
#ifdef NO_WATCHDOG
    :: atomic { helm[0] && dead[0] -> helm[0] = false }
    :: atomic { helm[1] && dead[1] -> helm[1] = false }
#endif
    :: job == done && !helm[0] && !helm[1] -> break
    od
}

active proctype clock() {
    do
    :: atomic { job != done && !must_end(0) && !must_end(1) ->
        shorter(lease_left);
        if :: taken_left == 1 && job != done -> taken_left = 0; offered = true :: taken_left > 1 -> taken_left-- :: else fi;
        older(fed[0]); older(fed[1]); older(asked[0]); older(asked[1]);
        shorter(wait_left[0]); shorter(wait_left[1]); shorter(flight[0]); shorter(flight[1]) }
    :: job == done -> break
    od
}

/* Puts back what Redis forgot and what a vanished worker left: by PostgreSQL's word alone. */
#ifndef NO_SWEEP
active proctype sweep() {
    do
    :: atomic { job == queued && !offered && taken_left == 0 -> offered = true }
    :: atomic { job == running && lease_left == 0 && !offered && taken_left == 0 -> offered = true }
    :: job == done -> break
    od
}
#endif

active proctype misfortune() {
    do
    :: atomic { freezes > 0 && !frozen[0] && !dead[0] -> freezes--; frozen[0] = true }
    :: atomic { frozen[0] -> frozen[0] = false }
    :: atomic { crashes > 0 && !dead[0] -> crashes--; dead[0] = true; orphaned[0] = true; renewing[0] = false }
    :: atomic { wipes > 0 -> wipes--; offered = false; taken_left = 0 }
    :: job == done -> break
    od
}

/* The other worker is never hurt, so the job has to end. */
ltl never_lost { <> (job == done) }
