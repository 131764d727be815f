import { namespacedHost } from './content-hosts.ts';
import { sharingSuite } from './content-sharing-suite.ts';
import { contentSuite } from './content-suite.ts';

contentSuite('namespaced content', namespacedHost);
contentSuite('namespaced content, isolated', () => namespacedHost('isolated'));
sharingSuite('namespaced content', namespacedHost);
