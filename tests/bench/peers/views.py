"""views.py INPUTS PRESET KIND: two views of images on one core.

PRESET is cifar (32 pixels, no blur), stl10 (96) or imagenet (224, from JPEGs); KIND is
albumentations (with OpenCV), torchvision (v2, on uint8 tensors) or pillow (v2, on PIL images).
A unit is a view, and for imagenet an image.
"""
import io
import pathlib
import sys

import numpy as np

import policy
from serve import serve

inputs, preset, kind = pathlib.Path(sys.argv[1]), sys.argv[2], sys.argv[3]
side = {"cifar": 32, "stl10": 96, "imagenet": 224}[preset]
if preset == "imagenet":
    jpegs = [p.read_bytes() for p in sorted(inputs.glob("photo-*.jpg"))]
else:
    pixels = np.fromfile(inputs / f"pixels-{side}.u1", np.uint8).reshape(-1, side, side, 3)


def albumentations():
    import cv2
    change = policy.albumentations(side)

    def decode(jpeg):
        return cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR_RGB)
    return (lambda x: change(image=x)["image"]), decode, None if preset == "imagenet" else list(pixels)


def torchvision(pil):
    import torch
    from PIL import Image
    from torchvision.io import ImageReadMode, decode_jpeg
    torch.set_num_threads(1)
    change = policy.torchvision(side)
    if pil:
        return change, lambda j: Image.open(io.BytesIO(j)).convert("RGB"), \
            None if preset == "imagenet" else [Image.fromarray(x) for x in pixels]

    def decode(jpeg):
        return decode_jpeg(torch.frombuffer(bytearray(jpeg), dtype=torch.uint8), ImageReadMode.RGB)
    return change, decode, \
        None if preset == "imagenet" else [torch.from_numpy(x).permute(2, 0, 1).contiguous() for x in pixels]


change, decode, images = albumentations() if kind == "albumentations" else torchvision(kind == "pillow")


def run():
    for x in images or map(decode, jpegs):
        change(x), change(x)
    return 2 * len(images) if images else len(jpegs)


serve(run)
