/* Private to tests/bench: what a program that is measured consists of. It sets itself up
 * once, says "ready" with what the hardware must at least do for a unit of its work, and
 * then runs as many rounds as each line on its standard input asks for; the runner (run)
 * lets programs take turns. So no round pays for a start. */
#ifndef AS_TESTS_BENCH_H
#define AS_TESTS_BENCH_H

#include <stdint.h>

#include "base/attr.h"

/* What a unit of work costs on a ceiling that the same run measures: "fma2" counts floating
 * point operations of two threads, "read2" and "copy1" bytes, "entropy1" JPEG images. */
struct floor {
	const char *ceiling;
	double amount;
};

struct job {
	void *self;
	double (*run)(void *self); /* a round: the units that it did */
	struct floor floor[2];     /* up to two, the slower one counts; ceiling NULL: none */
};

/* A kind of work: `open` sets it up as the arguments say. */
struct work {
	const char *name, *args;
	int nargs;
	void (*open)(char **arg, struct job *);
};

extern const struct work net_works[], view_works[], probe_works[], ceiling_works[];

/* Says ready, then serves rounds until the end of standard input: each line is a number of
 * rounds, and is answered by "UNITS SECONDS CPU_SECONDS PEAK_KIB". */
void serve(const struct job *);

void die(const char *fmt, ...) AS_PRINTF(1, 2) AS_NORETURN;
/* n zeroed floats, aligned to 64; or death. */
float *floats(int64_t n);
int whole(const char *text);

/* --- what both sides work on (inputs.c) --- */

enum { PHOTOS = 16, PHOTO_HEIGHT = 375, PHOTO_WIDTH = 500, PIXELS = 64 };
enum { PROBE_ROWS = 10000, PROBE_WIDTH = 512 };
enum { SHOT_CLASSES = 20, SHOT_EACH = 60, SHOT_WIDTH = 512, WAY = 5, SHOT = 5, QUERIES = 16, EPISODES = 2000 };

/* Something like a photograph: noise of all scales and a few edges, (height,width,3). */
void draw_photo(uint64_t id, int height, int width, uint8_t *rgb);
/* Features of `rows` images of `classes` classes that overlap, (rows,d); label[i] = i mod classes. */
void draw_features(uint64_t seed, int64_t rows, int64_t d, int64_t classes, float *x, int64_t *label);
/* Writes them all into a folder that is there, for those who cannot call us. */
void write_inputs(const char *dir);
/* The bytes of a file of that folder, malloc'd; or death. */
uint8_t *read_input(const char *dir, const char *name, size_t *count);

#endif
