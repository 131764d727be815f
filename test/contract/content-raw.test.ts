import { rawHost } from './content-hosts.ts';
import { contentSuite } from './content-suite.ts';

contentSuite('content store on disk', rawHost);
