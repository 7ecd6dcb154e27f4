"""Pictures inside an SVG, as other programs read them: for each <image>, its place on
the page and (with ffmpeg) its pixels. A JSON line each: x, y, width, height in points,
pixel_width, pixel_height, and the colour of the pixel at every place that is asked for as
X,Y in shares of the picture."""
import base64
import json
import re
import struct
import subprocess
import sys


def pixels(png):
    command = ["ffmpeg", "-v", "error", "-f", "png_pipe", "-i", "-", "-f", "rawvideo",
               "-pix_fmt", "rgb24", "-"]
    return subprocess.run(command, input=png, stdout=subprocess.PIPE, check=True).stdout


places = [tuple(map(float, p.split(","))) for p in sys.argv[2:]]
for tag in re.findall(r"<image [^>]*>", open(sys.argv[1], encoding="utf-8").read()):
    found = dict(re.findall(r'([\w:]+)="([^"]*)"', tag))
    png = base64.b64decode(found["xlink:href"].split(",", 1)[1], validate=True)
    width, height = struct.unpack(">II", png[16:24])
    raw = pixels(png)
    colours = []
    for x, y in places:
        at = 3 * (int(y * height) * width + int(x * width))
        colours.append(list(raw[at:at + 3]))
    print(json.dumps({**{k: float(found[k]) for k in ("x", "y", "width", "height")},
                      "pixel_width": width, "pixel_height": height, "colours": colours}))
