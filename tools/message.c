#include "message.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "relay.h"
#include "stream/stream.h"
#include "terminal.h"

struct manners manners;

static const char *program = "augself";
static int (*flush_output)(struct as_error *);
static bool promised;
static void (*tell_others)(int);

void tool_called(const char *name)
{
	program = name;
}

const char *tool_name(void)
{
	return program;
}

void before_end(int (*flush)(struct as_error *))
{
	flush_output = flush;
}

void promise_stream(void)
{
	promised = true;
}

void keep_promise(void)
{
	promised = false;
}

void on_death(void (*tell)(int))
{
	tell_others = tell;
}

AS_NORETURN static void end(int status)
{
	if (tell_others)
		tell_others(status);
	exit(status);
}

const char *line_prefix(void)
{
	static _Thread_local char text[96];
	const char *name = getenv("AUGSELF_NAME");
	int n = snprintf(text, sizeof text, "%s: ", program);
	if (name && *name)
		snprintf(text + n, sizeof text - (size_t)n, "[%.60s] ", name);
	return text;
}

/* Writes pending output before the message (see samtools#1490). */
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

/* The reader of our output has closed it, which is no error; but the relay also closes when it cannot
 * write. */
AS_NORETURN static void reader_gone(void)
{
	int number = relay_end();
	if (number && number != EPIPE)
		warn("standard output: %s", strerror(number));
	exit(number && number != EPIPE ? EXIT_DATA : 0);
}

/* Writes complete records before the program ends, as is done with text. */
static void flush_records(void)
{
	struct as_error err;
	int (*flush)(struct as_error *) = flush_output;
	flush_output = NULL;
	if (flush && flush(&err) == AS_EPIPE)
		reader_gone();
}

/* Whether standard output is a pipe, and messages go elsewhere: `2>&1 | less` is read by people. */
static bool feeds_program(void)
{
	struct stat out, said;
	return !fstat(1, &out) && S_ISFIFO(out.st_mode) &&
	       (fstat(2, &said) || said.st_dev != out.st_dev || said.st_ino != out.st_ino);
}

/* Only on a pipe: a file that was not finished stays as it is. */
static void break_promise(void)
{
	static const char failed = AS_STREAM_FAILED;
	flush_records();
	if (promised && feeds_program() && write(1, &failed, 1) < 0)
		promised = false; /* the reader has left, or does not read: it has a message of its own */
}

void die(int status, const char *fmt, ...)
{
	va_list ap;
	break_promise();
	va_start(ap, fmt);
	say(fmt, ap);
	va_end(ap);
	end(status);
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
	break_promise();
	if (err->code == AS_ESAID)
		end(EXIT_DATA);
	warn_error(where, err);
	end(err->code == AS_EARG ? EXIT_USAGE : EXIT_DATA);
}
