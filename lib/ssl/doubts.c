#include "ssl/doubts.h"

#include "ssl/method.h"
#include "stream/say.h"

typedef unsigned long long ull;

static int doubt_epochs(const struct as_recipe *r, const struct as_header *h, const struct as_schedule *s,
			struct as_names *doubts, struct as_error *err)
{
	if (h->epochs <= (uint64_t)r->epochs || s->goal != UINT64_MAX)
		return 0;
	return as_say(doubts, err, "the stream has %llu epochs, --epochs says %llu: those beyond are trained on at the learning rate "
		      "of the last", (ull)h->epochs, (ull)r->epochs);
}

static int doubt_states(const struct as_schedule *s, uint64_t every, struct as_names *doubts, struct as_error *err)
{
	if (!s->steps || every <= s->steps)
		return 0;
	return as_say(doubts, err, "--every %llu: the run has %llu steps, so the state is written at the end alone", (ull)every,
		      (ull)s->steps);
}

static bool are_alike(const struct as_policy *p)
{
	int i = 0;
	while (i < p->nop && as_policy_alike(p, i))
		i++;
	return i == p->nop;
}

/* A method without labels can learn only if the views of an image differ. */
static int doubt_views(const struct as_recipe *r, const struct as_roles *roles, struct as_names *doubts, struct as_error *err)
{
	const struct as_method *m = as_method_find(r->method, NULL);
	const struct as_policy *p = &roles->role[0];
	if (!m || m->labels || !are_alike(p))
		return 0;
	return as_say(doubts, err, "the views of an image are all alike: no op of the policy (%s...) draws anything", p->op[0].aug->name);
}

int as_run_doubts(const struct as_recipe *r, const struct as_roles *roles, const struct as_header *h,
		  const struct as_schedule *s, uint64_t every, struct as_names *doubts, struct as_error *err)
{
	int rc = doubt_epochs(r, h, s, doubts, err);
	rc = rc ? rc : doubt_states(s, every, doubts, err);
	return rc ? rc : doubt_views(r, roles, doubts, err);
}
