#define _GNU_SOURCE /* F_SETPIPE_SZ */
#include "common.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/newfile.h"
#include "base/text.h"
#include "relay.h"

/* ---- messages ---- */

static bool line_open; /* a progress line stands unfinished on the terminal */

static void close_line(void)
{
	if (line_open)
		fputs("\r\033[K", stderr);
	line_open = false;
}

/* Data that is on its way comes before the message (samtools#1490); control
 * bytes of file names must not reach a terminal. */
static void say(const char *fmt, va_list) AS_PRINTF(1, 0);
static void say(const char *fmt, va_list ap)
{
	char text[1024], line[sizeof text + 64];
	fflush(stdout);
	close_line();
	vsnprintf(text, sizeof text, fmt, ap);
	as_plain(text);
	int n = snprintf(line, sizeof line, "%s: %s\n", tool_name(), text);
	write_all(2, line, (size_t)n); /* stdio would lose what a standard error that does not wait has no room for */
}

void warn(const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	say(fmt, ap);
	va_end(ap);
}

void inform(const char *fmt, ...)
{
	va_list ap;
	if (manners.quiet)
		return;
	va_start(ap, fmt);
	say(fmt, ap);
	va_end(ap);
}

static struct as_writer *sink; /* of open_output, until close_output */

/* Whoever reads our output has left, which is no fault; but a relay leaves too when it cannot write. */
AS_NORETURN static void reader_gone(void)
{
	int number = relay_end();
	close_line();
	if (number && number != EPIPE)
		warn("standard output: %s", strerror(number));
	exit(number && number != EPIPE ? EXIT_DATA : 0);
}

/* Records that are whole go on their way before the end, as text does. */
static void flush_sink(void)
{
	struct as_error err;
	struct as_writer *w = sink;
	sink = NULL;
	if (w && as_writer_flush(w, &err) == AS_EPIPE)
		reader_gone();
}

void die(int status, const char *fmt, ...)
{
	va_list ap;
	flush_sink();
	va_start(ap, fmt);
	say(fmt, ap);
	va_end(ap);
	exit(status);
}

void warn_error(const char *where, const struct as_error *err)
{
	const char *colon = where ? ":" : "", *blank = where ? " " : "";
	where = where ? where : "";
	if (err->record >= 0)
		warn("%s%srecord %lld: %s", where, colon, (long long)err->record, err->text);
	else
		warn("%s%s%s%s", where, colon, blank, err->text);
	if (err->help)
		fprintf(stderr, "%s\n", err->help);
}

void die_error(const char *where, const struct as_error *err)
{
	if (err->code == AS_EPIPE)
		reader_gone();
	flush_sink();
	warn_error(where, err);
	exit(err->code == AS_EARG ? EXIT_USAGE : EXIT_DATA);
}

/* ---- files ---- */

/* Whether b is what writing a touches: a itself, and what stands beside it meanwhile. */
static bool touches(const struct place *a, const struct place *b)
{
	static const char *const beside[] = {"", ".part", ".lock"};
	char name[4096];
	for (int i = 0; i < 3; i++)
		if ((size_t)snprintf(name, sizeof name, "%s%s", a->path, beside[i]) < sizeof name && as_path_same(name, b->path))
			return true;
	return false;
}

void check_places(const struct place *p, int n)
{
	for (int i = 0; i < n; i++)
		for (int k = 0; k < n; k++)
			if (k != i && p[i].path && p[k].path && p[i].written && touches(&p[i], &p[k]))
				die(EXIT_USAGE, "%s %s and %s %s: one file for both", p[i].option, p[i].path, p[k].option,
				    p[k].path);
}

static struct as_hold held;

void drop_file(void)
{
	as_hold_drop(&held);
}

void hold_file(const char *path)
{
	struct as_error err = {.record = -1};
	if (as_hold_take(&held, path, &err))
		die_error(NULL, &err);
	atexit(drop_file);
}

/* ---- standard streams ---- */

void refuse_terminal(int fd)
{
	if (!manners.force && isatty(fd == 1 ? relay_output() : fd))
		die(EXIT_USAGE, "standard %s is a terminal and the data is binary (--force overrides); see %s --help",
		    fd ? "output" : "input", tool_name());
}

/* A pipe that holds a few records of a hundred KiB, where the system has that and allows it: at
 * 64 KiB, reader and writer take turns several times a record. */
static void widen(int fd)
{
#ifdef F_SETPIPE_SZ
	enum { PIPE = 1 << 20 };
	if (fcntl(fd, F_GETPIPE_SZ) < PIPE)
		fcntl(fd, F_SETPIPE_SZ, PIPE); /* no pipe, or not more of it: as it was */
#else
	(void)fd;
#endif
}

struct as_reader *open_input_file(const char *path, const char *kinds)
{
	bool standard = !path || !strcmp(path, "-");
	const char *name = standard ? "(stdin)" : path;
	struct as_reader *r;
	struct as_error err;
	int fd = 0;
	if (standard)
		refuse_terminal(0);
	else if ((fd = as_path_open(path, AS_PATH_FILE | AS_PATH_PIPE, &err)) < 0)
		die_error(NULL, &err);
	widen(fd);
	if (as_reader_open(&r, fd, name, kinds, &err))
		die_error(name, &err);
	return r;
}

