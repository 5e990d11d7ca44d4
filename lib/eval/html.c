#include "eval/html.h"

#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include "base/utf8.h"

void as_html_text(FILE *f, const char *text)
{
	size_t left = strlen(text);
	while (left) {
		size_t control = as_control(text, left), bytes = as_utf8(text, left), used = control ? control : bytes ? bytes : 1;
		switch (*text) {
		case '<': fputs("&lt;", f); break;
		case '>': fputs("&gt;", f); break;
		case '&': fputs("&amp;", f); break;
		case '"': fputs("&quot;", f); break;
		case '\'': fputs("&#39;", f); break;
		default:
			if (control)
				putc('?', f);
			else if (bytes)
				fwrite(text, 1, bytes, f);
			else
				fputs("\xef\xbf\xbd", f);
		}
		text += used;
		left -= used;
	}
}

void as_html(FILE *f, const char *format, ...)
{
	va_list ap;
	va_start(ap, format);
	for (const char *at = format; *at; at++) {
		if (*at != '%') {
			putc(*at, f);
			continue;
		}
		switch (*++at) {
		case 's': as_html_text(f, va_arg(ap, const char *)); break;
		case 'S': fputs(va_arg(ap, const char *), f); break;
		case 'd': fprintf(f, "%d", va_arg(ap, int)); break;
		default: putc(*at, f);
		}
	}
	va_end(ap);
}

void as_html_base64(FILE *f, const void *bytes, size_t count)
{
	static const char digit[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const uint8_t *b = bytes;
	for (size_t i = 0; i < count; i += 3) {
		size_t n = count - i < 3 ? count - i : 3;
		uint32_t v = (uint32_t)b[i] << 16 | (uint32_t)(n > 1 ? b[i + 1] : 0) << 8 | (uint32_t)(n > 2 ? b[i + 2] : 0);
		putc(digit[v >> 18], f);
		putc(digit[v >> 12 & 63], f);
		putc(n > 1 ? digit[v >> 6 & 63] : '=', f);
		putc(n > 2 ? digit[v & 63] : '=', f);
	}
}

void as_html_number(FILE *f, double v, int decimals, int plus)
{
	char text[400];
	snprintf(text, sizeof text, plus ? "%+.*f" : "%.*f", decimals, v);
	if (*text == '-' && !text[strspn(text, "-0.")]) /* what is nearly 0 has no sign */
		fputs(text + 1, f);
	else
		fprintf(f, "%s%s", *text == '-' ? "\xe2\x88\x92" : "", text + (*text == '-'));
}

/* The width in em of the character at `s`, whose length in bytes is *bytes. */
static double letter_width(const char *s, size_t left, size_t *bytes)
{
	size_t n = as_utf8(s, left);
	*bytes = n ? n : 1;
	/* Characters of three bytes and more are those of East Asia, as wide as high, or not much wider than ours. */
	return n > 2 ? 1 : strchr("iljtf.,:;'|!()[] ", *s) ? 0.34 : strchr("mwMW@%", *s) ? 0.92 : 0.6;
}

double as_html_width(const char *text, double size)
{
	double em = 0;
	for (size_t left = strlen(text), bytes; left; left -= bytes, text += bytes)
		em += letter_width(text, left, &bytes);
	return em * size;
}

const char *as_html_shorten(const char *text, double size, double width, char buf[AS_HTML_SHORT])
{
	size_t used = 0, bytes;
	double em = 1; /* of the dots */
	if (as_html_width(text, size) <= width)
		return text;
	for (size_t left = strlen(text); left; left -= bytes) {
		em += letter_width(text + used, left, &bytes);
		if (em * size > width || used + bytes + 4 > AS_HTML_SHORT)
			break;
		used += bytes;
	}
	while (used && text[used - 1] == ' ')
		used--;
	snprintf(buf, AS_HTML_SHORT, "%.*s…", (int)used, text);
	return buf;
}
