import { implement } from '../../proto/handler.ts';
import type { VersionService } from '../services/version.ts';

export const versionHandlers = (service: VersionService) =>
  implement('containerd.services.version.v1.Version', {
    Version: async () => service.version(),
  });
