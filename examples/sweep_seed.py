"""Run one workflow with several seeds: submit all of them at once, then save each result under its seed.

python examples/sweep_seed.py [WORKFLOW [NODE [INPUT]]]

With a sampler: `portrait_api.json KSampler seed`. The workflow here needs no model and so has no sampler: its colour
stands in for the seed.
"""

import random
from argparse import ArgumentParser
from pathlib import Path

from comfy_cloud import ComfyCloud, Workflow

parser = ArgumentParser()
parser.add_argument("workflow", nargs="?", default=Path(__file__).parent / "workflows" / "colour_api.json")
parser.add_argument("node", nargs="?", default="Colour")
parser.add_argument("input", nargs="?", default="color")
options = parser.parse_args()

workflow = Workflow.load(options.workflow)
with ComfyCloud() as cloud:
    jobs = {}
    for seed in random.sample(range(2**24), 4):
        workflow[options.node][options.input] = seed
        jobs[seed] = cloud.submit(workflow)
    for seed, job in jobs.items():
        job.wait(timeout=600)
        for path in job.outputs.save(f"out/{seed}/"):
            print(path)
