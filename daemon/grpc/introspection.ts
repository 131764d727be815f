import { implement } from '../../proto/handler.ts';
import type { IntrospectionService } from '../services/introspection.ts';

export const introspectionHandlers = (service: IntrospectionService) =>
  implement('containerd.services.introspection.v1.Introspection', {
    Plugins: async (request) => ({ plugins: service.plugins(request.filters) }),
    PluginInfo: async (request, call) => service.plugin(request, call.signal),
    Server: async () => service.server(),
  });
