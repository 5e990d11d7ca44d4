#!/usr/bin/env python3
"""References of the parts of a step, in float64 PyTorch, importing nothing of augself.

    python3 tests/golden/parts.py tests/golden/parts.safetensors

ResNet-18 and -50 with the imagenet stem on 50 x 50 images (so that odd sides occur), in evaluation mode and there
and back, with every gradient; and each loss alone. reference.py says how it is stored.
"""
import sys

import torch.nn.functional as F

import reference
from reference import cosine, draw, mse_tanh, normalised

B, SIZE, WIDTH, KEEP = 6, 50, 4, 128
MEAN, STD = (0.4914, 0.4822, 0.4465), (0.2470, 0.2435, 0.2616)
MARGIN = 1e-6


def backbone(out, arch):
    """One network alone: y in evaluation mode, then y and every gradient in training mode under a given dy."""
    model = reference.ResNet(arch, "imagenet", WIDTH)
    reference.start(model)
    x = normalised(reference.images("view", B, SIZE), MEAN, STD)
    model.eval()
    out.group("eval", {"y": model(x)})
    model.train()
    y = model(x)
    y.backward(draw("dy", y.shape, -1, 1))
    out.group("train", {"y": y})
    out.network("grad", {k: p.grad for k, p in model.named_parameters()}, keep=KEEP)
    out.network("buffer", dict(model.named_buffers()), keep=KEEP)


def simsiam(p1, p2, z1, z2):
    return -(cosine(p1, z2) + cosine(p2, z1)) / 2


def loss(out, name, function, *inputs):
    for t in inputs:
        t.requires_grad_()
    value = function(*inputs)
    value.backward()
    out.group(name, {"loss": value, **{"grad%d" % i: t.grad for i, t in enumerate(inputs)}})


def losses(out):
    p1, p2, z1, z2 = (draw("simsiam." + n, (7, 33), -2, 2) for n in ("p1", "p2", "z1", "z2"))
    loss(out, "simsiam", lambda a, b: simsiam(a, b, z1, z2), p1, p2)
    p, d = draw("mse_tanh.p", (9, 4), -2, 2), draw("mse_tanh.d", (9, 4), -1, 1)
    loss(out, "mse_tanh", lambda a: mse_tanh(a, d), p)
    p, d = draw("bce.p", (9, 1), -8, 8), (draw("bce.d", (9, 1), 0, 1) < 0.5).double()
    loss(out, "bce", lambda a: F.binary_cross_entropy_with_logits(a, d), p)
    p, d = draw("ce.p", (9, 4), -8, 8), (draw("ce.d", (9,), 0, 4)).long()
    loss(out, "ce", lambda a: F.cross_entropy(a, d), p)


CASES = {"imagenet18_2/": (backbone, "resnet18"), "imagenet50_10/": (backbone, "resnet50"), "loss0/": (losses,)}


def main():
    out, good = reference.Reference("tests/golden/parts.py"), True
    for name, (function, *args) in CASES.items():
        reference.set_case(name)
        function(out, *args)
        nearest = min(reference.closest, default=1)
        print("%-15s the nearest kink is %.2g away" % (name, nearest))
        good = good and nearest >= MARGIN
    out.write(sys.argv[1])
    return 0 if good else "a kink lies too near: choose another number in CASES"


if __name__ == "__main__":
    sys.exit(main())
