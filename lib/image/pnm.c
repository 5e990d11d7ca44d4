/* PPM (P6) and PGM (P5), binary, 8 or 16 bits: the netpbm formats, by our own code. */
#include <stdlib.h>
#include <string.h>

#include "image/codec.h"

struct pnm {
	int channels; /* 1 or 3 */
	int64_t height, width, maximum;
	size_t at; /* where the first sample is */
};

static bool blank(uint8_t c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/* The next number of the header, after blanks and comments; -1: there is none, or it is larger than any
 * image may have. */
static int64_t number(const uint8_t *b, size_t n, size_t *at)
{
	int64_t v = -1;
	while (*at < n && (blank(b[*at]) || b[*at] == '#'))
		if (b[(*at)++] == '#')
			while (*at < n && b[*at] != '\n')
				++*at;
	for (; *at < n && b[*at] >= '0' && b[*at] <= '9' && v <= AS_IMAGE_MAX_PIXELS; ++*at)
		v = (v < 0 ? 0 : v) * 10 + (b[*at] - '0');
	return v > AS_IMAGE_MAX_PIXELS ? -1 : v;
}

static int parse(const uint8_t *b, size_t n, struct pnm *p, struct as_error *err)
{
	*p = (struct pnm){.channels = b[1] == '6' ? 3 : 1, .at = 2};
	p->width = number(b, n, &p->at);
	p->height = number(b, n, &p->at);
	p->maximum = number(b, n, &p->at);
	if (p->width < 1 || p->height < 1 || p->maximum < 1 || p->maximum > 65535 || p->at >= n ||
	    !blank(b[p->at]))
		return as_fail(err, AS_EDATA, "PNM: broken header");
	p->at++;
	return 0;
}

static bool mine(const uint8_t *b, size_t n)
{
	return n >= 3 && b[0] == 'P' && (b[1] == '5' || b[1] == '6') && (blank(b[2]) || b[2] == '#');
}

static int probe(const uint8_t *bytes, size_t count, struct as_image_head *head, struct as_error *err)
{
	struct pnm p;
	int rc = parse(bytes, count, &p, err);
	if (rc)
		return rc;
	head->height = p.height;
	head->width = p.width;
	head->memory = 3 * (uint64_t)p.width;
	return 0;
}

static int decode(const uint8_t *bytes, size_t count, const struct as_place *place, struct as_image_notes *notes,
		  struct as_error *err)
{
	struct pnm p;
	(void)notes;
	int rc = parse(bytes, count, &p, err);
	if (rc)
		return rc;
	size_t sample = p.maximum > 255 ? 2 : 1, row = (size_t)p.width * (size_t)p.channels * sample;
	if ((count - p.at) / row < (size_t)p.height)
		return as_fail(err, AS_EDATA, "PNM: ends after %zu of %zu bytes", count, p.at + row * (size_t)p.height);
	uint8_t *scratch = malloc(3 * (size_t)p.width);
	if (!scratch)
		return as_fail(err, AS_EMEM, "no memory for a row");
	int64_t half = p.maximum / 2;
	for (int64_t y = 0; y < p.height; y++) {
		const uint8_t *in = bytes + p.at + (size_t)y * row;
		for (int64_t i = 0; i < 3 * p.width; i++) {
			const uint8_t *s = in + (size_t)(p.channels == 3 ? i : i / 3) * sample;
			int64_t v = sample == 2 ? s[0] << 8 | s[1] : s[0];
			v = v > p.maximum ? p.maximum : v;
			scratch[i] = (uint8_t)((v * 255 + half) / p.maximum);
		}
		as_place_put(place, y, scratch);
	}
	free(scratch);
	return 0;
}

const struct as_codec as_codec_pnm = {"pnm", mine, probe, decode};
