/* What is worked on, drawn from seeds: no image may be copied into this tree. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>

#include "base/file.h"
#include "base/rng.h"
#include "bench.h"

/* --- photographs --- */

enum { OCTAVES = 9, EDGES = 12 };

/* One octave of noise: random values on a lattice of 2^octave cells, bilinear between. */
static void add_octave(struct as_rng *rng, int octave, float loud, int height, int width, float *plane)
{
	int cells = 1 << octave, side = cells + 1;
	float *at = floats((int64_t)side * side);
	for (int i = 0; i < side * side; i++)
		at[i] = (float)as_rng_between(rng, -loud, loud);
	for (int y = 0; y < height; y++)
		for (int x = 0; x < width; x++) {
			float v = (float)y * (float)cells / (float)height, h = (float)x * (float)cells / (float)width;
			const float *p = at + (int)v * side + (int)h;
			v -= (float)(int)v;
			h -= (float)(int)h;
			plane[y * width + x] += (1 - v) * ((1 - h) * p[0] + h * p[1]) + v * ((1 - h) * p[side] + h * p[side + 1]);
		}
	free(at);
}

/* A half-plane that is lighter: what objects do. */
static void add_edge(struct as_rng *rng, int height, int width, float *plane)
{
	double a = as_rng_between(rng, -1, 1), b = as_rng_between(rng, -1, 1);
	double y0 = as_rng_between(rng, 0, height), x0 = as_rng_between(rng, 0, width);
	float loud = (float)as_rng_between(rng, -40, 40);
	for (int y = 0; y < height; y++)
		for (int x = 0; x < width; x++)
			plane[y * width + x] += a * (y - y0) + b * (x - x0) > 0 ? loud : 0;
}

static uint8_t clamp(float x)
{
	return (uint8_t)(x < 0 ? 0 : x > 255 ? 255 : x);
}

void draw_photo(uint64_t id, int height, int width, uint8_t *rgb)
{
	static const float loud[3][OCTAVES] = {{60, 40, 28, 20, 16, 16, 16, 20, 32}, {20, 14, 8, 5, 4, 4, 4, 4, 4},
					       {20, 14, 8, 5, 4, 4, 4, 4, 4}};
	struct as_rng rng = as_rng_at(2, id, 0, 0, 0);
	int64_t n = (int64_t)height * width;
	float *plane = floats(3 * n);
	for (int c = 0; c < 3; c++) {
		for (int o = 0; o < OCTAVES; o++)
			add_octave(&rng, o, loud[c][o], height, width, plane + c * n);
		for (int e = 0; e < (c ? 0 : EDGES); e++)
			add_edge(&rng, height, width, plane);
	}
	for (int64_t i = 0; i < n; i++) {
		float luma = 128 + plane[i];
		rgb[3 * i] = clamp(luma + plane[n + i]);
		rgb[3 * i + 1] = clamp(luma - .5f * plane[n + i] - .2f * plane[2 * n + i]);
		rgb[3 * i + 2] = clamp(luma + plane[2 * n + i]);
	}
	free(plane);
}

/* Quality 90, colour at half resolution: libjpeg's own default, and Pillow's. */
static void write_jpeg(const char *path, const uint8_t *rgb, int height, int width)
{
	struct jpeg_compress_struct j;
	struct jpeg_error_mgr errors;
	FILE *f = fopen(path, "wb");
	if (!f)
		die("%s: cannot be written", path);
	j.err = jpeg_std_error(&errors);
	jpeg_create_compress(&j);
	jpeg_stdio_dest(&j, f);
	j.image_height = (JDIMENSION)height;
	j.image_width = (JDIMENSION)width;
	j.input_components = 3;
	j.in_color_space = JCS_RGB;
	jpeg_set_defaults(&j);
	jpeg_set_quality(&j, 90, TRUE);
	jpeg_start_compress(&j, TRUE);
	for (int y = 0; y < height; y++) {
		const uint8_t *row = rgb + (size_t)y * (size_t)width * 3;
		JSAMPROW rows[1] = {(JSAMPROW)(uintptr_t)row};
		jpeg_write_scanlines(&j, rows, 1);
	}
	jpeg_finish_compress(&j);
	jpeg_destroy_compress(&j);
	if (fclose(f))
		die("%s: cannot be written", path);
}

/* --- features --- */

