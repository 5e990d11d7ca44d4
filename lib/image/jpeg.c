/* JPEG by libjpeg-turbo, with accurate integer DCT and fancy upsampling. Both are set here because their
 * defaults depend on the build, and they change pixels. */
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>

#include <jerror.h>

#include "image/codec.h"

/* A progressive file of very many small scans takes hours to decode (see -maxscans of libjpeg-turbo's
 * djpeg); encoders write about ten. */
enum { MAX_SCANS = 500 };

struct session {
	struct jpeg_decompress_struct cinfo;
	struct jpeg_error_mgr mgr;
	struct jpeg_progress_mgr progress;
	jmp_buf escape;
	int code;
	struct as_error *err;
	struct as_image_notes *notes;
	const uint8_t *bytes;
	size_t count;
	const struct as_place *place;
	const struct as_crop *part; /* NULL: the whole image */
	struct as_image_head *head;
	uint8_t *row; /* scratch, 4 * width */
};

static void on_error(j_common_ptr cinfo)
{
	struct session *s = cinfo->client_data;
	char text[JMSG_LENGTH_MAX];
	cinfo->err->format_message(cinfo, text);
	bool memory = cinfo->err->msg_code == JERR_OUT_OF_MEMORY || cinfo->err->msg_code == JERR_NO_BACKING_STORE;
	s->code = as_fail(s->err, memory ? AS_EMEM : AS_EDATA, "JPEG: %s", text);
	longjmp(s->escape, 1);
}

static void on_message(j_common_ptr cinfo, int level)
{
	struct session *s = cinfo->client_data;
	char text[JMSG_LENGTH_MAX];
	if (level >= 0)
		return; /* a trace, not a warning */
	cinfo->err->format_message(cinfo, text);
	as_note(s->notes, text);
}

static void on_output(j_common_ptr cinfo)
{
	(void)cinfo; /* the library never prints */
}

static void on_progress(j_common_ptr cinfo)
{
	struct session *s = cinfo->client_data;
	if (s->cinfo.input_scan_number <= MAX_SCANS)
		return;
	s->code = as_fail(s->err, AS_EDATA, "JPEG: more than %d scans", MAX_SCANS);
	longjmp(s->escape, 1);
}

static void begin(struct session *s)
{
	struct jpeg_decompress_struct *c = &s->cinfo;
	jpeg_create_decompress(c);
	c->progress = &s->progress;
	c->mem->max_memory_to_use = AS_IMAGE_MAX_MEMORY;
	jpeg_mem_src(c, s->bytes, (unsigned long)s->count);
	jpeg_save_markers(c, JPEG_APP0 + 1, 0xffff); /* EXIF, XMP */
	jpeg_read_header(c, TRUE);
}

static int64_t turn_of(const struct jpeg_decompress_struct *c)
{
	struct as_turn turn = {0};
	for (const struct jpeg_marker_struct *m = c->marker_list; m; m = m->next)
		as_turn_hear(&turn, m->data, m->data_length);
	return as_turn_said(&turn);
}

/* If one scan does not hold the whole image, libjpeg keeps the coefficients of all scans (jdcoefct.c): 64
 * shorts a block, with blocks rounded up to whole MCUs. */
static uint64_t coefficient_bytes(struct jpeg_decompress_struct *c)
{
	uint64_t sum = 0;
	if (!jpeg_has_multiple_scans(c))
		return 0;
	for (int i = 0; i < c->num_components; i++) {
		const jpeg_component_info *p = &c->comp_info[i];
		uint64_t h = (uint64_t)p->h_samp_factor, v = (uint64_t)p->v_samp_factor;
		sum += (p->width_in_blocks + h - 1) / h * h * ((p->height_in_blocks + v - 1) / v * v) * 128;
	}
	return sum;
}

static void probe_body(struct session *s)
{
	struct jpeg_decompress_struct *c = &s->cinfo;
	begin(s);
	s->head->height = c->image_height;
	s->head->width = c->image_width;
	s->head->turn = turn_of(c);
	/* Row buffers: less than 64 rows of 4 bytes for each component. */
	s->head->memory = coefficient_bytes(c) + 256 * (uint64_t)c->num_components * c->image_width;
	if (c->jpeg_color_space == JCS_UNKNOWN)
		s->code = as_fail(s->err, AS_EDATA, "JPEG: %d components", c->num_components);
}

/* CMYK as Adobe writes it, 255 = no ink. Files without Adobe's marker usually have it too, and djpeg and
 * Pillow assume it. */
static void from_cmyk(const uint8_t *cmyk, int64_t width, uint8_t *rgb)
{
	for (int64_t x = 0; x < width; x++)
		for (int i = 0; i < 3; i++)
			rgb[3 * x + i] = (uint8_t)((cmyk[4 * x + i] * cmyk[4 * x + 3] + 127) / 255);
}

/* Rows first..end-1 from column left on, in pixels of the result, must be decoded. */
struct window {
	JDIMENSION first, end, left;
};

/* Grey, or chroma at full or half of luma's resolution: for these, tests show that a window has the same
 * bytes as the whole (libjpeg-turbo 2.1.5 is wrong for 4:1:0 at half size). Also one scan only: with
 * several scans, all is decoded before the first row comes. */
