/* Public since 0.2. Everything that determines the result of a training, except the views, as a table of
 * named values. Programs offer them as options; states, models and logs keep them as text; configuration
 * files set them. */
#ifndef AS_SSL_RECIPE_H
#define AS_SSL_RECIPE_H

#include <stdbool.h>

#include "nn/arch.h"

AS_BEGIN

/* The values. It owns nothing and can be copied. */
struct as_recipe {
	struct as_backbone backbone; /* size 0: that of the views */
	char method[16];
	char settings[256];  /* of the method: "hidden=2048,bottleneck=512" */
	char augself[128];   /* "crop=1,color=1"; "" or "none": no heads */
	char compat[128];    /* faults of the release to repeat: "blur-raw,swav-loss" */
	int64_t augself_from; /* the stage of the backbone that feeds the heads, from 1; 0: the output */
	bool augself_only;
	int64_t head_hidden;
	int64_t batch;
	/* parts of a batch whose sums are made separately and then added pairwise; 0: as_grains_usual */
	int64_t grains;
	double base_lr, momentum, decay; /* lr0 = base_lr batch / 256 */
	char optimizer[16];  /* "sgd" */
	double trust;        /* trust coefficient, for an optimizer that needs one; 0: none */
	bool spare_norm;     /* no weight decay on batch norm and biases */
	int64_t warmup;      /* epochs of linear warm-up */
	int64_t epochs;      /* of the schedule; 0: as many as the stream has */
	int64_t classes;     /* number of classes of the labels; 0: as many as the stream has */
	bool bf16;           /* maps of the backbone in bfloat16 */
	bool exact;          /* convolutions follow the formula, without Winograd's algorithm */
	uint64_t seed;       /* for the start values */
};

/* A list adds to the existing list, in which each name occurs once. */
enum as_value_type { AS_V_TEXT, AS_V_LIST, AS_V_WHOLE, AS_V_NUMBER, AS_V_FLAG };

/* One value: its name, where it is stored, its range. */
struct as_value {
	const char *name;
	char letter; /* letter of the short option, or 0 */
	enum as_value_type type;
	size_t at, room; /* room: the size of a text with its 0 */
	double lo, hi;
	const char *arg, *doc; /* arg NULL: an option without argument, which sets 1 */
	const char *group;     /* what it is about, for lists in groups */
};

/* All values of a recipe, and their number. */
extern const struct as_value as_recipe_values[];
extern const int as_recipe_nvalues;

/* Sets the defaults of ssl-train. */
void as_recipe_default(struct as_recipe *);
/* Sets one value from a text. AS_EARG: no such name, or out of range. */
AS_NODISCARD int as_recipe_set(struct as_recipe *, const char *name, const char *text, struct as_error *);
/* Sets a named recipe for a method (and the method): first the recipe's values, then the method's own for
 * it. AS_EARG: the error lists the names. */
AS_NODISCARD int as_recipe_preset(struct as_recipe *, const char *name, const char *method, struct as_error *);
/* The name and the values of recipe i; NULL after the last. */
const char *as_recipe_name(int i, const char **says);

/* Sets what a recipe leaves to the stream of views: the size in pixels, epochs (0: endless), classes (0:
 * unknown), and the grains. AS_EARG: the recipe must be changed; AS_EDATA: the stream lacks something; the
 * error begins with the value's name. */
AS_NODISCARD int as_recipe_settle(struct as_recipe *, int64_t size, uint64_t epochs, int64_t classes, struct as_error *);
/* The largest power of two that divides the batch into grains of at least 64 images; at least 1. */
int64_t as_grains_usual(int64_t batch);

/* All values as lines "name = value", malloc'd; NULL: no memory. */
char *as_recipe_text(const struct as_recipe *);
/* Sets the values in such a text. Empty lines and '#' comments are skipped; a name may occur once. AS_EDATA
 * with the line. */
AS_NODISCARD int as_recipe_parse(struct as_recipe *, const char *text, struct as_error *);
/* The number of the line in such a text that sets this name; 0: there is none. */
int as_recipe_line(const char *text, const char *name);

/* The complete text of the recipe of a state or a log. If the program that wrote it did not know a value
 * yet, this fills in what that program did: 1 grain, and SGD, or LARS if there is a trust coefficient.
 * malloc'd; NULL: AS_EDATA or AS_EMEM in *err. */
char *as_recipe_whole(const char *text, struct as_error *err);

AS_END
#endif
