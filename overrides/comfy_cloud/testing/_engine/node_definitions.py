"""Define the inputs and outputs of each node, for `GET /api/object_info` and for the checks of a submit.

The names, types, limits and defaults of ComfyUI's nodes are ComfyUI's. Nodes named `Emulator...` exist only here, for
tests that need a slow, failing or unusual job. The implementations are in `comfy_nodes` and `emulator_nodes`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

UPSCALE_METHODS = ["nearest-exact", "bilinear", "area", "bicubic", "lanczos"]
BLEND_MODES = ["normal", "multiply", "screen", "overlay", "soft_light", "difference"]
_EDGE = 16384  # px; ComfyUI's MAX_RESOLUTION
_LARGEST = 2**63 - 1


@dataclass(frozen=True)
class Input:
    """One input: a type name or a list of choices, and its options."""

    name: str
    type: str | list[str]
    options: Mapping[str, Any] | None = None
    required: bool = True

    @property
    def spec(self) -> list[Any]:
        """Return the input as node information has it."""
        return [self.type] if self.options is None else [self.type, dict(self.options)]

    @property
    def choices(self) -> list[str] | None:
        """Return the allowed values if the input is a choice, otherwise None."""
        if isinstance(self.type, list):
            return self.type
        return list(self.option("options", [])) if self.type == "COMBO" else None

    def option(self, name: str, default: Any = None) -> Any:
        return (self.options or {}).get(name, default)

    @property
    def upload_kind(self) -> str:
        """Return the kind of file that the input names, such as `image`, or an empty string if it names none."""
        flags = (name for name, given in (self.options or {}).items() if given and name.endswith("_upload"))
        return next(flags, "").removesuffix("_upload")

    @property
    def is_upload(self) -> bool:
        """Return whether the value names a file in the input folder, so that its choices change with every upload."""
        return self.upload_kind != ""


@dataclass(frozen=True)
class Definition:
    """One node class."""

    name: str
    display_name: str
    category: str
    inputs: tuple[Input, ...]
    outputs: tuple[str, ...]
    output_names: tuple[str, ...] = ()
    output_node: bool = False
    saves_workflow: bool = False
    description: str = ""
    python_module: str = "nodes"
    flags: Mapping[str, bool] = field(default_factory=dict)

    def inputs_for(self, values: Mapping[str, Any]) -> tuple[Input, ...]:
        """Return the inputs of a node with these values."""
        del values
        return self.inputs

    @property
    def takes_undeclared(self) -> bool:
        """Return whether a node runs with a link in an input that the class does not declare."""
        return False

    def node_info(self, input_files: list[str]) -> dict[str, Any]:
        """Return the class in the contract's NodeInfo shape. `input_files` are the choices of its file inputs."""
        required = [item for item in self.inputs if item.required]
        optional = [item for item in self.inputs if not item.required]
        inputs: dict[str, Any] = {"required": {item.name: _spec(item, input_files) for item in required}}
        order = {"required": [item.name for item in required]}
        if optional:
            inputs["optional"] = {item.name: _spec(item, input_files) for item in optional}
            order["optional"] = [item.name for item in optional]
        if self.saves_workflow:
            inputs["hidden"] = {"prompt": "PROMPT", "extra_pnginfo": "EXTRA_PNGINFO"}
            order["hidden"] = list(inputs["hidden"])
        return {
            "input": inputs,
            "input_order": order,
            "output": list(self.outputs),
            # No node of the emulator returns lists.
            "output_is_list": [False for _ in self.outputs],
            "output_name": list(self.output_names or self.outputs),
            "name": self.name,
            "display_name": self.display_name,
            "description": self.description,
            "python_module": self.python_module,
            "category": self.category,
            "output_node": self.output_node,
            **self.flags,
        }


def _integer(name: str, default: int, low: int, high: int, *, required: bool = True, **more: Any) -> Input:
    return Input(name, "INT", {"default": default, "min": low, "max": high, **more}, required)


def _number(name: str, default: float, low: float, high: float, *, required: bool = True) -> Input:
    return Input(name, "FLOAT", {"default": default, "min": low, "max": high, "step": 0.01}, required)


def _string(name: str, default: str, *, required: bool = True, multiline: bool = False) -> Input:
    options: dict[str, Any] = {"default": default}
    return Input(name, "STRING", options | {"multiline": True} if multiline else options, required)


