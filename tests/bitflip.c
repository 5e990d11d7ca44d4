/* A library to preload into one rank: bad memory. AS_FLIP=N: in what the N-th MPI_Iallgatherv of this process receives, the
 * gradients that ranks have added up, one bit of the first float that is not 0 turns over, when they have arrived. */
#include <dlfcn.h>
#include <mpi.h>
#include <stdint.h>
#include <stdlib.h>

static long calls;
static uint32_t *victim;
static MPI_Request *waited;

int MPI_Iallgatherv(const void *own, int n, MPI_Datatype type, void *all, const int *counts, const int *places, MPI_Datatype types,
		    MPI_Comm comm, MPI_Request *request)
{
	int (*real)(const void *, int, MPI_Datatype, void *, const int *, const int *, MPI_Datatype, MPI_Comm, MPI_Request *);
	const char *wanted = getenv("AS_FLIP");
	*(void **)&real = dlsym(RTLD_NEXT, "MPI_Iallgatherv");
	if (wanted && ++calls == strtol(wanted, NULL, 10)) {
		victim = all;
		waited = request;
	}
	return real(own, n, type, all, counts, places, types, comm, request);
}

int MPI_Test(MPI_Request *request, int *there, MPI_Status *status)
{
	int (*real)(MPI_Request *, int *, MPI_Status *);
	*(void **)&real = dlsym(RTLD_NEXT, "MPI_Test");
	int rc = real(request, there, status);
	if (*there && victim && request == waited) {
		while (!*victim)
			victim++;
		*victim ^= 1u << 22;
		victim = NULL;
	}
	return rc;
}
