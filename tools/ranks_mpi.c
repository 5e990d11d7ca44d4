/* Ranks by MPI: the only file that knows it. Sums are never MPI's, whose order is its own business. Two threads call it,
 * one at a time: the one that trains, and one that tells the others that this rank is there (pulse.h). */
#include "ranks.h"

#include <limits.h>
#include <mpi.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "ending.h"
#include "message.h"
#include "pulse.h"

static pthread_mutex_t mpi; /* held by whoever calls MPI; recursive, as an error in a call ends in MPI_Abort */

static void hold(void)
{
	pthread_mutex_lock(&mpi);
}

static void release(void)
{
	pthread_mutex_unlock(&mpi);
}

/* ---- messages ---- */

/* A message on its way. MPI counts in int, and reads these tables until the message has arrived. */
struct message {
	MPI_Request request;
	bool used;
	double bytes;
	int counts[AS_MAX_RANKS], places[AS_MAX_RANKS]; /* the shares of one array */
	int mine[AS_MAX_RANKS], mine_at[AS_MAX_RANKS];  /* this rank's share of each array, one behind the other */
};

/* All ranks begin the messages of a kind in the same order, but not those of two kinds: so each kind has a channel. */
enum { GATHER, EXCHANGE, COLLECT, PULSE, KINDS };
static MPI_Comm channel[KINDS];

static int count(int64_t n)
{
	if (n > INT_MAX)
		die(EXIT_DATA, "a message of %lld, at most %d at a time", (long long)n, INT_MAX);
	return (int)n;
}

static void find_shares(struct message *m, const struct as_world *w, int64_t n)
{
	int own = count(as_share(n, w->rank + 1, w->size) - as_share(n, w->rank, w->size));
	m->bytes = (double)n * sizeof(float);
	for (int r = 0; r < w->size; r++) {
		m->places[r] = count(as_share(n, r, w->size));
		m->counts[r] = count(as_share(n, r + 1, w->size)) - m->places[r];
		m->mine[r] = own;
		m->mine_at[r] = count((int64_t)r * own);
	}
}

static bool test(struct message *m)
{
	int there = 0;
	hold();
	MPI_Test(&m->request, &there, MPI_STATUS_IGNORE);
	release();
	return there != 0;
}

/* Waits for a message. A batch norm's takes microseconds, and there are 80 a step: so at first this only looks and looks
 * again, letting others run who wait for this core. What takes longer than a fast network would (a gigabyte a second)
 * waits for a rank that still computes; a nap of a tenth of a millisecond then costs neither this step nor a core. */
static void await(struct message *m)
{
	const struct timespec nap = {.tv_nsec = 100000};
	double patience = ending_clock() + .001 + m->bytes / 1e9;
	for (int i = 0; !test(m); i++)
		if (i >= 100 && ending_clock() > patience)
			nanosleep(&nap, NULL);
		else
			sched_yield();
}

static void gather(const struct as_world *w, const void *own, size_t bytes, void *all)
{
	struct message m = {.bytes = (double)bytes * w->size};
	int n = count((int64_t)bytes);
	hold();
	MPI_Iallgather(own, n, MPI_BYTE, all, n, MPI_BYTE, channel[GATHER], &m.request);
	release();
	await(&m);
}

static struct message afloat[AS_MAX_AFLOAT];

static struct message *unused(void)
{
	struct message *m = afloat;
	while (m->used)
		m++;
	m->used = true;
	return m;
}

static int exchange(const struct as_world *w, const float *x, int64_t n, float *in)
{
	struct message *m = unused();
	find_shares(m, w, n);
	hold();
	MPI_Ialltoallv(x, m->counts, m->places, MPI_FLOAT, in, m->mine, m->mine_at, MPI_FLOAT, channel[EXCHANGE], &m->request);
	release();
	return (int)(m - afloat);
}

static int collect(const struct as_world *w, float *x, int64_t n)
{
	struct message *m = unused();
	find_shares(m, w, n);
	hold();
	MPI_Iallgatherv(MPI_IN_PLACE, 0, MPI_DATATYPE_NULL, x, m->counts, m->places, MPI_FLOAT, channel[COLLECT], &m->request);
	release();
	return (int)(m - afloat);
}

static bool arrived(const struct as_world *w, int ticket, bool wait)
{
	struct message *m = &afloat[ticket];
	(void)w;
	if (wait)
		await(m);
	else if (!test(m))
		return false;
	m->used = false;
	return true;
}

static struct as_world world = {.gather = gather, .exchange = exchange, .collect = collect, .arrived = arrived};

/* ---- the pulse ---- */

enum { HERE, LEAVE /* the last message of a rank */, TAGS };

static struct {
	pthread_t thread;
	pthread_cond_t wake;
	bool leaving; /* under mpi */
	MPI_Request sent[TAGS][AS_MAX_RANKS];
	struct pulse pulse;
	char machine[AS_MAX_RANKS][MPI_MAX_PROCESSOR_NAME];
} beat;

/* Tells all others. One that has not taken the last message is not sent another. */
static void tell(int tag)
{
	for (int r = 0; r < world.size; r++) {
		MPI_Request *sent = &beat.sent[tag][r];
		int taken = 0;
		MPI_Test(sent, &taken, MPI_STATUS_IGNORE);
		if (taken && r != world.rank)
			MPI_Isend(NULL, 0, MPI_BYTE, r, tag, channel[PULSE], sent);
	}
}

static void listen(void)
{
	MPI_Status s;
	int there = 0;
	while (!MPI_Iprobe(MPI_ANY_SOURCE, MPI_ANY_TAG, channel[PULSE], &there, &s) && there) {
		MPI_Recv(NULL, 0, MPI_BYTE, s.MPI_SOURCE, s.MPI_TAG, channel[PULSE], MPI_STATUS_IGNORE);
		pulse_heard(&beat.pulse, s.MPI_SOURCE, ending_clock());
		if (s.MPI_TAG == LEAVE)
			beat.pulse.left[s.MPI_SOURCE] = true;
	}
}