/* Rectified sums of 64 directions, the first ones the loudest, around a mean of the class:
 * correlated, none negative, not to be parted without error, as features are. */
void draw_features(uint64_t seed, int64_t rows, int64_t d, int64_t classes, float *x, int64_t *label)
{
	enum { DIRECTIONS = 64 };
	struct as_rng rng = as_rng_at(seed, 0, 0, 0, 1);
	float *direction = floats(DIRECTIONS * d), *mean = floats(classes * d);
	for (int64_t i = 0; i < DIRECTIONS * d; i++)
		direction[i] = (float)as_rng_between(&rng, -1, 1) / (1 + .15f * (float)(i / d));
	for (int64_t i = 0; i < classes * d; i++)
		mean[i] = (float)as_rng_between(&rng, -.12, .12);
	for (int64_t i = 0; i < rows; i++) {
		float *row = x + i * d;
		rng = as_rng_at(seed, (uint64_t)i, 1, 0, 1);
		label[i] = i % classes;
		for (int64_t k = 0; k < d; k++)
			row[k] = mean[label[i] * d + k] + (float)as_rng_between(&rng, -.5, .5);
		for (int64_t q = 0; q < DIRECTIONS; q++) {
			float z = (float)as_rng_between(&rng, -1, 1);
			for (int64_t k = 0; k < d; k++)
				row[k] += z * direction[q * d + k];
		}
		for (int64_t k = 0; k < d; k++)
			row[k] = row[k] > 0 ? row[k] : 0;
	}
	free(direction);
	free(mean);
}

/* --- files --- */

static void write_bytes(const char *dir, const char *name, const void *bytes, size_t count)
{
	char path[512];
	snprintf(path, sizeof path, "%s/%s", dir, name);
	FILE *f = fopen(path, "wb");
	if (!f || fwrite(bytes, 1, count, f) != count || fclose(f))
		die("%s: cannot be written", path);
}

uint8_t *read_input(const char *dir, const char *name, size_t *count)
{
	char path[512], *bytes;
	struct as_error err;
	snprintf(path, sizeof path, "%s/%s", dir, name);
	if (as_file_read(path, AS_PATH_FILE, 64 << 20, &bytes, count, &err))
		die("%s", err.text);
	return (uint8_t *)bytes;
}

static void write_photos(const char *dir)
{
	uint8_t *rgb = malloc(PHOTO_HEIGHT * PHOTO_WIDTH * 3);
	for (int i = 0; i < PHOTOS && rgb; i++) {
		char path[512];
		snprintf(path, sizeof path, "%s/photo-%02d.jpg", dir, i);
		draw_photo((uint64_t)i, PHOTO_HEIGHT, PHOTO_WIDTH, rgb);
		write_jpeg(path, rgb, PHOTO_HEIGHT, PHOTO_WIDTH);
	}
	free(rgb);
}

static void write_pixels(const char *dir, int side)
{
	size_t bytes = (size_t)side * (size_t)side * 3;
	uint8_t *rgb = malloc(PIXELS * bytes);
	char name[64];
	if (!rgb)
		die("no memory");
	for (int i = 0; i < PIXELS; i++)
		draw_photo((uint64_t)i, side, side, rgb + (size_t)i * bytes);
	snprintf(name, sizeof name, "pixels-%d.u1", side);
	write_bytes(dir, name, rgb, PIXELS * bytes);
	free(rgb);
}

/* Rows as <f4, labels as <i8. */
static void write_features(const char *dir, int classes)
{
	float *x = floats(PROBE_ROWS * PROBE_WIDTH);
	int64_t label[PROBE_ROWS];
	char name[64];
	draw_features(1, PROBE_ROWS, PROBE_WIDTH, classes, x, label);
	snprintf(name, sizeof name, "linprobe-%d.f4", classes);
	write_bytes(dir, name, x, sizeof(float) * PROBE_ROWS * PROBE_WIDTH);
	snprintf(name, sizeof name, "linprobe-%d.i8", classes);
	write_bytes(dir, name, label, sizeof label);
	free(x);
}

void write_inputs(const char *dir)
{
	write_photos(dir);
	write_pixels(dir, 32);
	write_pixels(dir, 96);
	static const int classes[] = {10, 30, 100, 300, 1000};
	for (int i = 0; i < 5; i++)
		write_features(dir, classes[i]);
}
