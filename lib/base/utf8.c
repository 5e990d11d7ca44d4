#include "base/utf8.h"

#include <string.h>

size_t as_utf8(const char *at, size_t n)
{
	const unsigned char *s = (const unsigned char *)at;
	size_t length = !n ? 0 : s[0] < 0x80 ? 1 : s[0] < 0xc2 ? 0 : s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : s[0] < 0xf5 ? 4 : 0;
	if (length > n)
		return 0;
	for (size_t i = 1; i < length; i++)
		if (s[i] >> 6 != 2)
			return 0;
	if (length > 2 && ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f) ||
			   (s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] > 0x8f)))
		return 0;
	return length;
}

size_t as_control(const char *at, size_t n)
{
	const unsigned char *s = (const unsigned char *)at;
	switch (as_utf8(at, n)) {
	case 0: return n && s[0] >= 0x80 && s[0] < 0xa0;
	case 1: return s[0] < 0x20 || s[0] == 0x7f;
	case 2: return s[0] == 0xc2 && s[1] < 0xa0 ? 2 : 0;
	default: return 0;
	}
}

void as_plain(char *text)
{
	char *to = text;
	for (size_t n = strlen(text), k, c; n; n -= k, text += k) {
		k = as_utf8(text, n);
		k += !k;
		c = as_control(text, n);
		memmove(to, c ? "?" : text, c ? 1 : k);
		to += c ? 1 : k;
	}
	*to = 0;
}
