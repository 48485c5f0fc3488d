"""List the assets of the account, those of a tag or all; with --delete, remove those of the tag.

python examples/clean_up_assets.py [TAG] [--delete]
"""

from argparse import ArgumentParser

from comfy_cloud import ComfyCloud

parser = ArgumentParser()
parser.add_argument("tag", nargs="?")
parser.add_argument("--delete", action="store_true")
options = parser.parse_args()
if options.delete and options.tag is None:
    parser.error("--delete wants a tag, so that not everything goes")

with ComfyCloud() as cloud:
    found = list(cloud.assets.list(include_tags=options.tag, include_public=False))
    for asset in found:
        print(asset.id, asset.name, asset.tags)
        if options.delete:
            cloud.assets.delete(asset.id)
    print("deleted:" if options.delete else "found:", len(found))
