#!/usr/bin/env python3
"""Writes logreg.txt: multinomial logistic regression on a small problem, by Newton's
method in float64 to a gradient below 1e-12 of the mean-scaled objective.

Lines: `n_train n_test d k`; a row each as `label x*64 ...` (whole numbers, so that
both sides read the same features); then `w objective test-rows-right` with the
objective sum CE + w (|W|^2 + |b|^2). NumPy only; run from this folder."""
import numpy as np

rng = np.random.default_rng(7)
N, M, D, K = 160, 500, 8, 4
mix = rng.normal(size=(D, D)) / 2          # correlated features with a large mean, as a ReLU network's are
means = rng.normal(size=(K, D)) * 0.9
y = rng.integers(K, size=N + M)
ints = np.rint(((means[y] + rng.normal(size=(N + M, D))) @ mix + 3) * 64).astype(int)
X = np.concatenate([ints / 64.0, np.ones((N + M, 1))], 1)
A, B = X[:N], X[N:]


def value(W, w):
    Z = A @ W.T
    Z = Z - Z.max(1, keepdims=True)
    L = np.log(np.exp(Z).sum(1))
    P = np.exp(Z - L[:, None])
    f = (L - Z[np.arange(N), y[:N]]).sum() + w * (W * W).sum()
    R = P.copy()
    R[np.arange(N), y[:N]] -= 1
    return f, R.T @ A + 2 * w * W, P


def newton(W, w):
    for _ in range(200):
        f, g, P = value(W, w)
        if np.abs(g).max() / N < 1e-12:
            return W, f
        H = np.zeros((K, D + 1, K, D + 1))
        for a in range(K):
            for b in range(K):
                H[a, :, b, :] = (A * (P[:, a] * ((a == b) - P[:, b]))[:, None]).T @ A
        H = H.reshape(K * (D + 1), -1) + 2 * w * np.eye(K * (D + 1))
        d = -np.linalg.solve(H, g.ravel()).reshape(K, D + 1)
        t = 1.0
        while value(W + t * d, w)[0] > f + 1e-4 * t * (g * d).sum() and t > 1e-10:
            t /= 2
        W = W + t * d
    return W, value(W, w)[0]


with open("logreg.txt", "w") as out:
    print(N, M, D, K, file=out)
    for i in range(N + M):
        print(y[i], *ints[i], file=out)
    W, lines = np.zeros((K, D + 1)), []
    for i in range(44, -1, -1):
        w = 10 ** (-6 + i / 4)
        W, f = newton(W, w)
        lines.append(f"{w:.17g} {f:.17g} {((B @ W.T).argmax(1) == y[N:]).sum()}")
    print("\n".join(reversed(lines)), file=out)