struct as_reader *open_input(const char *kinds)
{
	return open_input_file(NULL, kinds);
}

struct as_writer *open_output_unsaid(const struct as_header *header)
{
	struct as_writer *w;
	struct as_error err;
	refuse_terminal(1); /* img-synth knows only after its options whether it writes there */
	widen(1);
	if (as_writer_open(&w, 1, header, &err) || as_writer_flush(w, &err)) /* who reads may refuse it before a record is made */
		die_error(NULL, &err);
	return sink = w;
}

struct as_writer *open_output(const char *kind, struct as_header *header, const char *operands)
{
	struct as_header empty = {0};
	struct as_error err;
	header = header ? header : &empty;
	snprintf(header->kind, sizeof header->kind, "%s", kind);
	if (as_names_add(&header->chain, tool_chain(operands), &err))
		die_error(NULL, &err);
	struct as_writer *w = open_output_unsaid(header);
	as_header_clear(&empty);
	return w;
}

void close_output(struct as_writer *w)
{
	struct as_seal seal;
	struct as_error err;
	sink = NULL;
	if (as_writer_close(w, &seal, &err))
		die_error(NULL, &err);
	int number = close(1) ? errno : relay_end();
	if (number && number != EPIPE)
		die(EXIT_DATA, "standard output: %s", strerror(number));
	close_line();
	if (number)
		exit(0);
	inform("sealed %016llx %llu records, %llu skipped", (unsigned long long)seal.hash,
	       (unsigned long long)seal.count, (unsigned long long)seal.skipped);
}

/* errno is lost when an earlier write failed: ask the pipe whether its reader is there. */
static bool reader_left(void)
{
	struct pollfd p = {1, 0, 0};
	return poll(&p, 1, 0) == 1 && (p.revents & POLLERR);
}

int finish_text(void)
{
	bool bad = ferror(stdout), left = bad && reader_left();
	errno = 0;
	bad = fclose(stdout) || bad;
	int number = errno, relayed = relay_end();
	close_line();
	if (relayed ? relayed == EPIPE : !bad || number == EPIPE || left)
		return 0;
	number = relayed ? relayed : number;
	fprintf(stderr, "%s: standard output: %s\n", tool_name(), number ? strerror(number) : "a write failed");
	return EXIT_DATA;
}

void check_text(void)
{
	if (ferror(stdout))
		exit(finish_text());
}

/* ---- progress ---- */

static double seconds_of(clockid_t clock)
{
	struct timespec t;
	clock_gettime(clock, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* In a pipe it is the last program that speaks; a run that does not last is not
 * worth a line. */
static bool progress_wanted(double elapsed)
{
	struct stat st;
	if (manners.quiet || manners.no_progress)
		return false;
	if (manners.progress)
		return true;
	return elapsed > 2 && !(fstat(relay_output(), &st) == 0 && S_ISFIFO(st.st_mode));
}

static double started;
static uint64_t before; /* done when this process began */

/* Done by this process in a second. */
static double rate(uint64_t done, double elapsed)
{
	return elapsed > 0 && done > before ? (double)(done - before) / elapsed : 0;
}

void progress_from(uint64_t done)
{
	before = done;
}

static void progress_text(char *buf, size_t room, uint64_t done, uint64_t total, const char *unit, const char *more)
{
	double elapsed = seconds_of(CLOCK_MONOTONIC) - started;
	int n = snprintf(buf, room, "%llu", (unsigned long long)done);
	if (total)
		n += snprintf(buf + n, room - (size_t)n, "/%llu", (unsigned long long)total);
	n += snprintf(buf + n, room - (size_t)n, " %s, %.4g/s", unit, rate(done, elapsed));
	if (more && *more)
		snprintf(buf + n, room - (size_t)n, ", %s", more);
}

void progress(uint64_t done, uint64_t total, const char *unit, const char *more)
{
	static double last;
	char text[256];
	double now = seconds_of(CLOCK_MONOTONIC);
	if (started <= 0)
		started = now;
	if (!progress_wanted(now - started))
		return;
	if (!isatty(2)) {
		if (done && !(done & (done - 1))) {
			progress_text(text, sizeof text, done, total, unit, more);
			warn("%s", text);
		}
		return;
	}
	if (now - last < 1.0 / 6)
		return;
	last = now;
	progress_text(text, sizeof text, done, total, unit, more);
	fprintf(stderr, "\r\033[K%s: %.120s", tool_name(), text);
	line_open = true;
}

void progress_end(uint64_t done, const char *unit)
{
	struct rusage use;
	double elapsed = started > 0 ? seconds_of(CLOCK_MONOTONIC) - started : 0;
	close_line();
	if (!progress_wanted(elapsed))
		return;
	getrusage(RUSAGE_SELF, &use);
	warn("%s: %llu %s, %.4g/s, %.2f s, CPU %.2f s, peak %.0f MiB", AS_VERSION, (unsigned long long)done, unit,
	     rate(done, elapsed), elapsed, seconds_of(CLOCK_PROCESS_CPUTIME_ID),
	     (double)use.ru_maxrss / 1024);
}
