/* Policies as text, presets, and what the sampler draws against its laws. */
#include "aug/aug.h"

#include <stdlib.h>

#include "../tap.h"
#include "aug/policy.h"

int main(void)
{
	static const char *const names[] = {"cifar", "stl10:weak", "imagenet:strong", "cifar:strong+rotation+solarize",
					    "stl10:default+rotation"};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		struct as_policy p, q;
		struct as_error err;
		bool good = as_policy_preset(names[i], &p, &err) == 0;
		char *text = good ? as_policy_text(&p) : NULL;
		good = good && text && as_policy_parse(text, &q, &err) == 0;
		char *again = good ? as_policy_text(&q) : NULL;
		is_text(again, text, names[i]);
		note("%s", good ? text : err.text);
		free(text);
		free(again);
	}
	return done();
}
