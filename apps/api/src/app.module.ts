import { type DynamicModule, Module } from '@nestjs/common';
import { AccessGrantsController } from './access/access-grants.controller.js';
import { BatchesController } from './batches/batches.controller.js';
import { AlarmsController } from './cases/alarms.controller.js';
import { CaseChanges } from './cases/case-changes.js';
import { CaseDecisionsController } from './cases/case-decisions.controller.js';
import { CasesController } from './cases/cases.controller.js';
import { TriageController } from './cases/triage.controller.js';
import { PacksController } from './custody/packs.controller.js';
import { PlacesController } from './evidence/places.controller.js';
import { UnitEvidenceController } from './evidence/unit-evidence.controller.js';
import { HoldsController } from './holds/holds.controller.js';
import { HttpModule, type Surroundings } from './http/http.module.js';
import { AuditLogController } from './identity/audit-log.controller.js';
import { IdentityController } from './identity/identity.controller.js';
import { OrganisationsController } from './identity/organisations.controller.js';
import { Passwords } from './identity/passwords.js';
import { PasswordsController } from './identity/passwords.controller.js';
import { UsersController } from './identity/users.controller.js';
import { LiveController, LiveStreams } from './live/live.controller.js';
import { OperationController } from './operation/operation.controller.js';
import { ArticlesController } from './planning/articles.controller.js';
import { DemandController } from './planning/demand.controller.js';
import { ForecastsController } from './planning/forecasts.controller.js';
import { StockSharesController } from './planning/stock-shares.controller.js';
import { JobsController } from './planning/jobs.controller.js';
import { ProductsController } from './products/products.controller.js';
import { ReturnsController } from './shipments/returns.controller.js';
import { ShipmentsController } from './shipments/shipments.controller.js';
import { UnitsController } from './shipments/units.controller.js';
import { ArrivalsController } from './telemetry/arrivals.controller.js';
import { BudgetController } from './telemetry/budget.controller.js';
import { DevicesController } from './telemetry/devices.controller.js';
import { FlagsController } from './telemetry/flags.controller.js';
import { FramesController } from './telemetry/frames.controller.js';
import { LoggerFilesController } from './telemetry/logger-files.controller.js';
import { LookBackController } from './telemetry/look-back.controller.js';
import { ReadingsController } from './telemetry/readings.controller.js';
import { RegisteredDevicesController } from './telemetry/registered-devices.controller.js';
import { VerificationController } from './verification/verification.controller.js';

/** Every controller; a route that is not registered here does not exist. */
export const CONTROLLERS = [
  ProductsController,
  BatchesController,
  UnitsController,
  ShipmentsController,
  PacksController,
  PlacesController,
  UnitEvidenceController,
  HoldsController,
  AlarmsController,
  CasesController,
  CaseDecisionsController,
  TriageController,
  ReturnsController,
  VerificationController,
  ReadingsController,
  BudgetController,
  LookBackController,
  LiveController,
  DevicesController,
  ArrivalsController,
  FramesController,
  RegisteredDevicesController,
  AccessGrantsController,
  OrganisationsController,
  LoggerFilesController,
  ArticlesController,
  DemandController,
  ForecastsController,
  StockSharesController,
  JobsController,
  FlagsController,
  IdentityController,
  PasswordsController,
  AuditLogController,
  UsersController,
  OperationController,
] as const;

/** Wiring only. */
@Module({})
export class AppModule {
  static with(surroundings: Surroundings): DynamicModule {
    return {
      module: AppModule,
      imports: [HttpModule.with(surroundings)],
      controllers: [...CONTROLLERS],
      providers: [CaseChanges, Passwords, LiveStreams],
    };
  }
}