static bool plain(struct jpeg_decompress_struct *c)
{
	const jpeg_component_info *p = c->comp_info;
	bool good = c->num_components == 1 || c->num_components == 3;
	for (int i = 1; i < c->num_components; i++)
		good = good && p[i].h_samp_factor == 1 && p[i].v_samp_factor == 1;
	return good && p->h_samp_factor <= 2 && p->v_samp_factor <= 2 && !jpeg_has_multiple_scans(c);
}

/* The side of a decoded block; Ubuntu's build of libjpeg-turbo uses the names of libjpeg 8. */
#if JPEG_LIB_VERSION >= 70
#define BLOCK(c) (c)->min_DCT_h_scaled_size
#else
#define BLOCK(c) (c)->min_DCT_scaled_size
#endif

/* Tells libjpeg to decode only the rows and columns that the part needs. Columns must begin at a whole MCU;
 * upsampling at the edge of a window lacks the neighbours beyond it, so one more MCU is decoded on each
 * side. A turned or not plain image is decoded whole. */
static struct window open_window(struct session *s)
{
	struct jpeg_decompress_struct *c = &s->cinfo;
	struct window w = {0, c->output_height, 0};
	const struct as_crop *p = s->part;
	if (!p || s->place->right != 1 || s->place->down != s->place->width || !plain(c))
		return w;
	int64_t first = p->top / p->shrink, end = (p->top + p->height + p->shrink - 1) / p->shrink;
	int64_t left = p->left / p->shrink, right = (p->left + p->width + p->shrink - 1) / p->shrink;
	int64_t mcu = (int64_t)c->max_h_samp_factor * BLOCK(c);
	left = left > mcu ? left - mcu : 0;
	right = right + mcu < (int64_t)c->output_width ? right + mcu : (int64_t)c->output_width;
	w.first = (JDIMENSION)first;
	w.end = end < (int64_t)w.end ? (JDIMENSION)end : w.end;
	if (right - left < (int64_t)c->output_width) {
		JDIMENSION width = (JDIMENSION)(right - left);
		w.left = (JDIMENSION)left;
		jpeg_crop_scanline(c, &w.left, &width);
	}
	if (w.first)
		jpeg_skip_scanlines(c, w.first);
	return w;
}

static void decode_body(struct session *s)
{
	struct jpeg_decompress_struct *c = &s->cinfo;
	begin(s);
	bool cmyk = c->jpeg_color_space == JCS_CMYK || c->jpeg_color_space == JCS_YCCK;
	c->out_color_space = cmyk ? JCS_CMYK : JCS_RGB;
	c->dct_method = JDCT_ISLOW;
	c->do_fancy_upsampling = TRUE;
	c->do_block_smoothing = TRUE;
	c->scale_num = s->part ? 8 / (unsigned)s->part->shrink : 8;
	c->scale_denom = 8;
	jpeg_start_decompress(c);
	if (c->output_height != (JDIMENSION)s->place->height || c->output_width != (JDIMENSION)s->place->width) {
		s->code = as_fail(s->err, AS_EDATA, "JPEG: %ux%u, not as said", c->image_width, c->image_height);
		return;
	}
	struct window w = open_window(s);
	while (c->output_scanline < w.end) {
		int64_t y = c->output_scanline;
		uint8_t *direct = as_place_row(s->place, y);
		JSAMPROW row = cmyk || !direct ? s->row : direct + 3 * (size_t)w.left;
		if (!jpeg_read_scanlines(c, &row, 1))
			ERREXIT(c, JERR_INPUT_EOF); /* cannot happen: the memory source never suspends */
		if (cmyk)
			from_cmyk(s->row, s->place->width, direct ? direct : s->row);
		if (!direct)
			as_place_put(s->place, y, s->row);
	}
	if (w.end == c->output_height)
		jpeg_finish_decompress(c);
}

/* libjpeg reports errors by longjmp to this frame, which therefore has no local variable that could be
 * lost. */
static void guarded(struct session *s, void (*body)(struct session *))
{
	if (!setjmp(s->escape))
		body(s);
}

static int run(struct session *s, void (*body)(struct session *))
{
	s->cinfo.err = jpeg_std_error(&s->mgr);
	s->mgr.error_exit = on_error;
	s->mgr.emit_message = on_message;
	s->mgr.output_message = on_output;
	s->progress.progress_monitor = on_progress;
	s->cinfo.client_data = s;
	guarded(s, body);
	jpeg_destroy_decompress(&s->cinfo);
	return s->code;
}

static bool mine(const uint8_t *b, size_t n)
{
	return n >= 2 && b[0] == 0xff && b[1] == 0xd8;
}

static int probe(const uint8_t *bytes, size_t count, struct as_image_head *head, struct as_error *err)
{
	struct session s = {.bytes = bytes, .count = count, .head = head, .err = err};
	return run(&s, probe_body);
}

int as_jpeg_decode_crop(const uint8_t *bytes, size_t count, const struct as_place *place, const struct as_crop *part,
			struct as_image_notes *notes, struct as_error *err)
{
	struct session s = {.bytes = bytes, .count = count, .place = place, .part = part, .notes = notes, .err = err};
	s.row = malloc(4 * (size_t)place->width);
	int rc = s.row ? run(&s, decode_body) : as_fail(err, AS_EMEM, "no memory for a row");
	free(s.row);
	return rc;
}

static int decode(const uint8_t *bytes, size_t count, const struct as_place *place, struct as_image_notes *notes,
		  struct as_error *err)
{
	return as_jpeg_decode_crop(bytes, count, place, NULL, notes, err);
}

const struct as_codec as_codec_jpeg = {"jpeg", mine, probe, decode};
