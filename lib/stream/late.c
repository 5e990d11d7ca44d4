#include "stream/late.h"

#include <dlfcn.h>
#include <string.h>

int as_late_load(const char *file, const struct as_late *late, int n, struct as_error *err)
{
	void *library = dlopen(file, RTLD_NOW | RTLD_LOCAL);
	for (int i = 0; library && i < n; i++) {
		void *at = dlsym(library, late[i].name);
		if (!at)
			return as_fail(err, AS_EIO, "%s: no function %s in it", file, late[i].name);
		memcpy(late[i].pointer, &at, sizeof at);
	}
	return library ? 0 : as_fail(err, AS_EIO, "%.200s", dlerror());
}
