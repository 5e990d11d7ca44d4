#include "ssl/loss.h"

double as_loss_of(const struct as_engine *e, enum as_loss loss, int64_t rows, int64_t n, const float *p, const float *t,
		  const float *every, float weight, float *dp)
{
	switch (loss) {
	case AS_LOSS_MSE_TANH:
		return e->kern->mse_tanh(e, rows, n, p, t, weight, dp);
	case AS_LOSS_MSE_TANH_ALL:
		return e->kern->mse_tanh_all(e, rows, n, p, every, weight, dp);
	case AS_LOSS_BCE:
		return e->kern->bce(e, rows, p, t, weight, dp);
	case AS_LOSS_CE:
		return e->kern->ce(e, rows, n, p, t, weight, dp);
	case AS_LOSS_NONE:
		break;
	}
	return 0;
}
