#!/usr/bin/env python3
"""Files that PyTorch writes, and what is in them.

    torch_files.py small             prints tests/data/golden/torch_files.json: small files as
                                     hexadecimal text with the bytes of every tensor
    torch_files.py make FOLDER       writes larger files of every kind, and beside each NAME.txt
                                     with "name dtype shape sha256" of every tensor
    torch_files.py avst FILE         writes a checkpoint with the names and shapes of the published
                                     AVST, under "module.", with layers that it never uses
    torch_files.py resnet FILE       writes torchvision's ResNet-18 in the old form
    torch_files.py same FILE OTHER   torch.load(weights_only=True) of OTHER gives what FILE has
    torch_files.py tensors FILE      prints such lines of what torch.load makes of FILE

Numbers and bytes come from torch and hashlib alone, never from avqa.
"""
import collections
import hashlib
import io
import json
import os
import pickle
import struct
import sys
import zipfile

import torch

TYPES = {torch.float32: "f32", torch.float16: "f16", torch.bfloat16: "bf16", torch.float64: "f64",
         torch.int64: "i64", torch.int32: "i32", torch.int16: "i16", torch.int8: "i8",
         torch.uint8: "u8", torch.bool: "bool"}


def raw(t):
    """The numbers in C order, little-endian; bit by bit, NaNs too."""
    t = t.detach().contiguous()
    return bytes(t.view(torch.int16).numpy().tobytes() if t.dtype == torch.bfloat16
                 else t.numpy().tobytes())


def lines(state):
    return "".join("%s %s [%s] %s\n" % (name, TYPES[t.dtype], ", ".join(map(str, t.shape)),
                                       hashlib.sha256(raw(t)).hexdigest())
                   for name, t in state.items())


def net():
    torch.manual_seed(1)
    parts = collections.OrderedDict(fc=torch.nn.Linear(2, 3), bn=torch.nn.BatchNorm1d(3))
    m = torch.nn.Sequential(parts)
    m(torch.randn(5, 2))  # num_batches_tracked 1, running statistics that are not 0 and 1
    return m


def types():
    torch.manual_seed(2)
    out = collections.OrderedDict()
    for dtype, name in TYPES.items():
        t = torch.randn(2, 3) * 50
        out[name] = (t > 0) if dtype == torch.bool else t.abs().to(dtype) \
            if dtype == torch.uint8 else t.to(dtype)
    out["scalar"] = torch.tensor(-7.25)
    out["empty"] = torch.zeros(0, 4)
    out["strange"] = torch.tensor([float("nan"), float("inf"), -float("inf"), -0.0, 1e-45])
    out["name with / and \u00e9 \u4e2d"] = torch.ones(1, dtype=torch.int64) * 2**40
    return out


def views():
    whole = torch.arange(24, dtype=torch.float32).reshape(2, 3, 4)
    return {"transposed": whole.permute(2, 0, 1), "middle": whole[:, 1], "every": whole.flatten()[1::5],
            "tied": whole, "one": whole[1, 2, 3], "wide": torch.ones(1, 3).expand(4, 3)}


def swapped(content):
    """A big-endian machine's file: the same tensors, their bytes turned around."""
    src = zipfile.ZipFile(io.BytesIO(content))
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as z:
        for info in src.infolist():
            data = src.read(info)
            if "/data/" in info.filename:
                data = b"".join(data[i:i + 4][::-1] for i in range(0, len(data), 4))
            with z.open(zipfile.ZipInfo(info.filename), "w", force_zip64=True) as f:
                f.write(data)
        z.writestr(zipfile.ZipInfo(src.namelist()[0].split("/")[0] + "/byteorder"), "big")
    return out.getvalue()


def saved(thing, **options):
    out = io.BytesIO()
    torch.save(thing, out, **options)
    return out.getvalue()


OLD = {"_use_new_zipfile_serialization": False}


