/* All of libaugself's public headers, from the ground floor up. What is not named
 * here is private to its floor: not installed, not for programs. */
#ifndef AS_AUGSELF_H
#define AS_AUGSELF_H

#include "base/arena.h"
#include "base/attr.h"
#include "base/error.h"
#include "base/file.h"
#include "base/newfile.h"
#include "base/pool.h"
#include "base/rng.h"
#include "base/text.h"

#include "kern/gemm.h"
#include "kern/isa.h"
#include "kern/kern.h"
#include "kern/pix.h"

#include "stream/keep.h"
#include "stream/keys.h"
#include "stream/record.h"
#include "stream/safetensors.h"
#include "stream/show.h"
#include "stream/stream.h"
#include "stream/tally.h"

#include "image/image.h"
#include "image/sheet.h"

#include "data/ahead.h"
#include "data/dataset.h"
#include "data/order.h"
#include "data/split.h"
#include "data/synth.h"

#include "aug/aug.h"
#include "aug/gallery.h"
#include "aug/policy.h"
#include "aug/roles.h"
#include "aug/views.h"

#include "nn/arch.h"
#include "nn/mlp.h"
#include "nn/net.h"
#include "nn/optim.h"
#include "nn/params.h"

#include "ssl/augself.h"
#include "ssl/extract.h"
#include "ssl/feed.h"
#include "ssl/layout.h"
#include "ssl/log.h"
#include "ssl/loss.h"
#include "ssl/method.h"
#include "ssl/recipe.h"
#include "ssl/schedule.h"
#include "ssl/source.h"
#include "ssl/trainer.h"

#include "eval/accuracy.h"
#include "eval/centre.h"
#include "eval/classes.h"
#include "eval/descent.h"
#include "eval/features.h"
#include "eval/fewshot.h"
#include "eval/holdout.h"
#include "eval/knn.h"
#include "eval/linear.h"
#include "eval/logreg.h"
#include "eval/match.h"
#include "eval/origin.h"
#include "eval/pick.h"
#include "eval/predict.h"
#include "eval/read.h"
#include "eval/retrieval.h"
#include "eval/score.h"

#endif
