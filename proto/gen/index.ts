// Generated from the .proto files by `npm run proto`; do not edit.

import type * as api_events_container from './api/events/container.ts';
import type * as api_events_content from './api/events/content.ts';
import type * as api_events_image from './api/events/image.ts';
import type * as api_events_namespace from './api/events/namespace.ts';
import type * as api_events_sandbox from './api/events/sandbox.ts';
import type * as api_events_snapshot from './api/events/snapshot.ts';
import type * as api_events_task from './api/events/task.ts';
import type * as api_runtime_bootstrap_v1_bootstrap from './api/runtime/bootstrap/v1/bootstrap.ts';
import type * as api_runtime_sandbox_v1_sandbox from './api/runtime/sandbox/v1/sandbox.ts';
import type * as api_runtime_task_v2_shim from './api/runtime/task/v2/shim.ts';
import type * as api_runtime_task_v3_shim from './api/runtime/task/v3/shim.ts';
import type * as api_services_containers_v1_containers from './api/services/containers/v1/containers.ts';
import type * as api_services_content_v1_content from './api/services/content/v1/content.ts';
import type * as api_services_diff_v1_diff from './api/services/diff/v1/diff.ts';
import type * as api_services_events_v1_events from './api/services/events/v1/events.ts';
import type * as api_services_images_v1_images from './api/services/images/v1/images.ts';
import type * as api_services_introspection_v1_introspection from './api/services/introspection/v1/introspection.ts';
import type * as api_services_leases_v1_leases from './api/services/leases/v1/leases.ts';
import type * as api_services_mounts_v1_mounts from './api/services/mounts/v1/mounts.ts';
import type * as api_services_namespaces_v1_namespace from './api/services/namespaces/v1/namespace.ts';
import type * as api_services_sandbox_v1_sandbox from './api/services/sandbox/v1/sandbox.ts';
import type * as api_services_snapshots_v1_snapshots from './api/services/snapshots/v1/snapshots.ts';
import type * as api_services_streaming_v1_streaming from './api/services/streaming/v1/streaming.ts';
import type * as api_services_tasks_v1_tasks from './api/services/tasks/v1/tasks.ts';
import type * as api_services_transfer_v1_transfer from './api/services/transfer/v1/transfer.ts';
import type * as api_services_ttrpc_events_v1_events from './api/services/ttrpc/events/v1/events.ts';
import type * as api_services_version_v1_version from './api/services/version/v1/version.ts';
import type * as api_types_descriptor from './api/types/descriptor.ts';
import type * as api_types_event from './api/types/event.ts';
import type * as api_types_introspection from './api/types/introspection.ts';
import type * as api_types_metrics from './api/types/metrics.ts';
import type * as api_types_mount from './api/types/mount.ts';
import type * as api_types_platform from './api/types/platform.ts';
import type * as api_types_runc_options_oci from './api/types/runc/options/oci.ts';
import type * as api_types_runtimeoptions_v1_api from './api/types/runtimeoptions/v1/api.ts';
import type * as api_types_sandbox from './api/types/sandbox.ts';
import type * as api_types_task_task from './api/types/task/task.ts';
import type * as api_types_transfer_container from './api/types/transfer/container.ts';
import type * as api_types_transfer_imagestore from './api/types/transfer/imagestore.ts';
import type * as api_types_transfer_importexport from './api/types/transfer/importexport.ts';
import type * as api_types_transfer_progress from './api/types/transfer/progress.ts';
import type * as api_types_transfer_registry from './api/types/transfer/registry.ts';
import type * as api_types_transfer_streaming from './api/types/transfer/streaming.ts';
import type * as gantry_debug_v1_failpoint from './gantry/debug/v1/failpoint.ts';
import type * as gantry_debug_v1_loop from './gantry/debug/v1/loop.ts';
import type * as gantry_doctor_v1_doctor from './gantry/doctor/v1/doctor.ts';
import type * as gantry_shim_v1_shim from './gantry/shim/v1/shim.ts';
import type * as gantry_shim_v1_streams from './gantry/shim/v1/streams.ts';
import type * as gantry_unpack_v1_unpack from './gantry/unpack/v1/unpack.ts';
import type * as github_com_Microsoft_hcsshim_cmd_containerd_shim_runhcs_v1_options_runhcs from './github.com/Microsoft/hcsshim/cmd/containerd-shim-runhcs-v1/options/runhcs.ts';
import type * as github_com_Microsoft_hcsshim_cmd_containerd_shim_runhcs_v1_stats_stats from './github.com/Microsoft/hcsshim/cmd/containerd-shim-runhcs-v1/stats/stats.ts';
import type * as github_com_containerd_cgroups_v3_cgroup1_stats_metrics from './github.com/containerd/cgroups/v3/cgroup1/stats/metrics.ts';
import type * as github_com_containerd_cgroups_v3_cgroup2_stats_metrics from './github.com/containerd/cgroups/v3/cgroup2/stats/metrics.ts';
import type * as github_com_containerd_ttrpc_request from './github.com/containerd/ttrpc/request.ts';
import type * as google_protobuf_any from './google/protobuf/any.ts';
import type * as google_protobuf_empty from './google/protobuf/empty.ts';
import type * as google_protobuf_field_mask from './google/protobuf/field_mask.ts';
import type * as google_protobuf_timestamp from './google/protobuf/timestamp.ts';
import type * as google_rpc_status from './google/rpc/status.ts';
import type * as grpc_health_v1_health from './grpc/health/v1/health.ts';
import type * as grpc_reflection_v1_reflection from './grpc/reflection/v1/reflection.ts';
import type * as grpc_reflection_v1alpha_reflection from './grpc/reflection/v1alpha/reflection.ts';
import type * as k8s_io_cri_api_pkg_apis_runtime_v1_api from './k8s.io/cri-api/pkg/apis/runtime/v1/api.ts';

