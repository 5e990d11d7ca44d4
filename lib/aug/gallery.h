/* Public since 0.2. Records as rows of a contact sheet (image/sheet.h): images side by side; a sample as
 * the original with the boxes of its views drawn on it, followed by the views; the views of a record side
 * by side. */
#ifndef AS_AUG_GALLERY_H
#define AS_AUG_GALLERY_H

#include "stream/stream.h"

AS_BEGIN

struct as_gallery;

/* A gallery for a stream of kind image, sample or view; `most` is the number of records at most. The header
 * is borrowed until as_gallery_free. AS_EDATA: it has no policy that fits; AS_EMEM. */
AS_NODISCARD int as_gallery_new(struct as_gallery **, const struct as_header *, uint64_t most, struct as_error *);
void as_gallery_free(struct as_gallery *);
/* Adds a record, which is not needed afterwards. AS_EDATA: its image or its views do not fit; AS_EMEM. */
AS_NODISCARD int as_gallery_add(struct as_gallery *, const struct as_record *, struct as_error *);
/* Writes the PNG, whole or not at all. AS_EDATA if no record was added. */
AS_NODISCARD int as_gallery_write(struct as_gallery *, const char *path, struct as_error *);

AS_END
#endif
