/* One namespace, one job, two workers: who may run Helm when, and whether the job is ever lost.
 *
 * Time is discrete: a tick is three seconds, so that renewal 3, TERM 7, KILL 10, lease 12 and settle 2 become 1, 2, 3, 4 and 1, rounded
 * against us. Only ages and what is left are kept, so the state space is finite. Worker 0 may be frozen, thawed and killed at any moment,
 * its answers from PostgreSQL may take any time; Redis may be wiped. Worker 1 is never hurt: that the job ends is due to it.
 * Assumed: helm-guard is scheduled in time, and the boot clocks of PostgreSQL and the workers run alike.
 *
 * Variants, each of which breaks what is proved: NO_WATCHDOG, LATE_KILL, NO_FENCE, NO_SWEEP, NO_SETTLE.
 */
#define BEAT 1
#define TERM 2
#ifdef LATE_KILL
#define KILL 6
#else
#define KILL 3
#endif
#define LEASE 4
#ifdef NO_SETTLE
#define SETTLE 0
#else
#define SETTLE 1
#endif
/* How long a request that a Helm sent may still be on its way after Helm's death. With KILL = LEASE - 1 it may reach the takeover. */
#define FLIGHT 2
#define RECLAIMS 3
#define OLDEST 7

mtype = { queued, running, done };
mtype = { idle, claiming, granted, settling, working, ending };

/* PostgreSQL */
mtype job = queued;
byte holder = 2;         /* whose claim was the last: 0, 1, or nobody's yet */
bool latest[2];          /* whether a worker's fence is the highest */
byte lease_left;
byte reclaims;
bool ended;              /* an attempt's result was written */

/* Redis */
bool offered = true;     /* the job may be taken */
byte taken_left;         /* until a taken job is offered again */

mtype at[2] = idle;
byte wait_left[2], asked[2], fed[2], flight[2];
bool renewing[2], renewed[2], helm[2];
bool frozen, dead;       /* worker 0 */
byte run_left;           /* of worker 1's Helm: it comes to an end some time */
byte freezes = 1, crashes = 1, wipes = 1;

#define awake(i) (i == 1 || (!frozen && !dead))
#define over (job == done && !helm[0] && !helm[1])

/* Its guard ends Helm when the feed ended or is too old. */
#ifdef NO_WATCHDOG
#define must_end(i) false
#else
#define must_end(i) (helm[i] && (fed[i] >= KILL || (i == 0 && dead)))
#endif

/* Worker 1 is quick: it never lets time pass while there is something for it to do. */
#define busy1 (at[1] == claiming || at[1] == granted || (at[1] == settling && wait_left[1] == 0) || at[1] == ending || (at[1] == idle && offered) \
    || (renewing[1] && lease_left > 0 && latest[1]) || (!renewing[1] && at[1] == working && fed[1] >= BEAT) || (at[1] == working && run_left == 0))

inline older(age) { if :: age < OLDEST -> age++ :: else fi }
inline shorter(left) { if :: left > 0 -> left-- :: else fi }

proctype worker(byte i) {
    do
    :: atomic { awake(i) && at[i] == idle && offered && job != done -> offered = false; taken_left = LEASE; at[i] = claiming; asked[i] = 0 }

    /* PostgreSQL looks at the claim some time after it was sent; the answer is read when the worker is awake. */
    :: atomic { at[i] == claiming ->
        if
#ifdef NO_FENCE
        :: job != done ->
#else
        :: job != done && lease_left == 0 ->
#endif
            if
            :: job == running -> wait_left[i] = SETTLE; reclaims++
            :: else -> wait_left[i] = 0
            fi;
            if
            :: reclaims >= RECLAIMS -> job = done; at[i] = idle
            :: else -> job = running; lease_left = LEASE; latest[i] = true; latest[1 - i] = false; at[i] = granted
            fi
        :: else -> at[i] = idle
        fi }
    /* Its time counts from when the claim was sent. */
    :: atomic { awake(i) && at[i] == granted -> fed[i] = asked[i]; renewing[i] = false; renewed[i] = false; at[i] = settling }
    :: atomic { awake(i) && at[i] == settling && wait_left[i] == 0 ->
        if
        :: fed[i] < TERM ->
            at[i] = working; helm[i] = true;
            if :: i == 1 -> run_left = 2 :: else fi;
            /* Nobody else's Helm, nor what it sent, is there when mine begins. */
            assert(!helm[1 - i]); assert(flight[1 - i] == 0)
        :: else -> at[i] = idle
        fi }

    /* Beats: sent, granted, read. */
    :: atomic { awake(i) && (at[i] == settling || at[i] == working) && !renewing[i] && fed[i] >= BEAT -> renewing[i] = true; renewed[i] = false; asked[i] = 0 }
    :: atomic { renewing[i] && !renewed[i] && latest[i] && lease_left > 0 && job == running -> lease_left = LEASE; renewed[i] = true }
    :: atomic { awake(i) && renewing[i] && renewed[i] -> fed[i] = asked[i]; renewing[i] = false; renewed[i] = false }
    :: atomic { awake(i) && renewing[i] && !renewed[i] && asked[i] >= BEAT -> renewing[i] = false }

    /* Helm comes to its end by itself, and what it did is settled. */
    :: atomic { awake(i) && at[i] == working && helm[i] -> helm[i] = false; at[i] = ending }
    :: atomic { awake(i) && at[i] == working && !helm[i] -> at[i] = idle }
    :: atomic { awake(i) && at[i] == ending ->
        if
#ifdef NO_FENCE
        :: true ->
#else
        :: latest[i] && lease_left > 0 && job == running ->
#endif
            /* One result, by the latest holder. */
            assert(!ended && latest[i]); ended = true; job = done; lease_left = 0
#ifndef NO_FENCE
        :: else
#endif
        fi;
        at[i] = idle }
    :: over -> break
    od
}

proctype guards() {
    do
    :: atomic { must_end(0) -> helm[0] = false; flight[0] = FLIGHT }
    :: atomic { must_end(1) -> helm[1] = false; flight[1] = FLIGHT }
    :: over -> break
    od
}

proctype clock() {
    do
    :: atomic { job != done && !must_end(0) && !must_end(1) && !busy1 ->
        shorter(lease_left); shorter(run_left);
        if :: taken_left == 1 -> taken_left = 0; offered = true :: taken_left > 1 -> taken_left-- :: else fi;
        older(fed[0]); older(fed[1]); older(asked[0]); older(asked[1]);
        shorter(wait_left[0]); shorter(wait_left[1]); shorter(flight[0]); shorter(flight[1]) }
    :: job == done -> break
    od
}

/* Puts back what Redis forgot and what a vanished worker left, by PostgreSQL's word alone. */
proctype sweep() {
    do
    :: atomic { job != done && lease_left == 0 && !offered && taken_left == 0 -> offered = true }
    :: job == done -> break
    od
}

proctype misfortune() {
    do
    :: atomic { freezes > 0 && !frozen && !dead -> freezes--; frozen = true }
    :: atomic { frozen -> frozen = false }
    :: atomic { crashes > 0 && !dead -> crashes--; dead = true; frozen = false; renewing[0] = renewing[0] && !renewed[0] }
    :: atomic { wipes > 0 -> wipes--; offered = false; taken_left = 0 }
    :: job == done -> break
    od
}

init {
    atomic {
        run worker(0); run worker(1); run guards(); run clock(); run misfortune();
#ifndef NO_SWEEP
        run sweep()
#endif
    }
}

ltl never_lost { <> (job == done) }