/** Every message by its full proto name. */
export interface Messages {
  'containerd.events.ContainerCreate': api_events_container.ContainerCreate;
  'containerd.events.ContainerCreate.Runtime': api_events_container.ContainerCreate_Runtime;
  'containerd.events.ContainerDelete': api_events_container.ContainerDelete;
  'containerd.events.ContainerUpdate': api_events_container.ContainerUpdate;
  'containerd.events.ContentCreate': api_events_content.ContentCreate;
  'containerd.events.ContentDelete': api_events_content.ContentDelete;
  'containerd.events.NamespaceCreate': api_events_namespace.NamespaceCreate;
  'containerd.events.NamespaceDelete': api_events_namespace.NamespaceDelete;
  'containerd.events.NamespaceUpdate': api_events_namespace.NamespaceUpdate;
  'containerd.events.SandboxCreate': api_events_sandbox.SandboxCreate;
  'containerd.events.SandboxExit': api_events_sandbox.SandboxExit;
  'containerd.events.SandboxStart': api_events_sandbox.SandboxStart;
  'containerd.events.SnapshotCommit': api_events_snapshot.SnapshotCommit;
  'containerd.events.SnapshotPrepare': api_events_snapshot.SnapshotPrepare;
  'containerd.events.SnapshotRemove': api_events_snapshot.SnapshotRemove;
  'containerd.events.TaskCheckpointed': api_events_task.TaskCheckpointed;
  'containerd.events.TaskCreate': api_events_task.TaskCreate;
  'containerd.events.TaskDelete': api_events_task.TaskDelete;
  'containerd.events.TaskExecAdded': api_events_task.TaskExecAdded;
  'containerd.events.TaskExecStarted': api_events_task.TaskExecStarted;
  'containerd.events.TaskExit': api_events_task.TaskExit;
  'containerd.events.TaskIO': api_events_task.TaskIO;
  'containerd.events.TaskOOM': api_events_task.TaskOOM;
  'containerd.events.TaskPaused': api_events_task.TaskPaused;
  'containerd.events.TaskResumed': api_events_task.TaskResumed;
  'containerd.events.TaskStart': api_events_task.TaskStart;
  'containerd.runc.v1.CheckpointOptions': api_types_runc_options_oci.CheckpointOptions;
  'containerd.runc.v1.Options': api_types_runc_options_oci.Options;
  'containerd.runc.v1.ProcessDetails': api_types_runc_options_oci.ProcessDetails;
  'containerd.runhcs.stats.v1.Statistics': github_com_Microsoft_hcsshim_cmd_containerd_shim_runhcs_v1_stats_stats.Statistics;
  'containerd.runhcs.stats.v1.VirtualMachineMemory': github_com_Microsoft_hcsshim_cmd_containerd_shim_runhcs_v1_stats_stats.VirtualMachineMemory;
  'containerd.runhcs.stats.v1.VirtualMachineMemoryStatistics': github_com_Microsoft_hcsshim_cmd_containerd_shim_runhcs_v1_stats_stats.VirtualMachineMemoryStatistics;
  'containerd.runhcs.stats.v1.VirtualMachineProcessorStatistics': github_com_Microsoft_hcsshim_cmd_containerd_shim_runhcs_v1_stats_stats.VirtualMachineProcessorStatistics;
  'containerd.runhcs.stats.v1.VirtualMachineStatistics': github_com_Microsoft_hcsshim_cmd_containerd_shim_runhcs_v1_stats_stats.VirtualMachineStatistics;
  'containerd.runhcs.stats.v1.WindowsContainerMemoryStatistics': github_com_Microsoft_hcsshim_cmd_containerd_shim_runhcs_v1_stats_stats.WindowsContainerMemoryStatistics;
  'containerd.runhcs.stats.v1.WindowsContainerProcessorStatistics': github_com_Microsoft_hcsshim_cmd_containerd_shim_runhcs_v1_stats_stats.WindowsContainerProcessorStatistics;
  'containerd.runhcs.stats.v1.WindowsContainerStatistics': github_com_Microsoft_hcsshim_cmd_containerd_shim_runhcs_v1_stats_stats.WindowsContainerStatistics;
  'containerd.runhcs.stats.v1.WindowsContainerStorageStatistics': github_com_Microsoft_hcsshim_cmd_containerd_shim_runhcs_v1_stats_stats.WindowsContainerStorageStatistics;
  'containerd.runhcs.v1.Options': github_com_Microsoft_hcsshim_cmd_containerd_shim_runhcs_v1_options_runhcs.Options;
  'containerd.runhcs.v1.ProcessDetails': github_com_Microsoft_hcsshim_cmd_containerd_shim_runhcs_v1_options_runhcs.ProcessDetails;
  'containerd.runtime.bootstrap.v1.BootstrapParams': api_runtime_bootstrap_v1_bootstrap.BootstrapParams;
  'containerd.runtime.bootstrap.v1.BootstrapResult': api_runtime_bootstrap_v1_bootstrap.BootstrapResult;
  'containerd.runtime.bootstrap.v1.Extension': api_runtime_bootstrap_v1_bootstrap.Extension;
  'containerd.runtime.sandbox.v1.CreateSandboxRequest': api_runtime_sandbox_v1_sandbox.CreateSandboxRequest;
  'containerd.runtime.sandbox.v1.CreateSandboxResponse': api_runtime_sandbox_v1_sandbox.CreateSandboxResponse;
  'containerd.runtime.sandbox.v1.PingRequest': api_runtime_sandbox_v1_sandbox.PingRequest;
  'containerd.runtime.sandbox.v1.PingResponse': api_runtime_sandbox_v1_sandbox.PingResponse;
  'containerd.runtime.sandbox.v1.PlatformRequest': api_runtime_sandbox_v1_sandbox.PlatformRequest;
  'containerd.runtime.sandbox.v1.PlatformResponse': api_runtime_sandbox_v1_sandbox.PlatformResponse;
  'containerd.runtime.sandbox.v1.SandboxMetricsRequest': api_runtime_sandbox_v1_sandbox.SandboxMetricsRequest;
  'containerd.runtime.sandbox.v1.SandboxMetricsResponse': api_runtime_sandbox_v1_sandbox.SandboxMetricsResponse;
  'containerd.runtime.sandbox.v1.SandboxStatusRequest': api_runtime_sandbox_v1_sandbox.SandboxStatusRequest;
  'containerd.runtime.sandbox.v1.SandboxStatusResponse': api_runtime_sandbox_v1_sandbox.SandboxStatusResponse;
  'containerd.runtime.sandbox.v1.ShutdownSandboxRequest': api_runtime_sandbox_v1_sandbox.ShutdownSandboxRequest;
  'containerd.runtime.sandbox.v1.ShutdownSandboxResponse': api_runtime_sandbox_v1_sandbox.ShutdownSandboxResponse;
  'containerd.runtime.sandbox.v1.StartSandboxRequest': api_runtime_sandbox_v1_sandbox.StartSandboxRequest;
  'containerd.runtime.sandbox.v1.StartSandboxResponse': api_runtime_sandbox_v1_sandbox.StartSandboxResponse;
  'containerd.runtime.sandbox.v1.StopSandboxRequest': api_runtime_sandbox_v1_sandbox.StopSandboxRequest;
  'containerd.runtime.sandbox.v1.StopSandboxResponse': api_runtime_sandbox_v1_sandbox.StopSandboxResponse;
  'containerd.runtime.sandbox.v1.UpdateSandboxRequest': api_runtime_sandbox_v1_sandbox.UpdateSandboxRequest;
  'containerd.runtime.sandbox.v1.UpdateSandboxResponse': api_runtime_sandbox_v1_sandbox.UpdateSandboxResponse;
  'containerd.runtime.sandbox.v1.WaitSandboxRequest': api_runtime_sandbox_v1_sandbox.WaitSandboxRequest;
  'containerd.runtime.sandbox.v1.WaitSandboxResponse': api_runtime_sandbox_v1_sandbox.WaitSandboxResponse;
  'containerd.services.containers.v1.Container': api_services_containers_v1_containers.Container;
  'containerd.services.containers.v1.Container.Runtime': api_services_containers_v1_containers.Container_Runtime;
  'containerd.services.containers.v1.CreateContainerRequest': api_services_containers_v1_containers.CreateContainerRequest;
  'containerd.services.containers.v1.CreateContainerResponse': api_services_containers_v1_containers.CreateContainerResponse;
  'containerd.services.containers.v1.DeleteContainerRequest': api_services_containers_v1_containers.DeleteContainerRequest;
  'containerd.services.containers.v1.GetContainerRequest': api_services_containers_v1_containers.GetContainerRequest;
  'containerd.services.containers.v1.GetContainerResponse': api_services_containers_v1_containers.GetContainerResponse;
  'containerd.services.containers.v1.ListContainerMessage': api_services_containers_v1_containers.ListContainerMessage;
  'containerd.services.containers.v1.ListContainersRequest': api_services_containers_v1_containers.ListContainersRequest;
  'containerd.services.containers.v1.ListContainersResponse': api_services_containers_v1_containers.ListContainersResponse;
  'containerd.services.containers.v1.UpdateContainerRequest': api_services_containers_v1_containers.UpdateContainerRequest;
  'containerd.services.containers.v1.UpdateContainerResponse': api_services_containers_v1_containers.UpdateContainerResponse;
  'containerd.services.content.v1.AbortRequest': api_services_content_v1_content.AbortRequest;
  'containerd.services.content.v1.DeleteContentRequest': api_services_content_v1_content.DeleteContentRequest;
  'containerd.services.content.v1.Info': api_services_content_v1_content.Info;
  'containerd.services.content.v1.InfoRequest': api_services_content_v1_content.InfoRequest;
  'containerd.services.content.v1.InfoResponse': api_services_content_v1_content.InfoResponse;
  'containerd.services.content.v1.ListContentRequest': api_services_content_v1_content.ListContentRequest;
  'containerd.services.content.v1.ListContentResponse': api_services_content_v1_content.ListContentResponse;
  'containerd.services.content.v1.ListStatusesRequest': api_services_content_v1_content.ListStatusesRequest;
  'containerd.services.content.v1.ListStatusesResponse': api_services_content_v1_content.ListStatusesResponse;
  'containerd.services.content.v1.ReadContentRequest': api_services_content_v1_content.ReadContentRequest;
  'containerd.services.content.v1.ReadContentResponse': api_services_content_v1_content.ReadContentResponse;
  'containerd.services.content.v1.Status': api_services_content_v1_content.Status;
  'containerd.services.content.v1.StatusRequest': api_services_content_v1_content.StatusRequest;
  'containerd.services.content.v1.StatusResponse': api_services_content_v1_content.StatusResponse;
  'containerd.services.content.v1.UpdateRequest': api_services_content_v1_content.UpdateRequest;
  'containerd.services.content.v1.UpdateResponse': api_services_content_v1_content.UpdateResponse;
  'containerd.services.content.v1.WriteContentRequest': api_services_content_v1_content.WriteContentRequest;
  'containerd.services.content.v1.WriteContentResponse': api_services_content_v1_content.WriteContentResponse;
  'containerd.services.diff.v1.ApplyRequest': api_services_diff_v1_diff.ApplyRequest;
  'containerd.services.diff.v1.ApplyResponse': api_services_diff_v1_diff.ApplyResponse;
  'containerd.services.diff.v1.DiffRequest': api_services_diff_v1_diff.DiffRequest;
  'containerd.services.diff.v1.DiffResponse': api_services_diff_v1_diff.DiffResponse;
  'containerd.services.events.ttrpc.v1.ForwardRequest': api_services_ttrpc_events_v1_events.ForwardRequest;
  'containerd.services.events.v1.ForwardRequest': api_services_events_v1_events.ForwardRequest;
  'containerd.services.events.v1.PublishRequest': api_services_events_v1_events.PublishRequest;
  'containerd.services.events.v1.SubscribeRequest': api_services_events_v1_events.SubscribeRequest;
  'containerd.services.images.v1.CreateImageRequest': api_services_images_v1_images.CreateImageRequest;
  'containerd.services.images.v1.CreateImageResponse': api_services_images_v1_images.CreateImageResponse;
  'containerd.services.images.v1.DeleteImageRequest': api_services_images_v1_images.DeleteImageRequest;
  'containerd.services.images.v1.GetImageRequest': api_services_images_v1_images.GetImageRequest;
  'containerd.services.images.v1.GetImageResponse': api_services_images_v1_images.GetImageResponse;
  'containerd.services.images.v1.Image': api_services_images_v1_images.Image;
  'containerd.services.images.v1.ImageCreate': api_events_image.ImageCreate;
  'containerd.services.images.v1.ImageDelete': api_events_image.ImageDelete;
  'containerd.services.images.v1.ImageUpdate': api_events_image.ImageUpdate;
  'containerd.services.images.v1.ListImagesRequest': api_services_images_v1_images.ListImagesRequest;
  'containerd.services.images.v1.ListImagesResponse': api_services_images_v1_images.ListImagesResponse;
  'containerd.services.images.v1.UpdateImageRequest': api_services_images_v1_images.UpdateImageRequest;
  'containerd.services.images.v1.UpdateImageResponse': api_services_images_v1_images.UpdateImageResponse;
  'containerd.services.introspection.v1.DeprecationWarning': api_services_introspection_v1_introspection.DeprecationWarning;
  'containerd.services.introspection.v1.Plugin': api_services_introspection_v1_introspection.Plugin;
  'containerd.services.introspection.v1.PluginInfoRequest': api_services_introspection_v1_introspection.PluginInfoRequest;
  'containerd.services.introspection.v1.PluginInfoResponse': api_services_introspection_v1_introspection.PluginInfoResponse;
  'containerd.services.introspection.v1.PluginsRequest': api_services_introspection_v1_introspection.PluginsRequest;
  'containerd.services.introspection.v1.PluginsResponse': api_services_introspection_v1_introspection.PluginsResponse;
  'containerd.services.introspection.v1.ServerResponse': api_services_introspection_v1_introspection.ServerResponse;
  'containerd.services.leases.v1.AddResourceRequest': api_services_leases_v1_leases.AddResourceRequest;
  'containerd.services.leases.v1.CreateRequest': api_services_leases_v1_leases.CreateRequest;
  'containerd.services.leases.v1.CreateResponse': api_services_leases_v1_leases.CreateResponse;
  'containerd.services.leases.v1.DeleteRequest': api_services_leases_v1_leases.DeleteRequest;
  'containerd.services.leases.v1.DeleteResourceRequest': api_services_leases_v1_leases.DeleteResourceRequest;
  'containerd.services.leases.v1.Lease': api_services_leases_v1_leases.Lease;
  'containerd.services.leases.v1.ListRequest': api_services_leases_v1_leases.ListRequest;
  'containerd.services.leases.v1.ListResourcesRequest': api_services_leases_v1_leases.ListResourcesRequest;
  'containerd.services.leases.v1.ListResourcesResponse': api_services_leases_v1_leases.ListResourcesResponse;
  'containerd.services.leases.v1.ListResponse': api_services_leases_v1_leases.ListResponse;
  'containerd.services.leases.v1.Resource': api_services_leases_v1_leases.Resource;
  'containerd.services.mounts.v1.ActivateRequest': api_services_mounts_v1_mounts.ActivateRequest;
  'containerd.services.mounts.v1.ActivateResponse': api_services_mounts_v1_mounts.ActivateResponse;
  'containerd.services.mounts.v1.DeactivateRequest': api_services_mounts_v1_mounts.DeactivateRequest;
  'containerd.services.mounts.v1.InfoRequest': api_services_mounts_v1_mounts.InfoRequest;
  'containerd.services.mounts.v1.InfoResponse': api_services_mounts_v1_mounts.InfoResponse;
  'containerd.services.mounts.v1.ListMessage': api_services_mounts_v1_mounts.ListMessage;
  'containerd.services.mounts.v1.ListRequest': api_services_mounts_v1_mounts.ListRequest;
  'containerd.services.mounts.v1.UpdateRequest': api_services_mounts_v1_mounts.UpdateRequest;
  'containerd.services.mounts.v1.UpdateResponse': api_services_mounts_v1_mounts.UpdateResponse;
  'containerd.services.namespaces.v1.CreateNamespaceRequest': api_services_namespaces_v1_namespace.CreateNamespaceRequest;
  'containerd.services.namespaces.v1.CreateNamespaceResponse': api_services_namespaces_v1_namespace.CreateNamespaceResponse;
  'containerd.services.namespaces.v1.DeleteNamespaceRequest': api_services_namespaces_v1_namespace.DeleteNamespaceRequest;
  'containerd.services.namespaces.v1.GetNamespaceRequest': api_services_namespaces_v1_namespace.GetNamespaceRequest;
  'containerd.services.namespaces.v1.GetNamespaceResponse': api_services_namespaces_v1_namespace.GetNamespaceResponse;
  'containerd.services.namespaces.v1.ListNamespacesRequest': api_services_namespaces_v1_namespace.ListNamespacesRequest;
  'containerd.services.namespaces.v1.ListNamespacesResponse': api_services_namespaces_v1_namespace.ListNamespacesResponse;
  'containerd.services.namespaces.v1.Namespace': api_services_namespaces_v1_namespace.Namespace;
  'containerd.services.namespaces.v1.UpdateNamespaceRequest': api_services_namespaces_v1_namespace.UpdateNamespaceRequest;
  'containerd.services.namespaces.v1.UpdateNamespaceResponse': api_services_namespaces_v1_namespace.UpdateNamespaceResponse;
  'containerd.services.sandbox.v1.ControllerCreateRequest': api_services_sandbox_v1_sandbox.ControllerCreateRequest;
  'containerd.services.sandbox.v1.ControllerCreateResponse': api_services_sandbox_v1_sandbox.ControllerCreateResponse;
  'containerd.services.sandbox.v1.ControllerMetricsRequest': api_services_sandbox_v1_sandbox.ControllerMetricsRequest;
  'containerd.services.sandbox.v1.ControllerMetricsResponse': api_services_sandbox_v1_sandbox.ControllerMetricsResponse;
  'containerd.services.sandbox.v1.ControllerPlatformRequest': api_services_sandbox_v1_sandbox.ControllerPlatformRequest;
  'containerd.services.sandbox.v1.ControllerPlatformResponse': api_services_sandbox_v1_sandbox.ControllerPlatformResponse;
  'containerd.services.sandbox.v1.ControllerShutdownRequest': api_services_sandbox_v1_sandbox.ControllerShutdownRequest;
  'containerd.services.sandbox.v1.ControllerShutdownResponse': api_services_sandbox_v1_sandbox.ControllerShutdownResponse;
  'containerd.services.sandbox.v1.ControllerStartRequest': api_services_sandbox_v1_sandbox.ControllerStartRequest;
  'containerd.services.sandbox.v1.ControllerStartResponse': api_services_sandbox_v1_sandbox.ControllerStartResponse;
  'containerd.services.sandbox.v1.ControllerStatusRequest': api_services_sandbox_v1_sandbox.ControllerStatusRequest;
  'containerd.services.sandbox.v1.ControllerStatusResponse': api_services_sandbox_v1_sandbox.ControllerStatusResponse;
  'containerd.services.sandbox.v1.ControllerStopRequest': api_services_sandbox_v1_sandbox.ControllerStopRequest;
  'containerd.services.sandbox.v1.ControllerStopResponse': api_services_sandbox_v1_sandbox.ControllerStopResponse;
  'containerd.services.sandbox.v1.ControllerUpdateRequest': api_services_sandbox_v1_sandbox.ControllerUpdateRequest;
  'containerd.services.sandbox.v1.ControllerUpdateResponse': api_services_sandbox_v1_sandbox.ControllerUpdateResponse;
  'containerd.services.sandbox.v1.ControllerWaitRequest': api_services_sandbox_v1_sandbox.ControllerWaitRequest;
  'containerd.services.sandbox.v1.ControllerWaitResponse': api_services_sandbox_v1_sandbox.ControllerWaitResponse;
  'containerd.services.sandbox.v1.StoreCreateRequest': api_services_sandbox_v1_sandbox.StoreCreateRequest;
  'containerd.services.sandbox.v1.StoreCreateResponse': api_services_sandbox_v1_sandbox.StoreCreateResponse;
  'containerd.services.sandbox.v1.StoreDeleteRequest': api_services_sandbox_v1_sandbox.StoreDeleteRequest;
  'containerd.services.sandbox.v1.StoreDeleteResponse': api_services_sandbox_v1_sandbox.StoreDeleteResponse;
  'containerd.services.sandbox.v1.StoreGetRequest': api_services_sandbox_v1_sandbox.StoreGetRequest;
  'containerd.services.sandbox.v1.StoreGetResponse': api_services_sandbox_v1_sandbox.StoreGetResponse;
  'containerd.services.sandbox.v1.StoreListRequest': api_services_sandbox_v1_sandbox.StoreListRequest;
  'containerd.services.sandbox.v1.StoreListResponse': api_services_sandbox_v1_sandbox.StoreListResponse;
  'containerd.services.sandbox.v1.StoreUpdateRequest': api_services_sandbox_v1_sandbox.StoreUpdateRequest;
  'containerd.services.sandbox.v1.StoreUpdateResponse': api_services_sandbox_v1_sandbox.StoreUpdateResponse;
  'containerd.services.snapshots.v1.CleanupRequest': api_services_snapshots_v1_snapshots.CleanupRequest;
  'containerd.services.snapshots.v1.CommitSnapshotRequest': api_services_snapshots_v1_snapshots.CommitSnapshotRequest;
  'containerd.services.snapshots.v1.Info': api_services_snapshots_v1_snapshots.Info;
  'containerd.services.snapshots.v1.ListSnapshotsRequest': api_services_snapshots_v1_snapshots.ListSnapshotsRequest;
  'containerd.services.snapshots.v1.ListSnapshotsResponse': api_services_snapshots_v1_snapshots.ListSnapshotsResponse;
  'containerd.services.snapshots.v1.MountsRequest': api_services_snapshots_v1_snapshots.MountsRequest;
  'containerd.services.snapshots.v1.MountsResponse': api_services_snapshots_v1_snapshots.MountsResponse;
  'containerd.services.snapshots.v1.PrepareSnapshotRequest': api_services_snapshots_v1_snapshots.PrepareSnapshotRequest;
  'containerd.services.snapshots.v1.PrepareSnapshotResponse': api_services_snapshots_v1_snapshots.PrepareSnapshotResponse;
  'containerd.services.snapshots.v1.RemoveSnapshotRequest': api_services_snapshots_v1_snapshots.RemoveSnapshotRequest;
  'containerd.services.snapshots.v1.StatSnapshotRequest': api_services_snapshots_v1_snapshots.StatSnapshotRequest;
  'containerd.services.snapshots.v1.StatSnapshotResponse': api_services_snapshots_v1_snapshots.StatSnapshotResponse;
  'containerd.services.snapshots.v1.UpdateSnapshotRequest': api_services_snapshots_v1_snapshots.UpdateSnapshotRequest;
  'containerd.services.snapshots.v1.UpdateSnapshotResponse': api_services_snapshots_v1_snapshots.UpdateSnapshotResponse;
  'containerd.services.snapshots.v1.UsageRequest': api_services_snapshots_v1_snapshots.UsageRequest;
  'containerd.services.snapshots.v1.UsageResponse': api_services_snapshots_v1_snapshots.UsageResponse;
  'containerd.services.snapshots.v1.ViewSnapshotRequest': api_services_snapshots_v1_snapshots.ViewSnapshotRequest;
  'containerd.services.snapshots.v1.ViewSnapshotResponse': api_services_snapshots_v1_snapshots.ViewSnapshotResponse;
  'containerd.services.streaming.v1.StreamInit': api_services_streaming_v1_streaming.StreamInit;
  'containerd.services.tasks.v1.CheckpointTaskRequest': api_services_tasks_v1_tasks.CheckpointTaskRequest;
  'containerd.services.tasks.v1.CheckpointTaskResponse': api_services_tasks_v1_tasks.CheckpointTaskResponse;
  'containerd.services.tasks.v1.CloseIORequest': api_services_tasks_v1_tasks.CloseIORequest;
  'containerd.services.tasks.v1.CreateTaskRequest': api_services_tasks_v1_tasks.CreateTaskRequest;
  'containerd.services.tasks.v1.CreateTaskResponse': api_services_tasks_v1_tasks.CreateTaskResponse;
  'containerd.services.tasks.v1.DeleteProcessRequest': api_services_tasks_v1_tasks.DeleteProcessRequest;
  'containerd.services.tasks.v1.DeleteResponse': api_services_tasks_v1_tasks.DeleteResponse;
  'containerd.services.tasks.v1.DeleteTaskRequest': api_services_tasks_v1_tasks.DeleteTaskRequest;
  'containerd.services.tasks.v1.ExecProcessRequest': api_services_tasks_v1_tasks.ExecProcessRequest;
  'containerd.services.tasks.v1.ExecProcessResponse': api_services_tasks_v1_tasks.ExecProcessResponse;
  'containerd.services.tasks.v1.GetRequest': api_services_tasks_v1_tasks.GetRequest;
  'containerd.services.tasks.v1.GetResponse': api_services_tasks_v1_tasks.GetResponse;
  'containerd.services.tasks.v1.KillRequest': api_services_tasks_v1_tasks.KillRequest;
  'containerd.services.tasks.v1.ListPidsRequest': api_services_tasks_v1_tasks.ListPidsRequest;
  'containerd.services.tasks.v1.ListPidsResponse': api_services_tasks_v1_tasks.ListPidsResponse;
  'containerd.services.tasks.v1.ListTasksRequest': api_services_tasks_v1_tasks.ListTasksRequest;
  'containerd.services.tasks.v1.ListTasksResponse': api_services_tasks_v1_tasks.ListTasksResponse;
  'containerd.services.tasks.v1.MetricsRequest': api_services_tasks_v1_tasks.MetricsRequest;
  'containerd.services.tasks.v1.MetricsResponse': api_services_tasks_v1_tasks.MetricsResponse;
  'containerd.services.tasks.v1.PauseTaskRequest': api_services_tasks_v1_tasks.PauseTaskRequest;
  'containerd.services.tasks.v1.ResizePtyRequest': api_services_tasks_v1_tasks.ResizePtyRequest;
  'containerd.services.tasks.v1.ResumeTaskRequest': api_services_tasks_v1_tasks.ResumeTaskRequest;
  'containerd.services.tasks.v1.StartRequest': api_services_tasks_v1_tasks.StartRequest;
  'containerd.services.tasks.v1.StartResponse': api_services_tasks_v1_tasks.StartResponse;
  'containerd.services.tasks.v1.UpdateTaskRequest': api_services_tasks_v1_tasks.UpdateTaskRequest;
  'containerd.services.tasks.v1.WaitRequest': api_services_tasks_v1_tasks.WaitRequest;
  'containerd.services.tasks.v1.WaitResponse': api_services_tasks_v1_tasks.WaitResponse;
  'containerd.services.transfer.v1.TransferOptions': api_services_transfer_v1_transfer.TransferOptions;
  'containerd.services.transfer.v1.TransferRequest': api_services_transfer_v1_transfer.TransferRequest;
  'containerd.services.version.v1.VersionResponse': api_services_version_v1_version.VersionResponse;
  'containerd.task.v2.CheckpointTaskRequest': api_runtime_task_v2_shim.CheckpointTaskRequest;
  'containerd.task.v2.CloseIORequest': api_runtime_task_v2_shim.CloseIORequest;
  'containerd.task.v2.ConnectRequest': api_runtime_task_v2_shim.ConnectRequest;
  'containerd.task.v2.ConnectResponse': api_runtime_task_v2_shim.ConnectResponse;
  'containerd.task.v2.CreateTaskRequest': api_runtime_task_v2_shim.CreateTaskRequest;
  'containerd.task.v2.CreateTaskResponse': api_runtime_task_v2_shim.CreateTaskResponse;
  'containerd.task.v2.DeleteRequest': api_runtime_task_v2_shim.DeleteRequest;
  'containerd.task.v2.DeleteResponse': api_runtime_task_v2_shim.DeleteResponse;
  'containerd.task.v2.ExecProcessRequest': api_runtime_task_v2_shim.ExecProcessRequest;
  'containerd.task.v2.ExecProcessResponse': api_runtime_task_v2_shim.ExecProcessResponse;
  'containerd.task.v2.KillRequest': api_runtime_task_v2_shim.KillRequest;
  'containerd.task.v2.PauseRequest': api_runtime_task_v2_shim.PauseRequest;
  'containerd.task.v2.PidsRequest': api_runtime_task_v2_shim.PidsRequest;
  'containerd.task.v2.PidsResponse': api_runtime_task_v2_shim.PidsResponse;
  'containerd.task.v2.ResizePtyRequest': api_runtime_task_v2_shim.ResizePtyRequest;
  'containerd.task.v2.ResumeRequest': api_runtime_task_v2_shim.ResumeRequest;
  'containerd.task.v2.ShutdownRequest': api_runtime_task_v2_shim.ShutdownRequest;
  'containerd.task.v2.StartRequest': api_runtime_task_v2_shim.StartRequest;
  'containerd.task.v2.StartResponse': api_runtime_task_v2_shim.StartResponse;
  'containerd.task.v2.StateRequest': api_runtime_task_v2_shim.StateRequest;
  'containerd.task.v2.StateResponse': api_runtime_task_v2_shim.StateResponse;
  'containerd.task.v2.StatsRequest': api_runtime_task_v2_shim.StatsRequest;
  'containerd.task.v2.StatsResponse': api_runtime_task_v2_shim.StatsResponse;
  'containerd.task.v2.UpdateTaskRequest': api_runtime_task_v2_shim.UpdateTaskRequest;
  'containerd.task.v2.WaitRequest': api_runtime_task_v2_shim.WaitRequest;
  'containerd.task.v2.WaitResponse': api_runtime_task_v2_shim.WaitResponse;
  'containerd.task.v3.CheckpointTaskRequest': api_runtime_task_v3_shim.CheckpointTaskRequest;
  'containerd.task.v3.CloseIORequest': api_runtime_task_v3_shim.CloseIORequest;
  'containerd.task.v3.ConnectRequest': api_runtime_task_v3_shim.ConnectRequest;
  'containerd.task.v3.ConnectResponse': api_runtime_task_v3_shim.ConnectResponse;
  'containerd.task.v3.CreateTaskRequest': api_runtime_task_v3_shim.CreateTaskRequest;
  'containerd.task.v3.CreateTaskResponse': api_runtime_task_v3_shim.CreateTaskResponse;
  'containerd.task.v3.DeleteRequest': api_runtime_task_v3_shim.DeleteRequest;
  'containerd.task.v3.DeleteResponse': api_runtime_task_v3_shim.DeleteResponse;
  'containerd.task.v3.ExecProcessRequest': api_runtime_task_v3_shim.ExecProcessRequest;
  'containerd.task.v3.ExecProcessResponse': api_runtime_task_v3_shim.ExecProcessResponse;
  'containerd.task.v3.KillRequest': api_runtime_task_v3_shim.KillRequest;
  'containerd.task.v3.PauseRequest': api_runtime_task_v3_shim.PauseRequest;
  'containerd.task.v3.PidsRequest': api_runtime_task_v3_shim.PidsRequest;
  'containerd.task.v3.PidsResponse': api_runtime_task_v3_shim.PidsResponse;
  'containerd.task.v3.ResizePtyRequest': api_runtime_task_v3_shim.ResizePtyRequest;
  'containerd.task.v3.ResumeRequest': api_runtime_task_v3_shim.ResumeRequest;
  'containerd.task.v3.ShutdownRequest': api_runtime_task_v3_shim.ShutdownRequest;
  'containerd.task.v3.StartRequest': api_runtime_task_v3_shim.StartRequest;
  'containerd.task.v3.StartResponse': api_runtime_task_v3_shim.StartResponse;
  'containerd.task.v3.StateRequest': api_runtime_task_v3_shim.StateRequest;
  'containerd.task.v3.StateResponse': api_runtime_task_v3_shim.StateResponse;
  'containerd.task.v3.StatsRequest': api_runtime_task_v3_shim.StatsRequest;
  'containerd.task.v3.StatsResponse': api_runtime_task_v3_shim.StatsResponse;
  'containerd.task.v3.UpdateTaskRequest': api_runtime_task_v3_shim.UpdateTaskRequest;
  'containerd.task.v3.WaitRequest': api_runtime_task_v3_shim.WaitRequest;
  'containerd.task.v3.WaitResponse': api_runtime_task_v3_shim.WaitResponse;
  'containerd.types.ActivationInfo': api_types_mount.ActivationInfo;
  'containerd.types.ActiveMount': api_types_mount.ActiveMount;
  'containerd.types.Descriptor': api_types_descriptor.Descriptor;
  'containerd.types.Envelope': api_types_event.Envelope;
  'containerd.types.Metric': api_types_metrics.Metric;
  'containerd.types.Mount': api_types_mount.Mount;
  'containerd.types.Platform': api_types_platform.Platform;
  'containerd.types.RuntimeInfo': api_types_introspection.RuntimeInfo;
  'containerd.types.RuntimeRequest': api_types_introspection.RuntimeRequest;
  'containerd.types.RuntimeVersion': api_types_introspection.RuntimeVersion;
  'containerd.types.Sandbox': api_types_sandbox.Sandbox;
  'containerd.types.Sandbox.Runtime': api_types_sandbox.Sandbox_Runtime;
  'containerd.types.transfer.AuthRequest': api_types_transfer_registry.AuthRequest;
  'containerd.types.transfer.AuthResponse': api_types_transfer_registry.AuthResponse;
  'containerd.types.transfer.ContainerPath': api_types_transfer_container.ContainerPath;
  'containerd.types.transfer.Data': api_types_transfer_streaming.Data;
  'containerd.types.transfer.ImageExportStream': api_types_transfer_importexport.ImageExportStream;
  'containerd.types.transfer.ImageImportStream': api_types_transfer_importexport.ImageImportStream;
  'containerd.types.transfer.ImageReference': api_types_transfer_imagestore.ImageReference;
  'containerd.types.transfer.ImageStore': api_types_transfer_imagestore.ImageStore;
  'containerd.types.transfer.OCIRegistry': api_types_transfer_registry.OCIRegistry;
  'containerd.types.transfer.Progress': api_types_transfer_progress.Progress;
  'containerd.types.transfer.ReadStream': api_types_transfer_streaming.ReadStream;
  'containerd.types.transfer.RegistryResolver': api_types_transfer_registry.RegistryResolver;
  'containerd.types.transfer.UnpackConfiguration': api_types_transfer_imagestore.UnpackConfiguration;
  'containerd.types.transfer.WindowUpdate': api_types_transfer_streaming.WindowUpdate;
  'containerd.types.transfer.WriteStream': api_types_transfer_streaming.WriteStream;
  'containerd.v1.types.Process': api_types_task_task.Process;
  'containerd.v1.types.ProcessInfo': api_types_task_task.ProcessInfo;
  'gantry.debug.v1.Failpoint': gantry_debug_v1_failpoint.Failpoint;
  'gantry.debug.v1.ListFailpointsRequest': gantry_debug_v1_failpoint.ListFailpointsRequest;
  'gantry.debug.v1.ListFailpointsResponse': gantry_debug_v1_failpoint.ListFailpointsResponse;
  'gantry.debug.v1.MeasureLoopRequest': gantry_debug_v1_loop.MeasureLoopRequest;
  'gantry.debug.v1.MeasureLoopResponse': gantry_debug_v1_loop.MeasureLoopResponse;
  'gantry.debug.v1.SetFailpointRequest': gantry_debug_v1_failpoint.SetFailpointRequest;
  'gantry.debug.v1.SetFailpointResponse': gantry_debug_v1_failpoint.SetFailpointResponse;
  'gantry.doctor.v1.CheckRequest': gantry_doctor_v1_doctor.CheckRequest;
  'gantry.doctor.v1.CheckResponse': gantry_doctor_v1_doctor.CheckResponse;
  'gantry.doctor.v1.Finding': gantry_doctor_v1_doctor.Finding;
  'gantry.doctor.v1.PruneRequest': gantry_doctor_v1_doctor.PruneRequest;
  'gantry.doctor.v1.PruneResponse': gantry_doctor_v1_doctor.PruneResponse;
  'gantry.doctor.v1.Pruned': gantry_doctor_v1_doctor.Pruned;
  'gantry.shim.v1.AdoptRequest': gantry_shim_v1_shim.AdoptRequest;
  'gantry.shim.v1.AdoptResponse': gantry_shim_v1_shim.AdoptResponse;
  'gantry.shim.v1.Descriptor': gantry_shim_v1_shim.Descriptor;
  'gantry.shim.v1.StatResponse': gantry_shim_v1_streams.StatResponse;
  'gantry.shim.v1.StreamsRequest': gantry_shim_v1_streams.StreamsRequest;
  'gantry.shim.v1.TaskRecord': gantry_shim_v1_shim.TaskRecord;
  'gantry.unpack.v1.UnpackLayer': gantry_unpack_v1_unpack.UnpackLayer;
  'gantry.unpack.v1.UnpackProgress': gantry_unpack_v1_unpack.UnpackProgress;
  'gantry.unpack.v1.UnpackRequest': gantry_unpack_v1_unpack.UnpackRequest;
  'google.protobuf.Any': google_protobuf_any.Any;
  'google.protobuf.Empty': google_protobuf_empty.Empty;
  'google.protobuf.FieldMask': google_protobuf_field_mask.FieldMask;
  'google.protobuf.Timestamp': google_protobuf_timestamp.Timestamp;
  'google.rpc.Status': google_rpc_status.Status;
  'grpc.health.v1.HealthCheckRequest': grpc_health_v1_health.HealthCheckRequest;
  'grpc.health.v1.HealthCheckResponse': grpc_health_v1_health.HealthCheckResponse;
  'grpc.health.v1.HealthListRequest': grpc_health_v1_health.HealthListRequest;
  'grpc.health.v1.HealthListResponse': grpc_health_v1_health.HealthListResponse;
  'grpc.reflection.v1.ErrorResponse': grpc_reflection_v1_reflection.ErrorResponse;
  'grpc.reflection.v1.ExtensionNumberResponse': grpc_reflection_v1_reflection.ExtensionNumberResponse;
  'grpc.reflection.v1.ExtensionRequest': grpc_reflection_v1_reflection.ExtensionRequest;
  'grpc.reflection.v1.FileDescriptorResponse': grpc_reflection_v1_reflection.FileDescriptorResponse;
  'grpc.reflection.v1.ListServiceResponse': grpc_reflection_v1_reflection.ListServiceResponse;
  'grpc.reflection.v1.ServerReflectionRequest': grpc_reflection_v1_reflection.ServerReflectionRequest;
  'grpc.reflection.v1.ServerReflectionResponse': grpc_reflection_v1_reflection.ServerReflectionResponse;
  'grpc.reflection.v1.ServiceResponse': grpc_reflection_v1_reflection.ServiceResponse;
  'grpc.reflection.v1alpha.ErrorResponse': grpc_reflection_v1alpha_reflection.ErrorResponse;
  'grpc.reflection.v1alpha.ExtensionNumberResponse': grpc_reflection_v1alpha_reflection.ExtensionNumberResponse;
  'grpc.reflection.v1alpha.ExtensionRequest': grpc_reflection_v1alpha_reflection.ExtensionRequest;
  'grpc.reflection.v1alpha.FileDescriptorResponse': grpc_reflection_v1alpha_reflection.FileDescriptorResponse;
  'grpc.reflection.v1alpha.ListServiceResponse': grpc_reflection_v1alpha_reflection.ListServiceResponse;
  'grpc.reflection.v1alpha.ServerReflectionRequest': grpc_reflection_v1alpha_reflection.ServerReflectionRequest;
  'grpc.reflection.v1alpha.ServerReflectionResponse': grpc_reflection_v1alpha_reflection.ServerReflectionResponse;
  'grpc.reflection.v1alpha.ServiceResponse': grpc_reflection_v1alpha_reflection.ServiceResponse;
  'io.containerd.cgroups.v1.BlkIOEntry': github_com_containerd_cgroups_v3_cgroup1_stats_metrics.BlkIOEntry;
  'io.containerd.cgroups.v1.BlkIOStat': github_com_containerd_cgroups_v3_cgroup1_stats_metrics.BlkIOStat;
  'io.containerd.cgroups.v1.CPUStat': github_com_containerd_cgroups_v3_cgroup1_stats_metrics.CPUStat;
  'io.containerd.cgroups.v1.CPUUsage': github_com_containerd_cgroups_v3_cgroup1_stats_metrics.CPUUsage;
  'io.containerd.cgroups.v1.CgroupStats': github_com_containerd_cgroups_v3_cgroup1_stats_metrics.CgroupStats;
  'io.containerd.cgroups.v1.HugetlbStat': github_com_containerd_cgroups_v3_cgroup1_stats_metrics.HugetlbStat;
  'io.containerd.cgroups.v1.MemoryEntry': github_com_containerd_cgroups_v3_cgroup1_stats_metrics.MemoryEntry;
  'io.containerd.cgroups.v1.MemoryOomControl': github_com_containerd_cgroups_v3_cgroup1_stats_metrics.MemoryOomControl;
  'io.containerd.cgroups.v1.MemoryStat': github_com_containerd_cgroups_v3_cgroup1_stats_metrics.MemoryStat;
  'io.containerd.cgroups.v1.Metrics': github_com_containerd_cgroups_v3_cgroup1_stats_metrics.Metrics;
  'io.containerd.cgroups.v1.NetworkStat': github_com_containerd_cgroups_v3_cgroup1_stats_metrics.NetworkStat;
  'io.containerd.cgroups.v1.PidsStat': github_com_containerd_cgroups_v3_cgroup1_stats_metrics.PidsStat;
  'io.containerd.cgroups.v1.RdmaEntry': github_com_containerd_cgroups_v3_cgroup1_stats_metrics.RdmaEntry;
  'io.containerd.cgroups.v1.RdmaStat': github_com_containerd_cgroups_v3_cgroup1_stats_metrics.RdmaStat;
  'io.containerd.cgroups.v1.Throttle': github_com_containerd_cgroups_v3_cgroup1_stats_metrics.Throttle;
  'io.containerd.cgroups.v2.CPUStat': github_com_containerd_cgroups_v3_cgroup2_stats_metrics.CPUStat;
  'io.containerd.cgroups.v2.HugeTlbStat': github_com_containerd_cgroups_v3_cgroup2_stats_metrics.HugeTlbStat;
  'io.containerd.cgroups.v2.IOEntry': github_com_containerd_cgroups_v3_cgroup2_stats_metrics.IOEntry;
  'io.containerd.cgroups.v2.IOStat': github_com_containerd_cgroups_v3_cgroup2_stats_metrics.IOStat;
  'io.containerd.cgroups.v2.MemoryEvents': github_com_containerd_cgroups_v3_cgroup2_stats_metrics.MemoryEvents;
  'io.containerd.cgroups.v2.MemoryStat': github_com_containerd_cgroups_v3_cgroup2_stats_metrics.MemoryStat;
  'io.containerd.cgroups.v2.Metrics': github_com_containerd_cgroups_v3_cgroup2_stats_metrics.Metrics;
  'io.containerd.cgroups.v2.NetworkStat': github_com_containerd_cgroups_v3_cgroup2_stats_metrics.NetworkStat;
  'io.containerd.cgroups.v2.PSIData': github_com_containerd_cgroups_v3_cgroup2_stats_metrics.PSIData;
  'io.containerd.cgroups.v2.PSIStats': github_com_containerd_cgroups_v3_cgroup2_stats_metrics.PSIStats;
  'io.containerd.cgroups.v2.PidsStat': github_com_containerd_cgroups_v3_cgroup2_stats_metrics.PidsStat;
  'io.containerd.cgroups.v2.RdmaEntry': github_com_containerd_cgroups_v3_cgroup2_stats_metrics.RdmaEntry;
  'io.containerd.cgroups.v2.RdmaStat': github_com_containerd_cgroups_v3_cgroup2_stats_metrics.RdmaStat;
  'runtime.v1.AttachRequest': k8s_io_cri_api_pkg_apis_runtime_v1_api.AttachRequest;
  'runtime.v1.AttachResponse': k8s_io_cri_api_pkg_apis_runtime_v1_api.AttachResponse;
  'runtime.v1.AuthConfig': k8s_io_cri_api_pkg_apis_runtime_v1_api.AuthConfig;
  'runtime.v1.CDIDevice': k8s_io_cri_api_pkg_apis_runtime_v1_api.CDIDevice;
  'runtime.v1.Capability': k8s_io_cri_api_pkg_apis_runtime_v1_api.Capability;
  'runtime.v1.CheckpointContainerRequest': k8s_io_cri_api_pkg_apis_runtime_v1_api.CheckpointContainerRequest;
  'runtime.v1.CheckpointContainerResponse': k8s_io_cri_api_pkg_apis_runtime_v1_api.CheckpointContainerResponse;
  'runtime.v1.Container': k8s_io_cri_api_pkg_apis_runtime_v1_api.Container;
  'runtime.v1.ContainerAttributes': k8s_io_cri_api_pkg_apis_runtime_v1_api.ContainerAttributes;
  'runtime.v1.ContainerConfig': k8s_io_cri_api_pkg_apis_runtime_v1_api.ContainerConfig;
  'runtime.v1.ContainerEventResponse': k8s_io_cri_api_pkg_apis_runtime_v1_api.ContainerEventResponse;
  'runtime.v1.ContainerFilter': k8s_io_cri_api_pkg_apis_runtime_v1_api.ContainerFilter;
  'runtime.v1.ContainerMetadata': k8s_io_cri_api_pkg_apis_runtime_v1_api.ContainerMetadata;
  'runtime.v1.ContainerMetrics': k8s_io_cri_api_pkg_apis_runtime_v1_api.ContainerMetrics;
  'runtime.v1.ContainerResources': k8s_io_cri_api_pkg_apis_runtime_v1_api.ContainerResources;
  'runtime.v1.ContainerStateValue': k8s_io_cri_api_pkg_apis_runtime_v1_api.ContainerStateValue;
  'runtime.v1.ContainerStats': k8s_io_cri_api_pkg_apis_runtime_v1_api.ContainerStats;
  'runtime.v1.ContainerStatsFilter': k8s_io_cri_api_pkg_apis_runtime_v1_api.ContainerStatsFilter;
  'runtime.v1.ContainerStatsRequest': k8s_io_cri_api_pkg_apis_runtime_v1_api.ContainerStatsRequest;
  'runtime.v1.ContainerStatsResponse': k8s_io_cri_api_pkg_apis_runtime_v1_api.ContainerStatsResponse;
  'runtime.v1.ContainerStatus': k8s_io_cri_api_pkg_apis_runtime_v1_api.ContainerStatus;
  'runtime.v1.ContainerStatusRequest': k8s_io_cri_api_pkg_apis_runtime_v1_api.ContainerStatusRequest;
  'runtime.v1.ContainerStatusResponse': k8s_io_cri_api_pkg_apis_runtime_v1_api.ContainerStatusResponse;
  'runtime.v1.ContainerUser': k8s_io_cri_api_pkg_apis_runtime_v1_api.ContainerUser;
  'runtime.v1.CpuUsage': k8s_io_cri_api_pkg_apis_runtime_v1_api.CpuUsage;
  'runtime.v1.CreateContainerRequest': k8s_io_cri_api_pkg_apis_runtime_v1_api.CreateContainerRequest;
  'runtime.v1.CreateContainerResponse': k8s_io_cri_api_pkg_apis_runtime_v1_api.CreateContainerResponse;
  'runtime.v1.DNSConfig': k8s_io_cri_api_pkg_apis_runtime_v1_api.DNSConfig;
  'runtime.v1.Device': k8s_io_cri_api_pkg_apis_runtime_v1_api.Device;
  'runtime.v1.ExecRequest': k8s_io_cri_api_pkg_apis_runtime_v1_api.ExecRequest;
  'runtime.v1.ExecResponse': k8s_io_cri_api_pkg_apis_runtime_v1_api.ExecResponse;
  'runtime.v1.ExecSyncRequest': k8s_io_cri_api_pkg_apis_runtime_v1_api.ExecSyncRequest;
  'runtime.v1.ExecSyncResponse': k8s_io_cri_api_pkg_apis_runtime_v1_api.ExecSyncResponse;
  'runtime.v1.FilesystemIdentifier': k8s_io_cri_api_pkg_apis_runtime_v1_api.FilesystemIdentifier;
  'runtime.v1.FilesystemUsage': k8s_io_cri_api_pkg_apis_runtime_v1_api.FilesystemUsage;
  'runtime.v1.GetEventsRequest': k8s_io_cri_api_pkg_apis_runtime_v1_api.GetEventsRequest;
  'runtime.v1.HugepageLimit': k8s_io_cri_api_pkg_apis_runtime_v1_api.HugepageLimit;
  'runtime.v1.IDMapping': k8s_io_cri_api_pkg_apis_runtime_v1_api.IDMapping;
  'runtime.v1.Image': k8s_io_cri_api_pkg_apis_runtime_v1_api.Image;
  'runtime.v1.ImageFilter': k8s_io_cri_api_pkg_apis_runtime_v1_api.ImageFilter;
  'runtime.v1.ImageFsInfoRequest': k8s_io_cri_api_pkg_apis_runtime_v1_api.ImageFsInfoRequest;
  'runtime.v1.ImageFsInfoResponse': k8s_io_cri_api_pkg_apis_runtime_v1_api.ImageFsInfoResponse;
  'runtime.v1.ImageSpec': k8s_io_cri_api_pkg_apis_runtime_v1_api.ImageSpec;
  'runtime.v1.ImageStatusRequest': k8s_io_cri_api_pkg_apis_runtime_v1_api.ImageStatusRequest;
  'runtime.v1.ImageStatusResponse': k8s_io_cri_api_pkg_apis_runtime_v1_api.ImageStatusResponse;
  'runtime.v1.Int64Value': k8s_io_cri_api_pkg_apis_runtime_v1_api.Int64Value;
  'runtime.v1.IoUsage': k8s_io_cri_api_pkg_apis_runtime_v1_api.IoUsage;
  'runtime.v1.KeyValue': k8s_io_cri_api_pkg_apis_runtime_v1_api.KeyValue;
  'runtime.v1.LinuxContainerConfig': k8s_io_cri_api_pkg_apis_runtime_v1_api.LinuxContainerConfig;
  'runtime.v1.LinuxContainerResources': k8s_io_cri_api_pkg_apis_runtime_v1_api.LinuxContainerResources;
  'runtime.v1.LinuxContainerSecurityContext': k8s_io_cri_api_pkg_apis_runtime_v1_api.LinuxContainerSecurityContext;
  'runtime.v1.LinuxContainerUser': k8s_io_cri_api_pkg_apis_runtime_v1_api.LinuxContainerUser;
  'runtime.v1.LinuxPodSandboxConfig': k8s_io_cri_api_pkg_apis_runtime_v1_api.LinuxPodSandboxConfig;
  'runtime.v1.LinuxPodSandboxStats': k8s_io_cri_api_pkg_apis_runtime_v1_api.LinuxPodSandboxStats;
  'runtime.v1.LinuxPodSandboxStatus': k8s_io_cri_api_pkg_apis_runtime_v1_api.LinuxPodSandboxStatus;
  'runtime.v1.LinuxRuntimeConfiguration': k8s_io_cri_api_pkg_apis_runtime_v1_api.LinuxRuntimeConfiguration;
  'runtime.v1.LinuxSandboxSecurityContext': k8s_io_cri_api_pkg_apis_runtime_v1_api.LinuxSandboxSecurityContext;
  'runtime.v1.ListContainerStatsRequest': k8s_io_cri_api_pkg_apis_runtime_v1_api.ListContainerStatsRequest;
  'runtime.v1.ListContainerStatsResponse': k8s_io_cri_api_pkg_apis_runtime_v1_api.ListContainerStatsResponse;
  'runtime.v1.ListContainersRequest': k8s_io_cri_api_pkg_apis_runtime_v1_api.ListContainersRequest;
  'runtime.v1.ListContainersResponse': k8s_io_cri_api_pkg_apis_runtime_v1_api.ListContainersResponse;
  'runtime.v1.ListImagesRequest': k8s_io_cri_api_pkg_apis_runtime_v1_api.ListImagesRequest;
  'runtime.v1.ListImagesResponse': k8s_io_cri_api_pkg_apis_runtime_v1_api.ListImagesResponse;
  'runtime.v1.ListMetricDescriptorsRequest': k8s_io_cri_api_pkg_apis_runtime_v1_api.ListMetricDescriptorsRequest;
  'runtime.v1.ListMetricDescriptorsResponse': k8s_io_cri_api_pkg_apis_runtime_v1_api.ListMetricDescriptorsResponse;
  'runtime.v1.ListPodSandboxMetricsRequest': k8s_io_cri_api_pkg_apis_runtime_v1_api.ListPodSandboxMetricsRequest;
  'runtime.v1.ListPodSandboxMetricsResponse': k8s_io_cri_api_pkg_apis_runtime_v1_api.ListPodSandboxMetricsResponse;
  'runtime.v1.ListPodSandboxRequest': k8s_io_cri_api_pkg_apis_runtime_v1_api.ListPodSandboxRequest;
  'runtime.v1.ListPodSandboxResponse': k8s_io_cri_api_pkg_apis_runtime_v1_api.ListPodSandboxResponse;
  'runtime.v1.ListPodSandboxStatsRequest': k8s_io_cri_api_pkg_apis_runtime_v1_api.ListPodSandboxStatsRequest;
  'runtime.v1.ListPodSandboxStatsResponse': k8s_io_cri_api_pkg_apis_runtime_v1_api.ListPodSandboxStatsResponse;
  'runtime.v1.MemoryUsage': k8s_io_cri_api_pkg_apis_runtime_v1_api.MemoryUsage;
  'runtime.v1.Metric': k8s_io_cri_api_pkg_apis_runtime_v1_api.Metric;
  'runtime.v1.MetricDescriptor': k8s_io_cri_api_pkg_apis_runtime_v1_api.MetricDescriptor;
  'runtime.v1.Mount': k8s_io_cri_api_pkg_apis_runtime_v1_api.Mount;
  'runtime.v1.Namespace': k8s_io_cri_api_pkg_apis_runtime_v1_api.Namespace;
  'runtime.v1.NamespaceOption': k8s_io_cri_api_pkg_apis_runtime_v1_api.NamespaceOption;
  'runtime.v1.NetworkConfig': k8s_io_cri_api_pkg_apis_runtime_v1_api.NetworkConfig;
  'runtime.v1.NetworkInterfaceUsage': k8s_io_cri_api_pkg_apis_runtime_v1_api.NetworkInterfaceUsage;
  'runtime.v1.NetworkUsage': k8s_io_cri_api_pkg_apis_runtime_v1_api.NetworkUsage;
  'runtime.v1.PodIP': k8s_io_cri_api_pkg_apis_runtime_v1_api.PodIP;
  'runtime.v1.PodSandbox': k8s_io_cri_api_pkg_apis_runtime_v1_api.PodSandbox;
  'runtime.v1.PodSandboxAttributes': k8s_io_cri_api_pkg_apis_runtime_v1_api.PodSandboxAttributes;
  'runtime.v1.PodSandboxConfig': k8s_io_cri_api_pkg_apis_runtime_v1_api.PodSandboxConfig;
  'runtime.v1.PodSandboxFilter': k8s_io_cri_api_pkg_apis_runtime_v1_api.PodSandboxFilter;
  'runtime.v1.PodSandboxMetadata': k8s_io_cri_api_pkg_apis_runtime_v1_api.PodSandboxMetadata;
  'runtime.v1.PodSandboxMetrics': k8s_io_cri_api_pkg_apis_runtime_v1_api.PodSandboxMetrics;
  'runtime.v1.PodSandboxNetworkStatus': k8s_io_cri_api_pkg_apis_runtime_v1_api.PodSandboxNetworkStatus;
  'runtime.v1.PodSandboxStateValue': k8s_io_cri_api_pkg_apis_runtime_v1_api.PodSandboxStateValue;
  'runtime.v1.PodSandboxStats': k8s_io_cri_api_pkg_apis_runtime_v1_api.PodSandboxStats;
  'runtime.v1.PodSandboxStatsFilter': k8s_io_cri_api_pkg_apis_runtime_v1_api.PodSandboxStatsFilter;
  'runtime.v1.PodSandboxStatsRequest': k8s_io_cri_api_pkg_apis_runtime_v1_api.PodSandboxStatsRequest;
  'runtime.v1.PodSandboxStatsResponse': k8s_io_cri_api_pkg_apis_runtime_v1_api.PodSandboxStatsResponse;
  'runtime.v1.PodSandboxStatus': k8s_io_cri_api_pkg_apis_runtime_v1_api.PodSandboxStatus;
  'runtime.v1.PodSandboxStatusRequest': k8s_io_cri_api_pkg_apis_runtime_v1_api.PodSandboxStatusRequest;
  'runtime.v1.PodSandboxStatusResponse': k8s_io_cri_api_pkg_apis_runtime_v1_api.PodSandboxStatusResponse;
  'runtime.v1.PortForwardRequest': k8s_io_cri_api_pkg_apis_runtime_v1_api.PortForwardRequest;
  'runtime.v1.PortForwardResponse': k8s_io_cri_api_pkg_apis_runtime_v1_api.PortForwardResponse;
  'runtime.v1.PortMapping': k8s_io_cri_api_pkg_apis_runtime_v1_api.PortMapping;
  'runtime.v1.ProcessUsage': k8s_io_cri_api_pkg_apis_runtime_v1_api.ProcessUsage;
  'runtime.v1.PsiData': k8s_io_cri_api_pkg_apis_runtime_v1_api.PsiData;
  'runtime.v1.PsiStats': k8s_io_cri_api_pkg_apis_runtime_v1_api.PsiStats;
  'runtime.v1.PullImageRequest': k8s_io_cri_api_pkg_apis_runtime_v1_api.PullImageRequest;
  'runtime.v1.PullImageResponse': k8s_io_cri_api_pkg_apis_runtime_v1_api.PullImageResponse;
  'runtime.v1.RemoveContainerRequest': k8s_io_cri_api_pkg_apis_runtime_v1_api.RemoveContainerRequest;
  'runtime.v1.RemoveContainerResponse': k8s_io_cri_api_pkg_apis_runtime_v1_api.RemoveContainerResponse;
  'runtime.v1.RemoveImageRequest': k8s_io_cri_api_pkg_apis_runtime_v1_api.RemoveImageRequest;
  'runtime.v1.RemoveImageResponse': k8s_io_cri_api_pkg_apis_runtime_v1_api.RemoveImageResponse;
  'runtime.v1.RemovePodSandboxRequest': k8s_io_cri_api_pkg_apis_runtime_v1_api.RemovePodSandboxRequest;
  'runtime.v1.RemovePodSandboxResponse': k8s_io_cri_api_pkg_apis_runtime_v1_api.RemovePodSandboxResponse;
  'runtime.v1.ReopenContainerLogRequest': k8s_io_cri_api_pkg_apis_runtime_v1_api.ReopenContainerLogRequest;
  'runtime.v1.ReopenContainerLogResponse': k8s_io_cri_api_pkg_apis_runtime_v1_api.ReopenContainerLogResponse;
  'runtime.v1.RunPodSandboxRequest': k8s_io_cri_api_pkg_apis_runtime_v1_api.RunPodSandboxRequest;
  'runtime.v1.RunPodSandboxResponse': k8s_io_cri_api_pkg_apis_runtime_v1_api.RunPodSandboxResponse;
  'runtime.v1.RuntimeCondition': k8s_io_cri_api_pkg_apis_runtime_v1_api.RuntimeCondition;
  'runtime.v1.RuntimeConfig': k8s_io_cri_api_pkg_apis_runtime_v1_api.RuntimeConfig;
  'runtime.v1.RuntimeConfigRequest': k8s_io_cri_api_pkg_apis_runtime_v1_api.RuntimeConfigRequest;
  'runtime.v1.RuntimeConfigResponse': k8s_io_cri_api_pkg_apis_runtime_v1_api.RuntimeConfigResponse;
  'runtime.v1.RuntimeFeatures': k8s_io_cri_api_pkg_apis_runtime_v1_api.RuntimeFeatures;
  'runtime.v1.RuntimeHandler': k8s_io_cri_api_pkg_apis_runtime_v1_api.RuntimeHandler;
  'runtime.v1.RuntimeHandlerFeatures': k8s_io_cri_api_pkg_apis_runtime_v1_api.RuntimeHandlerFeatures;
  'runtime.v1.RuntimeStatus': k8s_io_cri_api_pkg_apis_runtime_v1_api.RuntimeStatus;
  'runtime.v1.SELinuxOption': k8s_io_cri_api_pkg_apis_runtime_v1_api.SELinuxOption;
  'runtime.v1.SecurityProfile': k8s_io_cri_api_pkg_apis_runtime_v1_api.SecurityProfile;
  'runtime.v1.StartContainerRequest': k8s_io_cri_api_pkg_apis_runtime_v1_api.StartContainerRequest;
  'runtime.v1.StartContainerResponse': k8s_io_cri_api_pkg_apis_runtime_v1_api.StartContainerResponse;
  'runtime.v1.StatusRequest': k8s_io_cri_api_pkg_apis_runtime_v1_api.StatusRequest;
  'runtime.v1.StatusResponse': k8s_io_cri_api_pkg_apis_runtime_v1_api.StatusResponse;
  'runtime.v1.StopContainerRequest': k8s_io_cri_api_pkg_apis_runtime_v1_api.StopContainerRequest;
  'runtime.v1.StopContainerResponse': k8s_io_cri_api_pkg_apis_runtime_v1_api.StopContainerResponse;
  'runtime.v1.StopPodSandboxRequest': k8s_io_cri_api_pkg_apis_runtime_v1_api.StopPodSandboxRequest;
  'runtime.v1.StopPodSandboxResponse': k8s_io_cri_api_pkg_apis_runtime_v1_api.StopPodSandboxResponse;
  'runtime.v1.StreamContainerStatsRequest': k8s_io_cri_api_pkg_apis_runtime_v1_api.StreamContainerStatsRequest;
  'runtime.v1.StreamContainerStatsResponse': k8s_io_cri_api_pkg_apis_runtime_v1_api.StreamContainerStatsResponse;
  'runtime.v1.StreamContainersRequest': k8s_io_cri_api_pkg_apis_runtime_v1_api.StreamContainersRequest;
  'runtime.v1.StreamContainersResponse': k8s_io_cri_api_pkg_apis_runtime_v1_api.StreamContainersResponse;
  'runtime.v1.StreamImagesRequest': k8s_io_cri_api_pkg_apis_runtime_v1_api.StreamImagesRequest;
  'runtime.v1.StreamImagesResponse': k8s_io_cri_api_pkg_apis_runtime_v1_api.StreamImagesResponse;
  'runtime.v1.StreamPodSandboxMetricsRequest': k8s_io_cri_api_pkg_apis_runtime_v1_api.StreamPodSandboxMetricsRequest;
  'runtime.v1.StreamPodSandboxMetricsResponse': k8s_io_cri_api_pkg_apis_runtime_v1_api.StreamPodSandboxMetricsResponse;
  'runtime.v1.StreamPodSandboxStatsRequest': k8s_io_cri_api_pkg_apis_runtime_v1_api.StreamPodSandboxStatsRequest;
  'runtime.v1.StreamPodSandboxStatsResponse': k8s_io_cri_api_pkg_apis_runtime_v1_api.StreamPodSandboxStatsResponse;
  'runtime.v1.StreamPodSandboxesRequest': k8s_io_cri_api_pkg_apis_runtime_v1_api.StreamPodSandboxesRequest;
  'runtime.v1.StreamPodSandboxesResponse': k8s_io_cri_api_pkg_apis_runtime_v1_api.StreamPodSandboxesResponse;
  'runtime.v1.SwapUsage': k8s_io_cri_api_pkg_apis_runtime_v1_api.SwapUsage;
  'runtime.v1.UInt64Value': k8s_io_cri_api_pkg_apis_runtime_v1_api.UInt64Value;
  'runtime.v1.UpdateContainerResourcesRequest': k8s_io_cri_api_pkg_apis_runtime_v1_api.UpdateContainerResourcesRequest;
  'runtime.v1.UpdateContainerResourcesResponse': k8s_io_cri_api_pkg_apis_runtime_v1_api.UpdateContainerResourcesResponse;
  'runtime.v1.UpdatePodSandboxResourcesRequest': k8s_io_cri_api_pkg_apis_runtime_v1_api.UpdatePodSandboxResourcesRequest;
  'runtime.v1.UpdatePodSandboxResourcesResponse': k8s_io_cri_api_pkg_apis_runtime_v1_api.UpdatePodSandboxResourcesResponse;
  'runtime.v1.UpdateRuntimeConfigRequest': k8s_io_cri_api_pkg_apis_runtime_v1_api.UpdateRuntimeConfigRequest;
  'runtime.v1.UpdateRuntimeConfigResponse': k8s_io_cri_api_pkg_apis_runtime_v1_api.UpdateRuntimeConfigResponse;
  'runtime.v1.UserNamespace': k8s_io_cri_api_pkg_apis_runtime_v1_api.UserNamespace;
  'runtime.v1.VersionRequest': k8s_io_cri_api_pkg_apis_runtime_v1_api.VersionRequest;
  'runtime.v1.VersionResponse': k8s_io_cri_api_pkg_apis_runtime_v1_api.VersionResponse;
  'runtime.v1.WindowsContainerConfig': k8s_io_cri_api_pkg_apis_runtime_v1_api.WindowsContainerConfig;
  'runtime.v1.WindowsContainerResources': k8s_io_cri_api_pkg_apis_runtime_v1_api.WindowsContainerResources;
  'runtime.v1.WindowsContainerSecurityContext': k8s_io_cri_api_pkg_apis_runtime_v1_api.WindowsContainerSecurityContext;
  'runtime.v1.WindowsContainerStats': k8s_io_cri_api_pkg_apis_runtime_v1_api.WindowsContainerStats;
  'runtime.v1.WindowsCpuGroupAffinity': k8s_io_cri_api_pkg_apis_runtime_v1_api.WindowsCpuGroupAffinity;
  'runtime.v1.WindowsCpuUsage': k8s_io_cri_api_pkg_apis_runtime_v1_api.WindowsCpuUsage;
  'runtime.v1.WindowsFilesystemUsage': k8s_io_cri_api_pkg_apis_runtime_v1_api.WindowsFilesystemUsage;
  'runtime.v1.WindowsMemoryUsage': k8s_io_cri_api_pkg_apis_runtime_v1_api.WindowsMemoryUsage;
  'runtime.v1.WindowsNamespaceOption': k8s_io_cri_api_pkg_apis_runtime_v1_api.WindowsNamespaceOption;
  'runtime.v1.WindowsNetworkInterfaceUsage': k8s_io_cri_api_pkg_apis_runtime_v1_api.WindowsNetworkInterfaceUsage;
  'runtime.v1.WindowsNetworkUsage': k8s_io_cri_api_pkg_apis_runtime_v1_api.WindowsNetworkUsage;
  'runtime.v1.WindowsPodSandboxConfig': k8s_io_cri_api_pkg_apis_runtime_v1_api.WindowsPodSandboxConfig;
  'runtime.v1.WindowsPodSandboxStats': k8s_io_cri_api_pkg_apis_runtime_v1_api.WindowsPodSandboxStats;
  'runtime.v1.WindowsProcessUsage': k8s_io_cri_api_pkg_apis_runtime_v1_api.WindowsProcessUsage;
  'runtime.v1.WindowsSandboxSecurityContext': k8s_io_cri_api_pkg_apis_runtime_v1_api.WindowsSandboxSecurityContext;
  'runtimeoptions.v1.Options': api_types_runtimeoptions_v1_api.Options;
  'ttrpc.KeyValue': github_com_containerd_ttrpc_request.KeyValue;
  'ttrpc.Request': github_com_containerd_ttrpc_request.Request;
  'ttrpc.Response': github_com_containerd_ttrpc_request.Response;
  'ttrpc.StringList': github_com_containerd_ttrpc_request.StringList;
}

