/* PNG by libpng: all colour types and depths to 8-bit RGB, alpha dropped. */
#include <png.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#include "image/codec.h"

struct session {
	png_structp png;
	png_infop info;
	int code;
	struct as_error *err;
	struct as_image_notes *notes;
	const uint8_t *bytes;
	size_t count, at;
	const struct as_place *place;
	struct as_image_head *head;
	uint8_t *scratch; /* a row, or the whole image if it is interlaced */
};

static void on_error(png_structp png, png_const_charp text)
{
	struct session *s = png_get_error_ptr(png);
	s->code = as_fail(s->err, AS_EDATA, "PNG: %s", text);
	longjmp(png_jmpbuf(png), 1);
}

static void on_warning(png_structp png, png_const_charp text)
{
	struct session *s = png_get_error_ptr(png);
	as_note(s->notes, text);
}

static void on_read(png_structp png, png_bytep to, size_t n)
{
	struct session *s = png_get_io_ptr(png);
	if (n > s->count - s->at)
		png_error(png, "the file ends early");
	memcpy(to, s->bytes + s->at, n);
	s->at += n;
}

static void begin(struct session *s)
{
	png_set_read_fn(s->png, s, on_read);
	png_set_user_limits(s->png, AS_IMAGE_MAX_PIXELS, AS_IMAGE_MAX_PIXELS);
	png_set_chunk_malloc_max(s->png, 8 << 20); /* a small compressed chunk may unpack to very much */
	png_set_chunk_cache_max(s->png, 16);
#ifdef PNG_HANDLE_AS_UNKNOWN_SUPPORTED
	static const png_byte unread[] = "tEXt\0zTXt\0iTXt\0eXIf"; /* png_turn.c reads them */
	png_set_keep_unknown_chunks(s->png, PNG_HANDLE_CHUNK_NEVER, unread, 4);
#endif
	png_read_info(s->png, s->info);
}

static bool interlaced(const struct session *s)
{
	return png_get_interlace_type(s->png, s->info) != PNG_INTERLACE_NONE;
}

static void probe_body(struct session *s)
{
	begin(s);
	uint64_t h = png_get_image_height(s->png, s->info), w = png_get_image_width(s->png, s->info);
	s->head->height = (int64_t)h;
	s->head->width = (int64_t)w;
	/* libpng keeps two rows of up to 8 bytes a pixel; interlaced images are put together in scratch. */
	s->head->memory = 24 * w + (interlaced(s) ? 3 * w * h : 0);
	s->head->turn = as_png_turn(s->bytes, s->count);
}

static void decode_body(struct session *s)
{
	const struct as_place *p = s->place;
	begin(s);
	png_set_scale_16(s->png);
	png_set_palette_to_rgb(s->png);
	png_set_expand_gray_1_2_4_to_8(s->png);
	png_set_gray_to_rgb(s->png);
	png_set_strip_alpha(s->png);
	int passes = png_set_interlace_handling(s->png);
	png_read_update_info(s->png, s->info);
	if (png_get_rowbytes(s->png, s->info) != 3 * (size_t)p->width)
		png_error(s->png, "rows are not RGB");
	for (int pass = 0; pass < passes; pass++)
		for (int64_t y = 0; y < p->height; y++) {
			uint8_t *row = s->scratch + (passes > 1 ? 3 * (size_t)(y * p->width) : 0);
			png_read_row(s->png, row, NULL);
			if (pass == passes - 1)
				as_place_put(p, y, row);
		}
	png_read_end(s->png, NULL);
}

/* libpng reports errors by longjmp to this frame, which therefore has no local variable that could be lost. */
static void guarded(struct session *s, void (*body)(struct session *))
{
	if (!setjmp(png_jmpbuf(s->png)))
		body(s);
}

static int run(struct session *s, void (*body)(struct session *))
{
	s->png = png_create_read_struct(PNG_LIBPNG_VER_STRING, s, on_error, on_warning);
	s->info = s->png ? png_create_info_struct(s->png) : NULL;
	if (s->info)
		guarded(s, body);
	else
		s->code = as_fail(s->err, AS_EMEM, "no memory for libpng");
	png_destroy_read_struct(&s->png, &s->info, NULL);
	return s->code;
}

static bool mine(const uint8_t *b, size_t n)
{
	return n >= 8 && !png_sig_cmp(b, 0, 8);
}

static int probe(const uint8_t *bytes, size_t count, struct as_image_head *head, struct as_error *err)
{
	struct session s = {.bytes = bytes, .count = count, .head = head, .err = err};
	return run(&s, probe_body);
}

static int decode(const uint8_t *bytes, size_t count, const struct as_place *place, struct as_image_notes *notes,
		  struct as_error *err)
{
	struct session s = {.bytes = bytes, .count = count, .place = place, .notes = notes, .err = err};
	/* The signature is 8 bytes, IHDR's length and name are 8, its data 13 with the interlace method
	 * last. */
	size_t row = 3 * (size_t)place->width;
	s.scratch = malloc(count > 28 && bytes[28] ? row * (size_t)place->height : row);
	int rc = s.scratch ? run(&s, decode_body) : as_fail(err, AS_EMEM, "no memory for PNG rows");
	free(s.scratch);
	return rc;
}

const struct as_codec as_codec_png = {"png", mine, probe, decode};
