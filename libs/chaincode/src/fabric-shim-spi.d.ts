/** The part of fabric-shim that runs contract classes; it ships without types (fabric-shim 2.5.8, lib/contract-spi). */
declare module 'fabric-shim/lib/contract-spi/chaincodefromcontract' {
  class ChaincodeFromContract {
    constructor(contracts: unknown[], serializers: object, metadata: object, title: string, version: string);
    Invoke(stub: unknown): Promise<{ readonly status: number; readonly message: string; readonly payload: Uint8Array }>;
  }
  export = ChaincodeFromContract;
}

declare module 'fabric-shim/lib/logger' {
  /** A winston logger; each method answers with the logger. */
  interface ShimLogger extends Record<'debug' | 'info' | 'warn' | 'error', (...values: unknown[]) => ShimLogger> {}
  /** Modules of the shim ask for theirs once, when they are loaded. */
  export let getLogger: (name?: string) => ShimLogger;
}
