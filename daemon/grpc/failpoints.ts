import { listFailpoints, setFailpoint } from '../../base/failpoint.ts';
import { implement } from '../../proto/handler.ts';

export const failpointsHandlers = () =>
  implement('gantry.debug.v1.Failpoints', {
    Set: async ({ name, terms }) => {
      setFailpoint(name, terms);
      return {};
    },
    List: async () => ({ failpoints: listFailpoints() }),
  });
