"""What the reference scripts share: the formula that makes inputs, networks with torchvision's names, the
AugSelf loss, and how values are stored. All in float64 PyTorch, importing nothing of augself.

Inputs and initial parameters are not stored: both sides make them by the same formula. u(name, i), uniform
in [0,1), is the 32-bit murmur3 finaliser of fnv1a(name) + i * 0x9e3779b9 (mod 2^32), over 2^32; a value of a
tensor is lo + (hi - lo) * u in double, rounded once to float32. reference.h has the same few lines. NAME begins
with the case, such as moco25/: the numbers are chosen so that no ReLU input lies where float32 might see the
other side of 0 than float64 (`closest`, checked by the scripts), which would make a right gradient look wrong.

Stored is one float32 tensor for each group of tensors, CASE/GROUP: its pieces one behind the other, those of
networks sorted by name. The C test allows |got - t_i| up to the group's share of the piece's largest stored value
(and, for how far a parameter moved, the rounding of the float32 updates). Where |t_i| is below FLOOR x what is
allowed, the value is stored as 0 and ours need only be as small: so a change of any stored value by 1 % is at
least twice what is allowed, and none can go unnoticed. A piece that is nothing but rounding noise (the gradient
of a bias that a later batch norm takes out again) is stored as zeros. Of a tensor of more than `keep` values a
sample is stored, t[0], t[s], t[2s], ..., s = the first number >= n/keep that neither 2 nor 3 divides, and behind
it, as a piece of its own, two sums over all of t: sum_i +-t_i (+ where u(NAME#, i) < 1/2) and the norm. What the
sample leaves out, they see.
"""
import json
import math
import struct

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

FIRST, LAST = 1e-5, 1e-4  # shares of the largest value that are allowed after one pass, and after some steps
FLOOR = 200  # times what is allowed: 1 % of a stored value is at least twice that
torch.set_default_dtype(torch.float64)


# --- the formula both sides know

case = ""  # what every name begins with


def set_case(name):
    global case
    case = name
    closest.clear()


def u(name, n):
    key = 2166136261
    for c in (case + name).encode():
        key = (key ^ c) * 16777619 & 0xFFFFFFFF
    x = (np.uint64(key) + np.arange(n, dtype=np.uint64) * np.uint64(0x9E3779B9)) & np.uint64(0xFFFFFFFF)
    for shift, mul in ((16, 0x85EBCA6B), (13, 0xC2B2AE35)):
        x = (x ^ (x >> np.uint64(shift))) * np.uint64(mul) & np.uint64(0xFFFFFFFF)
    return (x ^ (x >> np.uint64(16))).astype(np.float64) / 2.0**32


def draw(name, shape, lo, hi):
    values = (lo + (hi - lo) * u(name, math.prod(shape))).astype(np.float32)
    return torch.from_numpy(values.reshape(shape)).to(torch.get_default_dtype())


def ours(name):
    """The backbone's tensors are named as torchvision names them, the others PREFIX.rest."""
    return name.removeprefix("backbone.")


def initial(name, t, last):
    """Parameters and buffers by name: weights U(+-1/sqrt(fan_in)); gammas around 1 so that no path is dark, but for
    the `last` of each block: blocks at full strength, one on another, would make float32 chaotic."""
    if not t.dim():  # counts
        return torch.zeros_like(t)
    if name == "queue":
        return normalise(draw(name, t.shape, -1, 1).double()).float().to(t.dtype)
    if name.endswith("running_var"):
        return draw(name, t.shape, 0.5, 1.5)
    if t.dim() > 1:
        a = 1 / math.sqrt(t[0].numel())
        return draw(name, t.shape, -a, a)
    if name.endswith(last):
        return draw(name, t.shape, 0.1, 0.3)
    gamma = name.endswith("weight")
    return draw(name, t.shape, 0.5, 1.5) if gamma else draw(name, t.shape, -0.25, 0.25)


