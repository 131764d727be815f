import { implement } from '../../proto/handler.ts';
import type { EventsService } from '../services/events.ts';
import { inNamespace } from './context.ts';

/**
 * Answers Subscribe ahead of the first event: `LIFE/NUMBER`. Every event of the daemon, whatever the filters, raises the
 * number by one, and every start of the daemon makes another life. Who subscribes again and finds another life, or a
 * higher number than it has come to, has missed events. Other clients pass over it.
 */
const positionHeader = 'gantry-events-position';

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
    Subscribe: (request, call) => {
      const { position, events } = service.subscribe(request.filters, call.signal);
      call.sendHeaders({ [positionHeader]: position });
      return events;
    },
  });
