"""step.py SIZE BATCH FORM: a step of SimSiam with AugSelf heads in PyTorch, written from the papers.

FORM is eager or compile, with -bf16 for autocast to bfloat16. Activations are channels_last,
SGD is the fused one, the batch lies in memory.
"""
import sys

import torch
import torch.nn.functional as F
from torch import nn
from torchvision.models import resnet18

from serve import THREADS, serve

size, batch, form = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
torch.set_num_threads(THREADS)
torch.manual_seed(0)


def mlp(*widths, last):
    layers = []
    for i, (a, b) in enumerate(zip(widths, widths[1:])):
        end = i == len(widths) - 2
        layers.append(nn.Linear(a, b, bias=end and last == "bias"))
        if not end or last == "norm":
            layers.append(nn.BatchNorm1d(b))
        if not end:
            layers.append(nn.ReLU(inplace=True))
    return nn.Sequential(*layers)


class AugSelf(nn.Module):
    def __init__(self):
        super().__init__()
        self.backbone = resnet18(zero_init_residual=True)
        self.backbone.fc = nn.Identity()
        if size <= 64:
            self.backbone.conv1 = nn.Conv2d(3, 64, 3, padding=1, bias=False)
            self.backbone.maxpool = nn.Identity()
        self.projector = mlp(512, 2048, 2048, last="norm")
        self.predictor = mlp(2048, 512, 2048, last="bias")
        self.heads = nn.ModuleList(mlp(1024, 512, 512, 4, last="bias") for _ in range(2))

    def forward(self, x1, x2, targets):
        y1, y2 = self.backbone(x1), self.backbone(x2)
        z1, z2 = self.projector(y1), self.projector(y2)
        p1, p2 = self.predictor(z1), self.predictor(z2)
        loss = -(F.cosine_similarity(p1, z2.detach()).mean() + F.cosine_similarity(p2, z1.detach()).mean()) / 2
        pairs = torch.cat([torch.cat([y1, y2], 1), torch.cat([y2, y1], 1)])
        for head, target in zip(self.heads, targets):
            loss = loss + .5 * F.mse_loss(torch.tanh(head(pairs)), target)
        return loss


model = AugSelf().to(memory_format=torch.channels_last).train()
sgd = torch.optim.SGD(model.parameters(), lr=.03 * batch / 256, momentum=.9, weight_decay=5e-4, fused=True)
views = [torch.randn(batch, 3, size, size).contiguous(memory_format=torch.channels_last) for _ in range(2)]
targets = [torch.rand(2 * batch, 4) - .5 for _ in range(2)]
forward = torch.compile(model) if form.startswith("compile") else model


def run():
    with torch.autocast("cpu", torch.bfloat16, enabled=form.endswith("bf16")):
        loss = forward(*views, targets)
    sgd.zero_grad(set_to_none=True)
    loss.backward()
    sgd.step()
    loss.item()
    return batch


serve(run)
