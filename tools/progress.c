/* A thread draws the line, so it moves on while a step takes long, and comes back at once after a message
 * of another program in the pipe. */
#include "progress.h"

#include <math.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/text.h"
#include "base/version.h"
#include "message.h"
#include "relay.h"
#include "terminal.h"

/* Seconds: of silence at first; between two drawings; before the first plain line. */
static const double quiet_time = 2, tick = 1.0 / 6, first_line = 5;

static struct {
	pthread_mutex_t lock;
	pthread_cond_t wake;
	pthread_t thread;
	bool begun, wanted, running, ended;
	double began, due; /* due: the next plain line */
	double interval;
	uint64_t done, total, before;
	char unit[24], more[128];
} p = {.lock = PTHREAD_MUTEX_INITIALIZER};

static double seconds_of(clockid_t clock)
{
	struct timespec t;
	clock_gettime(clock, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* ---- texts ---- */

static void add(char *text, size_t room, const char *fmt, ...) AS_PRINTF(3, 4);
static void add(char *text, size_t room, const char *fmt, ...)
{
	size_t used = strlen(text);
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(text + used, room - used, fmt, ap);
	va_end(ap);
}

/* 0:07, 12:34, 1:02:03. */
static void add_time(char *text, size_t room, double seconds, const char *what)
{
	uint64_t s = seconds < 1e9 ? (uint64_t)seconds : 1000000000;
	if (s >= 3600)
		add(text, room, ", %llu:%02d:%02d %s", (unsigned long long)s / 3600, (int)(s / 60 % 60), (int)(s % 60), what);
	else
		add(text, room, ", %d:%02d %s", (int)(s / 60), (int)(s % 60), what);
}

/* The rate at which this process works, in units a second. */
static double rate(uint64_t done, double elapsed)
{
	return elapsed > 0 && done > p.before ? (double)(done - p.before) / elapsed : 0;
}

static void compose(char *text, size_t room, double now)
{
	double elapsed = now - p.began, speed = rate(p.done, elapsed);
	snprintf(text, room, "%s%llu", line_prefix(), (unsigned long long)p.done);
	if (p.total)
		add(text, room, "/%llu", (unsigned long long)p.total);
	add(text, room, " %s, %.4g/s", p.unit, speed);
	add_time(text, room, elapsed, "elapsed");
	if (p.total >= p.done && speed > 0)
		add_time(text, room, (double)(p.total - p.done) / speed, "left");
	if (*p.more)
		add(text, room, ", %s", p.more);
	as_plain(text);
}

/* ---- the thread ---- */

static void draw(double now)
{
	char text[512];
	compose(text, sizeof text, now);
	terminal_draw(text, now);
}

static void say_plain(double now)
{
	char text[512];
	compose(text, sizeof text - 1, now);
	add(text, sizeof text, "\n");
	/* in one piece; an error is ignored, since there is nowhere to report it */
	(void)write_all(2, text, strlen(text));
	p.due = now + p.interval;
}

/* Draws what is due at `now`; returns the time to look again. */
static double look(bool terminal, double now)
{
	if (!terminal && now >= p.due)
		say_plain(now);
	if (!terminal)
		return p.due;
	if (now - p.began >= (manners.progress ? tick : quiet_time))
		draw(now);
	return now + tick;
}

static void *run(void *unused)
{
	bool terminal = terminal_rewrites();
	(void)unused;
	pthread_mutex_lock(&p.lock);
	while (!p.ended) {
		double next = look(terminal, seconds_of(CLOCK_MONOTONIC));
		struct timespec t = {.tv_sec = (time_t)floor(next), .tv_nsec = (long)(1e9 * (next - floor(next)))};
		pthread_cond_timedwait(&p.wake, &p.lock, &t);
	}
	pthread_mutex_unlock(&p.lock);
	return NULL;
}

/* In a pipe only the last program draws. */
static bool wanted(void)
{
	struct stat st;
	if (manners.quiet || manners.no_progress)
		return false;
	return manners.progress || !(fstat(relay_output(), &st) == 0 && S_ISFIFO(st.st_mode));
}

static double interval(void)
{
	const char *text = getenv("AUGSELF_PROGRESS");
	struct as_error err;
	double seconds = 60;
	if (text && *text && as_parse_f64(text, 0.1, 86400, &seconds, &err))
		die(EXIT_USAGE, "AUGSELF_PROGRESS: %s", err.text);
	return seconds;
}

/* If no thread can be had nothing is drawn, which is no reason to end. The thread takes no signals. */
static void start(void)
{
	pthread_condattr_t monotonic;
	sigset_t all, before;
	p.begun = true;
	p.began = seconds_of(CLOCK_MONOTONIC);
	p.interval = interval();
	p.due = p.began + (manners.progress ? tick : p.interval < first_line ? p.interval : first_line);
	p.wanted = wanted(); /* asked now, because at the end standard output is closed */
	if (!p.wanted || pthread_condattr_init(&monotonic))
		return;
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&p.wake, &monotonic);
	pthread_condattr_destroy(&monotonic);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	p.running = !pthread_create(&p.thread, NULL, run, NULL);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (p.running)
		atexit(progress_stop);
}

/* ---- for programs ---- */

void progress_from(uint64_t done)
{
	p.before = done;
}

void progress(uint64_t done, uint64_t total, const char *unit, const char *more)
{
	pthread_mutex_lock(&p.lock);
	p.done = done;
	p.total = total;
	snprintf(p.unit, sizeof p.unit, "%s", unit);
	snprintf(p.more, sizeof p.more, "%s", more ? more : "");
	pthread_mutex_unlock(&p.lock);
	if (!p.begun)
		start();
}

void progress_stop(void)
{
	pthread_mutex_lock(&p.lock);
	bool join = p.running;
	p.running = false;
	p.ended = true;
	if (join)
		pthread_cond_signal(&p.wake);
	pthread_mutex_unlock(&p.lock);
	if (join)
		pthread_join(p.thread, NULL);
	terminal_clear();
}

void progress_end(uint64_t done, const char *unit)
{
	struct rusage use;
	double elapsed = p.begun ? seconds_of(CLOCK_MONOTONIC) - p.began : 0;
	progress_stop();
	if (!p.wanted || (!manners.progress && elapsed < quiet_time))
		return;
	getrusage(RUSAGE_SELF, &use);
	warn("%s: %llu %s, %.4g/s, %.2f s, CPU %.2f s, peak %.0f MiB", AS_VERSION, (unsigned long long)done, unit,
	     rate(done, elapsed), elapsed, seconds_of(CLOCK_PROCESS_CPUTIME_ID),
	     (double)use.ru_maxrss / 1024);
}
