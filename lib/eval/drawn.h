/* Public since 0.2. How the views behind a set of features were drawn, for probes that ask what features know of
 * it (eval/read.h reads it). */
#ifndef AS_EVAL_DRAWN_H
#define AS_EVAL_DRAWN_H

#include "aug/roles.h"
#include "eval/features.h"
#include "stream/stream.h"

AS_BEGIN

/* The parameters and omega of a set's rows. as_drawn_free frees it with its arrays. */
struct as_drawn {
	struct as_policy policy; /* of the one role that the features are of; count is the number of views of a record */
	float *param, *omega;    /* of each row of the set: (n, nparam), (n, nomega) */
	int64_t room;            /* rows that there is memory for */
};

/* Reads the policy of a stream's header. AS_EDATA: it has none, or several roles; AS_EMEM. */
AS_NODISCARD int as_drawn_new(struct as_drawn **, const struct as_header *, struct as_error *);
void as_drawn_free(struct as_drawn *);
/* Adds the views of a record behind those of `rows` rows. AS_EDATA: nothing was drawn of them, or it does not fit the
 * policy. */
AS_NODISCARD int as_drawn_add(struct as_drawn *, int64_t rows, const struct as_record *, struct as_error *);

/* Whether two sets were drawn by the same laws: AS_EDATA says where the second differs from the first. Names do not
 * count, nor how many views there are. */
AS_NODISCARD int as_drawn_same(const struct as_drawn *, const struct as_drawn *, struct as_error *);

AS_END
#endif
