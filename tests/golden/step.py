#!/usr/bin/env python3
"""Reference of the training step, in float64 PyTorch, importing nothing of augself.

    python3 tests/golden/step.py tests/golden/step.safetensors

SimSiam + AugSelf(crop, color) on a thin ResNet-18 (channels 4 8 16 32, 16 x 16 images, batch 6): forward,
loss parts, every gradient, batch-norm buffers after the first step; every parameter after three steps of SGD.
Besides: ResNet-18 and -50 with the imagenet stem on 50 x 50 images (so that odd sides occur), in evaluation mode
and there and back, and each
loss alone. SPEC sections 2 (targets), 3 (AugSelf loss), 4 (SimSiam, batch norm, SGD) say what is computed.

Inputs and initial parameters are not stored: both sides make them by the same formula. u(name, i), uniform
in [0,1), is the 32-bit murmur3 finaliser of fnv1a(name) + i * 0x9e3779b9 (mod 2^32), over 2^32; a value of a
tensor is lo + (hi - lo) * u in double, rounded once to float32. step.c has the same few lines. NAME begins with
the case, such as train21/: the numbers are chosen so that no ReLU input lies where float32 might see the other
side of 0 than float64 (MARGIN, checked here), which would make a right gradient look wrong.

Stored values: a tensor t is written as float32. step.c allows |got - t_i| up to ALLOWED x the tensor's largest
stored value (and, for how far a parameter moved, the rounding of three float32 updates). Where |t_i| is below
FLOOR x what is allowed, the value is stored as 0 and ours need only be as small: so a change of any stored
value by 1 % is at least twice what is allowed, and none can go unnoticed. A tensor that is nothing but rounding
noise (the gradient of a bias that a later batch norm takes out again) is stored as zeros. A tensor of more than
KEEP values is stored as a sample, t[0], t[s], t[2s], ..., s = the first number >= n/KEEP that neither 2 nor 3
divides. `NAME#` holds two sums over all of t, sum_i +-t_i (+ where u(NAME#, i) < 1/2) and its norm: what the
sample leaves out, they see.
"""
import json
import math
import struct
import sys

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

B, SIZE, WIDTH, HIDDEN, PRED, HEAD = 6, 16, 4, 32, 8, 24
MEAN, STD = (0.4914, 0.4822, 0.4465), (0.2470, 0.2435, 0.2616)
LR, LR_PREDICTOR, MOMENTUM, DECAY = 0.75 * 0.008, 0.008, 0.9, 5e-3  # the cosine's epoch 1 of 3: (1 + cos(pi/3)) / 2 = 3/4
LAMBDA = {"crop": 1.0, "color": 2.0}
ALLOWED = {"first": 5e-5, "third": 3e-4}  # of the largest; what step.c allows, after one pass and after three steps
FLOOR = 200  # times what is allowed: 1 % of a stored value is at least twice that
STEPS, KEEP = 3, 256
CASES = {"train": 21, "imagenet18": 4, "imagenet50": 10, "loss": 0}
MARGIN = 1.5e-6
torch.set_default_dtype(torch.float64)


# --- the formula both sides know

def u(name, n):
    key = 2166136261
    for c in (case + name).encode():
        key = (key ^ c) * 16777619 & 0xFFFFFFFF
    x = (np.uint64(key) + np.arange(n, dtype=np.uint64) * np.uint64(0x9E3779B9)) & np.uint64(0xFFFFFFFF)
    for shift, mul in ((16, 0x85EBCA6B), (13, 0xC2B2AE35)):
        x = (x ^ (x >> np.uint64(shift))) * np.uint64(mul) & np.uint64(0xFFFFFFFF)
    return (x ^ (x >> np.uint64(16))).astype(np.float64) / 2.0**32


case = ""  # what every name begins with


def draw(name, shape, lo, hi):
    values = (lo + (hi - lo) * u(name, math.prod(shape))).astype(np.float32)
    return torch.from_numpy(values.reshape(shape).astype(np.float64))


def ours(name):
    """The backbone's tensors are named as torchvision names them, the others PREFIX.rest."""
    return name.removeprefix("backbone.")


