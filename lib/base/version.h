/* Public since 0.2. Which libaugself this is. The version stands here alone: the Makefile reads it. Before
 * 1.0 a new minor version may change what the headers promise, and the library's name with it. */
#ifndef AS_BASE_VERSION_H
#define AS_BASE_VERSION_H

#include "base/attr.h"

AS_BEGIN

/* Of these headers: as text, and as 10000 major + 100 minor + patch, for #if. */
#define AS_VERSION "0.2.0"
#define AS_VERSION_NUMBER 200

/* Of the library that a program runs with: AS_VERSION as it was compiled. A constant text. */
const char *as_version(void);

AS_END
#endif
