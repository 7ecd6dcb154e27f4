"""The encoders' networks as ONNX files, for encoder_onnx.sh: encoder_onnx.py FOLDER."""
import os
import sys

import torch

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "golden"))
import encoder_reference as reference
from encoder_maps import Maps


class Listening(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.inner = reference.load(reference.vggish(), reference.SEED)

    def forward(self, x):
        return self.inner.linear_out(x).relu()


for name, module, shape in (("resnet18", Maps(), (8, 3, 224, 224)), ("vggish", Listening(), (8, 1, 96, 64))):
    x = torch.rand(shape)
    torch.onnx.export(module.eval(), x, os.path.join(sys.argv[1], name + ".onnx"), opset_version=13)
    with open(os.path.join(sys.argv[1], name + ".in"), "wb") as f:
        f.write(x.numpy().tobytes())
    with torch.no_grad(), open(os.path.join(sys.argv[1], name + ".out"), "wb") as f:
        f.write(module(x).numpy().tobytes())
