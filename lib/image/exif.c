#include "image/codec.h"

struct tiff {
	const uint8_t *at;
	size_t count;
	bool big; /* endian */
};

static uint32_t number(const struct tiff *t, size_t at, int bytes)
{
	uint32_t v = 0;
	for (int i = 0; i < bytes; i++)
		v |= (uint32_t)t->at[at + (size_t)i] << 8 * (t->big ? bytes - 1 - i : i);
	return v;
}

/* TIFF 6.0: "II" or "MM", 42, offset of the first IFD; an IFD is a count and
 * entries of 12 bytes: tag, type, count, value. Orientation is tag 0x112, a SHORT. */
int64_t as_exif_turn(const uint8_t *tiff, size_t count)
{
	if (count < 8 || tiff[0] != tiff[1] || (tiff[0] != 'I' && tiff[0] != 'M'))
		return 1;
	struct tiff t = {tiff, count, tiff[0] == 'M'};
	size_t ifd = number(&t, 4, 4);
	if (number(&t, 2, 2) != 42 || ifd > count - 2)
		return 1;
	size_t entries = number(&t, ifd, 2);
	for (size_t i = 0, at = ifd + 2; i < entries && count - at >= 12; i++, at += 12)
		if (number(&t, at, 2) == 0x112 && number(&t, at + 2, 2) == 3) {
			uint32_t turn = number(&t, at + 8, 2);
			return turn >= 1 && turn <= 8 ? (int64_t)turn : 1;
		}
	return 1;
}
