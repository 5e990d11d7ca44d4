/* Evaluation: logistic regression on 10,000 x 512 features, and few-shot episodes. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"
#include "eval/fewshot.h"
#include "eval/logreg.h"

struct probe {
	bool each; /* an evaluation is the unit, not a solution */
	struct as_features set;
	struct as_pool *pool;
	double w;
	struct as_descent found;
	struct as_fewshot fewshot;
};

static struct probe *start(int64_t rows, int64_t d, int64_t classes, int threads)
{
	struct probe *s = calloc(1, sizeof *s);
	struct as_error err;
	if (!s || as_pool_new(&s->pool, threads, &err))
		die("no memory");
	s->set = (struct as_features){.n = rows, .d = d, .classes = classes, .x = floats(rows * d)};
	s->set.y = calloc((size_t)rows, sizeof *s->set.y);
	if (!s->set.y)
		die("no memory");
	draw_features(1, rows, d, classes, s->set.x, s->set.y);
	return s;
}

/* From weights of 0 to the tolerance that linprobe has. */
static double run_logreg(void *self)
{
	struct probe *s = self;
	const struct as_features *set = &s->set;
	struct as_logreg *l = NULL;
	struct as_error err;
	if (as_logreg_new(&l, &set, 1, set->classes, s->pool, &err) || as_logreg_solve(l, s->w, 1e-5, &s->found, &err))
		die("%s", err.text);
	as_logreg_free(l);
	return s->each ? s->found.evaluations : 1;
}

/* Leaves the objective that was reached beside the inputs, for the others to stop at. An evaluation
 * multiplies twice by the rows' matrix, and reads it once at least. */
static void open_logreg(char **arg, struct job *job)
{
	int64_t classes = whole(arg[1]), d = PROBE_WIDTH, rows = PROBE_ROWS;
	int threads = whole(arg[3]);
	struct probe *s = start(rows, d, classes, threads);
	char path[512];
	s->w = atof(arg[2]);
	s->each = !strcmp(arg[4], "evaluation");
	run_logreg(s);
	snprintf(path, sizeof path, "%s/linprobe-%d.objective", arg[0], (int)classes);
	FILE *f = fopen(path, "w");
	if (!f || fprintf(f, "%.17g\n", s->found.value) < 0 || fclose(f))
		die("%s: cannot be written", path);
	double passes = s->each ? 1 : s->found.evaluations, all = (double)(rows * d);
	*job = (struct job){s, run_logreg, {{threads > 1 ? "fma2" : "fma1", passes * 4 * all * (double)classes},
					    {threads > 1 ? "read2" : "read1", passes * 4 * all}}};
}

static double run_fewshot(void *self)
{
	struct probe *s = self;
	struct as_fewshot_score score;
	struct as_error err;
	if (as_fewshot_run(&s->set, &s->fewshot, &score, &err))
		die("%s", err.text);
	return (double)s->fewshot.episodes;
}

/* An episode needs the products of its rows and of its queries with them, at least. */
static void open_fewshot(char **arg, struct job *job)
{
	struct probe *s = start(SHOT_CLASSES * SHOT_EACH, SHOT_WIDTH, SHOT_CLASSES, 1);
	double rows = WAY * SHOT;
	(void)arg;
	s->fewshot = (struct as_fewshot){WAY, SHOT, QUERIES, EPISODES, 1, 0, s->pool};
	*job = (struct job){s, run_fewshot, {{"fma1", SHOT_WIDTH * (rows * rows + 2 * rows * WAY * QUERIES)}}};
}

const struct work probe_works[] = {
	{"linprobe", "INPUTS CLASSES W THREADS solve|evaluation", 5, open_logreg},
	{"fewshot", "", 0, open_fewshot},
	{0},
};
