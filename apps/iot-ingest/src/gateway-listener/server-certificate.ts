import { readFileSync, statSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import type { Logger } from '@coldchain/runtime';

/** PEM of a certificate with its chain, and of its key. */
export interface CertificateFiles {
  readonly cert: Buffer;
  readonly key: Buffer;
}

const LOOK_MS = 60_000;

/**
 * The certificate that gateways are shown, from two files. Certificates are renewed every few weeks: the files are looked at
 * each minute, and new connections get what stands in them; what cannot be used is logged, and the old one is kept.
 */
export class ServerCertificate {
  private timer: NodeJS.Timeout | undefined;
  /** When the files that were read had changed. */
  private readAt = '';

  constructor(
    private readonly certFile: string,
    private readonly keyFile: string,
    private readonly logger: Logger,
    private readonly lookMs = LOOK_MS,
  ) {}

  /** @throws where a file cannot be read, or the two do not belong together */
  read(): CertificateFiles {
    const changedAt = this.changedAt();
    const files = { cert: readFileSync(this.certFile), key: readFileSync(this.keyFile) };
    createSecureContext(files);
    this.readAt = changedAt;
    return files;
  }

  /** Calls with each pair of files that is newer than what was read, until stopped. */
  watch(changed: (files: CertificateFiles) => void): void {
    this.timer = setInterval(() => {
      try {
        if (this.changedAt() === this.readAt) return;
        changed(this.read());
        this.logger.info('certificate for gateways read again');
      } catch (error) {
        // Also between the writing of the one and of the other: tried again at the next look.
        this.logger.error({ err: error }, 'certificate for gateways not usable, the old one is kept');
      }
    }, this.lookMs);
  }

  stop(): void {
    clearInterval(this.timer);
  }

  private changedAt(): string {
    return [this.certFile, this.keyFile].map((file) => String(statSync(file).mtimeMs)).join(' ');
  }
}
