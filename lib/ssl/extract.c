#include "ssl/extract.h"

#include <stdlib.h>
#include <string.h>

#include "kern/gemm.h"
#include "ssl/model.h"

/* The projector multiplies so many rows at a time, the last of them zeros where there are fewer: OpenBLAS changes a row's bits
 * with the number of rows, and from 12 on with the row's place among them (Haswell's and Zen's core); up to 8 with neither.
 * The features of an image must not depend on the batch that it came in, nor on the shard. */
enum { ROWS = 8 };

struct as_extractor {
	struct as_model model;
	struct as_net *projector; /* NULL: features are those of the backbone */
	struct as_pass pass, project;
	struct as_workspace work;
	struct as_arena arena;
	int64_t batch;
	float *rows, *projected; /* (ROWS,D) of the backbone; (batch,P) */
};

static void plan(struct as_extractor *e)
{
	e->work = (struct as_workspace){0};
	as_net_plan_weights(&e->model.backbone, &e->arena);
	as_net_plan(&e->model.backbone, e->batch, AS_EVAL, &e->arena, &e->work, &e->pass);
	if (e->projector) {
		as_net_plan(e->projector, ROWS, AS_EVAL, &e->arena, &e->work, &e->project);
		e->rows = as_arena_floats(&e->arena, ROWS * as_net_out(&e->model.backbone));
		e->projected = as_arena_floats(&e->arena, e->batch * as_net_out(e->projector));
	}
	as_workspace_plan(&e->work, &e->arena);
}

/* Takes memory, and prepares the weights for evaluation. */
static int prepare(struct as_extractor *e, struct as_error *err)
{
	as_net_freeze(&e->model.backbone);
	plan(e);
	int rc = as_arena_open(&e->arena, e->model.engine.kern->memory, err);
	if (rc)
		return rc;
	plan(e);
	as_net_prepare(&e->model.backbone);
	return 0;
}

int as_extractor_open(struct as_extractor **out, const char *path, const struct as_extract *how,
		      const struct as_engine *engine, struct as_error *err)
{
	struct as_extractor *e = calloc(1, sizeof *e);
	if (!e)
		return as_fail(err, AS_EMEM, "%s: no memory", path);
	e->batch = how->batch;
	e->projector = how->projector ? &e->model.part[AS_PROJECTOR] : NULL;
	int rc = as_model_open(&e->model, path, how, how->projector ? 1u << AS_PROJECTOR : 0, engine, err);
	if (!rc && (rc = prepare(e, err)))
		as_fail_within(err, "%s", path);
	if (!rc)
		rc = as_blas_ready(engine->pool, err);
	if (rc)
		as_extractor_close(e);
	else
		*out = e;
	return rc;
}

void as_extractor_close(struct as_extractor *e)
{
	if (!e)
		return;
	as_arena_close(&e->arena);
	as_model_clear(&e->model);
	free(e);
}

const struct as_policy *as_extractor_policy(const struct as_extractor *e)
{
	return &e->model.eval;
}

const char *as_extractor_name(const struct as_extractor *e)
{
	return e->model.name;
}

const char *as_extractor_note(const struct as_extractor *e)
{
	return e->model.note;
}

uint64_t as_extractor_hash(const struct as_extractor *e)
{
	return e->model.hash;
}

int64_t as_extractor_width(const struct as_extractor *e)
{
	return as_net_out(e->projector ? e->projector : &e->model.backbone);
}

/* y: (n,D) of the backbone. Returns (n,P). */
static const float *project(struct as_extractor *e, const float *y, int64_t n)
{
	int64_t d = as_net_out(&e->model.backbone), p = as_net_out(e->projector);
	for (int64_t i = 0; i < n; i += ROWS) {
		size_t rows = (size_t)(n - i < ROWS ? n - i : ROWS);
		memcpy(e->rows, y + i * d, rows * (size_t)d * sizeof *y);
		memset(e->rows + (int64_t)rows * d, 0, (ROWS - rows) * (size_t)d * sizeof *y);
		const float *z = as_net_forward(e->projector, &e->project, e->rows, ROWS);
		memcpy(e->projected + i * p, z, rows * (size_t)p * sizeof *z);
	}
	return e->projected;
}

const float *as_extractor_run(struct as_extractor *e, float *x, int64_t n)
{
	as_policy_normalise(&e->model.eval, n * e->model.eval.size * e->model.eval.size, x);
	const float *y = as_net_forward(&e->model.backbone, &e->pass, x, n);
	return e->projector ? project(e, y, n) : y;
}
