#include "base/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/utf8.h"

static void fill(struct as_error *, int code, const char *fmt, va_list) AS_PRINTF(3, 0);
static void fill(struct as_error *e, int code, const char *fmt, va_list ap)
{
	if (!e)
		return;
	e->code = code;
	e->record = -1;
	e->help = NULL;
	vsnprintf(e->text, sizeof e->text, fmt, ap);
	as_plain(e->text); /* file names and texts of others may hold control characters */
}

int as_fail(struct as_error *e, int code, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	fill(e, code, fmt, ap);
	va_end(ap);
	return code;
}

int as_fail_help(struct as_error *e, int code, const char *help, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	fill(e, code, fmt, ap);
	va_end(ap);
	if (e)
		e->help = help;
	return code;
}

int as_fail_errno(struct as_error *e, const char *fmt, ...)
{
	int number = errno;
	va_list ap;
	if (!e)
		return AS_EIO;
	va_start(ap, fmt);
	fill(e, AS_EIO, fmt, ap);
	va_end(ap);
	size_t used = strlen(e->text);
	snprintf(e->text + used, sizeof e->text - used, ": %s", strerror(number));
	return AS_EIO;
}

int as_fail_code(struct as_error *e, int code)
{
	if (e)
		e->code = code;
	return code;
}

int as_fail_within(struct as_error *e, const char *fmt, ...)
{
	char was[sizeof e->text];
	va_list ap;
	if (!e)
		return AS_EDATA;
	memcpy(was, e->text, sizeof was);
	int64_t record = e->record;
	const char *help = e->help;
	va_start(ap, fmt);
	fill(e, e->code, fmt, ap);
	va_end(ap);
	e->record = record;
	e->help = help;
	size_t used = strlen(e->text);
	snprintf(e->text + used, sizeof e->text - used, ": %s", was);
	return e->code;
}
