export { freePort, isFree } from './free-port.js';
export { guard } from './guardian.js';
export { PostgresLauncherError, type PostgresLauncherCode } from './postgres/launcher-error.js';
export { type PostgresOptions, type RunningPostgres, startPostgres } from './postgres/postgres-launcher.js';
export { createFirstAccounts, type DemoAccount, readAccounts } from './first-start/accounts.js';
export { DEMONSTRATION_ORGANISATIONS, type DemonstrationOrganisation } from './first-start/organisations.js';
export { Demonstration, type DemonstrationContext, type SampleCode } from './demonstration/demonstration.js';
