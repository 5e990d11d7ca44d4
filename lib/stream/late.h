/* Private to lib/stream and lib/data: libraries that only some inputs need. They are not linked, so that no
 * program has to bring them along, but loaded when such an input is opened. lib/libraries.sh finds their file's name. */
#ifndef AS_STREAM_LATE_H
#define AS_STREAM_LATE_H

#include "base/error.h"

AS_BEGIN

/* The macro that lib/libraries.sh sets, such as AS_LATE_expat, as a string. */
#define AS_LATE_QUOTE(file) #file
#define AS_LATE_STRING(file) AS_LATE_QUOTE(file)

/* An entry of the list for as_late_load, of a pointer to the function `name`. sizeof does not call: here the
 * compiler only compares the pointer's type with the header's declaration. */
#define AS_LATE(pointer, name) {AS_LATE_STRING(name), &(pointer) + 0 * sizeof((pointer) = name)}

struct as_late {
	const char *name;
	void *pointer; /* to a pointer to a function */
};

/* Loads the library `file` and sets n pointers to functions. AS_EIO: it is not here, or lacks one. It stays
 * loaded. */
AS_NODISCARD int as_late_load(const char *file, const struct as_late *, int n, struct as_error *);

AS_END
#endif
