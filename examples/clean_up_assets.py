"""List the assets of the account, all or those with a tag. With --delete, delete those with the tag.

python examples/clean_up_assets.py [TAG] [--delete]

Needs Comfy Cloud, or a ComfyUI of 2026 with --enable-assets.
"""

from argparse import ArgumentParser

from comfy_cloud import ComfyCloud

parser = ArgumentParser()
parser.add_argument("tag", nargs="?")
parser.add_argument("--delete", action="store_true")
options = parser.parse_args()
if options.delete and options.tag is None:
    parser.error("--delete needs a TAG, so that it does not delete every asset")

with ComfyCloud() as cloud:
    # The whole list is read before the first delete, because deletes shift the pages that are still to be read.
    found = list(cloud.assets.list(include_tags=options.tag, include_public=False))
    for asset in found:
        print(asset.id, asset.name, asset.tags)
        if options.delete:
            cloud.assets.delete(asset.id)
    print("deleted:" if options.delete else "found:", len(found))
