/* The table of methods. A new one is a file with its descriptor and a line here. */
#include "ssl/method.h"

#include "base/text.h"

/* The first is the default. */
#define METHODS(X) \
	X(simsiam) \
	X(moco)    \
	X(simclr)  \
	X(byol)    \
	X(swav)    \
	X(supervised)

#define DECLARE(name) extern const struct as_method as_method_##name;
METHODS(DECLARE)

#define POINT(name) &as_method_##name,
const struct as_method *const as_methods[] = {METHODS(POINT) NULL};

static const char *name_at(int i)
{
	return as_methods[i] ? as_methods[i]->name : NULL;
}

const struct as_method *as_method_find(const char *name, struct as_error *err)
{
	int i = as_find("method", name, name_at, err);
	return i < 0 ? NULL : as_methods[i];
}

void as_step_part(struct as_step *s, const char *name, double value, double weight)
{
	s->part[s->nparts++] = (struct as_part){name, value, weight};
}

double as_step_loss(const struct as_step *s)
{
	double sum = 0;
	for (int i = 0; i < s->nparts; i++)
		sum += s->part[i].weight * s->part[i].value;
	return sum;
}
