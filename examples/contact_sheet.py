"""Sweep a workflow and look at all results on one page. Run again, it goes on where it was.

python examples/contact_sheet.py [WORKFLOW [NODE.INPUT]]
"""

from argparse import ArgumentParser
from pathlib import Path

from comfy_cloud import ComfyCloud, Workflow, show_progress, sweep

parser = ArgumentParser()
parser.add_argument("workflow", nargs="?", default=Path(__file__).parent / "workflows" / "colour_api.json")
parser.add_argument("input", nargs="?", default="Colour.color")
options = parser.parse_args()

with ComfyCloud() as cloud, cloud.batch("out/sheet") as batch:
    batch.add(sweep(Workflow.load(options.workflow), {options.input: range(0, 2**24, 1_400_000)}))
    for item in batch.run(on_progress=show_progress()):
        print(item.key, item.state, item.error or "")
    print(batch.contact_sheet().relative_to(Path.cwd()))
