#!/usr/bin/env python3
"""Weights of every backbone with torchvision's names, and the features of some images in evaluation mode, in float64
PyTorch, importing nothing of augself.

    python3 tests/golden/backbones.py tests/golden

writes ARCH-STEM.safetensors: a thin network (2 4 8 16 channels; bottlenecks 8 16 32 64) as torchvision's state_dict
has it, classifier and all, in float16 so that the files stay small (the values are float16's own, so nothing is lost),
and behind it, as reference.py stores values, the features of four images of 50 x 50 pixels in [0,1] under ImageNet's
mean and std. Every tensor but the classifier is proved to matter to them.
"""
import sys

import torch

import reference
from reference import FIRST, normalised

WIDTH, IMAGES, SIZE, CLASSES = 2, 4, 50, 10
MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


def features(net):
    with torch.no_grad():
        return net(normalised(reference.images("images", IMAGES, SIZE), MEAN, STD))


def build(arch, stem):
    """Batch norms hold the images' own statistics, so that every layer is alive; float16 can say every value."""
    net = reference.ResNet(arch, stem, WIDTH)
    net.fc = torch.nn.Linear(net.d, CLASSES)
    reference.start(net)
    for norm in (m for m in net.modules() if isinstance(m, torch.nn.BatchNorm2d)):
        norm.momentum = 1
    features(net)
    return net.half().double().eval()


def weakest(net):
    """The tensor that features depend on least: how much they change when it is as if never read, and its name."""
    y, least = features(net), (1, "")
    for name, t in net.state_dict().items():
        if name.startswith("fc.") or not t.dim():
            continue
        was = t.clone()
        t.fill_(1 if name.endswith("running_var") or t.dim() == 1 and name.endswith("weight") else 0)
        least = min(least, ((features(net) - y).abs().max().item() / y.abs().max().item(), name))
        t.copy_(was)
    return least


def main():
    torch.set_num_threads(1)
    good = True
    for arch in reference.RESNETS:
        for stem in ("cifar", "imagenet"):
            reference.set_case("%s-%s/" % (arch, stem))
            out, net = reference.Reference("tests/golden/backbones.py"), build(arch, stem)
            for name, t in net.state_dict().items():
                out.tensors.append((name, t.numpy() if t.dtype == torch.int64 else t.numpy().astype("<f2")))
            out.group("features", {"y": features(net)})
            out.write("%s/%s-%s.safetensors" % (sys.argv[1], arch, stem))
            least, name = weakest(net)
            print("%s-%s: without %s features are off by %.2g of the largest" % (arch, stem, name, least))
            good = good and least > 100 * FIRST
    return 0 if good else "a tensor does not matter"


if __name__ == "__main__":
    sys.exit(main())
