"""Features as they were published: ffmpeg to JPEG files and a WAV file, torch's ResNet-18
with layer4 stride 1 and VGGish over them, float32 arrays by np.save. See extract.sh.
    published_extract.py THREADS OUT CLIP..."""
import glob
import os
import subprocess
import sys
import wave

import numpy as np
import torch
from PIL import Image

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "golden"))
import encoder_reference as reference
from encoder_maps import Maps

threads, out, clips = int(sys.argv[1]), sys.argv[2], sys.argv[3:]
torch.set_num_threads(threads)
torch.set_grad_enabled(False)
# the best of torch's ways on this machine (encoder.sh): traced, frozen, optimised
def fast(module, x):
    return torch.jit.optimize_for_inference(torch.jit.freeze(torch.jit.trace(module.eval(), x)))


model = fast(Maps(), torch.rand(8, 3, 224, 224))
listening = reference.load(reference.vggish(), reference.SEED)
mean, std = np.float32([.43216, .394666, .37645]), np.float32([.22803, .22145, .216989])
for clip in clips:
    stem = os.path.join(out, os.path.splitext(os.path.basename(clip))[0])
    os.makedirs(stem)
    ffmpeg = ["ffmpeg", "-v", "fatal", "-nostdin", "-y", "-threads", str(threads), "-i", clip]
    subprocess.run(ffmpeg + ["-vf", "fps=1", stem + "/%06d.jpg"], check=True)
    subprocess.run(ffmpeg + ["-ac", "1", "-ar", "16000", stem + ".wav"], check=True)
    pictures = [np.asarray(Image.open(p).convert("RGB").resize((224, 224), Image.BILINEAR))
                for p in sorted(glob.glob(stem + "/*.jpg"))]
    x = ((np.stack(pictures).astype(np.float32) / 255 - mean) / std).transpose(0, 3, 1, 2)
    rows = [model(torch.from_numpy(np.ascontiguousarray(x[i:i + 8]))).numpy()
            for i in range(0, len(x), 8)]
    np.save(stem + ".res14.npy", np.concatenate(rows))
    with wave.open(stem + ".wav") as f:
        samples = np.frombuffer(f.readframes(f.getnframes()), np.int16) / 32768
    samples = np.resize(samples, len(pictures) * 16000).reshape(-1, 16000)
    examples = np.stack([reference.log_mel(s)[:96] for s in samples])[:, None].astype(np.float32)
    np.save(stem + ".vggish.npy", listening.linear_out(torch.from_numpy(examples)).relu().numpy())
