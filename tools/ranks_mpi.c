/* Ranks by MPI: the only file that knows it. One thread calls it. Sums are never MPI's, whose order is its own
 * business. */
#include "ranks.h"

#include <limits.h>
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>

#include "message.h"

static int counts[AS_MAX_RANKS], places[AS_MAX_RANKS], mine[AS_MAX_RANKS], mine_at[AS_MAX_RANKS];

/* MPI counts in int. */
static int count(int64_t n)
{
	if (n > INT_MAX)
		die(EXIT_DATA, "a message of %lld, at most %d at a time", (long long)n, INT_MAX);
	return (int)n;
}

static void gather(const struct as_world *w, const void *own, size_t bytes, void *all)
{
	int n = count((int64_t)bytes);
	(void)w;
	MPI_Allgather(own, n, MPI_BYTE, all, n, MPI_BYTE, MPI_COMM_WORLD);
}

static void find_shares(const struct as_world *w, int64_t n)
{
	int own = count(as_share(n, w->rank + 1, w->size) - as_share(n, w->rank, w->size));
	for (int r = 0; r < w->size; r++) {
		places[r] = count(as_share(n, r, w->size));
		counts[r] = count(as_share(n, r + 1, w->size)) - places[r];
		mine[r] = own;
		mine_at[r] = count((int64_t)r * own);
	}
}

static int exchange(const struct as_world *w, const float *x, int64_t n, float *in)
{
	find_shares(w, n);
	MPI_Alltoallv(x, counts, places, MPI_FLOAT, in, mine, mine_at, MPI_FLOAT, MPI_COMM_WORLD);
	return 0;
}

static int collect(const struct as_world *w, float *x, int64_t n)
{
	find_shares(w, n);
	MPI_Allgatherv(MPI_IN_PLACE, 0, MPI_DATATYPE_NULL, x, counts, places, MPI_FLOAT, MPI_COMM_WORLD);
	return 0;
}

static bool arrived(const struct as_world *w, int ticket, bool wait)
{
	(void)w, (void)ticket, (void)wait;
	return true;
}

/* MPI's own messages are long, and several. */
static void on_error(MPI_Comm *comm, int *code, ...)
{
	char text[MPI_MAX_ERROR_STRING] = "";
	int length;
	(void)comm;
	MPI_Error_string(*code, text, &length);
	die(EXIT_DATA, "another rank does not answer (%s): look at its message, then start the same command again", text);
}

const struct as_world *ranks_begin(void)
{
	static struct as_world world = {.gather = gather, .exchange = exchange, .collect = collect, .arrived = arrived};
	MPI_Errhandler handler;
	static char name[32];
	int level;
	if (MPI_Init_thread(NULL, NULL, MPI_THREAD_FUNNELED, &level) || level < MPI_THREAD_FUNNELED)
		die(EXIT_DATA, "this MPI does not bear a program of several threads");
	MPI_Comm_create_errhandler(on_error, &handler);
	MPI_Comm_set_errhandler(MPI_COMM_WORLD, handler);
	MPI_Comm_rank(MPI_COMM_WORLD, &world.rank);
	MPI_Comm_size(MPI_COMM_WORLD, &world.size);
	if (world.size > AS_MAX_RANKS)
		die(EXIT_USAGE, "%d ranks, at most %d", world.size, AS_MAX_RANKS);
	if (world.size == 1)
		return NULL;
	snprintf(name, sizeof name, "rank %d", world.rank);
	setenv("AUGSELF_NAME", name, 0);
	on_death(ranks_abort);
	return &world;
}

void ranks_abort(int status)
{
	int begun = 0, ended = 0;
	MPI_Initialized(&begun);
	MPI_Finalized(&ended);
	if (begun && !ended)
		MPI_Abort(MPI_COMM_WORLD, status);
}

void ranks_end(void)
{
	MPI_Finalize();
}
