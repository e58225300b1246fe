import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SpecAuthority } from './certificates.js';

const DAY_MS = 86_400_000;

/** A certificate for `localhost` of an authority of its own, in files. */
export class SpecCertificate {
  private readonly folder = mkdtempSync(join(tmpdir(), 'coldchain-certificate-'));
  private readonly validity = {
    notBefore: new Date(Date.now() - 2 * DAY_MS),
    notAfter: new Date(Date.now() + 30 * DAY_MS),
  };
  private readonly issuer = new SpecAuthority('authority of the spec', this.validity.notBefore, this.validity.notAfter);
  readonly certFile = join(this.folder, 'certificate.pem');
  readonly keyFile = join(this.folder, 'key.pem');
  /** PEM of who is to be trusted. */
  readonly authority = this.issuer.certificate;

  constructor() {
    this.renew();
  }

  /** Puts another key and certificate into the files; the PEM of the certificate. */
  renew(): string {
    const { certificate, key } = this.issuer.issue({ host: 'localhost', ...this.validity });
    writeFileSync(this.certFile, certificate);
    writeFileSync(this.keyFile, key, { mode: 0o600 });
    return certificate;
  }

  remove(): void {
    rmSync(this.folder, { recursive: true });
  }
}