def old_parameters(state):
    """A legacy file as PyTorch 0.1 to 0.3 wrote parameters: a call of the class, then BUILD;
    the dict as Python 2 wrote it, of lists of pairs. torch.load reads it still."""
    keys = []
    out = bytearray(pickle.dumps(0x1950a86a20f9469cfc6c, 2) + pickle.dumps(1001, 2) +
                    pickle.dumps({"protocol_version": 1001, "little_endian": True, "type_sizes": {}}, 2))
    out += b"\x80\x02ccollections\nOrderedDict\n]("
    for name, t in state.items():
        key = str(len(keys)).encode()
        keys.append(t)
        size = b"(" + b"".join(b"J" + struct.pack("<i", n) for n in t.shape) + b"t"
        stride = b"(" + b"".join(b"J" + struct.pack("<i", n) for n in t.stride()) + b"t"
        out += b"](X" + struct.pack("<I", len(name)) + name.encode()
        out += b"ctorch.nn.parameter\nParameter\nctorch._utils\n_rebuild_tensor\n("
        out += b"(U\x07storagectorch\nFloatStorage\nU" + bytes([len(key)]) + key + b"U\x03cpu"
        out += b"J" + struct.pack("<i", t.numel()) + b"NtQK\x00" + size + stride + b"tR\x85R"
        out += b"\x88\x89ccollections\nOrderedDict\n)R\x87be"
    out += b"e\x85R." + pickle.dumps([str(i) for i in range(len(keys))], 2)
    for t in keys:
        out += struct.pack("<q", t.numel()) + raw(t)
    return bytes(out)


def small_files():
    state = net().state_dict()
    floats = collections.OrderedDict((k, v) for k, v in state.items() if v.dtype == torch.float32)
    yield "state.pt", saved(state), state
    yield "legacy.pt", saved(state, **OLD), state
    yield "protocol4.pt", saved(state, pickle_protocol=4), state
    yield "types.pt", saved(types()), types()
    yield "types-legacy.pt", saved(types(), **OLD), types()
    yield "views.pt", saved(views()), views()
    yield "views-legacy.pt", saved(views(), **OLD), views()
    yield "big-endian.pt", swapped(saved(floats)), floats
    yield "old-parameters.pt", old_parameters(floats), floats
    yield "parameters.pt", saved(collections.OrderedDict(net().named_parameters())), \
        collections.OrderedDict(net().named_parameters())


def small():
    files = []
    for name, content, state in small_files():
        if name not in ("big-endian.pt",):  # torch 1.13 does not know byteorder
            back = torch.load(io.BytesIO(content))
            assert [(k, raw(v)) for k, v in back.items()] == [(k, raw(v)) for k, v in state.items()], name
        files.append({"name": name, "hex": content.hex(),
                      "tensors": [{"name": k, "dtype": TYPES[t.dtype], "shape": list(t.shape),
                                   "hex": raw(t).hex()} for k, t in state.items()]})
    json.dump({"how": "tests/golden/torch_files.py small, torch " + torch.__version__, "files": files},
              sys.stdout, indent=1)
    print()


class Model(torch.nn.Module):
    """LSTM, Linear, BatchNorm, Conv: what state dicts of the field are made of."""

    def __init__(self):
        super().__init__()
        self.lstm = torch.nn.LSTM(33, 17, num_layers=2, bidirectional=True)
        self.fc = torch.nn.Linear(34, 42)
        self.bn = torch.nn.BatchNorm2d(8)
        self.conv = torch.nn.Conv2d(3, 8, 3)
        self.word2vec = torch.nn.Embedding(93, 33)
        self.register_buffer("mask", torch.ones(4, 4).tril().bool())


