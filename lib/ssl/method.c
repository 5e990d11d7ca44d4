#include "ssl/method.h"

#include <string.h>

extern const struct as_method as_method_simsiam, as_method_moco, as_method_simclr, as_method_byol, as_method_swav,
	as_method_supervised;

const struct as_method *const as_methods[] = {
	&as_method_simsiam,
	&as_method_moco,
	&as_method_simclr,
	&as_method_byol,
	&as_method_swav,
	&as_method_supervised,
	NULL,
};

const struct as_method *as_method_find(const char *name)
{
	for (int i = 0; as_methods[i]; i++)
		if (!strcmp(as_methods[i]->name, name))
			return as_methods[i];
	return NULL;
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
