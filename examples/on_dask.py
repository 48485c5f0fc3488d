"""Spread what follows each job over a Dask cluster, in three ways. No job is paid twice, whatever worker dies.

pip install "dask[distributed]"
python examples/on_dask.py
"""

from pathlib import Path

from comfy_cloud import ComfyCloud, Item, Workflow, sweep

WORKFLOW = Workflow.load(Path(__file__).parent / "workflows" / "colour_api.json")
COLOURS = range(0, 2**24, 2**21)


def count(item: Item) -> int:
    return len(item.paths)  # yours: scale the files, score them, send them on


def run_one(colour: int) -> int:
    workflow = WORKFLOW.copy()
    workflow["Colour"]["color"] = colour
    with ComfyCloud() as cloud:  # a client for each process
        return len(cloud.run(workflow, key=f"on-dask-{colour}").outputs)


def main() -> None:
    try:
        from dask.distributed import Client
    except ImportError:
        print('skipped: this example needs Dask (pip install "dask[distributed]")')
        return
    with Client(n_workers=2, dashboard_address=":0") as dask:
        with ComfyCloud() as cloud, cloud.batch("out/on_dask") as batch:
            batch.add(sweep(WORKFLOW, {"Colour.color": COLOURS}))
            items = list(batch.run(then=count, executor=dask.get_executor()))
            print("then:", sum(item.result for item in items), "pictures")
            tasks = [dask.submit(count, future.result()) for future in batch.futures().values()]
            print("futures:", sum(dask.gather(tasks)), "pictures")
        print("tasks:", sum(dask.gather(dask.map(run_one, COLOURS))), "pictures")


if __name__ == "__main__":
    main()
