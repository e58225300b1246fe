import { CreateOrganisations1763600000001 } from './1763600000001-create-organisations.js';
import { CreateReadings1763600000002 } from './1763600000002-create-readings.js';
import { CreateCustody1763600000003 } from './1763600000003-create-custody.js';
import { CreateThermal1763600000004 } from './1763600000004-create-thermal.js';
import { CreateLedger1763600000005 } from './1763600000005-create-ledger.js';
import { CreateIdempotency1763600000006 } from './1763600000006-create-idempotency.js';
import { CreateViews1763600000007 } from './1763600000007-create-views.js';
import { IndexOpenEvents1763600000008 } from './1763600000008-index-open-events.js';
import { LimitClaims1763600000009 } from './1763600000009-limit-claims.js';
import { ConfirmEvaluation1763600000010 } from './1763600000010-confirm-evaluation.js';
import { WidenActs1763600000011 } from './1763600000011-widen-acts.js';
import { ParkOutbox1763600000012 } from './1763600000012-park-outbox.js';
import { CreateTelemetryRoots1763600000013 } from './1763600000013-create-telemetry-roots.js';
import { RegisterDevices1763600000014 } from './1763600000014-register-devices.js';
import { StoreSingleReadings1763600000015 } from './1763600000015-store-single-readings.js';
import { KeepCheckpoints1763600000020 } from './1763600000020-keep-checkpoints.js';
import { AttachLoggerFiles1763600000021 } from './1763600000021-attach-logger-files.js';
import { IdentifyLedger1763600000025 } from './1763600000025-identify-ledger.js';
import { ProveSingleReadings1763600000026 } from './1763600000026-prove-single-readings.js';
import { LoosenWatermarks1763600000027 } from './1763600000027-loosen-watermarks.js';
import { CompressFrames1763600000028 } from './1763600000028-compress-frames.js';
import { KeepBootClocks1763600000030 } from './1763600000030-keep-boot-clocks.js';
import { FollowDeadLetters1763600000031 } from './1763600000031-follow-dead-letters.js';
import { KeepCalibrations1763600000032 } from './1763600000032-keep-calibrations.js';
import { WidenEvidence1763600000033 } from './1763600000033-widen-evidence.js';
import { AskCalibrationOfSources1763600000034 } from './1763600000034-ask-calibration-of-sources.js';
import { CreateCases1763600000036 } from './1763600000036-create-cases.js';
import { KeepAccountPasswords1763600000037 } from './1763600000037-keep-account-passwords.js';
import { FollowChanges1763600000038 } from './1763600000038-follow-changes.js';
import { CreateDemand1763600000040 } from './1763600000040-create-demand.js';
import { CreateJobs1763600000041 } from './1763600000041-create-jobs.js';
import { ViewStock1763600000042 } from './1763600000042-view-stock.js';
import { RaiseFlags1763600000043 } from './1763600000043-raise-flags.js';
import { CountUntilCaptured1763600000044 } from './1763600000044-count-until-captured.js';
import { FollowRejections1763600000045 } from './1763600000045-follow-rejections.js';
import { AuditSignatures1763600000046 } from './1763600000046-audit-signatures.js';
import { PriceArticles1763600000048 } from './1763600000048-price-articles.js';
import { ForeseeExcursions1763600000049 } from './1763600000049-foresee-excursions.js';
import { FindRejections1763600000050 } from './1763600000050-find-rejections.js';
import { FindNewestBoots1763600000051 } from './1763600000051-find-newest-boots.js';
import { DoubtLateClaims1763600000052 } from './1763600000052-doubt-late-claims.js';
import { PageAuditLog1763600000053 } from './1763600000053-page-audit-log.js';
import { HoldUntold1763600000054 } from './1763600000054-hold-untold.js';
import { ShareFreeStock1763600000055 } from './1763600000055-share-free-stock.js';
import { KeepGatewayModels1763600000056 } from './1763600000056-keep-gateway-models.js';
import { NoteDetachedDays1763600000057 } from './1763600000057-note-detached-days.js';

/** Every migration in the order it runs. Append only: a landed migration is never edited, moved or removed. */
export const MIGRATIONS = [
  CreateOrganisations1763600000001,
  CreateReadings1763600000002,
  CreateCustody1763600000003,
  CreateThermal1763600000004,
  CreateLedger1763600000005,
  CreateIdempotency1763600000006,
  CreateViews1763600000007,
  IndexOpenEvents1763600000008,
  LimitClaims1763600000009,
  ConfirmEvaluation1763600000010,
  WidenActs1763600000011,
  ParkOutbox1763600000012,
  CreateTelemetryRoots1763600000013,
  RegisterDevices1763600000014,
  StoreSingleReadings1763600000015,
  KeepCheckpoints1763600000020,
  AttachLoggerFiles1763600000021,
  IdentifyLedger1763600000025,
  ProveSingleReadings1763600000026,
  LoosenWatermarks1763600000027,
  CompressFrames1763600000028,
  KeepBootClocks1763600000030,
  FollowDeadLetters1763600000031,
  KeepCalibrations1763600000032,
  WidenEvidence1763600000033,
  AskCalibrationOfSources1763600000034,
  CreateCases1763600000036,
  KeepAccountPasswords1763600000037,
  FollowChanges1763600000038,
  CreateDemand1763600000040,
  CreateJobs1763600000041,
  ViewStock1763600000042,
  RaiseFlags1763600000043,
  CountUntilCaptured1763600000044,
  FollowRejections1763600000045,
  AuditSignatures1763600000046,
  PriceArticles1763600000048,
  ForeseeExcursions1763600000049,
  FindRejections1763600000050,
  FindNewestBoots1763600000051,
  DoubtLateClaims1763600000052,
  PageAuditLog1763600000053,
  HoldUntold1763600000054,
  ShareFreeStock1763600000055,
  KeepGatewayModels1763600000056,
  NoteDetachedDays1763600000057,
] as const;
