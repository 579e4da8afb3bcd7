/*
 * How a rung of Hyperband is worked on, closed and followed by the next one, whatever fails: one
 * bracket of one group, with leases. docs/model.md tells what it leaves out; `npm run check:model`
 * checks it.
 *
 * What is stored is a global variable, and every `atomic` is one request to the store. A
 * compare-and-set is one `atomic` that reads and writes: where it is too late it changes nothing,
 * and its sender decides again. What a process remembers from one request to the next is a local
 * variable: others overtake it there.
 *
 *   each experiment's item                                the head of the group
 *     stored    it is there                                 issued    experiments of rung 0 that are out
 *     started   it was handed out                           places    experiments that hold one
 *     live      its lease has not lapsed                    queued    experiments that wait for one
 *     over      it has ended, `end` tells how               result    the ends that it has counted
 *     attempt   how often it was handed out                 rung      the one that is worked on
 *   chunk       by rung: 1 + the set of slots to promote    decision  by rung: 1 + the set it promoted
 *   messages    on their way, all alike: "look"             mark      the promoted may have no items yet
 *
 * A fault is any of these: a worker dies; a call dies between two requests; an answer or a message
 * is lost; a message comes twice; a worker is silent until its lease lapses, and comes back. There
 * are at most FAULTS of them, at any moment and in any order. `finished` says that the group is
 * done once they have stopped.
 *
 * MODE 0 follows the rules. Every other one leaves one of them out and must break what that rule is
 * there for.
 */

#define BY_THE_RULES        0
#define COUNT_EVERY_REPORT  1
#define COUNT_NEW_ENDS      2
#define NO_SWEEP            3
#define RANDOM_IDS          4
#define READ_THEN_WRITE     5
#define NO_FENCE            6
#define LAST_REPORT_WINS    7

#ifndef MODE
#define MODE BY_THE_RULES
#endif
#ifndef N                 /* experiments of rung 0 */
#define N 3
#endif
#ifndef K                 /* experiments of every later rung, at most */
#define K 1
#endif
#ifndef RUNGS
#define RUNGS 2
#endif
#ifndef CONCURRENCY
#define CONCURRENCY 2
#endif
#ifndef WORKERS
#define WORKERS 2
#endif
#ifndef CALLS             /* of those that receive messages and sweep, at the same time */
#define CALLS 2
#endif
#ifndef FAULTS
#define FAULTS 2
#endif
#ifndef ATTEMPTS          /* of an experiment, at most */
#define ATTEMPTS 2
#endif
#ifndef MESSAGES          /* on their way, at most; 0 loses every one */
#define MESSAGES 2
#endif

#define ALL     (N + K * (RUNGS - 1))
#define RUNG(e)  ((e) < N -> 0 : 1 + ((e) - N) / K)
#define FIRST(r) ((r) == 0 -> 0 : N + K * ((r) - 1))
#define SIZE(r)  ((r) == 0 -> N : COUNT(decision[(r) - 1] - 1))

/* Sets of at most 7. */
#define BIT(e)         (1 << (e))
#define HAS(set, e)    (((set) >> (e)) & 1)
#define COUNT(set)     (HAS(set, 0) + HAS(set, 1) + HAS(set, 2) + HAS(set, 3) + \
                        HAS(set, 4) + HAS(set, 5) + HAS(set, 6))
#define ADD(set, e)    set = set | BIT(e)
#define REMOVE(set, e) set = set & ~BIT(e)

/* Ends of an experiment: the greater is the better, FAILED is never promoted. */
#define FAILED 1
#define LOW    2
#define HIGH   3

byte stored, started, live, over;
byte attempt[ALL], end[ALL];
byte chunk[RUNGS];
byte messages;

byte issued, places, queued, rung;
byte result[ALL], decision[RUNGS];
bool mark, done;

byte faults = FAULTS;
/* Experiments whose present attempt still has its worker. Nobody knows but the clock. */
byte held;
/* Experiments in their last attempt: follows from `attempt`. */
byte last;

