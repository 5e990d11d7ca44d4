/* Public since 0.2. All that determines the outcome of a training, besides the views, as a table of
 * named values: what programs offer as options, what states, models and logs keep as
 * text, what a configuration file says. */
#ifndef AS_SSL_RECIPE_H
#define AS_SSL_RECIPE_H

#include <stdbool.h>

#include "nn/arch.h"

AS_BEGIN

struct as_recipe {
	struct as_backbone backbone; /* size 0: the views' */
	char method[16];
	char settings[256];  /* of the method, "hidden=2048,bottleneck=512" */
	char augself[128];   /* "crop=1,color=1"; "" or "none": no head */
	char compat[128];    /* faults of the release to repeat, "blur-raw,swav-loss" */
	int64_t augself_from; /* the stage of the backbone that feeds the heads, from 1; 0: its output */
	bool augself_only;
	int64_t head_hidden;
	int64_t batch;
	int64_t grains;      /* parts of a batch whose sums are made apart, then added pairwise; 0: as_grains_usual */
	double base_lr, momentum, decay; /* lr0 = base_lr batch / 256 */
	char optimizer[16];  /* "sgd" */
	double trust;        /* of an optimizer that asks for it; 0: none */
	bool spare_norm;     /* no decay on batch norm and biases */
	int64_t warmup;      /* epochs of linear warm-up */
	int64_t epochs;      /* of the schedule; 0: the stream's */
	int64_t classes;     /* of the labels; 0: the stream's */
	bool exact;          /* convolutions by the formula alone */
	uint64_t seed;       /* of the start values */
};

/* A list adds to the one that is there, in which each name stands once. */
enum as_value_type { AS_V_TEXT, AS_V_LIST, AS_V_WHOLE, AS_V_NUMBER, AS_V_FLAG };

/* One value: its name, where it lies, its range. */
struct as_value {
	const char *name;
	char letter; /* short option, or 0 */
	enum as_value_type type;
	size_t at, room; /* room: of a text with its 0 */
	double lo, hi;
	const char *arg, *doc; /* arg NULL: an option without one, that says 1 */
};

extern const struct as_value as_recipe_values[];
extern const int as_recipe_nvalues;

/* The values that an unadorned ssl-train has. */
void as_recipe_default(struct as_recipe *);
/* One value from its text. AS_EARG: no such name, or out of range. */
AS_NODISCARD int as_recipe_set(struct as_recipe *, const char *name, const char *text, struct as_error *);
/* A recipe by name, for a method (which it sets): first what the recipe
 * says, then what the method says of it. AS_EARG names those there are. */
AS_NODISCARD int as_recipe_preset(struct as_recipe *, const char *name, const char *method, struct as_error *);
/* The i-th recipe's name and what it says; NULL beyond the last. */
const char *as_recipe_name(int i, const char **says);

/* Settles what a recipe leaves to the stream of views: their size in pixels, its epochs
 * (0: endless), its classes (0: unknown), and the grains. AS_EARG for what the
 * recipe should say otherwise, AS_EDATA for what the stream lacks; the value is named first. */
AS_NODISCARD int as_recipe_settle(struct as_recipe *, int64_t size, uint64_t epochs, int64_t classes, struct as_error *);
/* The largest power of two that divides the batch into grains of at least 64 images; at least 1. */
int64_t as_grains_usual(int64_t batch);

/* All values as "name = value" lines, malloc'd; NULL without memory. */
char *as_recipe_text(const struct as_recipe *);
/* Sets what such a text says: blank lines and '#' comments are skipped, a name may stand
 * once. AS_EDATA with the line. */
AS_NODISCARD int as_recipe_parse(struct as_recipe *, const char *text, struct as_error *);
/* The line of such a text that sets the value of this name; 0: none. */
int as_recipe_line(const char *text, const char *name);

/* All values of the recipe that a state or a log was written with, of which its text may leave some out: the program
 * that wrote it did not know them yet, and they are what it did without asking. malloc'd; NULL: *err says why. */
char *as_recipe_whole(const char *text, struct as_error *err);

AS_END
#endif
