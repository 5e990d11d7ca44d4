/* Private to lib/ssl: the networks of a model file with their weights, before anything is frozen. Beside the backbone
 * a file may have parts: a projector, and so on. */
#ifndef AS_SSL_MODEL_H
#define AS_SSL_MODEL_H

#include "ssl/augself.h"
#include "ssl/extract.h"

AS_BEGIN

enum as_part_of { AS_PROJECTOR, AS_PREDICTOR, AS_CLASSIFIER, AS_HEADS, AS_PARTS };

struct as_model {
	struct as_engine engine, maps; /* maps: the backbone's, perhaps in bfloat16 */
	struct as_params params;
	struct as_backbone what;
	struct as_net backbone, part[AS_HEADS]; /* those of the parts that are built */
	struct as_augself heads;
	int tap;                   /* what the heads read: a tap of the backbone, or AS_NONE, its output */
	unsigned there, built;     /* bits 1 << part: what the file has, what was asked for */
	struct as_policy training; /* of the file; with ImageNet's mean and std if it has none */
	struct as_policy eval;
	uint64_t hash;    /* as_extractor_hash */
	const char *note; /* a message, or NULL */
	char name[400];   /* for messages */
};

/* The parts' names, as options and messages have them; as_part_doc: what they are. */
const char *as_part_name(int part); /* NULL after the last */
const char *as_part_doc(int part);
/* The names of the parts with these bits, in a list. */
void as_parts_enlist(unsigned parts, char *list, size_t room);

/* Builds and loads the backbone and these parts: bits 1 << part, or UINT_MAX, all that the file has. AS_EDATA: a
 * part is not there. *m is all zero; as_model_clear, also after an error. */
AS_NODISCARD int as_model_open(struct as_model *, const char *path, const struct as_extract *, unsigned parts,
			       const struct as_engine *, struct as_error *);
void as_model_clear(struct as_model *);

AS_END
#endif