#if MODE == COUNT_EVERY_REPORT || MODE == COUNT_NEW_ENDS
byte counted;
#define COMPLETE (counted >= SIZE(rung))
#else
#define COMPLETE ((rung > 0 || issued == N) && places == 0 && queued == 0)
#endif

#define LAPSED  (started & ~live & ~over)
#define SPENT   (LAPSED & last)
/* Experiments in a place that wait to be handed out again. */
#define WAITING (places & ((stored & ~started) | (LAPSED & ~last)))
#define FIRST_IDLE ((busy | BIT(id)) != busy && (busy & (BIT(id) - 1)) == BIT(id) - 1)
byte busy;
#define CAN_GRANT (COUNT(places) < CONCURRENCY && (queued != 0 || issued < N))

#define TAKEABLE (stored & ~started)

/* Whether the report of attempt a may end experiment e. */
#if MODE == NO_FENCE
#define MAY_END (!HAS(over, e))
#elif MODE == LAST_REPORT_WINS
#define MAY_END (a == attempt[e])
#else
#define MAY_END (a == attempt[e] && !HAS(over, e))
#endif

/* Whether the head is no longer the one that was ranked. */
#if MODE == READ_THEN_WRITE
#define DECIDED_MEANWHILE false
#else
#define DECIDED_MEANWHILE (rung != r || done)
#endif

mtype = { idle, take, working, settle, tell, keep, close, children };

/* Named so that a failed assertion tells what does not hold. */
hidden byte only_the_holder_ends_an_experiment, an_end_stays, a_rung_is_decided_once,
  promoted_is_a_function_of_frozen_results, a_child_is_created_once,
  a_child_has_a_promoted_parent, running_stays_within_concurrency;

hidden byte i, n, best, set;

/* Any member of a set that is not empty. */
inline pick(from, e) {
  e = 0;
  do
  :: HAS(from, e) -> break
  :: ((from) >> (e + 1)) != 0 -> e++
  od
}

/* The best K of a rung as a set of slots; of equal ones the first. */
inline rank(r, to) {
  d_step {
  to = 0; n = 0; best = HIGH;
  do
  :: best >= LOW ->
     i = 0;
     do
     :: i < SIZE(r) ->
        if
        :: n < K && result[FIRST(r) + i] == best -> ADD(to, i); n++
        :: else
        fi;
        i++
     :: else -> break
     od;
     best--
  :: else -> break
  od
  }
}

/* An item for an experiment that has none. */
inline create(e) {
  a_child_is_created_once = !HAS(stored, e);
  assert(a_child_is_created_once);
  a_child_has_a_promoted_parent =
    (e < N || (decision[RUNG(e) - 1] != 0 && e - FIRST(RUNG(e)) < SIZE(RUNG(e))));
  assert(a_child_has_a_promoted_parent);
  ADD(stored, e)
}

/* A lease for one more attempt: whoever has an earlier one is a zombie from now on. */
inline lease(e, a) {
  attempt[e]++;
  a = attempt[e];
  ADD(started, e);
  ADD(held, e);
  if
  :: a == ATTEMPTS -> ADD(last, e)
  :: else
  fi;
  run_it(e)
}

inline run_it(e) {
  ADD(live, e);
  running_stays_within_concurrency = (COUNT(live) <= CONCURRENCY && COUNT(places) <= CONCURRENCY);
  assert(running_stays_within_concurrency)
}

inline finish(e, value) {
  an_end_stays = (!HAS(over, e) || end[e] == value);
  assert(an_end_stays);
  ADD(over, e);
  REMOVE(live, e);
  REMOVE(held, e);
  end[e] = value
}

/* The head follows an experiment that has ended. */
inline follow(e, value) {
  if
  :: HAS(places | queued, e) -> REMOVE(places, e); REMOVE(queued, e); result[e] = value
  :: else
  fi;
  if
  :: rung == RUNGS - 1 && COMPLETE -> done = true
  :: else
  fi
}

