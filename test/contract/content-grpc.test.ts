import { grpcHost } from './content-hosts.ts';
import { sharingSuite } from './content-sharing-suite.ts';
import { contentSuite } from './content-suite.ts';

contentSuite('content over gRPC', grpcHost);
sharingSuite('content over gRPC', grpcHost);
