/* The images of a generated set: what each shows, and its file.
 *
 * Class k is a colour and a shape: colour k mod 8, shape (k + k/8) mod 8 differ for 64 classes, and neighbours differ
 * in both. Where there are more than 64, also a place: k/64. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "data/lay.h"
#include "image/write.h"

/* Our places in the generator (base/rng.h). */
enum { VIEW = 254, OP_SHOT = 4, OP_ORDER = 5, QUALITY = 90 };

struct as_rng as_lay_rng(const struct as_lay *lay, uint64_t what)
{
	return as_rng_at(lay->ask.seed, what, 0, VIEW, OP_ORDER);
}

/* A third of the images is square, the others are up to a quarter longer or shorter. */
static void draw_size(const struct as_lay *lay, struct as_shot *s, struct as_rng *r)
{
	s->height = s->width = lay->ask.side;
	if (lay->kind->side || !as_rng_below(r, 3))
		return;
	s->height = (int)(lay->ask.side * as_rng_between(r, 0.8, 1.25));
	s->width = (int)(lay->ask.side * as_rng_between(r, 0.8, 1.25));
}

static struct as_synth draw_object(const struct as_lay *lay, const struct as_shot *s, int class, struct as_rng *r)
{
	double longer = s->height > s->width ? s->height : s->width, shorter = s->height < s->width ? s->height : s->width;
	struct as_synth o = {.factor = {[AS_SHAPE] = (class + class / 8) % 8, [AS_COLOUR] = class % 8}};
	int place = (int)as_rng_below(r, 9);
	o.factor[AS_PLACE] = lay->ask.classes > 64 ? class / 64 % 9 : place;
	o.size = as_rng_between(r, 0.42, 0.54) * shorter / longer;
	o.turn = as_rng_uniform(r);
	o.y = (0.27 + 0.23 * (o.factor[AS_PLACE] / 3) + as_rng_between(r, -0.04, 0.04)) * s->height / longer;
	o.x = (0.27 + 0.23 * (o.factor[AS_PLACE] % 3) + as_rng_between(r, -0.04, 0.04)) * s->width / longer;
	return o;
}

/* Two objects are smaller and stand side by side. */
static void draw_objects(const struct as_lay *lay, struct as_shot *s, struct as_rng *r)
{
	int longer = s->height > s->width ? s->height : s->width;
	s->objects = lay->kind->objects == 2 ? 1 + (int)as_rng_below(r, 2) : 1;
	for (int i = 0; i < s->objects; i++) {
		s->object_label[i] = i ? (int)as_rng_below(r, (uint64_t)lay->ask.classes) : s->label;
		s->object[i] = draw_object(lay, s, s->object_label[i], r);
		if (s->objects == 2) {
			s->object[i].size *= 0.7;
			s->object[i].x = (i ? 0.75 : 0.25) * s->width / longer;
		}
		s->box[i] = as_synth_box(&s->object[i], longer, s->height, s->width);
	}
}

/* Which file is odd: always the same few, by class and number. */
static enum as_odd oddity(unsigned odd, int class, int number)
{
	static const struct {
		enum as_odd odd;
		int class, number;
	} at[] = {{AS_ODD_GREY, 1, 1}, {AS_ODD_PNG, 0, 2}, {AS_ODD_RGBA, 1, 2}, {AS_ODD_CMYK, 0, 3}};
	for (int i = 0; i < (int)(sizeof at / sizeof *at); i++)
		if ((odd & at[i].odd) && class == at[i].class && number == at[i].number)
			return at[i].odd;
	return (odd & AS_ODD_GREY_MANY) && number % 3 == 0 ? AS_ODD_GREY : (enum as_odd)0;
}

struct as_shot *as_lay_add(struct as_lay *lay, int class, int number, enum as_part part)
{
	if (lay->shots == lay->room) {
		int room = lay->room ? 2 * lay->room : 256;
		struct as_shot *more = realloc(lay->shot, (size_t)room * sizeof *more);
		if (!more) {
			as_lay_fail(lay, as_fail(lay->err, AS_EMEM, "memory: no room for %d images", room));
			return NULL;
		}
		lay->shot = more;
		lay->room = room;
	}
	struct as_shot *s = &lay->shot[lay->shots];
	struct as_rng r = as_rng_at(lay->ask.seed, (uint64_t)lay->shots, 0, VIEW, OP_SHOT);
	*s = (struct as_shot){.label = class, .number = number, .part = part, .id = (uint64_t)lay->shots++};
	s->odd = oddity(lay->kind->odd, class, number);
	draw_size(lay, s, &r);
	draw_objects(lay, s, &r);
	return s;
}

