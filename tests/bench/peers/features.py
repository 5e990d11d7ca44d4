"""features.py ARCH SIZE BATCH HINT: features of a ResNet in OpenVINO.

HINT is latency (one request at a time) or throughput (as many as OpenVINO asks for), with
-bf16 for bfloat16 instead of float32.
ResNets of up to 64 pixels have CIFAR's stem.
"""
import sys

import numpy as np
import openvino as ov
import torch
import torchvision
from torch import nn

from serve import THREADS, serve

arch, size, batch = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
hint, _, bf16 = sys.argv[4].partition("-")
net = getattr(torchvision.models, arch)()
net.fc = nn.Identity()
if size <= 64:
    net.conv1 = nn.Conv2d(3, 64, 3, padding=1, bias=False)
    net.maxpool = nn.Identity()
shape = (batch, 3, size, size)
model = ov.convert_model(net.eval(), input=[shape], example_input=torch.zeros(shape))
compiled = ov.Core().compile_model(model, "CPU", {
    "INFERENCE_PRECISION_HINT": bf16 or "f32", "INFERENCE_NUM_THREADS": THREADS, "PERFORMANCE_HINT": hint.upper()})
requests = compiled.get_property("OPTIMAL_NUMBER_OF_INFER_REQUESTS") if hint == "throughput" else 1
queue = ov.AsyncInferQueue(compiled, requests)
x = np.random.default_rng(0).standard_normal(shape, dtype=np.float32)


def run():
    for _ in range(2 * requests if requests > 1 else 1):
        queue.start_async(x, share_inputs=True)
    queue.wait_all()
    return batch * (2 * requests if requests > 1 else 1)


serve(run)
