"""Run one workflow with several seeds: submit all jobs at once, then save each result in a folder of its seed.

python examples/sweep_seed.py [WORKFLOW [NODE [INPUT]]]

With a sampler, the arguments are `portrait_api.json KSampler seed`. The workflow of this example needs no model and has
no sampler, so it changes a colour instead of a seed.
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