def start(model):
    """Sets everything in the model to its start, and returns a copy by our names."""
    tensors = model.state_dict()
    last = "bn3.weight" if any(k.endswith("bn3.weight") for k in tensors) else "bn2.weight"
    model.load_state_dict({k: initial(ours(k), t, last) for k, t in tensors.items()})
    return {ours(k): t.clone() for k, t in model.state_dict().items()}


def images(name, count, size):
    """Pixels 0..255 over 255, rows of RGB."""
    return torch.from_numpy(np.floor(256 * u(name, count * size * size * 3)) / 255).reshape(count, size, size, 3)


def normalised(x, mean, std):
    x = (x - torch.tensor(mean, dtype=torch.float64)) / torch.tensor(std, dtype=torch.float64)
    return x.permute(0, 3, 1, 2).contiguous().to(torch.get_default_dtype())


# --- the networks

closest = []  # distance to the nearest kink - of a ReLU, of max-pooling - in each call that a gradient goes through


def relu(x):
    if torch.is_grad_enabled():
        closest.append(x.detach().abs().min().item())
    return F.relu(x)


def max_pool(x):
    """3x3, stride 2. Its kinks are where a window's two largest values are equal, unless no gradient passes them."""
    if torch.is_grad_enabled():
        windows = F.unfold(F.pad(x.detach(), (1, 1, 1, 1)).flatten(0, 1)[:, None], 3, stride=2)
        top = windows.topk(2, 1).values
        closest.append((top[:, 0] - top[:, 1])[top[:, 0] > 0].min().item())
    return F.max_pool2d(x, 3, 2, 1)


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


RESNETS = {"resnet18": (Basic, (2, 2, 2, 2)), "resnet34": (Basic, (3, 4, 6, 3)), "resnet50": (Bottleneck, (3, 4, 6, 3))}


class ResNet(nn.Module):
    """`width` channels behind the stem (torchvision: 64); features are the global average."""

    def __init__(self, arch, stem, width):
        super().__init__()
        block, counts = RESNETS[arch]
        self.pool = stem == "imagenet"
        self.conv1 = nn.Conv2d(3, width, 7, 2, 3, bias=False) if self.pool else conv(3, width, 3, 1)
        self.bn1, i = nn.BatchNorm2d(width), width
        for n, count in enumerate(counts):
            o, blocks = width << n, []
            for b in range(count):
                blocks.append(block(i, o, 2 if n and not b else 1))
                i = o * block.expansion
            self.add_module("layer%d" % (n + 1), nn.Sequential(*blocks))
        self.d = i

    def forward(self, x):
        x = relu(self.bn1(self.conv1(x)))
        x = max_pool(x) if self.pool else x
        return self.layer4(self.layer3(self.layer2(self.layer1(x)))).mean((2, 3))


def mlp(*widths, last_bn=False):
    """Linear(no bias)-BN-ReLU ...; the last Linear with a bias, or a BN without ReLU behind it."""
    layers = []
    for n, (i, o) in enumerate(zip(widths, widths[1:])):
        last = n == len(widths) - 2
        if last and not last_bn:
            layers += [nn.Linear(i, o)]
        else:
            layers += [nn.Linear(i, o, bias=False), nn.BatchNorm1d(o)] + ([] if last else [ReLU()])
    return nn.Sequential(*layers)


# --- numerics

def normalise(x):
    return x / x.norm(dim=1, keepdim=True).clamp(min=1e-12)


def cosine(a, b):
    """Mean over rows."""
    return ((a * b).sum(1) / ((a * a).sum(1) * (b * b).sum(1)).clamp(min=1e-16).sqrt()).mean()


# --- omega and targets; the loss of a head

COLUMNS = {  # of omega: ranges
    "crop": 2 * [(0, 0.4)] + 2 * [(0.2, 0.6)], "flip": [(0, 1)], "color": 4 * [(-0.5, 0.5)],
    "blur": [(0, 1)], "solarize": [(0, 1)], "rotation": [(0, 4)]}
WIDTHS = {"crop": 4, "color": 4, "flip": 1, "blur": 1, "rotation": 4, "solarize": 1}


