"""Run many jobs that survive anything: the values that `cloud.batch(folder)` takes and gives.

The folder holds the ledger of the batch, `batch.sqlite`, and a folder of files for each row:

    with ComfyCloud() as cloud, cloud.batch("out/portraits") as batch:
        batch.add(sweep(workflow, {"KSampler.seed": range(1000)}))
        for item in batch.run():
            print(item.key, item.state, item.paths or item.error)
"""

from ._core.batch import BatchPlan, BatchProgress, Item, ItemState, sweep

__all__ = ["BatchPlan", "BatchProgress", "Item", "ItemState", "sweep"]
