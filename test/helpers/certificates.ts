import { join } from 'node:path';
import { execaSync } from 'execa';

const days = ['-days', '2'];
const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];

/** A certificate and its key, as files. */
export interface Certificate {
  readonly certificatePath: string;
  readonly keyPath: string;
}

/** An authority of the test's own, which nothing on the machine trusts. Its files lie in the folder it is given. */
export class CertificateAuthority implements Certificate {
  readonly certificatePath: string;
  readonly keyPath: string;
  readonly #folder: string;

  constructor(folder: string, name = 'authority') {
    this.#folder = folder;
    this.certificatePath = join(folder, `${name}.crt`);
    this.keyPath = join(folder, `${name}.key`);
    const extensions = ['-addext', 'basicConstraints=critical,CA:TRUE'];
    const files = ['-keyout', this.keyPath, '-out', this.certificatePath];
    openssl('req', '-x509', ...newKey, ...days, '-subj', `/CN=gantry-test-${name}`, ...extensions, ...files);
  }

  /** A certificate for servers on loopback and for clients; `hosts` are its subject alternative names. */
  issue(name: string, hosts = 'IP:127.0.0.1,IP:127.0.0.3,IP:0.0.0.0,DNS:localhost'): Certificate {
    const path = (suffix: string) => join(this.#folder, `${name}.${suffix}`);
    const issued = { certificatePath: path('crt'), keyPath: path('key') };
    const signer = ['-CA', this.certificatePath, '-CAkey', this.keyPath, '-copy_extensions', 'copy'];
    const request = ['-subj', `/CN=${name}`, '-addext', `subjectAltName=${hosts}`];
    openssl('req', '-new', ...newKey, ...request, '-keyout', issued.keyPath, '-out', path('csr'));
    openssl('x509', '-req', '-in', path('csr'), ...signer, ...days, '-out', issued.certificatePath);
    return issued;
  }
}

function openssl(...args: string[]): void {
  execaSync('openssl', args);
}