/* ---- order ---- */

void as_lay_shuffle(struct as_lay *lay)
{
	struct as_rng r = as_lay_rng(lay, UINT64_C(1) << 32);
	for (int i = lay->shots - 1; i > 0; i--) {
		int j = (int)as_rng_below(&r, (uint64_t)i + 1);
		struct as_shot s = lay->shot[i];
		lay->shot[i] = lay->shot[j];
		lay->shot[j] = s;
	}
}

static int compare_shots(const void *a, const void *b)
{
	const struct as_shot *x = a, *y = b;
	return x->label != y->label ? x->label - y->label : strcmp(x->name, y->name);
}

void as_lay_sort(struct as_lay *lay)
{
	if (lay->shots)
		qsort(lay->shot, (size_t)lay->shots, sizeof *lay->shot, compare_shots);
}

struct as_shot *as_lay_next(struct as_lay *lay, int *at, unsigned parts)
{
	while (*at < lay->shots && !(lay->shot[*at].part & parts))
		++*at;
	return *at < lay->shots && !lay->failed ? &lay->shot[(*at)++] : NULL;
}

/* ---- pixels and files ---- */

const uint8_t *as_lay_pixels(struct as_lay *lay, const struct as_shot *s)
{
	int longer = s->height > s->width ? s->height : s->width;
	if (lay->failed)
		return NULL;
	as_synth_show(lay->ask.seed, s->id, longer, s->object, s->objects, lay->canvas);
	for (int y = 0; y < s->height; y++)
		memcpy(lay->pixels + 3 * (size_t)y * (size_t)s->width, lay->canvas + 3 * (size_t)y * (size_t)longer,
		       3 * (size_t)s->width);
	return lay->pixels;
}

/* RGB to the channels of an odd file: grey; opaque RGBA, for which a last channel of 255 is added; CMYK with no black
 * ink, in which Adobe's C M Y are R G B. */
static int convert(uint8_t *to, const uint8_t *rgb, int64_t pixels, enum as_odd odd)
{
	int channels = odd == AS_ODD_GREY ? 1 : odd == AS_ODD_RGBA || odd == AS_ODD_CMYK ? 4 : 3;
	for (int64_t i = 0; i < pixels; i++, rgb += 3, to += channels) {
		if (channels == 1) {
			*to = (uint8_t)((299 * rgb[0] + 587 * rgb[1] + 114 * rgb[2] + 500) / 1000);
			continue;
		}
		memcpy(to, rgb, 3);
		if (channels == 4)
			to[3] = 255;
	}
	return channels;
}

static int write_image(FILE *f, struct as_lay *lay, const struct as_shot *s)
{
	const uint8_t *rgb = as_lay_pixels(lay, s);
	uint8_t *to = lay->pixels;
	if (s->odd == AS_ODD_GREY || s->odd == AS_ODD_RGBA || s->odd == AS_ODD_CMYK) {
		memcpy(lay->canvas, rgb, 3 * (size_t)s->height * (size_t)s->width);
		rgb = lay->canvas;
	}
	int channels = rgb == to ? 3 : convert(to, rgb, (int64_t)s->height * s->width, s->odd);
	if (s->odd == AS_ODD_PNG || s->odd == AS_ODD_RGBA)
		return as_png_write(f, to, s->height, s->width, channels, lay->err);
	return as_jpeg_write(f, to, s->height, s->width, channels, QUALITY, lay->err);
}

void as_lay_name(struct as_lay *lay, struct as_shot *s, const char *fmt, ...)
{
	va_list args;
	va_start(args, fmt);
	if (vsnprintf(s->name, sizeof s->name, fmt, args) >= (int)sizeof s->name)
		as_lay_fail(lay, as_fail(lay->err, AS_EARG, "%s...: too long a name", s->name));
	va_end(args);
}

void as_lay_image(struct as_lay *lay, struct as_shot *s, const char *fmt, ...)
{
	struct as_newfile file;
	va_list args;
	va_start(args, fmt);
	if (vsnprintf(s->path, sizeof s->path, fmt, args) >= (int)sizeof s->path)
		as_lay_fail(lay, as_fail(lay->err, AS_EARG, "%s...: too long a path", s->path));
	va_end(args);
	as_lay_open(lay, &file, "%s", s->path);
	if (file.f)
		as_lay_fail(lay, write_image(file.f, lay, s));
	as_lay_close(lay, &file);
}
