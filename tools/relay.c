#include "relay.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int from = -1, to = 1; /* our end of the pipe; what was standard output */
static int failed;            /* errno of the write that failed */
static pthread_t thread;
static bool running;

int write_all(int fd, const void *at, size_t n)
{
	for (const char *p = at; n;) {
		ssize_t k = write(fd, p, n);
		if (k < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
			poll(&(struct pollfd){.fd = fd, .events = POLLOUT}, 1, -1);
		else if (k < 0 && errno != EINTR)
			return errno;
		p += k > 0 ? k : 0;
		n -= k > 0 ? (size_t)k : 0;
	}
	return 0;
}

/* If it ends early, whoever writes into the pipe sees that the reader has left. */
static void *hand_on(void *none)
{
	static char buf[64 * 1024];
	ssize_t n;
	while (!failed && (n = read(from, buf, sizeof buf)) != 0)
		if (n > 0)
			failed = write_all(to, buf, (size_t)n);
		else if (errno != EINTR)
			failed = errno;
	close(from);
	return none;
}

int relay_output(void)
{
	return to;
}

int relay_end(void)
{
	if (running)
		pthread_join(thread, NULL);
	running = false;
	return failed;
}

static void end_at_exit(void)
{
	if (!running)
		return;
	fflush(stdout);
	close(1);
	relay_end();
}

/* Signals stay with the main thread. */
static int start_thread(void)
{
	sigset_t all, was;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &was);
	int rc = pthread_create(&thread, NULL, hand_on, NULL);
	pthread_sigmask(SIG_SETMASK, &was, NULL);
	return rc;
}

const char *relay_start(void)
{
	int flags = fcntl(1, F_GETFL), end[2];
	if (flags < 0 || !(flags & O_NONBLOCK))
		return NULL;
	if (pipe(end) || (to = fcntl(1, F_DUPFD_CLOEXEC, 3)) < 0 || dup2(end[1], 1) < 0)
		return "there is no pipe that does";
	close(end[1]);
	from = end[0];
	fcntl(from, F_SETFD, FD_CLOEXEC);
	int rc = start_thread();
	if (rc) {
		errno = rc;
		return "there is no thread that does";
	}
	running = true;
	atexit(end_at_exit);
	return NULL;
}