/* The promoted get their numbers and wait for places. Without any the group is done. */
inline decide(r, promoted) {
  a_rung_is_decided_once = (decision[r] == 0);
  assert(a_rung_is_decided_once);
  rank(r, set);
  promoted_is_a_function_of_frozen_results = (promoted == set && chunk[r] == set + 1);
  i = 0;
  do
  :: i < SIZE(r) ->
     promoted_is_a_function_of_frozen_results =
       (promoted_is_a_function_of_frozen_results &&
        HAS(over, FIRST(r) + i) && result[FIRST(r) + i] == end[FIRST(r) + i]);
     i++
  :: else -> break
  od;
  assert(promoted_is_a_function_of_frozen_results);
  decision[r] = promoted + 1;
#if MODE == COUNT_EVERY_REPORT || MODE == COUNT_NEW_ENDS
  counted = 0;
#endif
  if
  :: promoted == 0 -> done = true
  :: else ->
     rung = r + 1;
     mark = true;
     queued = (BIT(COUNT(promoted)) - 1) << FIRST(r + 1)
  fi
}

inline leave() {
  if
  :: a == attempt[e] -> REMOVE(held, e)
  :: else
  fi;
  e = 0; a = 0;
  REMOVE(busy, id);
  at = idle
}

/* A call of a worker ends. Where it fails, the worker dies with it or sends its report again. */
inline return_to(next) {
  if
  :: at = next
  :: faults > 0 -> faults--; at = working
  :: faults > 0 -> faults--; at = idle
  fi;
  if
  :: at == idle -> leave()
  :: else
  fi;
  if
  :: at == idle || at == working -> value = 0; isNew = false
  :: else
  fi
}

/* A place for the first experiment of those that wait for one, else for a new one. */
inline grant(e) {
  if
  :: queued != 0 ->
     e = 0;
     do
     :: HAS(queued, e) -> break
     :: else -> e++
     od;
     REMOVE(queued, e)
  :: else -> e = issued; issued++
  fi;
  ADD(places, e)
}

proctype Worker(byte id) {
  mtype at = idle;
  byte e, a, value;
  bool isNew;

end_worker:
  do
  /* suggest: what waits in its place comes first */
  :: atomic { at == idle && FIRST_IDLE && WAITING != 0 && !done ->
       ADD(busy, id);
       pick(WAITING, e);
       lease(e, a);
       at = working
     }
  :: atomic { at == idle && FIRST_IDLE && CAN_GRANT && !done ->
       grant(e);
       if
       :: at = take; ADD(busy, id)
       :: faults > 0 -> faults--; e = 0
       fi
     }
  /* Whoever writes the lease of its first attempt has it. */
  :: atomic { at == take ->
       if
       :: !HAS(stored, e) -> create(e); lease(e, a); at = working
       :: HAS(TAKEABLE, e) -> lease(e, a); at = working
       :: else -> leave()
       fi
     }
  :: atomic { at == working && faults > 0 -> faults--; leave() }
  /* report: the experiment's own item decides */
  :: atomic { at == working && HAS(LAPSED, e) && a == attempt[e] -> ADD(held, e); run_it(e) }
  :: atomic { at == working ->
       if
       :: value = HIGH
       :: RUNG(e) < RUNGS - 1 -> value = LOW
       :: RUNG(e) < RUNGS - 1 -> value = FAILED
       fi;
       if
       :: MAY_END ->
          only_the_holder_ends_an_experiment = (a == attempt[e]);
          assert(only_the_holder_ends_an_experiment);
#if MODE == COUNT_NEW_ENDS
          isNew = true;
#endif
          finish(e, value);
          return_to(settle)
       :: !(MAY_END) && HAS(over, e) && a == attempt[e] && value == end[e] ->
          return_to(settle)
       :: else -> value = 0; leave()
       fi
     }
  /* and the head follows. */
  :: atomic { at == settle ->
#if MODE == COUNT_EVERY_REPORT
       counted++;
#elif MODE == COUNT_NEW_ENDS
       counted = counted + isNew;
#endif
       follow(e, value);
       if
       :: COMPLETE && !done -> return_to(tell)
       :: else -> return_to(idle)
       fi
     }
  :: atomic { at == tell ->
       if
       :: messages < MESSAGES -> messages++
       :: messages == MESSAGES
       :: faults > 0 -> faults--
       fi;
       return_to(idle)
     }
  od
}

