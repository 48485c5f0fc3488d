"""Sidecars: what made a file, and no secret of the answer that tells it."""

from comfy_cloud._core.sidecars import told_parameters


def test_a_sidecar_has_the_graph_and_the_seeds_but_nothing_beside_the_graph() -> None:
    """What stands beside the graph in a server's answer can hold keys."""
    graph = {"3": {"class_type": "KSampler", "inputs": {"seed": 7, "model": ["4", 0], "noise_seed": ["5", 0]}}}
    answer = {"workflow": {"prompt": graph, "extra_data": {"api_key_comfy_org": "secret"}}, "create_time": 5}
    told = told_parameters("5f1c", answer)
    assert told == {"job": "5f1c", "times": {"create_time": 5}, "seeds": {"3.seed": 7}, "graph": graph}
    assert told_parameters("5f1c", "junk") == {"job": "5f1c", "times": {}, "seeds": {}, "graph": None}
