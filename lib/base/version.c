#include "base/version.h"

const char *as_version(void)
{
	return AS_VERSION;
}