def omegas(step, view, rows):
    """By operation; flip and rotation are whole numbers."""
    name = "step%d.omega%d." % (step, view)
    w = {op: torch.stack([draw("%s%s%d" % (name, op, c), (rows,), *r) for c, r in enumerate(ranges)], 1)
         for op, ranges in COLUMNS.items()}
    w["flip"] = (w["flip"] < 0.5).to(w["flip"].dtype)
    w["rotation"] = w["rotation"].floor()
    return w


def target(name, a, b, compat=()):
    if name == "crop":
        ca, cb = (v["crop"][:, 0:2] + v["crop"][:, 2:4] / 2 for v in (a, b))
        mirror = 1 - 2 * a["flip"][:, 0]
        return torch.stack([ca[:, 0] - cb[:, 0], mirror * (ca[:, 1] - cb[:, 1]),
                            a["crop"][:, 2] - b["crop"][:, 2], a["crop"][:, 3] - b["crop"][:, 3]], 1)
    if name == "flip":
        return (a["flip"] == b["flip"]).to(a["flip"].dtype)
    if name == "rotation":
        return (a["rotation"] - b["rotation"])[:, 0].remainder(4).long()
    sigma = 2 if name == "blur" and "blur-raw" in compat else 1  # omega is sigma / 2
    return sigma * (a[name] - b[name])


def mse_tanh(p, d):
    return ((p.tanh() - d) ** 2).mean()


def head_loss(name, p, d, compat=()):
    if name == "flip":
        return F.binary_cross_entropy_with_logits(p, d)
    if name == "rotation":
        return F.cross_entropy(p, d)
    if name == "solarize" and "solarize-broadcast" in compat:
        return ((p.tanh() - d[:, 0]) ** 2).mean()  # (rows,1) - (rows): every output with every target
    return mse_tanh(p, d)


# --- what is written

class Reference:
    def __init__(self, made_by):
        self.made_by, self.tensors = made_by, []

    def group(self, name, tensors, share=FIRST, keep=1 << 62, first=None, steps=0):
        """`first`: where tensors started, for those that say how far they moved in `steps` updates since.
        share: one for all, or one for each."""
        tensors = {ours(k): t.detach().double().reshape(-1).numpy() for k, t in tensors.items()}
        largest = max(np.abs(t).max() for t in tensors.values())
        pieces = []
        for n, (k, t) in enumerate(tensors.items()):
            rounding = steps * 2.0**-24 * first[k].abs().max().item() if first else 0
            noise = np.abs(t).max() <= 1e-10 * largest
            pieces += stored(k, 0 * t if noise else t, share[n] if isinstance(share, list) else share, keep, rounding)
        self.tensors.append((case + name, np.concatenate(pieces)))

    def network(self, name, tensors, **how):
        self.group(name, {k: tensors[k] for k in sorted(tensors, key=ours)}, **how)

    def write(self, path):
        header, at = {"__metadata__": {"format": "pt", "made_by": self.made_by}}, 0
        kinds = {"float16": "F16", "float32": "F32", "int64": "I64"}
        for name, t in self.tensors:
            header[name] = {"dtype": kinds[t.dtype.name], "shape": list(t.shape), "data_offsets": [at, at + t.nbytes]}
            at += t.nbytes
        text = json.dumps(header, separators=(",", ":")).encode()
        text += b" " * (-(8 + len(text)) % 64)
        with open(path, "wb") as f:
            f.write(struct.pack("<Q", len(text)) + text + b"".join(t.tobytes() for _, t in self.tensors))


def stored(name, t, share, keep, rounding):
    stride = max(1, -(-t.size // keep))
    while stride > 1 and (stride % 2 == 0 or stride % 3 == 0):
        stride += 1
    pieces = [floored(t[::stride], share, rounding)]
    if stride > 1:
        sign = np.where(u(name + "#", t.size) < 0.5, 1.0, -1.0)
        sums = np.array([(sign * t).sum(), np.sqrt((t * t).sum())])
        pieces.append(floored(sums, share, rounding * np.sqrt(t.size)))
    return pieces


def floored(values, share, rounding):
    small = np.abs(values) < FLOOR * (share * np.abs(values).max() + rounding)
    return np.where(small, 0, values).astype("<f4")
