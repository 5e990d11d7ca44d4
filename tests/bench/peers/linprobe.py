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
import scipy.optimize

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


def objective(coef):
    s = x @ coef.T.astype(np.float32)
    top = s.max(1, keepdims=True)
    each = np.log(np.exp(s - top).sum(1)) + top[:, 0] - s[np.arange(len(y)), y]
    return (each.sum(dtype=np.float64) + w * (coef.astype(np.float64) ** 2).sum()) / len(y)


def iterations_needed(most):
    """Fits once, looking at the objective after each iteration."""
    taken = 0
    minimize = scipy.optimize.minimize

    def look(at):
        nonlocal taken
        taken += 1
        # Intel's rows start with the bias that is not used.
        coef = at.reshape(classes, -1)[:, 1:] if kind == "sklearnex" else at.reshape((classes, -1), order="F")
        if objective(coef) <= goal:
            raise StopIteration

    def watched(*args, **kwargs):
        return minimize(*args, **{**kwargs, "callback": look})
    scipy.optimize.minimize = watched
    fit(most)
    scipy.optimize.minimize = minimize
    return taken


many = iterations_needed(2000)
told = False


def run():
    global told
    model = fit(many)
    if not told:
        print(f"{kind}, {classes} classes: {model.n_iter_[0]} iterations, objective {objective(model.coef_):.9g}, "
              f"goal {goal:.9g}", file=sys.stderr)
    told = True
    return 1


serve(run)