def initial(name, t):
    """Parameters and buffers by name: weights U(+-1/sqrt(fan_in)), gammas around 1 so that no path is dark."""
    if name.endswith("num_batches_tracked"):
        return torch.zeros((), dtype=torch.int64)
    if name.endswith("running_var"):
        return draw(name, t.shape, 0.5, 1.5)
    if t.dim() > 1:
        a = 1 / math.sqrt(t[0].numel())
        return draw(name, t.shape, -a, a)
    if name.endswith("bn3.weight"):  # sixteen bottlenecks at full strength would make float32 chaotic
        return draw(name, t.shape, 0.1, 0.3)
    return draw(name, t.shape, 0.5, 1.5) if name.endswith("weight") else draw(name, t.shape, -0.25, 0.25)  # gamma; the rest


# --- the networks, with torchvision's names

closest = []  # |ReLU input| nearest to 0, of each call


def relu(x):
    closest.append(x.detach().abs().min().item())
    return F.relu(x)


class ReLU(nn.Module):
    def forward(self, x):
        return relu(x)


def conv(i, o, k, stride):
    return nn.Conv2d(i, o, k, stride, k // 2, bias=False)


class Basic(nn.Module):
    expansion = 1

    def __init__(self, i, width, stride):
        super().__init__()
        self.conv1, self.bn1 = conv(i, width, 3, stride), nn.BatchNorm2d(width)
        self.conv2, self.bn2 = conv(width, width, 3, 1), nn.BatchNorm2d(width)
        if stride != 1 or i != width:
            self.downsample = nn.Sequential(conv(i, width, 1, stride), nn.BatchNorm2d(width))

    def forward(self, x):
        short = self.downsample(x) if hasattr(self, "downsample") else x
        x = relu(self.bn1(self.conv1(x)))
        return relu(self.bn2(self.conv2(x)) + short)


class Bottleneck(nn.Module):
    """v1.5: the stride sits in the 3x3."""
    expansion = 4

    def __init__(self, i, width, stride):
        super().__init__()
        self.conv1, self.bn1 = conv(i, width, 1, 1), nn.BatchNorm2d(width)
        self.conv2, self.bn2 = conv(width, width, 3, stride), nn.BatchNorm2d(width)
        self.conv3, self.bn3 = conv(width, 4 * width, 1, 1), nn.BatchNorm2d(4 * width)
        if stride != 1 or i != 4 * width:
            self.downsample = nn.Sequential(conv(i, 4 * width, 1, stride), nn.BatchNorm2d(4 * width))

    def forward(self, x):
        short = self.downsample(x) if hasattr(self, "downsample") else x
        x = relu(self.bn1(self.conv1(x)))
        x = relu(self.bn2(self.conv2(x)))
        return relu(self.bn3(self.conv3(x)) + short)


class ResNet(nn.Module):
    def __init__(self, block, counts, stem, width):
        super().__init__()
        self.pool = stem == "imagenet"
        self.conv1 = nn.Conv2d(3, width, 7, 2, 3, bias=False) if self.pool else conv(3, width, 3, 1)
        self.bn1, i = nn.BatchNorm2d(width), width
        for n, count in enumerate(counts):
            o, blocks = width << n, []
            for b in range(count):
                blocks.append(block(i, o, 2 if n and not b else 1))
                i = o * block.expansion
            self.add_module("layer%d" % (n + 1), nn.Sequential(*blocks))

    def forward(self, x):
        x = relu(self.bn1(self.conv1(x)))
        x = F.max_pool2d(x, 3, 2, 1) if self.pool else x
        return self.layer4(self.layer3(self.layer2(self.layer1(x)))).mean((2, 3))


def mlp(*widths, last_bn):
    """Linear(no bias)-BN-ReLU ...; the last Linear with a bias, or a BN without ReLU behind it."""
    layers = []
    for n, (i, o) in enumerate(zip(widths, widths[1:])):
        last = n == len(widths) - 2
        if last and not last_bn:
            layers += [nn.Linear(i, o)]
        else:
            layers += [nn.Linear(i, o, bias=False), nn.BatchNorm1d(o)] + ([] if last else [ReLU()])
    return nn.Sequential(*layers)


class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.backbone = ResNet(Basic, (2, 2, 2, 2), "cifar", WIDTH)
        d = 8 * WIDTH
        self.projector = mlp(d, HIDDEN, HIDDEN, last_bn=True)
        self.predictor = mlp(HIDDEN, PRED, HIDDEN, last_bn=False)
        self.augself = nn.ModuleDict({k: mlp(2 * d, HEAD, HEAD, 4, last_bn=False) for k in LAMBDA})


# --- SPEC 2: omega and targets; SPEC 3 and 4: losses

def omegas(step, view):
    """Columns crop i j h w, flip, color b c s h, one row an image."""
    name = "step%d.omega%d" % (step, view)
    ranges = 2 * [(0, 0.4)] + 2 * [(0.2, 0.6)] + [(0, 1)] + 4 * [(-0.5, 0.5)]
    w = torch.stack([draw("%s.%d" % (name, c), (B,), *r) for c, r in enumerate(ranges)], 1)
    w[:, 4] = (w[:, 4] < 0.5).double()
    return w


def target(name, a, b):
    if name == "color":
        return a[:, 5:9] - b[:, 5:9]
    ca, cb, mirror = a[:, 0:2] + a[:, 2:4] / 2, b[:, 0:2] + b[:, 2:4] / 2, 1 - 2 * a[:, 4]
    return torch.stack([ca[:, 0] - cb[:, 0], mirror * (ca[:, 1] - cb[:, 1]),
                        a[:, 2] - b[:, 2], a[:, 3] - b[:, 3]], 1)


def simsiam(p1, p2, z1, z2):
    def cos(a, b):
        return ((a * b).sum(1) / ((a * a).sum(1) * (b * b).sum(1)).clamp(min=1e-16).sqrt()).mean()
    return -(cos(p1, z2.detach()) + cos(p2, z1.detach())) / 2


def mse_tanh(p, d):
    return ((p.tanh() - d) ** 2).mean()


def pixels(name, size=SIZE):
    return np.floor(256 * u(name, B * size * size * 3)).reshape(B, size, size, 3)


def normalised(x):
    x = (torch.from_numpy(x) / 255 - torch.tensor(MEAN)) / torch.tensor(STD)
    return x.permute(0, 3, 1, 2).contiguous()


def losses(model, step):
    y = [model.backbone(normalised(pixels("step%d.view%d" % (step, v)))) for v in (1, 2)]
    z = [model.projector(t) for t in y]
    p = [model.predictor(t) for t in z]
    w = [omegas(step, v) for v in (1, 2)]
    parts = {"method": simsiam(p[0], p[1], z[0], z[1])}
    rows = torch.cat([torch.cat([y[0], y[1]], 1), torch.cat([y[1], y[0]], 1)])
    for k, head in model.augself.items():
        d = torch.cat([target(k, w[0], w[1]), target(k, w[1], w[0])])
        parts[k] = mse_tanh(head(rows), d)
    parts["total"] = parts["method"] + sum(LAMBDA[k] * parts[k] for k in LAMBDA)
    return y, parts


# --- what is written

class Reference:
    def __init__(self):
        self.tensors = []

    def group(self, prefix, tensors, when="first", keep=1 << 62, first=None):
        """`first`: where parameters started, for tensors that say how far they moved since."""
        tensors = {ours(k): t.detach().double().reshape(-1).numpy() for k, t in tensors.items()}
        largest = max(np.abs(t).max() for t in tensors.values())
        for name, t in tensors.items():
            rounding = STEPS * 2.0**-24 * first[name].abs().max().item() if first else 0
            self.put(prefix + name, t if np.abs(t).max() > 1e-10 * largest else 0 * t, ALLOWED[when], keep, rounding)

    def put(self, name, t, allowed, keep, rounding):
        stride = max(1, -(-t.size // keep))
        while stride > 1 and (stride % 2 == 0 or stride % 3 == 0):
            stride += 1
        self.raw(name, t[::stride], allowed, rounding)
        if t.size > 1:
            sign = np.where(u(name + "#", t.size) < 0.5, 1.0, -1.0)
            sums = np.array([(sign * t).sum(), np.sqrt((t * t).sum())])
            self.raw(name + "#", sums, allowed, rounding * np.sqrt(t.size))

    def raw(self, name, values, allowed, rounding):
        small = np.abs(values) < FLOOR * (allowed * np.abs(values).max() + rounding)
        self.tensors.append((case + name, np.where(small, 0, values).astype("<f4")))

    def write(self, path):
        header, at = {"__metadata__": {"format": "pt", "made_by": "tests/golden/step.py"}}, 0
        for name, t in self.tensors:
            header[name] = {"dtype": "F32", "shape": list(t.shape), "data_offsets": [at, at + t.nbytes]}
            at += t.nbytes
        text = json.dumps(header, separators=(",", ":")).encode()
        text += b" " * (-(8 + len(text)) % 64)
        with open(path, "wb") as f:
            f.write(struct.pack("<Q", len(text)) + text + b"".join(t.tobytes() for _, t in self.tensors))


def start(model):
    model.load_state_dict({k: initial(ours(k), t) for k, t in model.state_dict().items()})
    return {ours(k): t.clone() for k, t in model.state_dict().items()}


def gradients(model):
    return {k: p.grad for k, p in model.named_parameters()}


def buffers(model):
    return dict(model.named_buffers())


def training(out):
    """The whole step, three times; each with views and omegas of its own."""
    model = Model()
    first = start(model)
    groups = [dict(params=[p for k, p in model.named_parameters() if not k.startswith("predictor.")], lr=LR),
              dict(params=model.predictor.parameters(), lr=LR_PREDICTOR)]
    sgd = torch.optim.SGD(groups, momentum=MOMENTUM, weight_decay=DECAY)
    for step in range(STEPS):
        y, parts = losses(model, step)
        sgd.zero_grad()
        parts["total"].backward()
        when = "first" if step == 0 else "third"
        for k, v in parts.items():
            out.group("step%d.loss." % step, {k: v}, when)
        if step == 0:
            out.group("step0.", {"y1": y[0], "y2": y[1]})
            out.group("step0.grad.", gradients(model))
            out.group("step0.buffer.", buffers(model))
        sgd.step()
    moved = {k: p - first[ours(k)] for k, p in model.named_parameters()}
    out.group("step2.moved.", moved, "third", KEEP, first)
    out.group("step2.buffer.", buffers(model), "third")
    model.eval()
    out.group("step2.", {"eval.y": model.backbone(normalised(pixels("step0.view1")))}, "third")


def backbone(out, block, counts, size):
    """One network alone: y in evaluation mode, then y and every gradient in training mode under a given dy."""
    model = nn.Module()
    model.backbone = ResNet(block, counts, "imagenet", WIDTH)
    start(model)
    x = normalised(pixels("view", size))
    model.eval()
    out.group("", {"eval.y": model.backbone(x)})
    model.train()
    y = model.backbone(x)
    y.backward(draw("dy", y.shape, -1, 1))
    out.group("", {"y": y})
    out.group("grad.", gradients(model), keep=KEEP)
    out.group("buffer.", buffers(model))


def loss(out, name, function, *inputs):
    for t in inputs:
        t.requires_grad_()
    value = function(*inputs)
    value.backward()
    out.group(name + ".", {"loss": value})
    out.group(name + ".", {"grad%d" % i: t.grad for i, t in enumerate(inputs)})


def losses_alone(out):
    p1, p2, z1, z2 = (draw("simsiam." + n, (7, 33), -2, 2) for n in ("p1", "p2", "z1", "z2"))
    loss(out, "simsiam", lambda a, b: simsiam(a, b, z1, z2), p1, p2)
    p, d = draw("mse_tanh.p", (9, 4), -2, 2), draw("mse_tanh.d", (9, 4), -1, 1)
    loss(out, "mse_tanh", lambda a: mse_tanh(a, d), p)
    p, d = draw("bce.p", (9, 1), -8, 8), (draw("bce.d", (9, 1), 0, 1) < 0.5).double()
    loss(out, "bce", lambda a: F.binary_cross_entropy_with_logits(a, d), p)
    p, d = draw("ce.p", (9, 4), -8, 8), (draw("ce.d", (9,), 0, 4)).long()
    loss(out, "ce", lambda a: F.cross_entropy(a, d), p)


def run(out, name, function, *args):
    global case
    case = "%s%d/" % (name, CASES[name])
    closest.clear()
    function(out, *args)
    print("%s: the ReLU input nearest to 0 is %.2g" % (case, min(closest, default=1)))
    return min(closest, default=1) >= MARGIN


def main():
    out = Reference()
    good = run(out, "train", training)
    good &= run(out, "imagenet18", backbone, Basic, (2, 2, 2, 2), 50)
    good &= run(out, "imagenet50", backbone, Bottleneck, (3, 4, 6, 3), 50)
    good &= run(out, "loss", losses_alone)
    out.write(sys.argv[1])
    return 0 if good else "a ReLU input lies too near to 0: choose another number in CASES"


if __name__ == "__main__":
    sys.exit(main())
