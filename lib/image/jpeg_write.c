/* JPEG files by libjpeg-turbo, baseline with its usual tables. The DCT is set here because its default depends on the
 * build, and it changes pixels. */
#include <setjmp.h>
#include <stdio.h>

#include <jpeglib.h>

#include <jerror.h>

#include "image/write.h"

struct session {
	struct jpeg_compress_struct cinfo;
	struct jpeg_error_mgr mgr;
	jmp_buf escape;
	FILE *f;
	const uint8_t *pixels;
	int64_t height, width;
	int channels, quality, code;
	struct as_error *err;
};

static void on_error(j_common_ptr cinfo)
{
	struct session *s = cinfo->client_data;
	char text[JMSG_LENGTH_MAX];
	cinfo->err->format_message(cinfo, text);
	s->code = as_fail(s->err, cinfo->err->msg_code == JERR_OUT_OF_MEMORY ? AS_EMEM : AS_EIO, "JPEG: %s", text);
	longjmp(s->escape, 1);
}

static void on_output(j_common_ptr cinfo)
{
	(void)cinfo; /* the library never prints */
}

/* libjpeg reports errors by longjmp to this frame, which therefore has no local variable that could be lost. */
static void write_body(struct session *s)
{
	struct jpeg_compress_struct *c = &s->cinfo;
	if (setjmp(s->escape))
		return;
	jpeg_create_compress(c);
	jpeg_stdio_dest(c, s->f);
	c->image_height = (JDIMENSION)s->height;
	c->image_width = (JDIMENSION)s->width;
	c->input_components = s->channels;
	c->in_color_space = s->channels == 1 ? JCS_GRAYSCALE : s->channels == 3 ? JCS_RGB : JCS_CMYK;
	jpeg_set_defaults(c);
	c->dct_method = JDCT_ISLOW;
	jpeg_set_quality(c, s->quality, TRUE);
	jpeg_start_compress(c, TRUE);
	while (c->next_scanline < c->image_height) {
		JSAMPROW row = (JSAMPROW)(uintptr_t)(s->pixels + c->next_scanline * s->width * s->channels);
		jpeg_write_scanlines(c, &row, 1);
	}
	jpeg_finish_compress(c);
}

int as_jpeg_write(FILE *f, const uint8_t *pixels, int64_t height, int64_t width, int channels, int quality,
		  struct as_error *err)
{
	struct session s = {.f = f, .pixels = pixels, .height = height, .width = width, .channels = channels,
			    .quality = quality, .err = err};
	s.cinfo.err = jpeg_std_error(&s.mgr);
	s.mgr.error_exit = on_error;
	s.mgr.output_message = on_output;
	s.cinfo.client_data = &s;
	write_body(&s);
	jpeg_destroy_compress(&s.cinfo);
	return s.code;
}
