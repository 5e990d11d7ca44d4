#include "eval/pick.h"

#include <string.h>

#include "eval/room.h"

int as_features_pick(struct as_features *out, const struct as_features *from, const unsigned char *part, int want,
		     struct as_error *err)
{
	int64_t rows = 0;
	for (int64_t i = 0; i < from->n; i++)
		rows += part[i] == want;
	*out = (struct as_features){.d = from->d, .classes = from->classes};
	int rc = as_features_reserve(out, rows ? rows : 1, err);
	if (!rc)
		rc = as_origin_read(&out->origin, &from->origin.chain, err);
	if (!rc && from->named)
		rc = as_features_name_classes(out, from->class_text, from->class_bytes, from->named, err);
	if (!rc && from->centre && !as_features_grow(&out->centre, from->d, sizeof *out->centre))
		rc = as_fail(err, AS_EMEM, "features: no memory for a mean of %lld", (long long)from->d);
	if (!rc && from->centre)
		memcpy(out->centre, from->centre, (size_t)from->d * sizeof *out->centre);
	for (int64_t i = 0; !rc && i < from->named; i++) {
		const struct as_class_name *c = &from->class_name[i];
		out->class_name[i] = (struct as_class_name){c->label, out->class_text + (c->name - from->class_text)};
	}
	for (int64_t i = 0; !rc && i < from->n; i++)
		if (part[i] == want) {
			memcpy(out->x + out->n * out->d, from->x + i * from->d, (size_t)out->d * sizeof(float));
			out->label[out->n] = from->label[i];
			out->y[out->n] = from->y[i];
			out->seq[out->n] = from->seq[i];
			out->id[out->n] = from->id[i];
			out->name[out->n++] = -1;
			out->unlabelled += from->label[i] == -1;
		}
	if (rc)
		as_features_clear(out);
	return rc;
}
