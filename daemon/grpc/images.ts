import { messageOfItems } from '../../proto/encoded.ts';
import { implement } from '../../proto/handler.ts';
import type { ImagesService } from '../services/images.ts';
import { collect } from './collect.ts';
import { inNamespace } from './context.ts';

export const imagesHandlers = (service: ImagesService) =>
  implement('containerd.services.images.v1.Images', {
    Get: async ({ name }, call) => ({ image: await service.get(inNamespace(call), name) }),
    List: async ({ filters }, call) => messageOfItems(1, await collect(service.list(inNamespace(call), filters))),
    Create: async ({ image, sourceDateEpoch }, call) => ({
      image: await service.create(inNamespace(call), image, sourceDateEpoch),
    }),
    Update: async ({ image, updateMask, sourceDateEpoch }, call) => ({
      image: await service.update(inNamespace(call), image, updateMask?.paths ?? [], sourceDateEpoch),
    }),
    Delete: async ({ name, target, sync }, call) => {
      await service.delete(inNamespace(call), name, { target, sync });
      return {};
    },
  });