def make(folder):
    torch.manual_seed(3)
    m = Model()
    m.bn(m.conv(torch.randn(2, 3, 9, 9)))
    state = m.state_dict()
    parallel = torch.nn.DataParallel(m)
    adam = torch.optim.Adam(m.parameters())
    m.fc(torch.randn(2, 34)).sum().backward()
    adam.step()
    many = collections.OrderedDict(("layer.%d.weight" % i, torch.randn(i % 7 + 1, 3)) for i in range(3000))
    half = collections.OrderedDict((k, v.half() if v.is_floating_point() else v) for k, v in state.items())
    checkpoint = {"epoch": 3, "state_dict": state, "optimizer": adam.state_dict(), "best": 0.71,
                  "scheduler": {"last": [1, 2]}, "name": "run"}
    for name, thing, tensors, options in (
            ("model", state, state, {}), ("legacy", state, state, OLD), ("parallel", parallel.state_dict(), state, {}),
            ("checkpoint", checkpoint, state, {}), ("checkpoint-legacy", checkpoint, state, OLD),
            ("types", types(), types(), {}), ("views", views(), views(), {}), ("half", half, half, {}),
            ("many", many, many, {}), ("protocol5", state, state, {"pickle_protocol": 5})):
        torch.save(thing, os.path.join(folder, name + ".pt"), **options)
        with open(os.path.join(folder, name + ".txt"), "w", encoding="utf-8") as f:
            f.write(lines(tensors))
    torch.save(m, os.path.join(folder, "whole-model.pt"))
    torch.save({"a": state, "b": state, "n": 1}, os.path.join(folder, "two.pt"))
    torch.jit.script(torch.nn.Linear(2, 2)).save(os.path.join(folder, "script.pt"))
    torch.save({"x": torch.zeros(1).expand(1000, 1000, 100)}, os.path.join(folder, "expanded.pt"))
    torch.save({"x": torch.zeros(3, dtype=torch.complex64)}, os.path.join(folder, "complex.pt"))


class Question(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.word2vec = torch.nn.Embedding(93, 512)
        self.lstm = torch.nn.LSTM(512, 512, 1)
        self.fc = torch.nn.Linear(1024, 512)


class Fusion(torch.nn.Module):
    """The parameters of AVQA_Fusion_Net (CVPR 2022) but for its visual_net."""

    def __init__(self):
        super().__init__()
        linear = dict(fc_a1=(128, 512), fc_a2=(512, 512), fc_a1_pure=(128, 512), fc_a2_pure=(512, 512),
                      fc_fusion=(1024, 512), linear11=(512, 512), linear12=(512, 512), linear21=(512, 512),
                      linear22=(512, 512), fc_v=(2048, 512), fc_st=(512, 512), fc=(1024, 512),
                      fc_aq=(512, 512), fc_vq=(512, 512), fc_ans=(512, 42), fc_gl=(1024, 512),
                      fc1=(1024, 512), fc2=(512, 256), fc3=(256, 128), fc4=(128, 2))
        for name, sides in linear.items():
            setattr(self, name, torch.nn.Linear(*sides))
        for name in ("norm1", "norm2", "norm3"):
            setattr(self, name, torch.nn.LayerNorm(512))
        self.attn_a = torch.nn.MultiheadAttention(512, 4, dropout=0.1)
        self.attn_v = torch.nn.MultiheadAttention(512, 4, dropout=0.1)
        self.question_encoder = Question()


def avst(path):
    torch.manual_seed(4)
    torch.save(torch.nn.DataParallel(Fusion()).state_dict(), path)


def resnet(path):
    """As torchvision publishes them, but for the numbers; a legacy file."""
    import torchvision
    torch.save(torchvision.models.resnet18().state_dict(), path, **OLD)


def same(path, other):
    a = torch.load(path)
    a = a.get("state_dict", a)
    b = torch.load(other, weights_only=True)
    a = [(k.replace("module.", "", 1), v.dtype, v.shape, raw(v)) for k, v in a.items()]
    b = [(k, v.dtype, v.shape, raw(v)) for k, v in b.items()]
    assert a == b, (path, other)
    assert isinstance(torch.load(other), collections.OrderedDict)


if __name__ == "__main__":
    if sys.argv[1] == "small":
        small()
    elif sys.argv[1] == "make":
        make(sys.argv[2])
    elif sys.argv[1] == "avst":
        avst(sys.argv[2])
    elif sys.argv[1] == "resnet":
        resnet(sys.argv[2])
    elif sys.argv[1] == "same":
        same(sys.argv[2], sys.argv[3])
    else:
        sys.stdout.write(lines(torch.load(sys.argv[2])))