/* The head as a call finds it: a rung to rank, children that may have no items, or nothing to do. */
inline look() {
  if
  :: COMPLETE && !done -> r = rung; rank(r, promoted); at = keep
  :: !(COMPLETE && !done) && mark ->
     r = rung - 1;
     promoted = decision[r] - 1;
     e = FIRST(r + 1);
     at = children
  :: else -> rest()
  fi
}

inline rest() {
  e = 0; r = 0; promoted = 0;
  at = idle
}

/* A call goes on, or dies: then its message comes again. */
inline go_on_to(next) {
  if
  :: at = next
  :: faults > 0 ->
     faults--;
     if
     :: !isSweep && messages < MESSAGES -> messages++
     :: else
     fi;
     rest()
  fi
}

/* Calls one after the other: of whoever receives messages, or of the sweep. */
proctype Call(bit isSweep) {
  mtype at = idle;
  byte e, r, promoted;

end_call:
  do
  :: atomic { at == idle && !isSweep && messages > 0 ->
       if
       :: messages--
       :: faults > 0 -> faults--
       fi;
       look()
     }
#if MODE != NO_SWEEP
  :: atomic { at == idle && isSweep && (mark || (COMPLETE && !done)) -> look() }
  /* A hand-out was interrupted: as if somebody had had the lease and it had lapsed. */
  :: atomic { at == idle && isSweep && (places & ~stored) != 0 ->
       pick(places & ~stored, e);
       create(e);
       ADD(started, e);
       attempt[e] = 1;
       e = 0
     }
  /* It has lapsed for the last time. */
  :: atomic { at == idle && isSweep && (places & SPENT) != 0 ->
       pick(places & SPENT, e);
       finish(e, FAILED);
#if MODE == COUNT_EVERY_REPORT || MODE == COUNT_NEW_ENDS
       counted++;
#endif
       e = 0
     }
  :: atomic { at == idle && isSweep && (places & over) != 0 ->
       pick(places & over, e);
       follow(e, end[e]);
       e = 0
     }
#endif
  :: atomic { at == keep ->
       if
       :: chunk[r] == 0 -> chunk[r] = promoted + 1
       :: else -> promoted = chunk[r] - 1
       fi;
       go_on_to(close)
     }
  :: atomic { at == close && DECIDED_MEANWHILE -> look() }
  :: atomic { at == close && !DECIDED_MEANWHILE ->
       decide(r, promoted);
       if
       :: done -> rest()
       :: else -> e = FIRST(r + 1); go_on_to(children)
       fi
     }
  :: atomic { at == children && e < FIRST(r + 1) + COUNT(promoted) ->
       if
       :: MODE == RANDOM_IDS || !HAS(stored, e) -> create(e)
       :: else
       fi;
       e++;
       go_on_to(children)
     }
  :: atomic { at == children && e == FIRST(r + 1) + COUNT(promoted) ->
       if
       :: rung == r + 1 -> mark = false
       :: else
       fi;
       rest()
     }
  od
}

/* Leases lapse: a dead worker's in any case, a silent one's as a fault. */
proctype Clock() {
  byte e;

end_clock:
  do
  :: atomic { (live & ~held) != 0 -> pick(live & ~held, e); REMOVE(live, e); e = 0 }
  :: atomic { (live & held) != 0 && faults > 0 ->
       faults--;
       pick(live & held, e);
       REMOVE(live, e);
       e = 0
     }
  od
}

init {
  atomic {
    for (i : 1 .. WORKERS) { run Worker(i - 1) }
    run Call(0);run Call(1);
    run Clock()
  }
}

ltl finished { <> done }
