"""Node definitions as a server describes them, written for these tests, and workflows for them."""

from typing import Any

from .conftest import node

JSON = dict[str, Any]
SAMPLERS = ["euler", "heun"]


def definition(
    outputs: list[Any],
    *,
    optional: JSON | None = None,
    output_node: bool = False,
    module: str = "nodes",
    **required: Any,
) -> JSON:
    """Return one class. An input is its specification, or only its type."""

    def sections(inputs: JSON) -> JSON:
        return {name: spec if isinstance(spec, list) else [spec, {}] for name, spec in inputs.items()}

    return {
        "input": {"required": sections(required), **({"optional": sections(optional)} if optional else {})},
        "output": outputs,
        "output_name": [str(kind) for kind in outputs],
        "output_node": output_node,
        "python_module": module,
    }


def number(kind: str = "INT", low: float = 0, high: float = 10_000) -> list[Any]:
    return [kind, {"min": low, "max": high}]


NODE_INFO: JSON = {
    "Checkpoint": definition(["MODEL", "CLIP", "VAE"], name=[["one.safetensors", "two.safetensors"], {}]),
    "Encode": definition(["CONDITIONING"], clip="CLIP", text="STRING"),
    "EmptyLatent": definition(
        ["LATENT"], width=number(low=16), height=number(low=16), length=number(low=1), batch_size=number(low=1)
    ),
    "KSampler": definition(
        ["LATENT"],
        model="MODEL",
        positive="CONDITIONING",
        latent_image="LATENT",
        seed=number(high=2**64 - 1),
        steps=number(low=1),
        sampler=["COMBO", {"options": SAMPLERS}],
    ),
    "Upscale": definition(["LATENT"], samples="LATENT", scale_by=number("FLOAT", 0.01, 8.0)),
    "Decode": definition(["IMAGE"], samples="LATENT", vae="VAE"),
    "EncodeImage": definition(["LATENT"], pixels="IMAGE", vae="VAE"),
    "LoadImage": definition(["IMAGE", "MASK"], image=[["of_the_server.png"], {"image_upload": True}]),
    "LoadAudio": definition(["AUDIO"], audio=["COMBO", {"options": [], "audio_upload": True}]),
    "SaveImage": definition(["IMAGE"], images="IMAGE", filename_prefix="STRING", output_node=True),
    "SaveAnimatedWEBP": definition([], images="IMAGE", filename_prefix="STRING", output_node=True),
    "VHS_VideoCombine": definition([], images="IMAGE", output_node=True, module="custom_nodes.vhs"),
    "CreateVideo": definition(["VIDEO"], images="IMAGE", optional={"audio": "AUDIO"}, fps=number("FLOAT", 1, 120)),
    "SaveVideo": definition([], video="VIDEO", filename_prefix="STRING", output_node=True),
    "EmptyAudio": definition(["LATENT"], seconds=number("FLOAT", 1, 1000)),
    "DecodeAudio": definition(["AUDIO"], samples="LATENT"),
    "SaveAudio": definition([], audio="AUDIO", filename_prefix="STRING", output_node=True),
    "ImageToMesh": definition(["MESH"], image="IMAGE"),
    "SaveGLB": definition([], mesh="MESH,FILE_3D_GLB", filename_prefix="STRING", output_node=True),
    "SaveLatent": definition([], samples="LATENT", filename_prefix="STRING", output_node=True),
    "SaveModel": definition([], model="MODEL", filename_prefix="STRING", output_node=True),
    "ImageSize": {**definition(["INT", "INT"], image="IMAGE"), "output_name": ["width", "height"]},
    "MaskOf": definition(["MASK"], image="IMAGE"),
    "PreviewAny": definition(["STRING"], source="*", output_node=True),
    "Join": definition(["STRING"], text="STRING", other="STRING"),
    "Describe": definition(["STRING", "FLOAT", "BOOLEAN"], image="IMAGE"),
    "Switch": definition(["COMFY_MATCHTYPE_V3"], on=["BOOLEAN", {}], value="*"),
    "Scheduler": definition(["SIGMAS"], model="MODEL", steps=number(low=1)),
    "SampleCustom": definition(["LATENT"], sigmas="SIGMAS", latent_image="LATENT"),
    "Choose": definition(
        ["IMAGE"],
        image="IMAGE",
        how=[
            "COMFY_DYNAMICCOMBO_V3",
            {
                "options": [
                    {"key": "by size", "inputs": {"required": {"width": number(low=1), "height": number(low=1)}}},
                    {"key": "not", "inputs": {"required": {}}},
                ]
            },
        ],
    ),
    "AnyNumber": definition(["IMAGE"], image="IMAGE", module="custom_nodes.any"),
}


def text_to_image(seed: int = 1, *, count: int = 1, text: str = "a lighthouse", steps: int = 4) -> JSON:
    return {
        "1": node("Checkpoint", name="one.safetensors"),
        "2": node("Encode", clip=["1", 1], text=text),
        "3": node("EmptyLatent", width=96, height=64, length=1, batch_size=count),
        "4": {
            **node(
                "KSampler",
                model=["1", 0],
                positive=["2", 0],
                latent_image=["3", 0],
                seed=seed,
                steps=steps,
                sampler="euler",
            ),
            "_meta": {"title": "The sampler"},
        },
        "5": node("Decode", samples=["4", 0], vae=["1", 2]),
        "9": node("SaveImage", images=["5", 0], filename_prefix="lighthouse"),
    }
