#include "features.h"

#include "common.h"

struct as_features load_features(const char *path, const char *label)
{
	struct as_features f;
	struct as_error err = {.record = -1};
	struct as_reader *r = open_input_file(path, "feature");
	if (as_features_read(&f, r, label, &err))
		die_error(as_reader_name(r), &err);
	as_reader_close(r);
	return f;
}
