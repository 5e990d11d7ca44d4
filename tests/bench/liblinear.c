/* The peer of fewshot: liblinear itself, from C, on episodes of the same size. Rows are in
 * its sparse form from the start, an episode only points at them; solver and tolerance are
 * liblinear's own defaults for logistic regression, its primal (0) or dual (7). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linear.h>

#include "base/rng.h"
#include "bench.h"

struct shots {
	struct parameter how;
	struct feature_node *node; /* (rows, width + bias + end) */
	struct as_rng rng;
	int right;
};

enum { ROWS = SHOT_CLASSES * SHOT_EACH, NODES = SHOT_WIDTH + 2 };

static void quiet(const char *text)
{
	(void)text;
}

/* n of 0..most-1 without replacement. */
static void draw(struct as_rng *rng, int most, int n, int *out)
{
	int all[ROWS];
	for (int i = 0; i < most; i++)
		all[i] = i;
	for (int i = 0; i < n; i++) {
		int k = i + (int)as_rng_below(rng, (uint64_t)(most - i)), was = all[i];
		all[i] = all[k];
		all[k] = was;
		out[i] = all[i];
	}
}

static struct feature_node *row(const struct shots *s, int class, int i)
{
	return s->node + (size_t)(i * SHOT_CLASSES + class) * NODES;
}

static void episode(struct shots *s)
{
	int class[WAY], pick[SHOT + QUERIES];
	struct feature_node *x[WAY * SHOT], *query[WAY * QUERIES];
	double y[WAY * SHOT];
	struct problem p = {.l = WAY * SHOT, .n = SHOT_WIDTH + 1, .y = y, .x = x, .bias = 1};
	draw(&s->rng, SHOT_CLASSES, WAY, class);
	for (int c = 0; c < WAY; c++) {
		draw(&s->rng, SHOT_EACH, SHOT + QUERIES, pick);
		for (int i = 0; i < SHOT; i++) {
			x[c * SHOT + i] = row(s, class[c], pick[i]);
			y[c * SHOT + i] = c;
		}
		for (int i = 0; i < QUERIES; i++)
			query[c * QUERIES + i] = row(s, class[c], pick[SHOT + i]);
	}
	struct model *m = train(&p, &s->how);
	for (int i = 0; i < WAY * QUERIES; i++)
		s->right += (int)predict(m, query[i]) == i / QUERIES;
	free_and_destroy_model(&m);
}

static double run(void *self)
{
	for (int e = 0; e < EPISODES; e++)
		episode(self);
	return EPISODES;
}

int main(int argc, char **argv)
{
	struct shots s = {.how = {.solver_type = L2R_LR, .eps = .01, .C = 1}, .rng = as_rng_at(1, 0, 0, 0, 2)};
	if (argc == 2 && !strcmp(argv[1], "dual"))
		s.how = (struct parameter){.solver_type = L2R_LR_DUAL, .eps = .1, .C = 1};
	float *x = floats(ROWS * SHOT_WIDTH);
	int64_t label[ROWS];
	s.node = malloc(sizeof *s.node * ROWS * NODES);
	if (!s.node)
		die("no memory");
	draw_features(1, ROWS, SHOT_WIDTH, SHOT_CLASSES, x, label);
	for (int i = 0; i < ROWS; i++) {
		struct feature_node *n = s.node + (size_t)i * NODES;
		for (int k = 0; k < SHOT_WIDTH; k++)
			n[k] = (struct feature_node){k + 1, (double)x[i * SHOT_WIDTH + k]};
		n[SHOT_WIDTH] = (struct feature_node){SHOT_WIDTH + 1, 1};
		n[SHOT_WIDTH + 1] = (struct feature_node){-1, 0};
	}
	set_print_string_function(quiet);
	serve(&(struct job){&s, run, {{NULL}}});
	return 0;
}
