"""linprobe.py INPUTS CLASSES W KIND: scikit-learn's logistic regression by L-BFGS, float32.

KIND is sklearn, or sklearnex with Intel's extension. The objective is linprobe's, sum of
cross-entropies + W (|W|^2 + |b|^2): a column of ones makes the bias a weight. The number of
iterations is the least that reaches the objective that ours reached (within 1e-6 of it),
found beforehand; a round is a fit of so many.
"""
import pathlib
import sys
import warnings

import numpy as np

from serve import serve

inputs, classes, w, kind = pathlib.Path(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]), sys.argv[4]
if kind == "sklearnex":
    from sklearnex import patch_sklearn
    patch_sklearn(verbose=False)
from sklearn.linear_model import LogisticRegression  # noqa: E402, after the patch

warnings.filterwarnings("ignore")
y = np.fromfile(inputs / f"linprobe-{classes}.i8", np.int64)
x = np.fromfile(inputs / f"linprobe-{classes}.f4", np.float32).reshape(len(y), -1)
x = np.hstack([x, np.ones((len(y), 1), np.float32)])
goal = float((inputs / f"linprobe-{classes}.objective").read_text()) * (1 + 1e-6)


def fit(iterations):
    return LogisticRegression(C=1 / (2 * w), fit_intercept=False, tol=1e-30, max_iter=iterations).fit(x, y)


def objective(model):
    coef = model.coef_.astype(np.float64)
    s = x.astype(np.float64) @ coef.T
    top = s.max(1, keepdims=True)
    each = np.log(np.exp(s - top).sum(1)) + top[:, 0] - s[np.arange(len(y)), y]
    return (each.sum() + w * (coef ** 2).sum()) / len(y)


def enough(n):
    return objective(fit(n)) <= goal


few, many = 1, 8
while not enough(many) and many < 1024:
    few, many = many, 2 * many
while many - few > 1 and many <= 1024:
    middle = (few + many) // 2
    few, many = (few, middle) if enough(middle) else (middle, many)
last = fit(many)
print(f"{kind}: {many} iterations allowed, {last.n_iter_[0]} taken, objective {objective(last):.9g}, goal {goal:.9g}",
      file=sys.stderr)


def run():
    fit(many)
    return 1


serve(run)
