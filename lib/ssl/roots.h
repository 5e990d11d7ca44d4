/* Private to lib/ssl: where in a file of weights a ResNet's names begin. People wrap
 * networks in networks: module.encoder_q.conv1.weight, backbone.0.weight. What stands
 * before is found by looking for a first convolution beside a first block. */
#ifndef AS_SSL_ROOTS_H
#define AS_SSL_ROOTS_H

#include "nn/params.h"

/* Leaves the tensors of one ResNet, under torchvision's names, and copies what stood before
 * them to `found`. `wanted` (with or without its last dot) is one of several; NULL: there
 * must be one. AS_EDATA: there is none; AS_EARG: which there are. *several: there are more. */
AS_NODISCARD int as_enter_root(struct as_safetensors *, const char *wanted, char *found, size_t room, bool *several,
			       struct as_error *);

/* A tensor under the backbone's names, or under `head` (or NULL), that is no parameter: the
 * first one's name, or NULL. */
const char *as_left_over(const struct as_safetensors *, const char *head, const struct as_params *);

#endif
