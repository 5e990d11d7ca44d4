#include "data/synth.h"

#include <math.h>
#include <stdbool.h>

#include "base/rng.h"

/* Our places in the generator (base/rng.h). */
enum { VIEW = 254, OP_FACTS = 0, OP_GROUND, OP_CLUTTER, OP_GRAIN };
enum { SUB = 4 }; /* SUB x SUB samples in a pixel, for smooth edges */

const char *const as_factor_name[AS_FACTORS] = {"shape", "colour", "place"};

struct colour {
	double c[3]; /* R G B in [0,1] */
};

/* Whether a point is in the shape. In the shape's own frame the circle around it has radius 1. */
static bool in_circle(double u, double v)
{
	return u * u + v * v <= 0.88 * 0.88;
}

static bool in_ring(double u, double v)
{
	double r2 = u * u + v * v;
	return r2 <= 0.95 * 0.95 && r2 >= 0.52 * 0.52;
}

static bool in_square(double u, double v)
{
	return fabs(u) <= 0.72 && fabs(v) <= 0.72;
}

static bool in_triangle(double u, double v)
{
	return v >= -0.5 && 1.7320508075688772 * fabs(u) + v <= 1;
}

static bool in_cross(double u, double v)
{
	double a = fabs(u), b = fabs(v);
	return (a <= 0.27 && b <= 0.95) || (b <= 0.27 && a <= 0.95);
}

/* Uses the five edge lines of the inner pentagon: a point is in the star when it lies outside of at most
 * one of them. */
static bool in_star(double u, double v)
{
	static const double normal[5][2] = {{0, 1},
					    {0.9510565162951535, 0.3090169943749474},
					    {0.5877852522924731, -0.8090169943749475},
					    {-0.5877852522924731, -0.8090169943749475},
					    {-0.9510565162951535, 0.3090169943749474}};
	int outside = 0;
	for (int i = 0; i < 5; i++)
		outside += normal[i][0] * u + normal[i][1] * v > 0.3090169943749474;
	return outside <= 1;
}

static bool in_moon(double u, double v)
{
	return u * u + v * v <= 0.95 * 0.95 && (u - 0.5) * (u - 0.5) + v * v >= 0.68 * 0.68;
}

static bool in_bars(double u, double v)
{
	return fabs(u) <= 0.85 && fabs(v) <= 0.62 && fabs(v) >= 0.2;
}

static const struct {
	const char *name;
	bool (*in)(double u, double v);
} shapes[] = {{"circle", in_circle}, {"ring", in_ring}, {"square", in_square}, {"triangle", in_triangle},
	      {"cross", in_cross},   {"star", in_star}, {"moon", in_moon},     {"bars", in_bars}};

/* Hue in turns, saturation, value: eight colours that people name differently. */
static const struct {
	const char *name;
	double hue, saturation, value;
} colours[] = {{"red", 0.995, 0.90, 0.85},  {"orange", 0.075, 0.92, 0.97}, {"yellow", 0.155, 0.85, 0.98},
	       {"green", 0.33, 0.80, 0.65}, {"cyan", 0.49, 0.75, 0.92},    {"blue", 0.62, 0.85, 0.88},
	       {"violet", 0.75, 0.75, 0.75}, {"pink", 0.90, 0.50, 0.98}};

static const char *const places[] = {"top-left",     "top",         "top-right", "left",        "middle",
				     "right",        "bottom-left", "bottom",    "bottom-right"};

#define LENGTH(a) ((int)(sizeof(a) / sizeof *(a)))

int as_factor_classes(enum as_factor f)
{
	return f == AS_SHAPE ? LENGTH(shapes) : f == AS_COLOUR ? LENGTH(colours) : LENGTH(places);
}

const char *as_factor_class(enum as_factor f, int c)
{
	return f == AS_SHAPE ? shapes[c].name : f == AS_COLOUR ? colours[c].name : places[c];
}

struct as_synth as_synth_facts(uint64_t seed, uint64_t id)
{
	struct as_rng r = as_rng_at(seed, id, 0, VIEW, OP_FACTS);
	struct as_synth s;
	for (int f = 0; f < AS_FACTORS; f++)
		s.factor[f] = (int)as_rng_below(&r, (uint64_t)as_factor_classes(f));
	s.size = as_rng_between(&r, 0.42, 0.54);
	s.turn = as_rng_uniform(&r);
	s.y = 0.27 + 0.23 * (s.factor[AS_PLACE] / 3) + as_rng_between(&r, -0.04, 0.04);
	s.x = 0.27 + 0.23 * (s.factor[AS_PLACE] % 3) + as_rng_between(&r, -0.04, 0.04);
	return s;
}

