import { type DynamicModule, Module } from '@nestjs/common';
import { AccessGrantsController } from './access/access-grants.controller.js';
import { BatchesController } from './batches/batches.controller.js';
import { PacksController } from './custody/packs.controller.js';
import { HoldsController } from './holds/holds.controller.js';
import { HttpModule, type Surroundings } from './http/http.module.js';
import { IdentityController } from './identity/identity.controller.js';
import { OrganisationsController } from './identity/organisations.controller.js';
import { OperationController } from './operation/operation.controller.js';
import { ProductsController } from './products/products.controller.js';
import { ShipmentsController } from './shipments/shipments.controller.js';
import { UnitsController } from './shipments/units.controller.js';
import { ArrivalsController } from './telemetry/arrivals.controller.js';
import { DevicesController } from './telemetry/devices.controller.js';
import { FramesController } from './telemetry/frames.controller.js';
import { LoggerFilesController } from './telemetry/logger-files.controller.js';
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
  HoldsController,
  VerificationController,
  ReadingsController,
  DevicesController,
  ArrivalsController,
  FramesController,
  RegisteredDevicesController,
  AccessGrantsController,
  OrganisationsController,
  LoggerFilesController,
  IdentityController,
  OperationController,
] as const;

/** Wiring only. */
@Module({})
export class AppModule {
  static with(surroundings: Surroundings): DynamicModule {
    return { module: AppModule, imports: [HttpModule.with(surroundings)], controllers: [...CONTROLLERS] };
  }
}
