/* Private to lib/kern: the entries of the CPU's tables. What each does is said in struct as_kern. */
#ifndef AS_KERN_CPU_H
#define AS_KERN_CPU_H

#include "kern/kern.h"

AS_BEGIN

size_t as_cpu_conv_prepared(const struct as_engine *, const struct as_conv *);
size_t as_cpu_conv_scratch(const struct as_engine *, const struct as_conv *);
void as_cpu_conv_prepare(const struct as_engine *, const struct as_conv *, const float *w, float *prepared);
void as_cpu_conv_forward(const struct as_engine *, const struct as_conv *, const float *x, const float *prepared, float *y,
			 const struct as_after *, void *scratch);
void as_cpu_conv_backward_data(const struct as_engine *, const struct as_conv *, const float *dy, const float *w, float *dx,
			       bool add, void *scratch);
void as_cpu_conv_backward_weights(const struct as_engine *, const struct as_conv *, const float *x, const float *dy,
				  float *dw, int64_t leaf, void *scratch);

int64_t as_cpu_norm_partial(const struct as_engine *, int64_t rows, int64_t c);
void as_cpu_norm_stats(const struct as_engine *, const float *x, int64_t rows, int64_t c, const float *gamma,
		       const float *beta, float eps, float momentum, float *running_mean, float *running_var,
		       const struct as_norm *, float *partial);
void as_cpu_norm_frozen(const struct as_engine *, int64_t c, const float *gamma, const float *beta, float eps,
			const float *running_mean, const float *running_var, const struct as_norm *);
void as_cpu_norm_fold(const struct as_engine *, int64_t c, int64_t each, const float *gamma, float eps,
		      const float *running_mean, const float *running_var, float *w, float *beta);
void as_cpu_norm_apply(const struct as_engine *, const float *x, int64_t rows, int64_t c, const struct as_norm *,
		       const float *add, bool relu, float *y);
void as_cpu_norm_backward(const struct as_engine *, const float *dy, const float *y, const float *x, int64_t rows, int64_t c,
			  const float *gamma, const struct as_norm *, float *dgamma, float *dbeta, float *dx, float *dadd,
			  bool add, float *partial);

void as_cpu_linear_forward(const struct as_engine *, const float *x, int64_t rows, int64_t in, int64_t out, const float *w,
			   const float *bias, float *y);
void as_cpu_linear_backward(const struct as_engine *, const float *x, const float *dy, int64_t rows, int64_t in, int64_t out,
			    const float *w, float *dw, float *dbias, int64_t leaf, float *dx, bool add);

void as_cpu_maxpool_forward(const struct as_engine *, const struct as_conv *, const float *x, float *y);
void as_cpu_maxpool_backward(const struct as_engine *, const struct as_conv *, const float *x, const float *dy, float *dx);
void as_cpu_avgpool_forward(const struct as_engine *, const float *x, int64_t n, int64_t hw, int64_t c, float *y);
void as_cpu_avgpool_backward(const struct as_engine *, const float *dy, int64_t n, int64_t hw, int64_t c, float *dx, bool add);

void as_cpu_zero(const struct as_engine *, int64_t n, float *x);
void as_cpu_tree(const struct as_engine *, int64_t n, float *grad, int64_t leaf);
void as_cpu_sgd(const struct as_engine *, int64_t n, float *p, const float *g, float *v, float lr, float momentum,
		float decay, bool first);
void as_cpu_ema(const struct as_engine *, int64_t n, float *slow, const float *p, float rest);
void as_cpu_add_scaled(const struct as_engine *, int64_t n, float *x, const float *y, float by);
void as_cpu_scale(const struct as_engine *, int64_t n, float *x, float by);
double as_cpu_dot(const struct as_engine *, int64_t n, const float *a, const float *b);

AS_END
#endif