/* HSV to RGB: h in turns, all in [0,1]. */
static struct colour from_hsv(double h, double s, double v)
{
	h = 6 * (h - floor(h));
	int k = (int)h;
	double f = h - k, p = v * (1 - s), q = v * (1 - f * s), t = v * (1 - (1 - f) * s);
	const struct colour c[6] = {{{v, t, p}}, {{q, v, p}}, {{p, v, t}}, {{p, q, v}}, {{t, p, v}}, {{v, p, q}}};
	return c[k % 6];
}

/* cos and sin of an angle in turns by their series, so that pixels do not depend on the C library. |a| <=
 * 1/2 turn: with 12 terms the error is below 1e-14. */
static void direction(double turns, double *cosine, double *sine)
{
	double a = 6.283185307179586 * (turns - floor(turns + 0.5)), term = 1;
	*cosine = *sine = 0;
	for (int i = 0; i < 24; i += 2) {
		*cosine += term;
		term *= a / (i + 1);
		*sine += term;
		term *= -a / (i + 2);
	}
}

struct canvas {
	int side;
	uint8_t *rgb;
};

/* A shape with its frame: moved, turned and stretched. Lengths are fractions of the image's side. */
struct figure {
	bool (*in)(double u, double v);
	double y, x, turn, half_u, half_v; /* half_u, half_v: the length of 1 in the frame */
	struct colour colour;
};

/* The fraction of the pixel's SUB x SUB samples that lie in the figure. */
static double coverage(const struct figure *f, double cosine, double sine, int side, int py, int px)
{
	int hits = 0;
	for (int i = 0; i < SUB * SUB; i++) {
		double dy = (py + (i / SUB + 0.5) / SUB) / side - f->y;
		double dx = (px + (i % SUB + 0.5) / SUB) / side - f->x;
		hits += f->in((cosine * dx + sine * dy) / f->half_u, (cosine * dy - sine * dx) / f->half_v);
	}
	return hits / (double)(SUB * SUB);
}

static int within(double at, int side)
{
	return at < 0 ? 0 : at > side ? side : (int)at;
}

/* The pixels that the figure may touch: a square of half the diagonal of its frame, inside the image. */
struct reach {
	int y0, y1, x0, x1;
};

static struct reach reach_of(const struct figure *f, int side)
{
	double reach = (f->half_u > f->half_v ? f->half_u : f->half_v) * 1.4142135623730951;
	return (struct reach){within((f->y - reach) * side, side), within((f->y + reach) * side + 1, side),
			      within((f->x - reach) * side, side), within((f->x + reach) * side + 1, side)};
}

static void draw(const struct canvas *c, const struct figure *f)
{
	double cosine, sine;
	direction(f->turn, &cosine, &sine);
	struct reach r = reach_of(f, c->side);
	for (int y = r.y0; y < r.y1; y++)
		for (int x = r.x0; x < r.x1; x++) {
			double a = coverage(f, cosine, sine, c->side, y, x);
			uint8_t *p = c->rgb + 3 * ((int64_t)y * c->side + x);
			for (int i = 0; i < 3 && a > 0; i++)
				p[i] = (uint8_t)(p[i] + a * (255 * f->colour.c[i] - p[i]) + 0.5);
		}
}

static bool in_box(double u, double v)
{
	return fabs(u) <= 1 && fabs(v) <= 1;
}

static bool in_disc(double u, double v)
{
	return u * u + v * v <= 1;
}

enum { LATTICE = 9 };

/* Value noise: random numbers on a lattice, joined smoothly. */
static double noise(double lattice[LATTICE][LATTICE], double y, double x)
{
	int i = (int)y, j = (int)x;
	double fy = y - i, fx = x - j;
	fy = fy * fy * (3 - 2 * fy);
	fx = fx * fx * (3 - 2 * fx);
	double top = lattice[i][j] + fx * (lattice[i][j + 1] - lattice[i][j]);
	double low = lattice[i + 1][j] + fx * (lattice[i + 1][j + 1] - lattice[i + 1][j]);
	return top + fy * (low - top);
}

/* The ground: dull and blotched, light and dark everywhere, so that two pieces of it do not show whether
 * they come from one image. */
static void draw_ground(const struct canvas *c, uint64_t seed, uint64_t id)
{
	struct as_rng r = as_rng_at(seed, id, 0, VIEW, OP_GROUND);
	double light[LATTICE][LATTICE], tint[3][LATTICE][LATTICE];
	for (int i = 0; i < LATTICE * LATTICE; i++) {
		light[i / LATTICE][i % LATTICE] = as_rng_between(&r, 0.1, 0.9);
		for (int k = 0; k < 3; k++)
			tint[k][i / LATTICE][i % LATTICE] = as_rng_between(&r, -0.1, 0.1);
	}
	for (int y = 0; y < c->side; y++)
		for (int x = 0; x < c->side; x++) {
			double v = (y + 0.5) / c->side * (LATTICE - 1.001), u = (x + 0.5) / c->side * (LATTICE - 1.001);
			double l = noise(light, v, u);
			uint8_t *p = c->rgb + 3 * ((int64_t)y * c->side + x);
			for (int k = 0; k < 3; k++) {
				double t = l + noise(tint[k], v, u);
				p[k] = (uint8_t)(255 * (t < 0 ? 0 : t > 1 ? 1 : t));
			}
		}
}

