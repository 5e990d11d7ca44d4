/* The table of optimizers. A new one is a file with its descriptor and a line here. */
#include "nn/optim.h"

#include <math.h>

#include "base/text.h"

/* The first is the default. */
#define OPTIMIZERS(X) \
	X(sgd)        \
	X(lars)       \
	X(adamw)

#define DECLARE(name) extern const struct as_optimizer as_optimizer_##name;
OPTIMIZERS(DECLARE)

#define POINT(name) &as_optimizer_##name,
const struct as_optimizer *const as_optimizers[] = {OPTIMIZERS(POINT) NULL};

static const char *name_at(int i)
{
	return as_optimizers[i] ? as_optimizers[i]->name : NULL;
}

const struct as_optimizer *as_optimizer_find(const char *name, struct as_error *err)
{
	int i = as_find("optimizer", name, name_at, err);
	return i < 0 ? NULL : as_optimizers[i];
}

int as_optimizer_slots(const struct as_optimizer *o)
{
	int n = 0;
	while (o->slots[n])
		n++;
	return n;
}

void as_optimizer_step(const struct as_optimizer *o, struct as_params *p, const struct as_engine *e,
		       const struct as_hyper *how)
{
	for (int i = 0; i < p->n; i++) {
		const struct as_param *q = &p->list[i];
		if (q->flags & (AS_P_BUFFER | AS_P_FROZEN))
			continue;
		struct as_update u = {.n = q->count, .p = p->value + q->at, .g = p->grad + q->at, .how = how,
				      .norm = q->flags & AS_P_NORM, .lr = q->flags & AS_P_CONST_LR ? how->lr_const : how->lr};
		u.decay = how->spare_norm && u.norm ? 0 : how->decay;
		for (int s = 0; s < p->nslot; s++)
			u.slot[s] = p->slot[s] + q->at;
		o->step(e, &u);
	}
}

double as_cosine(double lr0, int64_t e, int64_t epochs)
{
	e = e < epochs ? e : epochs - 1;
	return lr0 * (1 + cos(acos(-1.0) * (double)e / (double)epochs)) / 2;
}
