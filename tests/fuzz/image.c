/* Any bytes as an image file. Whatever is accepted is decoded as its metadata turn it, unless it is
 * large. The sums of a PNG's chunks are its seal: unless they are made right, no changed chunk is
 * looked at. */
#include <stdlib.h>
#include <string.h>

#include <zlib.h>

#include "image/image.h"

#include "fuzz.h"

const char *const fuzz_corpus = "tests/fuzz/corpus/image", *const fuzz_ending = ".bin";
const bool fuzz_writes = false;

static void mend(uint8_t *b, size_t n)
{
	for (size_t at = 8; n >= 20 && at <= n - 12;) {
		size_t length = (size_t)b[at] << 24 | (size_t)b[at + 1] << 16 | (size_t)b[at + 2] << 8 | b[at + 3];
		if (length > n - at - 12)
			return;
		uLong sum = crc32(0, b + at + 4, (uInt)length + 4);
		for (int i = 0; i < 4; i++)
			b[at + 8 + length + (size_t)i] = (uint8_t)(sum >> 8 * (3 - i));
		at += length + 12;
	}
}

enum fuzz_found fuzz_try(const uint8_t *data, size_t size)
{
	struct as_image_head head;
	struct as_image_kind kind;
	struct as_error err;
	bool accepted = false;
	uint8_t *file = malloc(size + !size); /* exact, so that a sanitizer sees a step too far */
	memcpy(file, data, size);
	bool known = as_image_look(file, size < AS_IMAGE_LOOK ? size : AS_IMAGE_LOOK, &kind);
	if (!as_image_probe(file, size, &head, &err)) {
		if (!known || kind.remedy || head.turn < 1 || head.turn > 8 || head.height < 1 || head.width < 1)
			abort();
		size_t bytes = 3 * (size_t)head.height * (size_t)head.width;
		uint8_t *rgb = bytes < 1 << 18 ? malloc(bytes) : NULL;
		struct as_image_notes notes = {0};
		accepted = rgb && !as_image_read(file, size, head.turn, rgb, &notes, &err);
		if (rgb && !accepted && !*err.text)
			abort();
		free(rgb);
	} else if (!*err.text) {
		abort();
	}
	free(file);
	return accepted ? FUZZ_ACCEPTED : FUZZ_REFUSED;
}

void fuzz_seal(uint8_t *data, size_t size)
{
	if (size > 1 && data[1] == 'P')
		mend(data, size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *mended = malloc(size + !size);
	memcpy(mended, data, size);
	fuzz_seal(mended, size);
	fuzz_try(mended, size);
	free(mended);
	return 0;
}