/* Clutter: strokes and blobs of any colour, none wider than a quarter of the
 * smallest object. */
static void draw_clutter(const struct canvas *c, uint64_t seed, uint64_t id)
{
	struct as_rng r = as_rng_at(seed, id, 0, VIEW, OP_CLUTTER);
	int n = 8 + (int)as_rng_below(&r, 7);
	for (int i = 0; i < n; i++) {
		bool blob = as_rng_below(&r, 2);
		struct figure f = {.in = blob ? in_disc : in_box};
		f.y = as_rng_uniform(&r);
		f.x = as_rng_uniform(&r);
		f.turn = as_rng_uniform(&r);
		f.half_u = blob ? as_rng_between(&r, 0.02, 0.045) : as_rng_between(&r, 0.05, 0.11);
		f.half_v = blob ? as_rng_between(&r, 0.02, 0.045) : as_rng_between(&r, 0.01, 0.02);
		double h = as_rng_uniform(&r), s = as_rng_uniform(&r), v = as_rng_between(&r, 0.1, 1);
		f.colour = from_hsv(h, s, v);
		draw(c, &f);
	}
}

static struct figure figure_of(const struct as_synth *s)
{
	return (struct figure){.in = shapes[s->factor[AS_SHAPE]].in, .y = s->y, .x = s->x, .turn = s->turn,
			       .half_u = s->size / 2, .half_v = s->size / 2};
}

/* `number` counts the objects of an image from 0: each has its own hue. */
static void draw_object(const struct canvas *c, uint64_t seed, uint64_t id, const struct as_synth *s, int number)
{
	int k = s->factor[AS_COLOUR];
	struct as_rng r = as_rng_at(seed, id, 1 + (uint32_t)number, VIEW, OP_FACTS);
	double h = colours[k].hue + as_rng_between(&r, -0.012, 0.012);
	double sat = colours[k].saturation + as_rng_between(&r, -0.08, 0.08);
	double v = colours[k].value * as_rng_between(&r, 0.85, 1.02);
	struct figure f = figure_of(s);
	f.colour = from_hsv(h, sat, v > 1 ? 1 : v);
	draw(c, &f);
}

/* Grain: each byte moves by at most 8; one random word serves four bytes. */
static void draw_grain(const struct canvas *c, uint64_t seed, uint64_t id)
{
	struct as_rng r = as_rng_at(seed, id, 0, VIEW, OP_GRAIN);
	int64_t n = 3 * (int64_t)c->side * c->side;
	uint32_t word = 0;
	for (int64_t i = 0; i < n; i++, word >>= 8) {
		if (!(i & 3))
			word = as_rng_u32(&r);
		int v = c->rgb[i] + (int)(word & 15) + (int)(word >> 4 & 1) - 8;
		c->rgb[i] = (uint8_t)(v < 0 ? 0 : v > 255 ? 255 : v);
	}
}

void as_synth_show(uint64_t seed, uint64_t id, int side, const struct as_synth *object, int objects, uint8_t *rgb)
{
	struct canvas c = {side, rgb};
	draw_ground(&c, seed, id);
	draw_clutter(&c, seed, id);
	for (int i = 0; i < objects; i++)
		draw_object(&c, seed, id, &object[i], i);
	draw_grain(&c, seed, id);
}

void as_synth_draw(uint64_t seed, uint64_t id, int side, uint8_t *rgb)
{
	struct as_synth s = as_synth_facts(seed, id);
	as_synth_show(seed, id, side, &s, 1, rgb);
}

struct as_synth_box as_synth_box(const struct as_synth *s, int side, int height, int width)
{
	struct figure f = figure_of(s);
	struct reach r = reach_of(&f, side);
	double cosine, sine;
	int top = height, left = width, bottom = 0, right = 0;
	direction(f.turn, &cosine, &sine);
	for (int y = r.y0; y < r.y1 && y < height; y++)
		for (int x = r.x0; x < r.x1 && x < width; x++) {
			if (coverage(&f, cosine, sine, side, y, x) <= 0)
				continue;
			top = y < top ? y : top;
			left = x < left ? x : left;
			bottom = y + 1;
			right = x + 1 > right ? x + 1 : right;
		}
	return (struct as_synth_box){left, top, right - left, bottom - top};
}
