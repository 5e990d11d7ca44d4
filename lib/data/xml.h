/* Private to lib/data: XML files, read by expat. */
#ifndef AS_DATA_XML_H
#define AS_DATA_XML_H

#include <stddef.h>

#include "base/error.h"

AS_BEGIN

enum { AS_XML_BYTES = 4 << 20, AS_XML_DEPTH = 16, AS_XML_TEXT = 1000, AS_XML_PATH = 500 };

/* What is done with the elements. `path` are the names from the root, as "/annotation/object/name"; `text` is
 * what lies directly in the element, without blanks at its ends. An error ends the reading; the file's name
 * and the line are put before it. */
struct as_xml {
	int (*begin)(void *ctx, const char *path, struct as_error *);
	int (*end)(void *ctx, const char *path, const char *text, struct as_error *);
	void *ctx;
};

/* Reads a file. It may have at most AS_XML_BYTES, elements at most AS_XML_DEPTH deep, at most AS_XML_TEXT bytes of
 * text in an element and AS_XML_PATH in a path. Document types are refused, and with them entities of the
 * file's own, which could make a large text of a small file. AS_ENONE: no such file; AS_EDATA, AS_EIO; also
 * if augself was built without expat. */
AS_NODISCARD int as_xml_read(const char *path, const struct as_xml *, struct as_error *);

AS_END
#endif
