import { DomainError } from '@coldchain/kernel';

export type FabricCode =
  | 'go-missing'
  | 'programs-not-built'
  | 'program-missing'
  | 'port-taken'
  | 'in-use'
  | 'process-ended'
  | 'process-not-ready'
  | 'process-not-stopped'
  | 'command-failed'
  | 'state-unusable'
  | 'settings-differ'
  | 'path-unusable'
  | 'network-not-running'
  | 'chaincode-not-built'
  | 'chaincode-differs'
  | 'party-invalid'
  | 'authority-unusable'
  | 'usage';

/** The network cannot be installed, started or changed; `details.nextStep` says what to do. */
export class FabricError extends DomainError<FabricCode> {
  constructor(
    readonly code: FabricCode,
    message: string,
    nextStep: string,
    options?: ErrorOptions,
  ) {
    super(message, { nextStep }, options);
  }
}
