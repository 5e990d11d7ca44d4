#include "bad.h"

#include "message.h"

uint64_t max_bad;

const char leave_out_help[] = "  --max-bad 1 leaves it out, --max-bad N up to N such, named and counted";

static uint64_t bad;

void say_which(struct as_error *err, int64_t record, const struct as_text *name)
{
	enum { MOST = 200 }; /* characters, so that the reason has room */
	if (name->length)
		as_fail_within(err, "%.*s", (int)(name->length > MOST ? MOST : name->length), name->at);
	err->record = record;
}

void leave_out(const char *where, const struct as_error *err)
{
	if (max_bad == 0) {
		struct as_error first = *err;
		if (!first.help && err->code != AS_ENONE && err->code != AS_EIO)
			first.help = leave_out_help;
		die_error(where, &first);
	}
	warn_error(where, err);
	if (++bad > max_bad)
		die(EXIT_DATA, "these are more than the %llu bad records that --max-bad allows", (unsigned long long)max_bad);
}

void say_left_out(void)
{
	if (bad)
		warn("records left out: %llu", (unsigned long long)bad);
}
