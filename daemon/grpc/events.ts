import { implement } from '../../proto/handler.ts';
import type { EventsService } from '../services/events.ts';
import { inNamespace } from './context.ts';

export const eventsHandlers = (service: EventsService) =>
  implement('containerd.services.events.v1.Events', {
    Publish: async (request, call) => {
      service.publish(inNamespace(call).namespace, request.topic, request.event);
      return {};
    },
    Forward: async (request) => {
      service.forward(request.envelope);
      return {};
    },
    Subscribe: (request, call) => service.subscribe(request.filters, call.signal),
  });
