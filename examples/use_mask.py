"""Draw a mask for a picture, upload both, and run a workflow that keeps only the masked part.

python examples/use_mask.py [PICTURE]    (needs the extra `images`)
"""

import sys
from pathlib import Path

from PIL import Image, ImageDraw

from comfy_cloud import ComfyCloud, Workflow

HERE = Path(__file__).parent
picture = Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "picture.png"

with Image.open(picture) as image:
    width, height = image.size
mask = Image.new("RGBA", (width, height), (0, 0, 0, 255))
middle = (width // 4, height // 4, width * 3 // 4, height * 3 // 4)
ImageDraw.Draw(mask).ellipse(middle, fill=(0, 0, 0, 0))  # transparent parts are masked

workflow = Workflow.load(HERE / "workflows" / "mask_api.json")
with ComfyCloud() as cloud:
    original = cloud.files.upload_image(picture)
    workflow["Picture"]["image"] = cloud.files.upload_mask(mask, original)  # the picture with its mask
    for path in cloud.run(workflow, timeout=600).outputs.save("out/"):
        print(path)
