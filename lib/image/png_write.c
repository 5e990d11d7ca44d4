/* PNG files by libpng, with its usual filters and compression. */
#include <png.h>
#include <setjmp.h>

#include "image/write.h"

struct session {
	png_structp png;
	png_infop info;
	FILE *f;
	const uint8_t *pixels;
	int64_t height, width;
	int channels, code;
	struct as_error *err;
};

static void on_error(png_structp png, png_const_charp why)
{
	struct session *s = png_get_error_ptr(png);
	s->code = as_fail(s->err, AS_EIO, "png: %s", why);
	longjmp(png_jmpbuf(png), 1);
}

static void on_warning(png_structp png, png_const_charp why)
{
	(void)png;
	(void)why;
}

/* libpng reports errors by longjmp to this frame, which therefore has no local variable that could be lost. */
static void write_body(struct session *s)
{
	static const int colour[] = {0, PNG_COLOR_TYPE_GRAY, 0, PNG_COLOR_TYPE_RGB, PNG_COLOR_TYPE_RGB_ALPHA};
	if (setjmp(png_jmpbuf(s->png)))
		return;
	png_init_io(s->png, s->f);
	png_set_IHDR(s->png, s->info, (png_uint_32)s->width, (png_uint_32)s->height, 8, colour[s->channels], PNG_INTERLACE_NONE,
		     PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
	png_write_info(s->png, s->info);
	for (int64_t y = 0; y < s->height; y++)
		png_write_row(s->png, s->pixels + y * s->width * s->channels);
	png_write_end(s->png, NULL);
}

int as_png_write(FILE *f, const uint8_t *pixels, int64_t height, int64_t width, int channels, struct as_error *err)
{
	struct session s = {.f = f, .pixels = pixels, .height = height, .width = width, .channels = channels, .err = err};
	s.png = png_create_write_struct(PNG_LIBPNG_VER_STRING, &s, on_error, on_warning);
	s.info = s.png ? png_create_info_struct(s.png) : NULL;
	if (s.info)
		write_body(&s);
	else
		s.code = as_fail(err, AS_EMEM, "memory: no room to write a PNG");
	png_destroy_write_struct(&s.png, &s.info);
	return s.code;
}
