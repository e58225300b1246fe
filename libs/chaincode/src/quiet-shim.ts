import type * as Logger from 'fabric-shim/lib/logger';

type Level = 'debug' | 'info' | 'warn' | 'error';

/**
 * Makes fabric-shim say nothing at some levels; to be called before the contracts are loaded. Its own setting only keeps
 * such lines from being shown: they are formatted even so, several for each read and write of a call, which was a fifth of a
 * chaincode server's processor time (fabric-shim 2.5.8, lib/logger.js; measured).
 */
export function quietShim(levels: readonly Level[]): void {
  const logging = require('fabric-shim/lib/logger') as typeof Logger;
  const { getLogger } = logging;
  logging.getLogger = (name) => {
    const logger = getLogger(name);
    for (const level of levels) logger[level] = () => logger;
    return logger;
  };
}
