"""Run many jobs through the night. Whatever ends this script, start it again: nothing is lost or paid twice.

python examples/overnight.py
"""

from pathlib import Path

from comfy_cloud import ComfyCloud, Item, Workflow, sweep


def after(item: Item) -> int:
    return sum(path.stat().st_size for path in item.paths)  # yours: scale the files, score them, send them on


workflow = Workflow.load(Path(__file__).parent / "workflows" / "colour_api.json")
with ComfyCloud() as cloud, cloud.batch("out/overnight", sidecar=True) as batch:
    batch.add(sweep(workflow, {"Colour.color": range(0, 2**24, 2**20)}))
    for item in batch.run(then=after):
        print(item.key, item.state, item.error or item.result)
