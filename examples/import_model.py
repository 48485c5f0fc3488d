"""Let the cloud download a model from Hugging Face or CivitAI. Nothing passes through this machine.

python examples/import_model.py https://huggingface.co/... [TAG ...]

Needs Comfy Cloud.
"""

from argparse import ArgumentParser

from comfy_cloud import ComfyCloud

parser = ArgumentParser()
parser.add_argument("url")
parser.add_argument("tags", nargs="*", default=["models"])
options = parser.parse_args()

with ComfyCloud() as cloud:
    task = cloud.assets.import_url(options.url, tags=options.tags)
    print(task.status)
    asset = task.wait(timeout=3600).asset
    assert asset is not None
    print(asset.name, asset.asset_hash, asset.tags)
