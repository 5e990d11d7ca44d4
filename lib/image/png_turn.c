/* What the chunks of a PNG say about its turn: eXIf, the hexadecimal profiles that ImageMagick writes as
 * texts, XMP. libpng reaches chunks after the pixels only by decoding the pixels, and it unpacks all texts;
 * so this file reads the chunks itself. */
#include <stdlib.h>
#include <string.h>

#include <zlib.h>

#include "image/codec.h"

/* The most bytes of a compressed text that are unpacked (EXIF has at most 64 KiB, twice as much in
 * hexadecimal), and how many texts that may say a turn are read: a file has two or three. */
enum { MAX_TEXT = 1 << 20, MAX_TEXTS = 16 };

struct piece {
	const uint8_t *at;
	size_t count;
};

static uint32_t word(const uint8_t *b)
{
	return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

/* The chunk at *at of the file, with its four letters at data->at - 4; false: there is no whole chunk. */
static bool next_chunk(const uint8_t *b, size_t n, size_t *at, struct piece *data)
{
	if (n - *at < 12)
		return false;
	size_t length = word(b + *at);
	if (length > n - *at - 12)
		return false;
	*data = (struct piece){b + *at + 8, length};
	*at += length + 12;
	return true;
}

static bool is_whole(const struct piece *p)
{
	return crc32(0, p->at - 4, (uInt)p->count + 4) == word(p->at + p->count);
}

/* Takes a text and its final 0 from the beginning of the piece; false: the text has no end. */
static bool cut_text(struct piece *p, const char **text)
{
	const uint8_t *end = memchr(p->at, 0, p->count);
	if (!end)
		return false;
	*text = (const char *)p->at;
	p->count -= (size_t)(end + 1 - p->at);
	p->at = end + 1;
	return true;
}

/* Unpacks to `out`, of MAX_TEXT bytes, as much as fits or is not damaged. */
static struct piece unpack(const struct piece *packed, uint8_t *out)
{
	z_stream z = {.next_in = (Bytef *)(uintptr_t)packed->at, .avail_in = (uInt)packed->count};
	if (inflateInit(&z) != Z_OK)
		return (struct piece){out, 0};
	z.next_out = out;
	z.avail_out = MAX_TEXT;
	inflate(&z, Z_FINISH);
	struct piece text = {out, (size_t)z.total_out};
	inflateEnd(&z);
	return text;
}

static int digit(uint8_t c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Converts ImageMagick's profile: a line break, the profile's name, its length, then two digits a byte over
 * many lines. The result has at most half as many bytes; `out` may be where the text is. */
static struct piece from_hex(const struct piece *text, uint8_t *out)
{
	size_t at = 0, n = text->count, bytes = 0;
	for (int line = 0; line < 3 && at < n; at++)
		line += text->at[at] == '\n';
	for (int high = -1; at < n; at++) {
		int d = digit(text->at[at]);
		if (d < 0)
			continue;
		if (high >= 0)
			out[bytes++] = (uint8_t)(high << 4 | d);
		high = high < 0 ? d : -1;
	}
	return (struct piece){out, bytes};
}

/* Reads a text chunk. zTXt: keyword, method, compressed text. tEXt: keyword, text. iTXt: keyword, whether
 * it is compressed, method, language, translated keyword, text. Returns whether the keyword is one that may
 * say a turn. */
static bool hear_text(struct as_turn *turn, struct piece p, uint8_t *room)
{
	static const char *const hex[] = {"Raw profile type exif", "Raw profile type APP1", "Raw profile type xmp"};
	const char *type = (const char *)p.at - 4, *key, *skipped;
	bool packed = *type == 'z', wanted;
	if (!cut_text(&p, &key))
		return false;
	bool xml = wanted = !strcmp(key, "XML:com.adobe.xmp");
	for (size_t i = 0; i < sizeof hex / sizeof *hex; i++)
		wanted = wanted || !strcmp(key, hex[i]);
	size_t flags = *type == 'i' ? 2 : packed ? 1 : 0;
	if (!wanted || p.count < flags)
		return wanted;
	packed = packed || (flags == 2 && p.at[0]);
	p = (struct piece){p.at + flags, p.count - flags};
	if (*type == 'i' && (!cut_text(&p, &skipped) || !cut_text(&p, &skipped)))
		return true;
	if (packed)
		p = unpack(&p, room);
	if (!xml && p.count <= 2 * MAX_TEXT)
		p = from_hex(&p, room);
	as_turn_hear(turn, p.at, p.count);
	return true;
}

static bool is_text(const uint8_t *type)
{
	return !memcmp(type, "zTXt", 4) || !memcmp(type, "iTXt", 4) || !memcmp(type, "tEXt", 4);
}

int64_t as_png_turn(const uint8_t *b, size_t n)
{
	struct as_turn turn = {0};
	struct piece p;
	for (size_t at = 8; !turn.exif && next_chunk(b, n, &at, &p);)
		if (!memcmp(p.at - 4, "eXIf", 4) && is_whole(&p))
			as_turn_hear(&turn, p.at, p.count);
	uint8_t *room = turn.exif ? NULL : malloc(MAX_TEXT);
	int texts = 0;
	for (size_t at = 8; room && !turn.exif && texts < MAX_TEXTS && next_chunk(b, n, &at, &p);)
		if (is_text(p.at - 4) && is_whole(&p))
			texts += hear_text(&turn, p, room);
	free(room);
	return as_turn_said(&turn);
}
