/* Private to lib/nn: gradients that travel to other ranks while more are computed. */
#ifndef AS_NN_TRAVEL_H
#define AS_NN_TRAVEL_H

#include "nn/params.h"

AS_BEGIN

/* Makes p->travel. Call it when every tensor has its place. AS_EMEM. */
AS_NODISCARD int as_travel_new(struct as_params *, const struct as_engine *, struct as_error *);
void as_travel_free(struct as_travel *);
/* Moves on what can be moved without waiting: between layers, since messages may need it to get on. */
void as_travel_poll(const struct as_params *, const struct as_engine *);

AS_END
#endif