def _size(name: str, low: int) -> Input:
    return _integer(name, 512, low, _EDGE, step=1)


# The choices of this input are the files in the input folder. They are filled in when a response needs them.
_IMAGE_FILE = Input("image", [], {"image_upload": True})
_OPTIONAL_IMAGE = Input("image", "IMAGE", required=False)
_COMFYUI_NODES = (
    Definition("LoadImage", "Load Image", "image", (_IMAGE_FILE,), ("IMAGE", "MASK")),
    Definition(
        "LoadImageMask",
        "Load Image (as Mask)",
        "image",
        (_IMAGE_FILE, Input("channel", ["alpha", "red", "green", "blue"])),
        ("MASK",),
    ),
    Definition(
        "MaskToImage",
        "Convert Mask to Image",
        "image/mask",
        (Input("mask", "MASK", {}),),
        ("IMAGE",),
        python_module="comfy_extras.nodes_mask",
        flags={"deprecated": False, "experimental": False, "api_node": False},
    ),
    Definition(
        "EmptyImage",
        "Empty Image",
        "image",
        (
            _size("width", 1),
            _size("height", 1),
            _integer("batch_size", 1, 1, 4096),
            _integer("color", 0, 0, 0xFFFFFF, step=1, display="color"),
        ),
        ("IMAGE",),
    ),
    Definition(
        "ImageScale",
        "Upscale Image",
        "image/upscaling",
        (
            Input("image", "IMAGE"),
            Input("upscale_method", UPSCALE_METHODS),
            _size("width", 0),
            _size("height", 0),
            Input("crop", ["disabled", "center"]),
        ),
        ("IMAGE",),
    ),
    Definition(
        "ImageScaleBy",
        "Upscale Image By",
        "image/upscaling",
        (Input("image", "IMAGE"), Input("upscale_method", UPSCALE_METHODS), _number("scale_by", 1.0, 0.01, 8.0)),
        ("IMAGE",),
    ),
    Definition("ImageInvert", "Invert Image Colors", "image/color", (Input("image", "IMAGE"),), ("IMAGE",)),
    Definition(
        "ImageBlend",
        "Blend Images",
        "image/filters",
        (
            Input("image1", "IMAGE", {}),
            Input("image2", "IMAGE", {}),
            _number("blend_factor", 0.5, 0.0, 1.0),
            Input("blend_mode", "COMBO", {"multiselect": False, "options": BLEND_MODES}),
        ),
        ("IMAGE",),
        python_module="comfy_extras.nodes_post_processing",
        flags={"deprecated": False, "experimental": False, "api_node": False},
    ),
    Definition(
        "ImageCrop",
        "Crop Image (DEPRECATED)",
        "image/transform",
        (
            Input("image", "IMAGE", {}),
            _size("width", 1),
            _size("height", 1),
            _integer("x", 0, 0, _EDGE, step=1),
            _integer("y", 0, 0, _EDGE, step=1),
        ),
        ("IMAGE",),
        python_module="comfy_extras.nodes_images",
        flags={"deprecated": True, "experimental": False, "api_node": False},
    ),
    Definition(
        "SaveImage",
        "Save Image",
        "image",
        (Input("images", "IMAGE", {"tooltip": "The images to keep as files."}), _string("filename_prefix", "ComfyUI")),
        ("IMAGE",),
        ("images",),
        output_node=True,
        saves_workflow=True,
        description="Writes its images to the output folder.",
    ),
    Definition(
        "PreviewImage",
        "Preview Image",
        "image",
        (Input("images", "IMAGE"),),
        ("IMAGE",),
        ("images",),
        output_node=True,
        saves_workflow=True,
        description="Shows its images without keeping them among the outputs.",
    ),
    Definition(
        "SaveImageWebsocket",
        "Save Image (Websocket)",
        "image",
        (Input("images", "IMAGE"),),
        (),
        output_node=True,
        python_module="custom_nodes.websocket_image_save",
    ),
)


def _primitive(name: str, display_name: str, kind: str, **options: Any) -> Definition:
    return Definition(
        name,
        display_name,
        "utilities/primitive",
        (Input("value", kind, options),),
        (kind,),
        python_module="comfy_extras.nodes_primitive",
        flags={"deprecated": False, "experimental": False, "api_node": False},
    )


