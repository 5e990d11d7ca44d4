#include "eval/origin.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void as_origin_clear(struct as_origin *o)
{
	as_names_clear(&o->chain);
	free(o->by);
	free(o->of);
	*o = (struct as_origin){0};
}

static bool is_extractor(const char *line)
{
	return !strncmp(line, "feat-extract ", 13);
}

/* Joins the lines of feat-extract, or all others, into one malloc'd text; NULL: no memory. */
static char *join(const struct as_names *chain, bool extractor)
{
	size_t room = chain->bytes + 3 * (size_t)chain->count + 1, used = 0;
	char *text = malloc(room);
	if (!text)
		return NULL;
	*text = '\0';
	for (int64_t i = 0; i < chain->count; i++) {
		const char *line = as_names_at(chain, i);
		if (is_extractor(line) == extractor)
			used += (size_t)snprintf(text + used, room - used, "%s%s", used ? " | " : "", line);
	}
	return text;
}

static int find_model(struct as_origin *o, struct as_error *err)
{
	for (int64_t i = 0; i < o->chain.count; i++) {
		const char *line = as_names_at(&o->chain, i), *word = strstr(line, " model:");
		char model[sizeof o->model];
		if (!is_extractor(line) || !word)
			continue;
		snprintf(model, sizeof model, "%.*s", (int)strcspn(word + 7, " "), word + 7);
		if (o->model[0] && strcmp(o->model, model) != 0)
			return as_fail(err, AS_EDATA, "features of two models, %s and %s, joined into one stream", o->model,
				       model);
		strcpy(o->model, model);
	}
	return 0;
}

int as_origin_read(struct as_origin *o, const struct as_names *chain, struct as_error *err)
{
	int rc = 0;
	*o = (struct as_origin){0};
	for (int64_t i = 0; i < chain->count && !rc; i++)
		rc = as_names_add(&o->chain, as_names_at(chain, i), err);
	o->by = join(chain, true);
	o->of = join(chain, false);
	if (!rc && (!o->by || !o->of))
		rc = as_fail(err, AS_EMEM, "features: no memory for where they come from");
	if (!rc)
		rc = find_model(o, err);
	if (rc)
		as_origin_clear(o);
	return rc;
}