/** Every service by its full proto name, with the message names and the streaming kind of each RPC. */
export interface Services {
  /** Compares what the daemon knows with what is on disk and in the kernel. */
  'gantry.doctor.v1.Doctor': {
    /** Looks, and repairs on request. Everything that looks wrong is looked at a second time after a while, so that work under way is not taken for an orphan. */
    Check: { request: Messages['gantry.doctor.v1.CheckRequest']; response: Messages['gantry.doctor.v1.CheckResponse']; requestStream: false; responseStream: false };
    /** Collects garbage, waits for it, and removes what Check would call an orphan; tells how many bytes of what. */
    Prune: { request: Messages['gantry.doctor.v1.PruneRequest']; response: Messages['gantry.doctor.v1.PruneResponse']; requestStream: false; responseStream: false };
  };
  /** Describes the server and its parts. Needs no namespace. */
  'containerd.services.introspection.v1.Introspection': {
    /** The parts of the server that match, loaded or not. */
    Plugins: { request: Messages['containerd.services.introspection.v1.PluginsRequest']; response: Messages['containerd.services.introspection.v1.PluginsResponse']; requestStream: false; responseStream: false };
    /** Identity of this server. */
    Server: { request: Messages['google.protobuf.Empty']; response: Messages['containerd.services.introspection.v1.ServerResponse']; requestStream: false; responseStream: false };
    /** Details that one part tells about itself, such as the features of a runtime. */
    PluginInfo: { request: Messages['containerd.services.introspection.v1.PluginInfoRequest']; response: Messages['containerd.services.introspection.v1.PluginInfoResponse']; requestStream: false; responseStream: false };
  };
  /** Distributes events. Nothing is kept: a subscriber hears what happens while it listens. */
  'containerd.services.events.v1.Events': {
    /** Distributes an event of the caller, stamped with the time and the caller's namespace. */
    Publish: { request: Messages['containerd.services.events.v1.PublishRequest']; response: Messages['google.protobuf.Empty']; requestStream: false; responseStream: false };
    /** Distributes an event that has its stamp already. */
    Forward: { request: Messages['containerd.services.events.v1.ForwardRequest']; response: Messages['google.protobuf.Empty']; requestStream: false; responseStream: false };
    /** Every event of every namespace that matches, until the caller hangs up. */
    Subscribe: { request: Messages['containerd.services.events.v1.SubscribeRequest']; response: Messages['containerd.types.Envelope']; requestStream: false; responseStream: true };
  };
  /** Keeps container records, one set per namespace. */
  'containerd.services.containers.v1.Containers': {
    /** One container; NOT_FOUND when there is none of that id. */
    Get: { request: Messages['containerd.services.containers.v1.GetContainerRequest']; response: Messages['containerd.services.containers.v1.GetContainerResponse']; requestStream: false; responseStream: false };
    /** All containers that match; fails when they exceed one message, see ListStream. */
    List: { request: Messages['containerd.services.containers.v1.ListContainersRequest']; response: Messages['containerd.services.containers.v1.ListContainersResponse']; requestStream: false; responseStream: false };
    /** The same, one container per message, for any number of them. */
    ListStream: { request: Messages['containerd.services.containers.v1.ListContainersRequest']; response: Messages['containerd.services.containers.v1.ListContainerMessage']; requestStream: false; responseStream: true };
    /** Stores a new container; ALREADY_EXISTS when the id is taken. */
    Create: { request: Messages['containerd.services.containers.v1.CreateContainerRequest']; response: Messages['containerd.services.containers.v1.CreateContainerResponse']; requestStream: false; responseStream: false };
    /** Changes the fields that the mask names and returns the whole container. */
    Update: { request: Messages['containerd.services.containers.v1.UpdateContainerRequest']; response: Messages['containerd.services.containers.v1.UpdateContainerResponse']; requestStream: false; responseStream: false };
    /** Forgets a container. Its snapshot and image stay. */
    Delete: { request: Messages['containerd.services.containers.v1.DeleteContainerRequest']; response: Messages['google.protobuf.Empty']; requestStream: false; responseStream: false };
  };
  /** Keeps filesystem states. An active snapshot can be written to and becomes, once committed, a parent for others; a view is a read-only active one. */
  'containerd.services.snapshots.v1.Snapshots': {
    /** Makes an active snapshot on a parent and tells how to mount it. With the label containerd.io/snapshot.ref, ALREADY_EXISTS says that the wanted snapshot is there. */
    Prepare: { request: Messages['containerd.services.snapshots.v1.PrepareSnapshotRequest']; response: Messages['containerd.services.snapshots.v1.PrepareSnapshotResponse']; requestStream: false; responseStream: false };
    /** Makes a read-only snapshot on a parent and tells how to mount it. */
    View: { request: Messages['containerd.services.snapshots.v1.ViewSnapshotRequest']; response: Messages['containerd.services.snapshots.v1.ViewSnapshotResponse']; requestStream: false; responseStream: false };
    /** How to mount an active snapshot or a view. */
    Mounts: { request: Messages['containerd.services.snapshots.v1.MountsRequest']; response: Messages['containerd.services.snapshots.v1.MountsResponse']; requestStream: false; responseStream: false };
    /** Turns an active snapshot into a committed one under a new name. */
    Commit: { request: Messages['containerd.services.snapshots.v1.CommitSnapshotRequest']; response: Messages['google.protobuf.Empty']; requestStream: false; responseStream: false };
    /** Removes a snapshot; FAILED_PRECONDITION while others have it as parent. */
    Remove: { request: Messages['containerd.services.snapshots.v1.RemoveSnapshotRequest']; response: Messages['google.protobuf.Empty']; requestStream: false; responseStream: false };
    /** One snapshot. */
    Stat: { request: Messages['containerd.services.snapshots.v1.StatSnapshotRequest']; response: Messages['containerd.services.snapshots.v1.StatSnapshotResponse']; requestStream: false; responseStream: false };
    /** Changes labels of a snapshot. */
    Update: { request: Messages['containerd.services.snapshots.v1.UpdateSnapshotRequest']; response: Messages['containerd.services.snapshots.v1.UpdateSnapshotResponse']; requestStream: false; responseStream: false };
    /** All snapshots that match, a hundred or so per message. */
    List: { request: Messages['containerd.services.snapshots.v1.ListSnapshotsRequest']; response: Messages['containerd.services.snapshots.v1.ListSnapshotsResponse']; requestStream: false; responseStream: true };
    /** Disk space of a snapshot without its parents. */
    Usage: { request: Messages['containerd.services.snapshots.v1.UsageRequest']; response: Messages['containerd.services.snapshots.v1.UsageResponse']; requestStream: false; responseStream: false };
    /** Frees space of removed snapshots; UNIMPLEMENTED where nothing is left to be freed. */
    Cleanup: { request: Messages['containerd.services.snapshots.v1.CleanupRequest']; response: Messages['google.protobuf.Empty']; requestStream: false; responseStream: false };
  };
  /** Keeps images for pods. */
  'runtime.v1.ImageService': {
    /** Images that match. */
    ListImages: { request: Messages['runtime.v1.ListImagesRequest']; response: Messages['runtime.v1.ListImagesResponse']; requestStream: false; responseStream: false };
    /** The same over several messages, for any number of images. */
    StreamImages: { request: Messages['runtime.v1.StreamImagesRequest']; response: Messages['runtime.v1.StreamImagesResponse']; requestStream: false; responseStream: true };
    /** One image; an empty answer when it is not there. */
    ImageStatus: { request: Messages['runtime.v1.ImageStatusRequest']; response: Messages['runtime.v1.ImageStatusResponse']; requestStream: false; responseStream: false };
    /** Fetches an image. */
    PullImage: { request: Messages['runtime.v1.PullImageRequest']; response: Messages['runtime.v1.PullImageResponse']; requestStream: false; responseStream: false };
    /** Removes an image. Repeating it is fine. */
    RemoveImage: { request: Messages['runtime.v1.RemoveImageRequest']; response: Messages['runtime.v1.RemoveImageResponse']; requestStream: false; responseStream: false };
    /** Disk space of images and writable layers. */
    ImageFsInfo: { request: Messages['runtime.v1.ImageFsInfoRequest']; response: Messages['runtime.v1.ImageFsInfoResponse']; requestStream: false; responseStream: false };
  };
  /** Keeps names that point to the root descriptor of an image. */
  'containerd.services.images.v1.Images': {
    /** One image; NOT_FOUND when there is none of that name. */
    Get: { request: Messages['containerd.services.images.v1.GetImageRequest']; response: Messages['containerd.services.images.v1.GetImageResponse']; requestStream: false; responseStream: false };
    /** All images that match. */
    List: { request: Messages['containerd.services.images.v1.ListImagesRequest']; response: Messages['containerd.services.images.v1.ListImagesResponse']; requestStream: false; responseStream: false };
    /** Stores a new name; ALREADY_EXISTS when it is taken. */
    Create: { request: Messages['containerd.services.images.v1.CreateImageRequest']; response: Messages['containerd.services.images.v1.CreateImageResponse']; requestStream: false; responseStream: false };
    /** Changes the fields that the mask names and returns the whole image. */
    Update: { request: Messages['containerd.services.images.v1.UpdateImageRequest']; response: Messages['containerd.services.images.v1.UpdateImageResponse']; requestStream: false; responseStream: false };
    /** Forgets a name. Content without another name goes at the next garbage collection. */
    Delete: { request: Messages['containerd.services.images.v1.DeleteImageRequest']; response: Messages['google.protobuf.Empty']; requestStream: false; responseStream: false };
  };
  /** Keeps resources alive that nothing else refers to yet. Calls with a lease header add what they make to that lease. */
  'containerd.services.leases.v1.Leases': {
    /** Makes a lease; ALREADY_EXISTS when the id is taken. */
    Create: { request: Messages['containerd.services.leases.v1.CreateRequest']; response: Messages['containerd.services.leases.v1.CreateResponse']; requestStream: false; responseStream: false };
    /** Ends a lease and lets its resources be collected. */
    Delete: { request: Messages['containerd.services.leases.v1.DeleteRequest']; response: Messages['google.protobuf.Empty']; requestStream: false; responseStream: false };
    /** All leases that match. */
    List: { request: Messages['containerd.services.leases.v1.ListRequest']; response: Messages['containerd.services.leases.v1.ListResponse']; requestStream: false; responseStream: false };
    /** Puts one resource under a lease. */
    AddResource: { request: Messages['containerd.services.leases.v1.AddResourceRequest']; response: Messages['google.protobuf.Empty']; requestStream: false; responseStream: false };
    /** Takes one resource out of a lease. */
    DeleteResource: { request: Messages['containerd.services.leases.v1.DeleteResourceRequest']; response: Messages['google.protobuf.Empty']; requestStream: false; responseStream: false };
    /** What a lease holds. */
    ListResources: { request: Messages['containerd.services.leases.v1.ListResourcesRequest']; response: Messages['containerd.services.leases.v1.ListResourcesResponse']; requestStream: false; responseStream: false };
  };
  /** Keeps sandbox records. A record is data only; Controller runs it. */
  'containerd.services.sandbox.v1.Store': {
    /** Stores a new sandbox; ALREADY_EXISTS when the id is taken. */
    Create: { request: Messages['containerd.services.sandbox.v1.StoreCreateRequest']; response: Messages['containerd.services.sandbox.v1.StoreCreateResponse']; requestStream: false; responseStream: false };
    /** Changes the fields named and returns the whole sandbox. */
    Update: { request: Messages['containerd.services.sandbox.v1.StoreUpdateRequest']; response: Messages['containerd.services.sandbox.v1.StoreUpdateResponse']; requestStream: false; responseStream: false };
    /** Forgets a sandbox. */
    Delete: { request: Messages['containerd.services.sandbox.v1.StoreDeleteRequest']; response: Messages['containerd.services.sandbox.v1.StoreDeleteResponse']; requestStream: false; responseStream: false };
    /** All sandboxes that match. */
    List: { request: Messages['containerd.services.sandbox.v1.StoreListRequest']; response: Messages['containerd.services.sandbox.v1.StoreListResponse']; requestStream: false; responseStream: false };
    /** One sandbox; NOT_FOUND when there is none of that id. */
    Get: { request: Messages['containerd.services.sandbox.v1.StoreGetRequest']; response: Messages['containerd.services.sandbox.v1.StoreGetResponse']; requestStream: false; responseStream: false };
  };
  /** Keeps the names under which everything else is stored. Using a namespace creates it. */
  'containerd.services.namespaces.v1.Namespaces': {
    /** One namespace; NOT_FOUND when there is none of that name. */
    Get: { request: Messages['containerd.services.namespaces.v1.GetNamespaceRequest']; response: Messages['containerd.services.namespaces.v1.GetNamespaceResponse']; requestStream: false; responseStream: false };
    /** All namespaces. */
    List: { request: Messages['containerd.services.namespaces.v1.ListNamespacesRequest']; response: Messages['containerd.services.namespaces.v1.ListNamespacesResponse']; requestStream: false; responseStream: false };
    /** Stores a new namespace; ALREADY_EXISTS when the name is taken. */
    Create: { request: Messages['containerd.services.namespaces.v1.CreateNamespaceRequest']; response: Messages['containerd.services.namespaces.v1.CreateNamespaceResponse']; requestStream: false; responseStream: false };
    /** Changes labels and returns the namespace. */
    Update: { request: Messages['containerd.services.namespaces.v1.UpdateNamespaceRequest']; response: Messages['containerd.services.namespaces.v1.UpdateNamespaceResponse']; requestStream: false; responseStream: false };
    /** Forgets an empty namespace; FAILED_PRECONDITION while it holds anything. */
    Delete: { request: Messages['containerd.services.namespaces.v1.DeleteNamespaceRequest']; response: Messages['google.protobuf.Empty']; requestStream: false; responseStream: false };
  };
  /** Lets a client offer a stream that the server uses while it serves another call. */
  'containerd.services.streaming.v1.Streaming': {
    /** Opens a stream. The first message is a StreamInit, which the server acknowledges with an Empty; what follows depends on the user of the stream. */
    Stream: { request: Messages['google.protobuf.Any']; response: Messages['google.protobuf.Any']; requestStream: true; responseStream: true };
  };
  /** Makes snapshots of the layers of images. */
  'gantry.unpack.v1.Unpack': {
    /** Makes the committed snapshot of an image's root file system, named by its chain id. Ends when it is on disk and the image's config refers to it. A layer that is being unpacked already, for whomever in the namespace, is waited for. */
    Unpack: { request: Messages['gantry.unpack.v1.UnpackRequest']; response: Messages['gantry.unpack.v1.UnpackProgress']; requestStream: false; responseStream: true };
  };
  /** Moves images: pull, push, import, export, tag. */
  'containerd.services.transfer.v1.Transfer': {
    /** Moves from source to destination; the two types decide what that means. Answers when all is done. */
    Transfer: { request: Messages['containerd.services.transfer.v1.TransferRequest']; response: Messages['google.protobuf.Empty']; requestStream: false; responseStream: false };
  };
  /** Runs containers. A task is the running form of one container, with a first process and any number of others started into it. */
  'containerd.services.tasks.v1.Tasks': {
    /** Makes the task of a container with its first process, which waits for Start. */
    Create: { request: Messages['containerd.services.tasks.v1.CreateTaskRequest']; response: Messages['containerd.services.tasks.v1.CreateTaskResponse']; requestStream: false; responseStream: false };
    /** Starts the first process of a task, or a process made by Exec. */
    Start: { request: Messages['containerd.services.tasks.v1.StartRequest']; response: Messages['containerd.services.tasks.v1.StartResponse']; requestStream: false; responseStream: false };
    /** Removes a stopped task and tells how its first process ended. */
    Delete: { request: Messages['containerd.services.tasks.v1.DeleteTaskRequest']; response: Messages['containerd.services.tasks.v1.DeleteResponse']; requestStream: false; responseStream: false };
    /** Removes one stopped process made by Exec and tells how it ended. */
    DeleteProcess: { request: Messages['containerd.services.tasks.v1.DeleteProcessRequest']; response: Messages['containerd.services.tasks.v1.DeleteResponse']; requestStream: false; responseStream: false };
    /** State of one process. */
    Get: { request: Messages['containerd.services.tasks.v1.GetRequest']; response: Messages['containerd.services.tasks.v1.GetResponse']; requestStream: false; responseStream: false };
    /** State of the first process of every task; tasks that do not answer in time are left out. */
    List: { request: Messages['containerd.services.tasks.v1.ListTasksRequest']; response: Messages['containerd.services.tasks.v1.ListTasksResponse']; requestStream: false; responseStream: false };
    /** Sends a signal. */
    Kill: { request: Messages['containerd.services.tasks.v1.KillRequest']; response: Messages['google.protobuf.Empty']; requestStream: false; responseStream: false };
    /** Adds a process to a task, which waits for Start. */
    Exec: { request: Messages['containerd.services.tasks.v1.ExecProcessRequest']; response: Messages['google.protobuf.Empty']; requestStream: false; responseStream: false };
    /** Sets the size of a process's terminal. */
    ResizePty: { request: Messages['containerd.services.tasks.v1.ResizePtyRequest']; response: Messages['google.protobuf.Empty']; requestStream: false; responseStream: false };
    /** Closes standard input of a process. */
    CloseIO: { request: Messages['containerd.services.tasks.v1.CloseIORequest']; response: Messages['google.protobuf.Empty']; requestStream: false; responseStream: false };
    /** Freezes all processes of a task. */
    Pause: { request: Messages['containerd.services.tasks.v1.PauseTaskRequest']; response: Messages['google.protobuf.Empty']; requestStream: false; responseStream: false };
    /** Thaws them. */
    Resume: { request: Messages['containerd.services.tasks.v1.ResumeTaskRequest']; response: Messages['google.protobuf.Empty']; requestStream: false; responseStream: false };
    /** The process ids in a task. */
    ListPids: { request: Messages['containerd.services.tasks.v1.ListPidsRequest']; response: Messages['containerd.services.tasks.v1.ListPidsResponse']; requestStream: false; responseStream: false };
    /** Writes the state of a task to disk with CRIU. */
    Checkpoint: { request: Messages['containerd.services.tasks.v1.CheckpointTaskRequest']; response: Messages['containerd.services.tasks.v1.CheckpointTaskResponse']; requestStream: false; responseStream: false };
    /** Changes resource limits of a running task. */
    Update: { request: Messages['containerd.services.tasks.v1.UpdateTaskRequest']; response: Messages['google.protobuf.Empty']; requestStream: false; responseStream: false };
    /** Use of resources of the tasks that match. */
    Metrics: { request: Messages['containerd.services.tasks.v1.MetricsRequest']; response: Messages['containerd.services.tasks.v1.MetricsResponse']; requestStream: false; responseStream: false };
    /** Answers when a process has ended. */
    Wait: { request: Messages['containerd.services.tasks.v1.WaitRequest']; response: Messages['containerd.services.tasks.v1.WaitResponse']; requestStream: false; responseStream: false };
  };
  /** Runs one sandbox; its containers are run through the Task service of the same shim. */
  'containerd.runtime.sandbox.v1.Sandbox': {
    /** Prepares the sandbox, without starting anything in it. */
    CreateSandbox: { request: Messages['containerd.runtime.sandbox.v1.CreateSandboxRequest']; response: Messages['containerd.runtime.sandbox.v1.CreateSandboxResponse']; requestStream: false; responseStream: false };
    /** Starts it. */
    StartSandbox: { request: Messages['containerd.runtime.sandbox.v1.StartSandboxRequest']; response: Messages['containerd.runtime.sandbox.v1.StartSandboxResponse']; requestStream: false; responseStream: false };
    /** Platform of the processes in it. */
    Platform: { request: Messages['containerd.runtime.sandbox.v1.PlatformRequest']; response: Messages['containerd.runtime.sandbox.v1.PlatformResponse']; requestStream: false; responseStream: false };
    /** Stops it; its exit status stays. */
    StopSandbox: { request: Messages['containerd.runtime.sandbox.v1.StopSandboxRequest']; response: Messages['containerd.runtime.sandbox.v1.StopSandboxResponse']; requestStream: false; responseStream: false };
    /** Answers when it has ended. */
    WaitSandbox: { request: Messages['containerd.runtime.sandbox.v1.WaitSandboxRequest']; response: Messages['containerd.runtime.sandbox.v1.WaitSandboxResponse']; requestStream: false; responseStream: false };
    /** Its state now. */
    SandboxStatus: { request: Messages['containerd.runtime.sandbox.v1.SandboxStatusRequest']; response: Messages['containerd.runtime.sandbox.v1.SandboxStatusResponse']; requestStream: false; responseStream: false };
    /** Tells whether the shim answers. */
    PingSandbox: { request: Messages['containerd.runtime.sandbox.v1.PingRequest']; response: Messages['containerd.runtime.sandbox.v1.PingResponse']; requestStream: false; responseStream: false };
    /** Frees all it holds and ends the shim. */
    ShutdownSandbox: { request: Messages['containerd.runtime.sandbox.v1.ShutdownSandboxRequest']; response: Messages['containerd.runtime.sandbox.v1.ShutdownSandboxResponse']; requestStream: false; responseStream: false };
    /** Its use of resources. */
    SandboxMetrics: { request: Messages['containerd.runtime.sandbox.v1.SandboxMetricsRequest']; response: Messages['containerd.runtime.sandbox.v1.SandboxMetricsResponse']; requestStream: false; responseStream: false };
  };
  /** Runs pods and their containers. */
  'runtime.v1.RuntimeService': {
    /** Names and versions of runtime and API. */
    Version: { request: Messages['runtime.v1.VersionRequest']; response: Messages['runtime.v1.VersionResponse']; requestStream: false; responseStream: false };
    /** Makes and starts the sandbox of a pod; it is ready when this answers. */
    RunPodSandbox: { request: Messages['runtime.v1.RunPodSandboxRequest']; response: Messages['runtime.v1.RunPodSandboxResponse']; requestStream: false; responseStream: false };
    /** Stops a pod's containers and frees its network. Repeating it is fine. */
    StopPodSandbox: { request: Messages['runtime.v1.StopPodSandboxRequest']; response: Messages['runtime.v1.StopPodSandboxResponse']; requestStream: false; responseStream: false };
    /** Removes a pod and all its containers, by force if need be. Repeating it is fine. */
    RemovePodSandbox: { request: Messages['runtime.v1.RemovePodSandboxRequest']; response: Messages['runtime.v1.RemovePodSandboxResponse']; requestStream: false; responseStream: false };
    /** State of one pod; NOT_FOUND when there is none of that id. */
    PodSandboxStatus: { request: Messages['runtime.v1.PodSandboxStatusRequest']; response: Messages['runtime.v1.PodSandboxStatusResponse']; requestStream: false; responseStream: false };
    /** Pods that match, also stopped ones. */
    ListPodSandbox: { request: Messages['runtime.v1.ListPodSandboxRequest']; response: Messages['runtime.v1.ListPodSandboxResponse']; requestStream: false; responseStream: false };
    /** The same over several messages, for any number of pods. */
    StreamPodSandboxes: { request: Messages['runtime.v1.StreamPodSandboxesRequest']; response: Messages['runtime.v1.StreamPodSandboxesResponse']; requestStream: false; responseStream: true };
    /** Makes a container in a pod, without starting it. */
    CreateContainer: { request: Messages['runtime.v1.CreateContainerRequest']; response: Messages['runtime.v1.CreateContainerResponse']; requestStream: false; responseStream: false };
    /** Starts a made container. */
    StartContainer: { request: Messages['runtime.v1.StartContainerRequest']; response: Messages['runtime.v1.StartContainerResponse']; requestStream: false; responseStream: false };
    /** Stops a container: its stop signal first, SIGKILL after the time given. Repeating it is fine. */
    StopContainer: { request: Messages['runtime.v1.StopContainerRequest']; response: Messages['runtime.v1.StopContainerResponse']; requestStream: false; responseStream: false };
    /** Removes a container, by force if need be. Repeating it is fine. */
    RemoveContainer: { request: Messages['runtime.v1.RemoveContainerRequest']; response: Messages['runtime.v1.RemoveContainerResponse']; requestStream: false; responseStream: false };
    /** Containers that match, also stopped ones. */
    ListContainers: { request: Messages['runtime.v1.ListContainersRequest']; response: Messages['runtime.v1.ListContainersResponse']; requestStream: false; responseStream: false };
    /** The same over several messages, for any number of containers. */
    StreamContainers: { request: Messages['runtime.v1.StreamContainersRequest']; response: Messages['runtime.v1.StreamContainersResponse']; requestStream: false; responseStream: true };
    /** State of one container; NOT_FOUND when there is none of that id. */
    ContainerStatus: { request: Messages['runtime.v1.ContainerStatusRequest']; response: Messages['runtime.v1.ContainerStatusResponse']; requestStream: false; responseStream: false };
    /** Changes resource limits of a container. */
    UpdateContainerResources: { request: Messages['runtime.v1.UpdateContainerResourcesRequest']; response: Messages['runtime.v1.UpdateContainerResourcesResponse']; requestStream: false; responseStream: false };
    /** Opens the log of a running container anew, after the kubelet has rotated it. */
    ReopenContainerLog: { request: Messages['runtime.v1.ReopenContainerLogRequest']; response: Messages['runtime.v1.ReopenContainerLogResponse']; requestStream: false; responseStream: false };
    /** Runs a command in a container and answers with its output. */
    ExecSync: { request: Messages['runtime.v1.ExecSyncRequest']; response: Messages['runtime.v1.ExecSyncResponse']; requestStream: false; responseStream: false };
    /** Answers with a URL at which a command can be run interactively. */
    Exec: { request: Messages['runtime.v1.ExecRequest']; response: Messages['runtime.v1.ExecResponse']; requestStream: false; responseStream: false };
    /** Answers with a URL at which the streams of a running container can be had. */
    Attach: { request: Messages['runtime.v1.AttachRequest']; response: Messages['runtime.v1.AttachResponse']; requestStream: false; responseStream: false };
    /** Answers with a URL at which ports of a pod can be reached. */
    PortForward: { request: Messages['runtime.v1.PortForwardRequest']; response: Messages['runtime.v1.PortForwardResponse']; requestStream: false; responseStream: false };
    /** Use of resources of one container; NOT_FOUND when there is none of that id. */
    ContainerStats: { request: Messages['runtime.v1.ContainerStatsRequest']; response: Messages['runtime.v1.ContainerStatsResponse']; requestStream: false; responseStream: false };
    /** Use of resources of the running containers that match. */
    ListContainerStats: { request: Messages['runtime.v1.ListContainerStatsRequest']; response: Messages['runtime.v1.ListContainerStatsResponse']; requestStream: false; responseStream: false };
    /** The same over several messages, for any number of containers. */
    StreamContainerStats: { request: Messages['runtime.v1.StreamContainerStatsRequest']; response: Messages['runtime.v1.StreamContainerStatsResponse']; requestStream: false; responseStream: true };
    /** Use of resources of one pod; NOT_FOUND when there is none of that id. */
    PodSandboxStats: { request: Messages['runtime.v1.PodSandboxStatsRequest']; response: Messages['runtime.v1.PodSandboxStatsResponse']; requestStream: false; responseStream: false };
    /** Use of resources of the pods that match. */
    ListPodSandboxStats: { request: Messages['runtime.v1.ListPodSandboxStatsRequest']; response: Messages['runtime.v1.ListPodSandboxStatsResponse']; requestStream: false; responseStream: false };
    /** The same over several messages, for any number of pods. */
    StreamPodSandboxStats: { request: Messages['runtime.v1.StreamPodSandboxStatsRequest']; response: Messages['runtime.v1.StreamPodSandboxStatsResponse']; requestStream: false; responseStream: true };
    /** Tells the runtime settings of the node. */
    UpdateRuntimeConfig: { request: Messages['runtime.v1.UpdateRuntimeConfigRequest']; response: Messages['runtime.v1.UpdateRuntimeConfigResponse']; requestStream: false; responseStream: false };
    /** Whether runtime and network are ready. */
    Status: { request: Messages['runtime.v1.StatusRequest']; response: Messages['runtime.v1.StatusResponse']; requestStream: false; responseStream: false };
    /** Writes the state of a container to disk. */
    CheckpointContainer: { request: Messages['runtime.v1.CheckpointContainerRequest']; response: Messages['runtime.v1.CheckpointContainerResponse']; requestStream: false; responseStream: false };
    /** Life-cycle events of containers, until the caller hangs up. */
    GetContainerEvents: { request: Messages['runtime.v1.GetEventsRequest']; response: Messages['runtime.v1.ContainerEventResponse']; requestStream: false; responseStream: true };
    /** Names and meanings of the metrics that ListPodSandboxMetrics gives. */
    ListMetricDescriptors: { request: Messages['runtime.v1.ListMetricDescriptorsRequest']; response: Messages['runtime.v1.ListMetricDescriptorsResponse']; requestStream: false; responseStream: false };
    /** Metrics of all pods. */
    ListPodSandboxMetrics: { request: Messages['runtime.v1.ListPodSandboxMetricsRequest']; response: Messages['runtime.v1.ListPodSandboxMetricsResponse']; requestStream: false; responseStream: false };
    /** The same over several messages, for any number of pods. */
    StreamPodSandboxMetrics: { request: Messages['runtime.v1.StreamPodSandboxMetricsRequest']; response: Messages['runtime.v1.StreamPodSandboxMetricsResponse']; requestStream: false; responseStream: true };
    /** Settings of the runtime that the kubelet has to follow. */
    RuntimeConfig: { request: Messages['runtime.v1.RuntimeConfigRequest']; response: Messages['runtime.v1.RuntimeConfigResponse']; requestStream: false; responseStream: false };
    /** Tells new resource limits of a whole pod. */
    UpdatePodSandboxResources: { request: Messages['runtime.v1.UpdatePodSandboxResourcesRequest']; response: Messages['runtime.v1.UpdatePodSandboxResourcesResponse']; requestStream: false; responseStream: false };
  };
  /** Runs sandboxes through the sandboxer that each call names. */
  'containerd.services.sandbox.v1.Controller': {
    /** Prepares a sandbox, without starting anything in it. */
    Create: { request: Messages['containerd.services.sandbox.v1.ControllerCreateRequest']; response: Messages['containerd.services.sandbox.v1.ControllerCreateResponse']; requestStream: false; responseStream: false };
    /** Starts a prepared sandbox. */
    Start: { request: Messages['containerd.services.sandbox.v1.ControllerStartRequest']; response: Messages['containerd.services.sandbox.v1.ControllerStartResponse']; requestStream: false; responseStream: false };
    /** Platform of the processes in it. */
    Platform: { request: Messages['containerd.services.sandbox.v1.ControllerPlatformRequest']; response: Messages['containerd.services.sandbox.v1.ControllerPlatformResponse']; requestStream: false; responseStream: false };
    /** Stops it; its record and its exit status stay. */
    Stop: { request: Messages['containerd.services.sandbox.v1.ControllerStopRequest']; response: Messages['containerd.services.sandbox.v1.ControllerStopResponse']; requestStream: false; responseStream: false };
    /** Answers when it has ended. */
    Wait: { request: Messages['containerd.services.sandbox.v1.ControllerWaitRequest']; response: Messages['containerd.services.sandbox.v1.ControllerWaitResponse']; requestStream: false; responseStream: false };
    /** Its state now. */
    Status: { request: Messages['containerd.services.sandbox.v1.ControllerStatusRequest']; response: Messages['containerd.services.sandbox.v1.ControllerStatusResponse']; requestStream: false; responseStream: false };
    /** Frees all that it holds. */
    Shutdown: { request: Messages['containerd.services.sandbox.v1.ControllerShutdownRequest']; response: Messages['containerd.services.sandbox.v1.ControllerShutdownResponse']; requestStream: false; responseStream: false };
    /** Its use of resources. */
    Metrics: { request: Messages['containerd.services.sandbox.v1.ControllerMetricsRequest']; response: Messages['containerd.services.sandbox.v1.ControllerMetricsResponse']; requestStream: false; responseStream: false };
    /** Passes changed fields of the record on to the running sandbox. */
    Update: { request: Messages['containerd.services.sandbox.v1.ControllerUpdateRequest']; response: Messages['containerd.services.sandbox.v1.ControllerUpdateResponse']; requestStream: false; responseStream: false };
  };
  /** Runs the processes of one container, or of all containers of a pod. An empty exec_id always means the container's first process. */
  'containerd.task.v2.Task': {
    /** State of one process. */
    State: { request: Messages['containerd.task.v2.StateRequest']; response: Messages['containerd.task.v2.StateResponse']; requestStream: false; responseStream: false };
    /** Makes a container from its bundle, with a first process that waits for Start. */
    Create: { request: Messages['containerd.task.v2.CreateTaskRequest']; response: Messages['containerd.task.v2.CreateTaskResponse']; requestStream: false; responseStream: false };
    /** Starts the first process, or one made by Exec. */
    Start: { request: Messages['containerd.task.v2.StartRequest']; response: Messages['containerd.task.v2.StartResponse']; requestStream: false; responseStream: false };
    /** Frees what a stopped process holds and tells how it ended. */
    Delete: { request: Messages['containerd.task.v2.DeleteRequest']; response: Messages['containerd.task.v2.DeleteResponse']; requestStream: false; responseStream: false };
    /** The process ids in the container. */
    Pids: { request: Messages['containerd.task.v2.PidsRequest']; response: Messages['containerd.task.v2.PidsResponse']; requestStream: false; responseStream: false };
    /** Freezes all processes. */
    Pause: { request: Messages['containerd.task.v2.PauseRequest']; response: Messages['google.protobuf.Empty']; requestStream: false; responseStream: false };
    /** Thaws them. */
    Resume: { request: Messages['containerd.task.v2.ResumeRequest']; response: Messages['google.protobuf.Empty']; requestStream: false; responseStream: false };
    /** Writes the state of the container to disk with CRIU. */
    Checkpoint: { request: Messages['containerd.task.v2.CheckpointTaskRequest']; response: Messages['google.protobuf.Empty']; requestStream: false; responseStream: false };
    /** Sends a signal. */
    Kill: { request: Messages['containerd.task.v2.KillRequest']; response: Messages['google.protobuf.Empty']; requestStream: false; responseStream: false };
    /** Adds a process, which waits for Start. */
    Exec: { request: Messages['containerd.task.v2.ExecProcessRequest']; response: Messages['google.protobuf.Empty']; requestStream: false; responseStream: false };
    /** Sets the size of a process's terminal. */
    ResizePty: { request: Messages['containerd.task.v2.ResizePtyRequest']; response: Messages['google.protobuf.Empty']; requestStream: false; responseStream: false };
    /** Closes standard input of a process. */
    CloseIO: { request: Messages['containerd.task.v2.CloseIORequest']; response: Messages['google.protobuf.Empty']; requestStream: false; responseStream: false };
    /** Changes resource limits. */
    Update: { request: Messages['containerd.task.v2.UpdateTaskRequest']; response: Messages['google.protobuf.Empty']; requestStream: false; responseStream: false };
    /** Answers when a process has ended, at once if it has already. */
    Wait: { request: Messages['containerd.task.v2.WaitRequest']; response: Messages['containerd.task.v2.WaitResponse']; requestStream: false; responseStream: false };
    /** Use of resources of the container. */
    Stats: { request: Messages['containerd.task.v2.StatsRequest']; response: Messages['containerd.task.v2.StatsResponse']; requestStream: false; responseStream: false };
    /** Process ids of shim and container, asked on every (re)connection. */
    Connect: { request: Messages['containerd.task.v2.ConnectRequest']; response: Messages['containerd.task.v2.ConnectResponse']; requestStream: false; responseStream: false };
    /** Asks the shim to end; it stays while it holds containers. */
    Shutdown: { request: Messages['containerd.task.v2.ShutdownRequest']; response: Messages['google.protobuf.Empty']; requestStream: false; responseStream: false };
  };
  /** Runs the processes of one container, or of all containers of a pod. An empty exec_id always means the container's first process. */
  'containerd.task.v3.Task': {
    /** State of one process. */
    State: { request: Messages['containerd.task.v3.StateRequest']; response: Messages['containerd.task.v3.StateResponse']; requestStream: false; responseStream: false };
    /** Makes a container from its bundle, with a first process that waits for Start. */
    Create: { request: Messages['containerd.task.v3.CreateTaskRequest']; response: Messages['containerd.task.v3.CreateTaskResponse']; requestStream: false; responseStream: false };
    /** Starts the first process, or one made by Exec. */
    Start: { request: Messages['containerd.task.v3.StartRequest']; response: Messages['containerd.task.v3.StartResponse']; requestStream: false; responseStream: false };
    /** Frees what a stopped process holds and tells how it ended. */
    Delete: { request: Messages['containerd.task.v3.DeleteRequest']; response: Messages['containerd.task.v3.DeleteResponse']; requestStream: false; responseStream: false };
    /** The process ids in the container. */
    Pids: { request: Messages['containerd.task.v3.PidsRequest']; response: Messages['containerd.task.v3.PidsResponse']; requestStream: false; responseStream: false };
    /** Freezes all processes. */
    Pause: { request: Messages['containerd.task.v3.PauseRequest']; response: Messages['google.protobuf.Empty']; requestStream: false; responseStream: false };
    /** Thaws them. */
    Resume: { request: Messages['containerd.task.v3.ResumeRequest']; response: Messages['google.protobuf.Empty']; requestStream: false; responseStream: false };
    /** Writes the state of the container to disk with CRIU. */
    Checkpoint: { request: Messages['containerd.task.v3.CheckpointTaskRequest']; response: Messages['google.protobuf.Empty']; requestStream: false; responseStream: false };
    /** Sends a signal. */
    Kill: { request: Messages['containerd.task.v3.KillRequest']; response: Messages['google.protobuf.Empty']; requestStream: false; responseStream: false };
    /** Adds a process, which waits for Start. */
    Exec: { request: Messages['containerd.task.v3.ExecProcessRequest']; response: Messages['google.protobuf.Empty']; requestStream: false; responseStream: false };
    /** Sets the size of a process's terminal. */
    ResizePty: { request: Messages['containerd.task.v3.ResizePtyRequest']; response: Messages['google.protobuf.Empty']; requestStream: false; responseStream: false };
    /** Closes standard input of a process. */
    CloseIO: { request: Messages['containerd.task.v3.CloseIORequest']; response: Messages['google.protobuf.Empty']; requestStream: false; responseStream: false };
    /** Changes resource limits. */
    Update: { request: Messages['containerd.task.v3.UpdateTaskRequest']; response: Messages['google.protobuf.Empty']; requestStream: false; responseStream: false };
    /** Answers when a process has ended, at once if it has already. */
    Wait: { request: Messages['containerd.task.v3.WaitRequest']; response: Messages['containerd.task.v3.WaitResponse']; requestStream: false; responseStream: false };
    /** Use of resources of the container. */
    Stats: { request: Messages['containerd.task.v3.StatsRequest']; response: Messages['containerd.task.v3.StatsResponse']; requestStream: false; responseStream: false };
    /** Process ids of shim and container, asked on every (re)connection. */
    Connect: { request: Messages['containerd.task.v3.ConnectRequest']; response: Messages['containerd.task.v3.ConnectResponse']; requestStream: false; responseStream: false };
    /** Asks the shim to end; it stays while it holds containers. */
    Shutdown: { request: Messages['containerd.task.v3.ShutdownRequest']; response: Messages['google.protobuf.Empty']; requestStream: false; responseStream: false };
  };
  /** Served by a shim beside the task service. */
  'gantry.shim.v1.Shim': {
    /** Takes over a container whose shim was killed. Answered when State and Wait can be asked for it. */
    Adopt: { request: Messages['gantry.shim.v1.AdoptRequest']; response: Messages['gantry.shim.v1.AdoptResponse']; requestStream: false; responseStream: false };
  };
  /** Stores immutable bytes under their digest. Blobs are seen by the namespaces that reference them. */
  'containerd.services.content.v1.Content': {
    /** Size, times and labels of one blob. */
    Info: { request: Messages['containerd.services.content.v1.InfoRequest']; response: Messages['containerd.services.content.v1.InfoResponse']; requestStream: false; responseStream: false };
    /** Changes the labels of a blob; its bytes never change. */
    Update: { request: Messages['containerd.services.content.v1.UpdateRequest']; response: Messages['containerd.services.content.v1.UpdateResponse']; requestStream: false; responseStream: false };
    /** All blobs that match, a hundred or so per message. */
    List: { request: Messages['containerd.services.content.v1.ListContentRequest']; response: Messages['containerd.services.content.v1.ListContentResponse']; requestStream: false; responseStream: true };
    /** Drops this namespace's reference to a blob; the bytes go once nobody refers to them. */
    Delete: { request: Messages['containerd.services.content.v1.DeleteContentRequest']; response: Messages['google.protobuf.Empty']; requestStream: false; responseStream: false };
    /** The bytes of a blob or of a part of it, in chunks. */
    Read: { request: Messages['containerd.services.content.v1.ReadContentRequest']; response: Messages['containerd.services.content.v1.ReadContentResponse']; requestStream: false; responseStream: true };
    /** How far one ingest has come. */
    Status: { request: Messages['containerd.services.content.v1.StatusRequest']; response: Messages['containerd.services.content.v1.StatusResponse']; requestStream: false; responseStream: false };
    /** How far all ingests that match have come. */
    ListStatuses: { request: Messages['containerd.services.content.v1.ListStatusesRequest']; response: Messages['containerd.services.content.v1.ListStatusesResponse']; requestStream: false; responseStream: false };
    /** Feeds one ingest. Each request gets one response; the first must carry the ref, which stays locked until the stream ends. A COMMIT ends the stream. */
    Write: { request: Messages['containerd.services.content.v1.WriteContentRequest']; response: Messages['containerd.services.content.v1.WriteContentResponse']; requestStream: true; responseStream: true };
    /** Throws an ingest and its bytes away. */
    Abort: { request: Messages['containerd.services.content.v1.AbortRequest']; response: Messages['google.protobuf.Empty']; requestStream: false; responseStream: false };
  };
  /** Takes events from shims. */
  'containerd.services.events.ttrpc.v1.Events': {
    /** Distributes an event that has its stamp already. */
    Forward: { request: Messages['containerd.services.events.ttrpc.v1.ForwardRequest']; response: Messages['google.protobuf.Empty']; requestStream: false; responseStream: false };
  };
  /** Tells the version of the server. Needs no namespace. */
  'containerd.services.version.v1.Version': {
    /** The version. */
    Version: { request: Messages['google.protobuf.Empty']; response: Messages['containerd.services.version.v1.VersionResponse']; requestStream: false; responseStream: false };
  };
  /** Tells tools which services there are and how their messages look. */
  'grpc.reflection.v1.ServerReflection': {
    /** Answers each request on the stream with one response, in order. */
    ServerReflectionInfo: { request: Messages['grpc.reflection.v1.ServerReflectionRequest']; response: Messages['grpc.reflection.v1.ServerReflectionResponse']; requestStream: true; responseStream: true };
  };
  /** Tells tools which services there are and how their messages look. */
  'grpc.reflection.v1alpha.ServerReflection': {
    /** Answers each request on the stream with one response, in order. */
    ServerReflectionInfo: { request: Messages['grpc.reflection.v1alpha.ServerReflectionRequest']; response: Messages['grpc.reflection.v1alpha.ServerReflectionResponse']; requestStream: true; responseStream: true };
  };
  /** Tells whether the daemon and its services are ready to answer. */
  'grpc.health.v1.Health': {
    /** Current state of one service; NOT_FOUND when the server does not know the name. */
    Check: { request: Messages['grpc.health.v1.HealthCheckRequest']; response: Messages['grpc.health.v1.HealthCheckResponse']; requestStream: false; responseStream: false };
    /** The state now and after every change, until the caller hangs up; a name the server does not know is reported as SERVICE_UNKNOWN instead of ending the stream. */
    Watch: { request: Messages['grpc.health.v1.HealthCheckRequest']; response: Messages['grpc.health.v1.HealthCheckResponse']; requestStream: false; responseStream: true };
    /** The state of all services at once. */
    List: { request: Messages['grpc.health.v1.HealthListRequest']; response: Messages['grpc.health.v1.HealthListResponse']; requestStream: false; responseStream: false };
  };
  /** The event loop of the daemon, on which everything that takes no time is done. */
  'gantry.debug.v1.EventLoop': {
    /** Measures for as long as the call lasts, and costs nothing else. The first request begins; each is answered with what was measured since the one before. */
    Measure: { request: Messages['gantry.debug.v1.MeasureLoopRequest']; response: Messages['gantry.debug.v1.MeasureLoopResponse']; requestStream: true; responseStream: true };
  };
  /** The failpoints of the daemon; docs/failpoints.md says what they are. */
  'gantry.debug.v1.Failpoints': {
    /** Sets one failpoint anew. */
    Set: { request: Messages['gantry.debug.v1.SetFailpointRequest']; response: Messages['gantry.debug.v1.SetFailpointResponse']; requestStream: false; responseStream: false };
    /** All failpoints, set or not. */
    List: { request: Messages['gantry.debug.v1.ListFailpointsRequest']; response: Messages['gantry.debug.v1.ListFailpointsResponse']; requestStream: false; responseStream: false };
  };
  /** The logs of the processes of a shim. */
  'gantry.shim.v1.Streams': {
    /** Goes on in a file freshly opened at the log's path, after somebody has renamed the old one. On failure the old one is written on. Failed precondition when the process has no log of the shim's. */
    ReopenLog: { request: Messages['gantry.shim.v1.StreamsRequest']; response: Messages['google.protobuf.Empty']; requestStream: false; responseStream: false };
    /** Counts what has become of the output. */
    Stat: { request: Messages['gantry.shim.v1.StreamsRequest']; response: Messages['gantry.shim.v1.StatResponse']; requestStream: false; responseStream: false };
  };
  /** Turns mount descriptions that the kernel alone cannot serve into mount points, under a name. */
  'containerd.services.mounts.v1.Mounts': {
    /** Prepares mounts; UNIMPLEMENTED when there is nothing to prepare and the caller can mount by itself. */
    Activate: { request: Messages['containerd.services.mounts.v1.ActivateRequest']; response: Messages['containerd.services.mounts.v1.ActivateResponse']; requestStream: false; responseStream: false };
    /** Undoes an activation. */
    Deactivate: { request: Messages['containerd.services.mounts.v1.DeactivateRequest']; response: Messages['google.protobuf.Empty']; requestStream: false; responseStream: false };
    /** One activation. */
    Info: { request: Messages['containerd.services.mounts.v1.InfoRequest']; response: Messages['containerd.services.mounts.v1.InfoResponse']; requestStream: false; responseStream: false };
    /** Changes labels of an activation. */
    Update: { request: Messages['containerd.services.mounts.v1.UpdateRequest']; response: Messages['containerd.services.mounts.v1.UpdateResponse']; requestStream: false; responseStream: false };
    /** All activations that match, one per message. */
    List: { request: Messages['containerd.services.mounts.v1.ListRequest']; response: Messages['containerd.services.mounts.v1.ListMessage']; requestStream: false; responseStream: true };
  };
  /** Unpacks layer archives and makes them from two states of a filesystem. */
  'containerd.services.diff.v1.Diff': {
    /** Unpacks a blob onto mounts and returns what was unpacked. */
    Apply: { request: Messages['containerd.services.diff.v1.ApplyRequest']; response: Messages['containerd.services.diff.v1.ApplyResponse']; requestStream: false; responseStream: false };
    /** Stores the difference between two states as a blob and returns it. */
    Diff: { request: Messages['containerd.services.diff.v1.DiffRequest']; response: Messages['containerd.services.diff.v1.DiffResponse']; requestStream: false; responseStream: false };
  };
}