_VALUE_NODES = (
    _primitive("PrimitiveInt", "Int", "INT", min=-_LARGEST, max=_LARGEST, control_after_generate="fixed"),
    _primitive("PrimitiveFloat", "Float", "FLOAT", min=-_LARGEST, max=_LARGEST, step=0.1),
    _primitive("PrimitiveString", "Text", "STRING", multiline=False),
    _primitive("PrimitiveBoolean", "Boolean", "BOOLEAN"),
    Definition(
        "PreviewAny",
        "Preview as Text",
        "utilities",
        (Input("source", "*", {}),),
        ("STRING",),
        output_node=True,
        python_module="comfy_extras.nodes_preview_any",
    ),
    Definition(
        "Preview3D",
        "Preview 3D & Animation",
        "3d",
        (
            Input("model_file", "STRING,FILE_3D_GLB,FILE_3D", {"default": "", "multiline": False}),
            Input("camera_info", "LOAD3D_CAMERA", {"advanced": True}, required=False),
        ),
        (),
        output_node=True,
        python_module="comfy_extras.nodes_load_3d",
        flags={"deprecated": False, "experimental": True, "api_node": False},
    ),
)


def _emulator_node(name: str, display_name: str, description: str, *inputs: Input) -> Definition:
    return Definition(
        name,
        display_name,
        "emulator",
        (*inputs, _OPTIONAL_IMAGE),
        ("IMAGE",),
        output_node=True,
        description=description,
        python_module="emulator_nodes",
    )


_EMULATOR_NODES = (
    _emulator_node(
        "EmulatorSleep",
        "Sleep",
        "Takes `seconds` in `steps` equal steps with progress after each; an interrupt ends it at once.",
        _number("seconds", 1.0, 0.0, 86400.0),
        _integer("steps", 1, 1, 100_000, required=False),
    ),
    _emulator_node(
        "EmulatorFail",
        "Fail",
        "Raises an exception of the given type name, built in or not, with the given message.",
        _string("message", "This node fails on purpose"),
        _string("exception_type", "RuntimeError", required=False),
    ),
    _emulator_node(
        "EmulatorText",
        "Text",
        "Gives a text as an output of kind `text`, and shows it while the job runs.",
        _string("text", "", multiline=True),
    ),
    _emulator_node(
        "EmulatorPreview",
        "Preview",
        "Takes `seconds` in as many equal steps as there are `frames`, with progress and a preview after each.",
        _number("seconds", 1.0, 0.0, 86400.0),
        _integer("frames", 3, 1, 100_000),
        Input("format", ["JPEG", "PNG"], required=False),
    ),
    _emulator_node(
        "EmulatorExpand",
        "Expand",
        "Expands into two nodes, a black image and its inverse, and into an EmulatorText where there is a text.",
        _string("text", "", required=False),
    ),
    _emulator_node(
        "EmulatorFiles",
        "Files",
        "Writes `content`, `repeat` times over, to a file and gives it as an output of any kind.",
        _string("kind", "files"),
        _string("filename", "file.bin"),
        _string("content", "", multiline=True),
        _integer("repeat", 1, 1, 1_000_000_000, required=False),
        Input("folder", ["output", "temp"], required=False),
        Input("animated", "BOOLEAN", {"default": False}, required=False),
    ),
    _emulator_node(
        "EmulatorEntries",
        "Entries",
        "Gives the JSON list `entries` as outputs of any kind, as custom nodes do: lists in lists, addresses, nulls.",
        _string("kind", "files"),
        _string("entries", "[]", multiline=True),
    ),
)

DEFINITIONS: dict[str, Definition] = {
    definition.name: definition for definition in (*_COMFYUI_NODES, *_VALUE_NODES, *_EMULATOR_NODES)
}
# In ComfyUI 0.3.64 these nodes pass nothing on, and the model of Preview3D is a string only.
OLD_DEFINITIONS: dict[str, Definition] = DEFINITIONS | {
    name: replace(DEFINITIONS[name], outputs=(), output_names=())
    for name in ("SaveImage", "PreviewImage", "PreviewAny")
}
OLD_DEFINITIONS["Preview3D"] = replace(
    DEFINITIONS["Preview3D"],
    display_name="Preview 3D",
    inputs=(_string("model_file", ""), Input("camera_info", "LOAD3D_CAMERA", {}, required=False)),
)


def _spec(item: Input, input_files: list[str]) -> list[Any]:
    # ComfyUI embeds the names of uploaded files, so the response changes with every upload.
    return [input_files, *item.spec[1:]] if item.is_upload else item.spec
