/* Public since 0.2. A trained network, and what else its file has, as an ONNX file. */
#ifndef AS_SSL_EXPORT_H
#define AS_SSL_EXPORT_H

#include "ssl/extract.h"
#include "stream/onnx.h"

AS_BEGIN

/* What the file takes. */
enum as_export_input { AS_INPUT_UNIT, AS_INPUT_BYTES, AS_INPUT_NORMALISED };
/* A name, and what it means. */
struct as_export_word {
	const char *name, *doc;
};
/* The names of the inputs, in their order: a static table, NULL at the end. */
const struct as_export_word *as_export_inputs(void);
/* The same of what a model file may have beside the backbone. */
const struct as_export_word *as_export_parts(void);
/* The input of this name; AS_EARG: there is none, and the error lists them. */
AS_NODISCARD int as_export_input_find(const char *name, struct as_error *);

/* What is exported, and for which images. All zero: the backbone, for images of the model's size. */
struct as_export {
	struct as_extract of; /* prefix, stem and size; the rest is not read */
	enum as_export_input input;
	const char *parts; /* a list of names, "all" (what the file has), or NULL */
	bool any_size;     /* images of other sizes too, also such as are not square */
};

struct as_exporter;

/* Reads a model as as_extractor_open does, and makes its graph: from images (and `others`, if heads compare two) to
 * features, and an output of each part. AS_EARG: a part of an unknown name; AS_EDATA: one that the file has not. */
AS_NODISCARD int as_exporter_open(struct as_exporter **, const char *path, const struct as_export *, const struct as_engine *,
				  struct as_error *);
void as_exporter_close(struct as_exporter *);

/* As as_extractor_name and as_extractor_note. */
const char *as_exporter_name(const struct as_exporter *);
const char *as_exporter_note(const struct as_exporter *);
const struct as_onnx *as_exporter_graph(const struct as_exporter *);
/* Writes the file; errors as of as_onnx_write. */
AS_NODISCARD int as_exporter_write(const struct as_exporter *, FILE *, struct as_error *);

AS_END
#endif
