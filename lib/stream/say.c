#include "stream/say.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *format(struct as_error *err, const char *fmt, va_list) AS_PRINTF(2, 0);
static char *format(struct as_error *err, const char *fmt, va_list ap)
{
	va_list again;
	va_copy(again, ap);
	int n = vsnprintf(NULL, 0, fmt, ap);
	char *text = n < 0 ? NULL : malloc((size_t)n + 1);
	if (text)
		vsnprintf(text, (size_t)n + 1, fmt, again);
	else
		as_fail(err, AS_EMEM, "memory: no room for a text");
	va_end(again);
	return text;
}

char *as_format(struct as_error *err, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	char *text = format(err, fmt, ap);
	va_end(ap);
	return text;
}

int as_say(struct as_names *list, struct as_error *err, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	char *text = format(err, fmt, ap);
	va_end(ap);
	int rc = text ? as_names_add(list, text, err) : AS_EMEM;
	free(text);
	return rc;
}

char *as_join(const struct as_names *names, struct as_error *err)
{
	char *text = malloc(2 * (names->bytes + 1)), *end = text;
	if (!text)
		as_fail(err, AS_EMEM, "memory: no room for a list");
	for (int64_t i = 0; text && i < names->count; i++)
		end += sprintf(end, "%s%s", i ? ", " : "", as_names_at(names, i));
	if (text)
		*end = 0;
	return text;
}
