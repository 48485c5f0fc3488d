# Derived from overrides/comfy_cloud/_async/resources/models.py by scripts/unasync.py: do not edit. Rebuild with: make derive
"""`cloud.models`: the models that are installed."""

from __future__ import annotations

from collections.abc import Sequence

from ..._core.arguments import ARGUMENTS
from ...raw.api.model import get_model_folders, get_model_preview, get_models_in_folder
from ...raw.models import ModelFile, ModelFolder
from .base import Resource


class Models(Resource):
    """`cloud.models`: the models that are installed."""

    def folders(self) -> Sequence[ModelFolder]:
        """List the folders of models (`GET /api/experiment/models`)."""
        return self._connection.model(get_model_folders.operation)

    def list(self, folder: str) -> Sequence[ModelFile]:
        """List the models of one folder (`GET /api/experiment/models/{folder}`).

        Raises NotFoundError for an unknown folder. Comfy Cloud also answers 404 for an empty one.
        """
        ARGUMENTS.text("folder", folder)
        return self._connection.model(get_models_in_folder.operation, folder)

    def preview(self, folder: str, filename: str | ModelFile, *, path_index: int = 0) -> bytes:
        """Return the preview image of a model as WebP bytes (`GET /api/experiment/models/preview/...`).

        `filename` is a listed model, or its name; then `path_index` is the model's `path_index` in the folder's list.
        Raises NotFoundError if it has none.
        """
        ARGUMENTS.text("folder", folder)
        ARGUMENTS.count("path_index", path_index, unlimited=False)
        if isinstance(filename, ModelFile):
            path_index, filename = filename.path_index, filename.name
        else:
            ARGUMENTS.text("filename", filename)
        return (self._connection.call(get_model_preview.operation, folder, path_index, filename)).content
