import { implement } from '../../proto/handler.ts';
import type { TransferService } from '../transfer/service.ts';
import { inNamespace } from './context.ts';

export const transferHandlers = (service: TransferService) =>
  implement('containerd.services.transfer.v1.Transfer', {
    Transfer: async (request, call) => {
      await service.transfer(inNamespace(call), request);
      return {};
    },
  });
