/* How an image must be turned, from its metadata: the orientation of EXIF or of XMP. */
#include <ctype.h>
#include <string.h>

#include "image/codec.h"

struct tiff {
	const uint8_t *at;
	size_t count;
	bool big; /* big-endian */
};

static uint32_t number(const struct tiff *t, size_t at, int bytes)
{
	uint32_t v = 0;
	for (int i = 0; i < bytes; i++)
		v |= (uint32_t)t->at[at + (size_t)i] << 8 * (t->big ? bytes - 1 - i : i);
	return v;
}

static bool is_tiff(const uint8_t *b, size_t n)
{
	return n >= 8 && (!memcmp(b, "II*\0", 4) || !memcmp(b, "MM\0*", 4));
}

/* TIFF 6.0: "II" or "MM", 42, offset of the first IFD; an IFD is a count and entries of 12 bytes: tag,
 * type, count, value. Orientation is tag 0x112, a SHORT. Returns 0 if it is missing; an invalid value means
 * 1. */
static int64_t exif_turn(const uint8_t *tiff, size_t count)
{
	struct tiff t = {tiff, count, tiff[0] == 'M'};
	size_t ifd = number(&t, 4, 4);
	if (ifd > count - 2)
		return 0;
	size_t entries = number(&t, ifd, 2);
	for (size_t i = 0, at = ifd + 2; i < entries && count - at >= 12; i++, at += 12)
		if (number(&t, at, 2) == 0x112 && number(&t, at + 2, 2) == 3) {
			uint32_t turn = number(&t, at + 8, 2);
			return turn >= 1 && turn <= 8 ? (int64_t)turn : 1;
		}
	return 0;
}

/* The first place from `at` on that is not blank. */
static size_t skip_blanks(const uint8_t *b, size_t n, size_t at)
{
	while (at < n && isspace(b[at]))
		at++;
	return at;
}

/* The value after the property's name: the attribute ="6", or the element's >6<. 0: neither. */
static int64_t xmp_value(const uint8_t *b, size_t n, size_t at)
{
	at = skip_blanks(b, n, at);
	bool attribute = at < n && b[at] == '=';
	if (attribute)
		at = skip_blanks(b, n, at + 1);
	if (at >= n || !(attribute ? b[at] == '"' || b[at] == '\'' : b[at] == '>'))
		return 0;
	uint8_t end = attribute ? b[at] : '<';
	at = skip_blanks(b, n, at + 1);
	size_t after = skip_blanks(b, n, at + 1);
	if (after >= n || b[after] != end || !isdigit(b[at]))
		return 0;
	return b[at] >= '1' && b[at] <= '8' ? b[at] - '0' : 1;
}

/* XMP is XML, and only one property of it is needed: it is searched for by the usual prefix of its
 * namespace, as in Pillow. 0: it is missing. */
static int64_t xmp_turn(const uint8_t *b, size_t n)
{
	static const char name[] = "tiff:Orientation";
	enum { LENGTH = sizeof name - 1 };
	for (size_t at = 0; n - at > LENGTH; at++) {
		const uint8_t *next = memchr(b + at, name[0], n - at - LENGTH);
		if (!next)
			return 0;
		at = (size_t)(next - b);
		int64_t turn = memcmp(next, name, LENGTH) != 0 ? 0 : xmp_value(b, n, at + LENGTH);
		if (turn)
			return turn;
	}
	return 0;
}

void as_turn_hear(struct as_turn *t, const uint8_t *b, size_t n)
{
	static const char exif[] = "Exif\0", xmp[] = "http://ns.adobe.com/xap/1.0/"; /* each with its final 0 */
	bool named = n > sizeof exif && !memcmp(b, exif, sizeof exif);
	if (named) {
		b += sizeof exif;
		n -= sizeof exif;
	}
	if (is_tiff(b, n)) {
		t->exif = t->exif ? t->exif : exif_turn(b, n);
	} else if (!named) {
		bool address = n > sizeof xmp && !memcmp(b, xmp, sizeof xmp);
		size_t skip = address ? sizeof xmp : 0;
		t->xmp = t->xmp ? t->xmp : xmp_turn(b + skip, n - skip);
	}
}

int64_t as_turn_said(const struct as_turn *t)
{
	return t->exif ? t->exif : t->xmp ? t->xmp : 1;
}
