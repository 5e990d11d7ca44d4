"""augself_torch: augself's networks in PyTorch, and PyTorch's in augself. Needs torch; `save` also augself.py beside it.

    ResNet(arch, stem, width)  torchvision's ResNet, for both stems and any width
    load(path)                 one with the weights of a model of ssl-train, ready to compute features
    load_into(net, path)       the same weights into a network of torchvision's, or any with its names
    save(net, path)            a network's weights as a file that feat-extract reads

augself-python(7) has examples.
"""

import json
import os

import torch
from torch import nn

__all__ = ["ResNet", "load", "load_into", "save", "read"]

# Blocks of each stage; whether they are bottlenecks.
ARCHS = {"resnet18": ((2, 2, 2, 2), False), "resnet34": ((3, 4, 6, 3), False), "resnet50": ((3, 4, 6, 3), True)}
IMAGENET = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225), 224  # mean, std, size
DTYPES = {"F32": torch.float32, "F16": torch.float16, "BF16": torch.bfloat16, "F64": torch.float64, "I64": torch.int64,
          "I32": torch.int32, "U8": torch.uint8, "BOOL": torch.bool}


# ---- networks ----


def _conv(a, b, r, stride=1):
    return nn.Conv2d(a, b, r, stride, r // 2, bias=False)


class _Block(nn.Module):
    """Two convolutions of 3x3, or with a bottleneck 1x1, 3x3, 1x1, beside a shortcut."""

    def __init__(self, a, width, stride, bottleneck):
        super().__init__()
        b = 4 * width if bottleneck else width
        self.conv1 = _conv(a, width, 1) if bottleneck else _conv(a, width, 3, stride)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = _conv(width, width, 3, stride if bottleneck else 1)
        self.bn2 = nn.BatchNorm2d(width)
        self.bottleneck = bottleneck
        if bottleneck:
            self.conv3 = _conv(width, b, 1)
            self.bn3 = nn.BatchNorm2d(b)
        self.downsample = None
        if stride != 1 or a != b:
            self.downsample = nn.Sequential(_conv(a, b, 1, stride), nn.BatchNorm2d(b))

    def forward(self, x):
        y = self.bn2(self.conv2(self.bn1(self.conv1(x)).relu()))
        if self.bottleneck:
            y = self.bn3(self.conv3(y.relu()))
        return (y + (x if self.downsample is None else self.downsample(x))).relu()


class ResNet(nn.Module):
    """torchvision's ResNet with its names, up to the global average: (n,3,S,S) normalised to (n,d). stem: "imagenet"
    (7x7, stride 2, max-pooling) or "cifar" (3x3). width: a factor for all channels. classes: with a layer fc behind.

    `mean`, `std` and `size` are those of the images it was trained on: see `normalise`."""

    def __init__(self, arch="resnet18", stem="imagenet", width=1.0, classes=0):
        super().__init__()
        blocks, bottleneck = ARCHS[arch]
        base = round(64 * width)
        if stem not in ("imagenet", "cifar"):
            raise ValueError(f"stem: {stem!r} is neither imagenet nor cifar")
        self.conv1 = _conv(3, base, 7, 2) if stem == "imagenet" else _conv(3, base, 3)
        self.bn1 = nn.BatchNorm2d(base)
        self.maxpool = nn.MaxPool2d(3, 2, 1) if stem == "imagenet" else nn.Identity()
        at = base
        for stage, n in enumerate(blocks):
            layer = []
            for i in range(n):
                layer.append(_Block(at, base << stage, 2 if stage and not i else 1, bottleneck))
                at = (base << stage) * (4 if bottleneck else 1)
            setattr(self, f"layer{stage + 1}", nn.Sequential(*layer))
        self.width = at  # of the features
        self.fc = nn.Linear(at, classes) if classes else nn.Identity()
        self.mean, self.std, self.size = IMAGENET

    def normalise(self, x):
        """Pixels in [0,1], (n,3,S,S), as the network takes them."""
        mean, std = (torch.tensor(v, dtype=x.dtype, device=x.device).view(1, 3, 1, 1) for v in (self.mean, self.std))
        return (x - mean) / std

    def features(self, x):
        x = self.maxpool(self.bn1(self.conv1(x)).relu())
        for layer in (self.layer1, self.layer2, self.layer3, self.layer4):
            x = layer(x)
        return x.mean((2, 3))

    def forward(self, x):
        return self.fc(self.features(x))


# ---- files ----


def read(path):
    """(tensors by name, metadata) of a safetensors file."""
    with open(path, "rb") as f:
        n = int.from_bytes(f.read(8), "little")
        header = json.loads(f.read(n))
        data = bytearray(f.read())
    meta = header.pop("__metadata__", {})
    tensors = {}
    for name, t in header.items():
        begin, end = t["data_offsets"]
        flat = torch.frombuffer(data, dtype=torch.uint8)[begin:end].clone()
        tensors[name] = flat.view(DTYPES[t["dtype"]]).reshape(t["shape"])
    return tensors, meta


def _lines(text):
    """The values of "name = value" lines; of several with one name the first."""
    pairs = [line.split(" = ", 1) for line in text.splitlines() if " = " in line]
    return dict(reversed([(k.strip(), v.strip()) for k, v in pairs]))


def _arch(t):
    blocks = tuple(len({k.split(".")[1] for k in t if k.startswith(f"layer{i}.")}) for i in range(1, 5))
    for name, form in ARCHS.items():
        if form == (blocks, "layer1.0.conv3.weight" in t):
            return name
    raise ValueError(f"no ResNet that is known here: its stages have {blocks} blocks")


def load(path, prefix="", stem=None):
    """The ResNet in a file of ssl-train, or of others with torchvision's names behind `prefix`; in evaluation mode. stem:
    where the file does not say it and the first convolution is 3x3."""
    tensors, meta = read(path)
    t = {k[len(prefix):]: v for k, v in tensors.items() if k.startswith(prefix)}
    recipe, policy = _lines(meta.get("recipe", "")), _lines(meta.get("policy", ""))
    if "conv1.weight" not in t:
        raise ValueError(f"{path}: no {prefix}conv1.weight: no ResNet, or one behind another prefix")
    filters, r = t["conv1.weight"].shape[0], t["conv1.weight"].shape[2]
    stem = recipe.get("stem") or stem or ("imagenet" if r == 7 else None)
    if not stem:
        raise ValueError(f"{path}: its first convolution is {r}x{r}: say stem='cifar' if it has stride 1 and no pooling")
    net = ResNet(_arch(t), stem, filters / 64, t["fc.weight"].shape[0] if "fc.weight" in t else 0)
    _fill(net, t, path)
    if policy:
        net.mean, net.std = (tuple(float(x) for x in policy[k].split()) for k in ("mean", "std"))
        net.size = int(policy["size"])
    return net.eval()


def _fill(net, tensors, path):
    """Copies what the network has; only fc may be missing."""
    own = net.state_dict()
    for name, t in own.items():
        if name not in tensors and not name.startswith("fc."):
            raise ValueError(f"{path}: tensor {name}: not in the file")
        if name in tensors and tensors[name].shape != t.shape:
            raise ValueError(
                f"{path}: tensor {name}: shape {tuple(tensors[name].shape)} where {tuple(t.shape)} is expected: "
                "another stem, width or depth; load(path) makes the network that the file is of"
            )
    net.load_state_dict({k: v for k, v in tensors.items() if k in own}, strict=False)


def load_into(net, path, prefix=""):
    """Copies the weights of a file into a network with torchvision's names and returns it. A layer fc that the file has
    not stays as it was; heads and projectors are left out."""
    tensors, _ = read(path)
    _fill(net, {k[len(prefix):]: v for k, v in tensors.items() if k.startswith(prefix)}, path)
    return net


def _stem(net):
    """What the stem is called, of a network with torchvision's names."""
    conv, pools = net.conv1, not isinstance(getattr(net, "maxpool", nn.Identity()), nn.Identity)
    seen = conv.kernel_size[0], conv.stride[0], pools
    for name, form in (("imagenet", (7, 2, True)), ("cifar", (3, 1, False))):
        if seen == form:
            return name
    raise ValueError(f"a stem of {seen[0]}x{seen[0]}, stride {seen[1]}, {'with' if pools else 'no'} pooling is not known to augself")


def save(net, path, mean=None, std=None, size=None):
    """Writes the weights of a network with torchvision's names. The file says the stem and, as feat-extract then cuts and
    normalises images, mean, std and size: the arguments, the network's own, or ImageNet's at 224."""
    import augself

    usual = (getattr(net, k, v) for k, v in zip(("mean", "std", "size"), IMAGENET))
    mean, std, size = (own if given is None else given for given, own in zip((mean, std, size), usual))
    policy = f"name = torch\nsize = {size}\n"
    for name, value in (("mean", mean), ("std", std)):
        policy += f"{name} = {' '.join(repr(float(x)) for x in value)}\n"
    policy += "op = crop\n"
    meta = {"xxh64": "0" * 16, "format": "pt", "recipe": f"stem = {_stem(net)}\n", "policy": policy}
    header, parts, at = {"__metadata__": meta}, [], 0
    for name, t in net.state_dict().items():
        t = t.detach().cpu().contiguous()
        t = t.float() if t.is_floating_point() else t.long()
        data = t.numpy().tobytes()
        kind = "F32" if t.is_floating_point() else "I64"
        header[name] = {"dtype": kind, "shape": list(t.shape), "data_offsets": [at, at + len(data)]}
        parts.append(data)
        at += len(data)
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-(8 + len(text)) % 64)
    start = len(text).to_bytes(8, "little") + text
    # The seal is the hash of the file with zeros in its place, which is after the first quote that follows xxh64.
    seal = augself.xxh64(start + b"".join(parts))
    place = start.index(b'"xxh64":"') + 9
    with open(f"{path}.part", "wb") as f:
        f.write(start[:place] + b"%016x" % seal + start[place + 16 :])
        f.writelines(parts)
    os.replace(f"{path}.part", path)
