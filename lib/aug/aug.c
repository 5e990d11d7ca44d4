#include "aug/aug.h"

#include <math.h>
#include <string.h>

#include "base/text.h"

static const char *name_at(int i)
{
	return as_augs[i] ? as_augs[i]->name : NULL;
}

const struct as_aug *as_aug_find(const char *name, struct as_error *err)
{
	int i = as_find("augmentation", name, name_at, err);
	return i < 0 ? NULL : as_augs[i];
}

int as_setting_find(const char *whose, const struct as_setting *s, int n, const char *name, struct as_error *err)
{
	char known[160] = "";
	for (int k = 0; k < n; k++) {
		if (!strcmp(s[k].name, name))
			return k;
		as_enlist(known, sizeof known, s[k].name);
	}
	return as_fail(err, AS_EARG, "%s has no setting '%s', only %s%s", whose, name, *known ? known : "none",
		       as_near(name, known, &(struct as_hint){0}));
}

int as_setting_read(const struct as_setting *s, const char *text, double *value, struct as_error *err)
{
	int rc = as_parse_f64(text, s->lo, s->hi, value, err);
	if (!rc && s->flags & AS_WHOLE && *value != rint(*value))
		rc = as_fail(err, AS_EARG, "%s is no whole number", text);
	return rc;
}

void as_law_preset(const struct as_aug *aug, double strength, struct as_law *law)
{
	*law = (struct as_law){0};
	for (int k = 0; k < aug->nsetting; k++) {
		const struct as_setting *s = &aug->setting[k];
		double x = s->preset * (s->flags & AS_SCALES ? strength : 1);
		if (s->flags & AS_WHOLE)
			x = rint(x);
		law->value[k] = x < s->lo ? s->lo : x > s->hi ? s->hi : x;
	}
}