/* Ends the run if a rank is silent. mpirun can do that cleanly, if it finds for itself that a machine is lost: it is given
 * some time for it, as our MPI_Abort would first send a word to that machine, and TCP waits a quarter of an hour for
 * the answer. Not by exit(): another thread computes. */
static void judge(void)
{
	int who[AS_MAX_RANKS], n = pulse_silent(&beat.pulse, ending_clock(), who);
	char more[32] = "";
	if (!n)
		return;
	if (n > 1)
		snprintf(more, sizeof more, " and %d more", n - 1);
	warn("nothing was heard for %d s of rank %d on %s%s: that machine is down, or the network; start the same command "
	     "again, without it if it stays away: it goes on from the state", PULSE_SILENCE, who[0], beat.machine[who[0]], more);
	sleep(PULSE_LATE);
	ranks_abort(EXIT_DATA);
	_exit(EXIT_DATA);
}

/* Waits, and lets the other thread call MPI, until it wakes this one. */
static void rest(long milliseconds)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	t.tv_nsec += milliseconds * 1000000;
	t.tv_sec += t.tv_nsec / 1000000000;
	t.tv_nsec %= 1000000000;
	pthread_cond_timedwait(&beat.wake, &mpi, &t);
}

/* Until all have taken leave; then no message is on its way. */
static void *pulsate(void *arg)
{
	bool said = false;
	hold();
	while (!said || !pulse_all_left(&beat.pulse)) {
		if (!said)
			tell(beat.leaving ? LEAVE : HERE);
		said = beat.leaving;
		listen();
		judge();
		rest(said ? 1 : 1000 * PULSE_BEAT);
	}
	for (int tag = 0; tag < TAGS; tag++)
		for (int r = 0; r < world.size; r++) /* gcc warns of MPI_Waitall with MPICH's MPI_STATUSES_IGNORE */
			MPI_Wait(&beat.sent[tag][r], MPI_STATUS_IGNORE);
	release();
	return arg;
}

static void begin_pulse(void)
{
	pthread_condattr_t clock;
	char name[MPI_MAX_PROCESSOR_NAME] = "";
	sigset_t all, was;
	int length;
	MPI_Get_processor_name(name, &length);
	MPI_Allgather(name, sizeof name, MPI_BYTE, beat.machine, sizeof name, MPI_BYTE, MPI_COMM_WORLD);
	for (int r = 0; r < world.size; r++)
		beat.sent[HERE][r] = beat.sent[LEAVE][r] = MPI_REQUEST_NULL;
	pulse_begin(&beat.pulse, world.size, world.rank, ending_clock());
	pthread_condattr_init(&clock);
	pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
	pthread_cond_init(&beat.wake, &clock);
	sigfillset(&all); /* signals are for the thread that trains */
	pthread_sigmask(SIG_SETMASK, &all, &was);
	if (pthread_create(&beat.thread, NULL, pulsate, NULL))
		die(EXIT_DATA, "no thread");
	pthread_sigmask(SIG_SETMASK, &was, NULL);
}

/* ---- the beginning and the end ---- */

/* MPI's own messages are long, and several. */
static void on_error(MPI_Comm *comm, int *code, ...)
{
	char text[MPI_MAX_ERROR_STRING] = "";
	int length;
	(void)comm;
	MPI_Error_string(*code, text, &length);
	die(EXIT_DATA, "another rank does not answer (%s): look at its message, then start the same command again", text);
}

static void begin_lock(void)
{
	pthread_mutexattr_t again;
	pthread_mutexattr_init(&again);
	pthread_mutexattr_settype(&again, PTHREAD_MUTEX_RECURSIVE);
	pthread_mutex_init(&mpi, &again);
}

const struct as_world *ranks_begin(void)
{
	MPI_Errhandler handler;
	static char name[32];
	int level;
	if (MPI_Init_thread(NULL, NULL, MPI_THREAD_SERIALIZED, &level) || level < MPI_THREAD_SERIALIZED)
		die(EXIT_DATA, "this MPI does not bear a program of several threads (MPI_THREAD_SERIALIZED)");
	MPI_Comm_create_errhandler(on_error, &handler);
	MPI_Comm_set_errhandler(MPI_COMM_WORLD, handler);
	MPI_Comm_rank(MPI_COMM_WORLD, &world.rank);
	MPI_Comm_size(MPI_COMM_WORLD, &world.size);
	begin_lock();
	for (int kind = 0; kind < KINDS; kind++)
		MPI_Comm_dup(MPI_COMM_WORLD, &channel[kind]);
	if (world.size > AS_MAX_RANKS)
		die(EXIT_USAGE, "%d ranks, at most %d", world.size, AS_MAX_RANKS);
	if (world.size == 1)
		return NULL;
	snprintf(name, sizeof name, "rank %d", world.rank);
	setenv("AUGSELF_NAME", name, 0);
	on_death(ranks_abort);
	begin_pulse();
	return &world;
}

void ranks_abort(int status)
{
	int begun = 0, ended = 0;
	MPI_Initialized(&begun);
	MPI_Finalized(&ended);
	if (!begun || ended)
		return;
	hold();
	MPI_Abort(MPI_COMM_WORLD, status);
}

void ranks_end(void)
{
	if (world.size > 1) {
		hold();
		beat.leaving = true;
		pthread_cond_signal(&beat.wake);
		release();
		pthread_join(beat.thread, NULL);
	}
	MPI_Finalize();
}
