# Machine-written from the contract by scripts/generate.py: do not edit. Rebuild with: make generate
"""The data models of requests and answers, each imported when it is first used."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .add_asset_tags_body import AddAssetTagsBody
    from .asset import Asset
    from .asset_created import AssetCreated
    from .asset_download_response import AssetDownloadResponse
    from .asset_download_response_status import AssetDownloadResponseStatus
    from .asset_metadata_response import AssetMetadataResponse
    from .asset_tag_histogram_response import AssetTagHistogramResponse
    from .asset_tag_histogram_response_tag_counts import (
        AssetTagHistogramResponseTagCounts,
    )
    from .asset_updated import AssetUpdated
    from .asset_updated_user_metadata import AssetUpdatedUserMetadata
    from .asset_user_metadata import AssetUserMetadata
    from .create_asset_download_body import CreateAssetDownloadBody
    from .create_asset_download_body_user_metadata import (
        CreateAssetDownloadBodyUserMetadata,
    )
    from .create_asset_from_hash_body import CreateAssetFromHashBody
    from .create_asset_from_hash_body_user_metadata import (
        CreateAssetFromHashBodyUserMetadata,
    )
    from .error_response import ErrorResponse
    from .execution_error import ExecutionError
    from .execution_error_current_inputs import ExecutionErrorCurrentInputs
    from .get_features_response_200 import GetFeaturesResponse200
    from .get_global_subgraphs_response_200 import GetGlobalSubgraphsResponse200
    from .get_mask_layers_response_200 import GetMaskLayersResponse200
    from .get_node_info_response_200 import GetNodeInfoResponse200
    from .get_user_data_response_full_file import GetUserDataResponseFullFile
    from .get_workflow_templates_response_200 import GetWorkflowTemplatesResponse200
    from .global_subgraph_data import GlobalSubgraphData
    from .global_subgraph_data_info import GlobalSubgraphDataInfo
    from .global_subgraph_info import GlobalSubgraphInfo
    from .global_subgraph_info_info import GlobalSubgraphInfoInfo
    from .history_detail_entry import HistoryDetailEntry
    from .history_detail_entry_meta import HistoryDetailEntryMeta
    from .history_detail_entry_outputs import HistoryDetailEntryOutputs
    from .history_detail_entry_prompt import HistoryDetailEntryPrompt
    from .history_detail_entry_prompt_extra_data import (
        HistoryDetailEntryPromptExtraData,
    )
    from .history_detail_entry_prompt_prompt import HistoryDetailEntryPromptPrompt
    from .history_detail_entry_status import HistoryDetailEntryStatus
    from .history_detail_response import HistoryDetailResponse
    from .history_entry import HistoryEntry
    from .history_entry_meta import HistoryEntryMeta
    from .history_entry_outputs import HistoryEntryOutputs
    from .history_entry_prompt import HistoryEntryPrompt
    from .history_entry_prompt_extra_data import HistoryEntryPromptExtraData
    from .history_entry_status import HistoryEntryStatus
    from .history_manage_request import HistoryManageRequest
    from .history_response import HistoryResponse
    from .interrupt_job_body import InterruptJobBody
    from .job_detail_response import JobDetailResponse
    from .job_detail_response_execution_meta import JobDetailResponseExecutionMeta
    from .job_detail_response_execution_status import JobDetailResponseExecutionStatus
    from .job_detail_response_outputs import JobDetailResponseOutputs
    from .job_detail_response_preview_output import JobDetailResponsePreviewOutput
    from .job_detail_response_status import JobDetailResponseStatus
    from .job_detail_response_workflow import JobDetailResponseWorkflow
    from .job_entry import JobEntry
    from .job_entry_preview_output import JobEntryPreviewOutput
    from .job_entry_status import JobEntryStatus
    from .job_status_response import JobStatusResponse
    from .job_status_response_status import JobStatusResponseStatus
    from .jobs_list_response import JobsListResponse
    from .list_assets_order import ListAssetsOrder
    from .list_assets_response import ListAssetsResponse
    from .list_assets_sort import ListAssetsSort
    from .list_jobs_output_type import ListJobsOutputType
    from .list_jobs_sort_by import ListJobsSortBy
    from .list_jobs_sort_order import ListJobsSortOrder
    from .list_tags_order import ListTagsOrder
    from .list_tags_response import ListTagsResponse
    from .model_file import ModelFile
    from .model_folder import ModelFolder
    from .node_info import NodeInfo
    from .node_info_input import NodeInfoInput
    from .node_info_input_order import NodeInfoInputOrder
    from .pagination_info import PaginationInfo
    from .post_userdata_file_full_info import PostUserdataFileFullInfo
    from .post_userdata_file_overwrite import PostUserdataFileOverwrite
    from .prompt_error_response import PromptErrorResponse
    from .prompt_info import PromptInfo
    from .prompt_info_exec_info import PromptInfoExecInfo
    from .prompt_request import PromptRequest
    from .prompt_request_extra_data import PromptRequestExtraData
    from .prompt_request_prompt import PromptRequestPrompt
    from .prompt_response import PromptResponse
    from .prompt_response_node_errors import PromptResponseNodeErrors
    from .queue_info import QueueInfo
    from .queue_manage_request import QueueManageRequest
    from .queue_manage_response import QueueManageResponse
    from .remove_asset_tags_body import RemoveAssetTagsBody
    from .system_stats_response import SystemStatsResponse
    from .system_stats_response_devices_item import SystemStatsResponseDevicesItem
    from .system_stats_response_system import SystemStatsResponseSystem
    from .tag_info import TagInfo
    from .tags_modification_response import TagsModificationResponse
    from .update_asset_body import UpdateAssetBody
    from .update_asset_body_user_metadata import UpdateAssetBodyUserMetadata
    from .upload_asset_files_body import UploadAssetFilesBody
    from .upload_asset_json_body import UploadAssetJsonBody
    from .upload_asset_json_body_user_metadata import UploadAssetJsonBodyUserMetadata
    from .upload_image_body import UploadImageBody
    from .upload_image_response_200 import UploadImageResponse200
    from .upload_mask_body import UploadMaskBody
    from .upload_mask_response_200 import UploadMaskResponse200
    from .upload_mask_response_200_metadata import UploadMaskResponse200Metadata
    from .upload_mask_response_200_metadata_related_files import (
        UploadMaskResponse200MetadataRelatedFiles,
    )
    from .user_data_response_full import UserDataResponseFull
    from .user_response import UserResponse
    from .validation_error import ValidationError
    from .validation_result import ValidationResult
    from .web_socket_executed_message import WebSocketExecutedMessage
    from .web_socket_executed_message_data import WebSocketExecutedMessageData
    from .web_socket_executed_message_data_output import (
        WebSocketExecutedMessageDataOutput,
    )
    from .web_socket_executed_message_type import WebSocketExecutedMessageType
    from .web_socket_executing_message import WebSocketExecutingMessage
    from .web_socket_executing_message_data import WebSocketExecutingMessageData
    from .web_socket_executing_message_type import WebSocketExecutingMessageType
    from .web_socket_execution_cached_message import WebSocketExecutionCachedMessage
    from .web_socket_execution_cached_message_data import (
        WebSocketExecutionCachedMessageData,
    )
    from .web_socket_execution_cached_message_type import (
        WebSocketExecutionCachedMessageType,
    )
    from .web_socket_execution_error_message import WebSocketExecutionErrorMessage
    from .web_socket_execution_error_message_data import (
        WebSocketExecutionErrorMessageData,
    )
    from .web_socket_execution_error_message_data_current_inputs import (
        WebSocketExecutionErrorMessageDataCurrentInputs,
    )
    from .web_socket_execution_error_message_data_current_outputs import (
        WebSocketExecutionErrorMessageDataCurrentOutputs,
    )
    from .web_socket_execution_error_message_data_exception_type import (
        WebSocketExecutionErrorMessageDataExceptionType,
    )
    from .web_socket_execution_error_message_type import (
        WebSocketExecutionErrorMessageType,
    )
    from .web_socket_execution_interrupted_message import (
        WebSocketExecutionInterruptedMessage,
    )
    from .web_socket_execution_interrupted_message_data import (
        WebSocketExecutionInterruptedMessageData,
    )
    from .web_socket_execution_interrupted_message_type import (
        WebSocketExecutionInterruptedMessageType,
    )
    from .web_socket_execution_start_message import WebSocketExecutionStartMessage
    from .web_socket_execution_start_message_data import (
        WebSocketExecutionStartMessageData,
    )
    from .web_socket_execution_start_message_type import (
        WebSocketExecutionStartMessageType,
    )
    from .web_socket_execution_success_message import WebSocketExecutionSuccessMessage
    from .web_socket_execution_success_message_data import (
        WebSocketExecutionSuccessMessageData,
    )
    from .web_socket_execution_success_message_type import (
        WebSocketExecutionSuccessMessageType,
    )
    from .web_socket_message import WebSocketMessage
    from .web_socket_message_data import WebSocketMessageData
    from .web_socket_message_type import WebSocketMessageType
    from .web_socket_progress_message import WebSocketProgressMessage
    from .web_socket_progress_message_data import WebSocketProgressMessageData
    from .web_socket_progress_message_type import WebSocketProgressMessageType
    from .web_socket_progress_state_message import WebSocketProgressStateMessage
    from .web_socket_progress_state_message_data import (
        WebSocketProgressStateMessageData,
    )
    from .web_socket_progress_state_message_data_nodes import (
        WebSocketProgressStateMessageDataNodes,
    )
    from .web_socket_progress_state_message_data_nodes_additional_property import (
        WebSocketProgressStateMessageDataNodesAdditionalProperty,
    )
    from .web_socket_progress_state_message_type import (
        WebSocketProgressStateMessageType,
    )
    from .web_socket_status_message import WebSocketStatusMessage
    from .web_socket_status_message_data import WebSocketStatusMessageData
    from .web_socket_status_message_data_status import WebSocketStatusMessageDataStatus
    from .web_socket_status_message_data_status_exec_info import (
        WebSocketStatusMessageDataStatusExecInfo,
    )
    from .web_socket_status_message_type import WebSocketStatusMessageType

_MODULES = {
    "AddAssetTagsBody": ".add_asset_tags_body",
    "Asset": ".asset",
    "AssetCreated": ".asset_created",
    "AssetDownloadResponse": ".asset_download_response",
    "AssetDownloadResponseStatus": ".asset_download_response_status",
    "AssetMetadataResponse": ".asset_metadata_response",
    "AssetTagHistogramResponse": ".asset_tag_histogram_response",
    "AssetTagHistogramResponseTagCounts": ".asset_tag_histogram_response_tag_counts",
    "AssetUpdated": ".asset_updated",
    "AssetUpdatedUserMetadata": ".asset_updated_user_metadata",
    "AssetUserMetadata": ".asset_user_metadata",
    "CreateAssetDownloadBody": ".create_asset_download_body",
    "CreateAssetDownloadBodyUserMetadata": ".create_asset_download_body_user_metadata",
    "CreateAssetFromHashBody": ".create_asset_from_hash_body",
    "CreateAssetFromHashBodyUserMetadata": ".create_asset_from_hash_body_user_metadata",
    "ErrorResponse": ".error_response",
    "ExecutionError": ".execution_error",
    "ExecutionErrorCurrentInputs": ".execution_error_current_inputs",
    "GetFeaturesResponse200": ".get_features_response_200",
    "GetGlobalSubgraphsResponse200": ".get_global_subgraphs_response_200",
    "GetMaskLayersResponse200": ".get_mask_layers_response_200",
    "GetNodeInfoResponse200": ".get_node_info_response_200",
    "GetUserDataResponseFullFile": ".get_user_data_response_full_file",
    "GetWorkflowTemplatesResponse200": ".get_workflow_templates_response_200",
    "GlobalSubgraphData": ".global_subgraph_data",
    "GlobalSubgraphDataInfo": ".global_subgraph_data_info",
    "GlobalSubgraphInfo": ".global_subgraph_info",
    "GlobalSubgraphInfoInfo": ".global_subgraph_info_info",
    "HistoryDetailEntry": ".history_detail_entry",
    "HistoryDetailEntryMeta": ".history_detail_entry_meta",
    "HistoryDetailEntryOutputs": ".history_detail_entry_outputs",
    "HistoryDetailEntryPrompt": ".history_detail_entry_prompt",
    "HistoryDetailEntryPromptExtraData": ".history_detail_entry_prompt_extra_data",
    "HistoryDetailEntryPromptPrompt": ".history_detail_entry_prompt_prompt",
    "HistoryDetailEntryStatus": ".history_detail_entry_status",
    "HistoryDetailResponse": ".history_detail_response",
    "HistoryEntry": ".history_entry",
    "HistoryEntryMeta": ".history_entry_meta",
    "HistoryEntryOutputs": ".history_entry_outputs",
    "HistoryEntryPrompt": ".history_entry_prompt",
    "HistoryEntryPromptExtraData": ".history_entry_prompt_extra_data",
    "HistoryEntryStatus": ".history_entry_status",
    "HistoryManageRequest": ".history_manage_request",
    "HistoryResponse": ".history_response",
    "InterruptJobBody": ".interrupt_job_body",
    "JobDetailResponse": ".job_detail_response",
    "JobDetailResponseExecutionMeta": ".job_detail_response_execution_meta",
    "JobDetailResponseExecutionStatus": ".job_detail_response_execution_status",
    "JobDetailResponseOutputs": ".job_detail_response_outputs",
    "JobDetailResponsePreviewOutput": ".job_detail_response_preview_output",
    "JobDetailResponseStatus": ".job_detail_response_status",
    "JobDetailResponseWorkflow": ".job_detail_response_workflow",
    "JobEntry": ".job_entry",
    "JobEntryPreviewOutput": ".job_entry_preview_output",
    "JobEntryStatus": ".job_entry_status",
    "JobStatusResponse": ".job_status_response",
    "JobStatusResponseStatus": ".job_status_response_status",
    "JobsListResponse": ".jobs_list_response",
    "ListAssetsOrder": ".list_assets_order",
    "ListAssetsResponse": ".list_assets_response",
    "ListAssetsSort": ".list_assets_sort",
    "ListJobsOutputType": ".list_jobs_output_type",
    "ListJobsSortBy": ".list_jobs_sort_by",
    "ListJobsSortOrder": ".list_jobs_sort_order",
    "ListTagsOrder": ".list_tags_order",
    "ListTagsResponse": ".list_tags_response",
    "ModelFile": ".model_file",
    "ModelFolder": ".model_folder",
    "NodeInfo": ".node_info",
    "NodeInfoInput": ".node_info_input",
    "NodeInfoInputOrder": ".node_info_input_order",
    "PaginationInfo": ".pagination_info",
    "PostUserdataFileFullInfo": ".post_userdata_file_full_info",
    "PostUserdataFileOverwrite": ".post_userdata_file_overwrite",
    "PromptErrorResponse": ".prompt_error_response",
    "PromptInfo": ".prompt_info",
    "PromptInfoExecInfo": ".prompt_info_exec_info",
    "PromptRequest": ".prompt_request",
    "PromptRequestExtraData": ".prompt_request_extra_data",
    "PromptRequestPrompt": ".prompt_request_prompt",
    "PromptResponse": ".prompt_response",
    "PromptResponseNodeErrors": ".prompt_response_node_errors",
    "QueueInfo": ".queue_info",
    "QueueManageRequest": ".queue_manage_request",
    "QueueManageResponse": ".queue_manage_response",
    "RemoveAssetTagsBody": ".remove_asset_tags_body",
    "SystemStatsResponse": ".system_stats_response",
    "SystemStatsResponseDevicesItem": ".system_stats_response_devices_item",
    "SystemStatsResponseSystem": ".system_stats_response_system",
    "TagInfo": ".tag_info",
    "TagsModificationResponse": ".tags_modification_response",
    "UpdateAssetBody": ".update_asset_body",
    "UpdateAssetBodyUserMetadata": ".update_asset_body_user_metadata",
    "UploadAssetFilesBody": ".upload_asset_files_body",
    "UploadAssetJsonBody": ".upload_asset_json_body",
    "UploadAssetJsonBodyUserMetadata": ".upload_asset_json_body_user_metadata",
    "UploadImageBody": ".upload_image_body",
    "UploadImageResponse200": ".upload_image_response_200",
    "UploadMaskBody": ".upload_mask_body",
    "UploadMaskResponse200": ".upload_mask_response_200",
    "UploadMaskResponse200Metadata": ".upload_mask_response_200_metadata",
    "UploadMaskResponse200MetadataRelatedFiles": ".upload_mask_response_200_metadata_related_files",
    "UserDataResponseFull": ".user_data_response_full",
    "UserResponse": ".user_response",
    "ValidationError": ".validation_error",
    "ValidationResult": ".validation_result",
    "WebSocketExecutedMessage": ".web_socket_executed_message",
    "WebSocketExecutedMessageData": ".web_socket_executed_message_data",
    "WebSocketExecutedMessageDataOutput": ".web_socket_executed_message_data_output",
    "WebSocketExecutedMessageType": ".web_socket_executed_message_type",
    "WebSocketExecutingMessage": ".web_socket_executing_message",
    "WebSocketExecutingMessageData": ".web_socket_executing_message_data",
    "WebSocketExecutingMessageType": ".web_socket_executing_message_type",
    "WebSocketExecutionCachedMessage": ".web_socket_execution_cached_message",
    "WebSocketExecutionCachedMessageData": ".web_socket_execution_cached_message_data",
    "WebSocketExecutionCachedMessageType": ".web_socket_execution_cached_message_type",
    "WebSocketExecutionErrorMessage": ".web_socket_execution_error_message",
    "WebSocketExecutionErrorMessageData": ".web_socket_execution_error_message_data",
    "WebSocketExecutionErrorMessageDataCurrentInputs": ".web_socket_execution_error_message_data_current_inputs",
    "WebSocketExecutionErrorMessageDataCurrentOutputs": ".web_socket_execution_error_message_data_current_outputs",
    "WebSocketExecutionErrorMessageDataExceptionType": ".web_socket_execution_error_message_data_exception_type",
    "WebSocketExecutionErrorMessageType": ".web_socket_execution_error_message_type",
    "WebSocketExecutionInterruptedMessage": ".web_socket_execution_interrupted_message",
    "WebSocketExecutionInterruptedMessageData": ".web_socket_execution_interrupted_message_data",
    "WebSocketExecutionInterruptedMessageType": ".web_socket_execution_interrupted_message_type",
    "WebSocketExecutionStartMessage": ".web_socket_execution_start_message",
    "WebSocketExecutionStartMessageData": ".web_socket_execution_start_message_data",
    "WebSocketExecutionStartMessageType": ".web_socket_execution_start_message_type",
    "WebSocketExecutionSuccessMessage": ".web_socket_execution_success_message",
    "WebSocketExecutionSuccessMessageData": ".web_socket_execution_success_message_data",
    "WebSocketExecutionSuccessMessageType": ".web_socket_execution_success_message_type",
    "WebSocketMessage": ".web_socket_message",
    "WebSocketMessageData": ".web_socket_message_data",
    "WebSocketMessageType": ".web_socket_message_type",
    "WebSocketProgressMessage": ".web_socket_progress_message",
    "WebSocketProgressMessageData": ".web_socket_progress_message_data",
    "WebSocketProgressMessageType": ".web_socket_progress_message_type",
    "WebSocketProgressStateMessage": ".web_socket_progress_state_message",
    "WebSocketProgressStateMessageData": ".web_socket_progress_state_message_data",
    "WebSocketProgressStateMessageDataNodes": ".web_socket_progress_state_message_data_nodes",
    "WebSocketProgressStateMessageDataNodesAdditionalProperty": ".web_socket_progress_state_message_data_nodes_additional_property",
    "WebSocketProgressStateMessageType": ".web_socket_progress_state_message_type",
    "WebSocketStatusMessage": ".web_socket_status_message",
    "WebSocketStatusMessageData": ".web_socket_status_message_data",
    "WebSocketStatusMessageDataStatus": ".web_socket_status_message_data_status",
    "WebSocketStatusMessageDataStatusExecInfo": ".web_socket_status_message_data_status_exec_info",
    "WebSocketStatusMessageType": ".web_socket_status_message_type",
}

__all__ = (
    "AddAssetTagsBody",
    "Asset",
    "AssetCreated",
    "AssetDownloadResponse",
    "AssetDownloadResponseStatus",
    "AssetMetadataResponse",
    "AssetTagHistogramResponse",
    "AssetTagHistogramResponseTagCounts",
    "AssetUpdated",
    "AssetUpdatedUserMetadata",
    "AssetUserMetadata",
    "CreateAssetDownloadBody",
    "CreateAssetDownloadBodyUserMetadata",
    "CreateAssetFromHashBody",
    "CreateAssetFromHashBodyUserMetadata",
    "ErrorResponse",
    "ExecutionError",
    "ExecutionErrorCurrentInputs",
    "GetFeaturesResponse200",
    "GetGlobalSubgraphsResponse200",
    "GetMaskLayersResponse200",
    "GetNodeInfoResponse200",
    "GetUserDataResponseFullFile",
    "GetWorkflowTemplatesResponse200",
    "GlobalSubgraphData",
    "GlobalSubgraphDataInfo",
    "GlobalSubgraphInfo",
    "GlobalSubgraphInfoInfo",
    "HistoryDetailEntry",
    "HistoryDetailEntryMeta",
    "HistoryDetailEntryOutputs",
    "HistoryDetailEntryPrompt",
    "HistoryDetailEntryPromptExtraData",
    "HistoryDetailEntryPromptPrompt",
    "HistoryDetailEntryStatus",
    "HistoryDetailResponse",
    "HistoryEntry",
    "HistoryEntryMeta",
    "HistoryEntryOutputs",
    "HistoryEntryPrompt",
    "HistoryEntryPromptExtraData",
    "HistoryEntryStatus",
    "HistoryManageRequest",
    "HistoryResponse",
    "InterruptJobBody",
    "JobDetailResponse",
    "JobDetailResponseExecutionMeta",
    "JobDetailResponseExecutionStatus",
    "JobDetailResponseOutputs",
    "JobDetailResponsePreviewOutput",
    "JobDetailResponseStatus",
    "JobDetailResponseWorkflow",
    "JobEntry",
    "JobEntryPreviewOutput",
    "JobEntryStatus",
    "JobsListResponse",
    "JobStatusResponse",
    "JobStatusResponseStatus",
    "ListAssetsOrder",
    "ListAssetsResponse",
    "ListAssetsSort",
    "ListJobsOutputType",
    "ListJobsSortBy",
    "ListJobsSortOrder",
    "ListTagsOrder",
    "ListTagsResponse",
    "ModelFile",
    "ModelFolder",
    "NodeInfo",
    "NodeInfoInput",
    "NodeInfoInputOrder",
    "PaginationInfo",
    "PostUserdataFileFullInfo",
    "PostUserdataFileOverwrite",
    "PromptErrorResponse",
    "PromptInfo",
    "PromptInfoExecInfo",
    "PromptRequest",
    "PromptRequestExtraData",
    "PromptRequestPrompt",
    "PromptResponse",
    "PromptResponseNodeErrors",
    "QueueInfo",
    "QueueManageRequest",
    "QueueManageResponse",
    "RemoveAssetTagsBody",
    "SystemStatsResponse",
    "SystemStatsResponseDevicesItem",
    "SystemStatsResponseSystem",
    "TagInfo",
    "TagsModificationResponse",
    "UpdateAssetBody",
    "UpdateAssetBodyUserMetadata",
    "UploadAssetFilesBody",
    "UploadAssetJsonBody",
    "UploadAssetJsonBodyUserMetadata",
    "UploadImageBody",
    "UploadImageResponse200",
    "UploadMaskBody",
    "UploadMaskResponse200",
    "UploadMaskResponse200Metadata",
    "UploadMaskResponse200MetadataRelatedFiles",
    "UserDataResponseFull",
    "UserResponse",
    "ValidationError",
    "ValidationResult",
    "WebSocketExecutedMessage",
    "WebSocketExecutedMessageData",
    "WebSocketExecutedMessageDataOutput",
    "WebSocketExecutedMessageType",
    "WebSocketExecutingMessage",
    "WebSocketExecutingMessageData",
    "WebSocketExecutingMessageType",
    "WebSocketExecutionCachedMessage",
    "WebSocketExecutionCachedMessageData",
    "WebSocketExecutionCachedMessageType",
    "WebSocketExecutionErrorMessage",
    "WebSocketExecutionErrorMessageData",
    "WebSocketExecutionErrorMessageDataCurrentInputs",
    "WebSocketExecutionErrorMessageDataCurrentOutputs",
    "WebSocketExecutionErrorMessageDataExceptionType",
    "WebSocketExecutionErrorMessageType",
    "WebSocketExecutionInterruptedMessage",
    "WebSocketExecutionInterruptedMessageData",
    "WebSocketExecutionInterruptedMessageType",
    "WebSocketExecutionStartMessage",
    "WebSocketExecutionStartMessageData",
    "WebSocketExecutionStartMessageType",
    "WebSocketExecutionSuccessMessage",
    "WebSocketExecutionSuccessMessageData",
    "WebSocketExecutionSuccessMessageType",
    "WebSocketMessage",
    "WebSocketMessageData",
    "WebSocketMessageType",
    "WebSocketProgressMessage",
    "WebSocketProgressMessageData",
    "WebSocketProgressMessageType",
    "WebSocketProgressStateMessage",
    "WebSocketProgressStateMessageData",
    "WebSocketProgressStateMessageDataNodes",
    "WebSocketProgressStateMessageDataNodesAdditionalProperty",
    "WebSocketProgressStateMessageType",
    "WebSocketStatusMessage",
    "WebSocketStatusMessageData",
    "WebSocketStatusMessageDataStatus",
    "WebSocketStatusMessageDataStatusExecInfo",
    "WebSocketStatusMessageType",
)


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(_MODULES[name], __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_MODULES})
