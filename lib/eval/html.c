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

double as_html_width(const char *text, double size)
{
	double em = 0;
	for (size_t left = strlen(text); left;) {
		size_t bytes = as_utf8(text, left), used = bytes ? bytes : 1;
		/* Characters of three bytes and more are those of East Asia, as wide as high, or not much wider than ours. */
		em += used > 2 ? 1 : strchr("iljtf.,:;'|!()[] ", *text) ? 0.34 : strchr("mwMW@%", *text) ? 0.92 : 0.6;
		text += used;
		left -= used;
	}
	return em * size;
}
