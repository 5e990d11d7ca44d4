#define _GNU_SOURCE /* F_SETPIPE_SZ */
#include "common.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/newfile.h"
#include "base/text.h"
#include "relay.h"

/* ---- messages ---- */

/* Data that is on its way comes before the message (samtools#1490). */
static void say(const char *fmt, va_list) AS_PRINTF(1, 0);
static void say(const char *fmt, va_list ap)
{
	char text[1024];
	fflush(stdout);
	int n = snprintf(text, sizeof text, "%s", line_prefix());
	vsnprintf(text + n, sizeof text - (size_t)n, fmt, ap);
	say_line(text);
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
	for (const char *at = err->help; at && *at; at += strspn(at, "\n")) {
		char line[1024];
		size_t n = strcspn(at, "\n");
		snprintf(line, sizeof line, "%.*s", (int)n, at);
		say_line(line);
		at += n;
	}
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

/* Ends a program that could not write a file: better said before the work than after it. A pipe or a
 * device is opened when there is something to write. */
static void check_writable(const char *path)
{
	struct as_error err = {.record = -1};
	struct as_newfile file;
	if (as_path_ask(path, AS_PATH_PIPE | AS_PATH_DEVICE, NULL) == 1)
		return;
	if (as_newfile_open(&file, path, &err))
		die_error(NULL, &err);
	as_newfile_abandon(&file);
}

void check_places(const struct place *p, int n)
{
	for (int i = 0; i < n; i++)
		for (int k = 0; k < n; k++)
			if (k != i && p[i].path && p[k].path && p[i].written && touches(&p[i], &p[k]))
				die(EXIT_USAGE, "%s %s and %s %s: one file for both", p[i].option, p[i].path, p[k].option,
				    p[k].path);
	for (int i = 0; i < n; i++)
		if (p[i].path && p[i].written)
			check_writable(p[i].path);
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
	if (relayed ? relayed == EPIPE : !bad || number == EPIPE || left)
		return 0;
	char text[256];
	number = relayed ? relayed : number;
	snprintf(text, sizeof text, "%sstandard output: %s", line_prefix(), number ? strerror(number) : "a write failed");
	say_line(text);
	return EXIT_DATA;
}

void check_text(void)
{
	if (ferror(stdout))
		exit(finish_text());
}
