import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { failedPrecondition, messageOf } from '../../base/errors.ts';

/**
 * Reads certificates of authorities.
 * @param where what names the file, for the error
 * @throws GantryError failed-precondition naming both
 */
export async function readAuthority(path: string, where: string): Promise<string> {
  const text = await read(path, where);
  checkCertificate(text, path, where);
  return text;
}

/** Reads a client's certificate and its key, which may lie in one file. */
export async function readClient(
  certPath: string,
  keyPath: string,
  where: string,
): Promise<{ readonly cert: string; readonly key: string }> {
  const cert = await read(certPath, where);
  const key = keyPath === certPath ? cert : await read(keyPath, where);
  checkCertificate(cert, certPath, where);
  try {
    createPrivateKey(key);
  } catch {
    throw failedPrecondition(`${where}: ${keyPath} has no private key in PEM`);
  }
  if (!new X509Certificate(cert).checkPrivateKey(createPrivateKey(key))) {
    throw failedPrecondition(`${where}: the key in ${keyPath} is not that of the certificate in ${certPath}`);
  }
  return { cert, key };
}

async function read(path: string, where: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw failedPrecondition(`${where}: ${messageOf(error)}`);
  }
}

function checkCertificate(text: string, path: string, where: string): void {
  try {
    new X509Certificate(text);
  } catch {
    throw failedPrecondition(`${where}: ${path} has no certificate in PEM`);
  }
}
