/* Views from pixels and from JPEGs, on one thread. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aug/views.h"
#include "bench.h"

struct views {
	struct as_policy policy;
	struct as_viewer viewer;
	struct as_image image[PIXELS];
	int images;
	double each; /* units that an image counts */
	uint64_t epoch;
	uint8_t *out; /* (2,S,S,3) */
};

/* Parameters are drawn here too, for the others cannot draw them elsewhere. */
static double run_views(void *self)
{
	struct views *s = self;
	struct as_error err;
	float param[2 * AS_MAX_PARAM], omega[2 * AS_MAX_OMEGA];
	const struct as_roles roles = as_roles_of(&s->policy, 2);
	for (int i = 0; i < s->images; i++) {
		const struct as_image *image = &s->image[i];
		struct as_size size = {image->height, image->width};
		as_roles_sample(&roles, &(struct as_subject){1, (uint64_t)i, s->epoch, 0, size}, param, omega);
		if (as_views_make(&roles, as_pix_chosen(), image, param, AS_U1, &s->viewer, s->out, NULL, &err))
			die("%s", err.text);
	}
	s->epoch++;
	return s->each * s->images;
}

static struct views *start(const char *preset)
{
	struct views *s = calloc(1, sizeof *s);
	struct as_error err;
	if (!s || as_policy_preset(preset, &s->policy, &err))
		die("%s: %s", preset, s ? err.text : "no memory");
	s->out = malloc(2 * as_view_bytes(&s->policy, AS_U1));
	return s;
}

static void open_pixels(char **arg, struct job *job)
{
	struct views *s = start(arg[1]);
	char name[64];
	size_t count;
	snprintf(name, sizeof name, "pixels-%d.u1", s->policy.size);
	int64_t side = s->policy.size, bytes = side * side * 3;
	const uint8_t *rgb = read_input(arg[0], name, &count);
	for (s->images = 0; s->images < PIXELS; s->images++)
		s->image[s->images] = (struct as_image){
			.pixels = {AS_U1, 3, {side, side, 3}, rgb + s->images * bytes}, .height = side, .width = side, .turn = 1};
	s->each = 2;
	*job = (struct job){s, run_views, {{"copy1", (double)bytes}}};
}

static void open_jpeg(char **arg, struct job *job)
{
	struct views *s = start(arg[1]);
	for (s->images = 0; s->images < PHOTOS; s->images++) {
		char name[64];
		size_t count;
		snprintf(name, sizeof name, "photo-%02d.jpg", s->images);
		const char *bytes = (const char *)read_input(arg[0], name, &count);
		s->image[s->images] = (struct as_image){
			.jpeg = {bytes, count}, .height = PHOTO_HEIGHT, .width = PHOTO_WIDTH, .turn = 1};
	}
	s->each = 1;
	*job = (struct job){s, run_views, {{"entropy1", 1}}};
}

const struct work view_works[] = {
	{"pixels", "INPUTS PRESET", 2, open_pixels},
	{"jpeg", "INPUTS PRESET", 2, open_jpeg},
	{0},
};
