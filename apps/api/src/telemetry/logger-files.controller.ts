import { createHash } from 'node:crypto';
import type { OrganisationTransaction } from '@coldchain/database';
import { Clock } from '@coldchain/kernel';
import {
  compareWithKnown,
  contradictionsIn,
  deviceProfile,
  type LoggerFile,
  parseOffset,
  presetProfile,
  readLoggerFile,
} from '@coldchain/telemetry';
import { Controller, Req } from '@nestjs/common';
import { Caller, Input, type InputOf, Operation } from '../http/operation.decorator.js';
import type { Reply } from '../http/reply.js';
import type { Account, ContextRequest } from '../http/request-context.js';
import { RequestProblem } from '../http/request-problem.js';
import { Work } from '../http/work.js';
import { keepFile, knownReadings, type OwnLegRow, ownLegsOf, seesUnit, storeReadings } from './logger-files.queries.js';

/** Exports of loggers, attached to legs by who had the goods. */
@Controller()
export class LoggerFilesController {
  constructor(
    private readonly work: Work,
    private readonly clock: Clock,
  ) {}

  @Operation('attachLoggerFile')
  attach(
    @Req() request: ContextRequest,
    @Input() { params, body }: InputOf<'attachLoggerFile'>,
    @Caller() account: Account,
  ): Promise<Reply> {
    const offsetMinutes = body.zone === undefined ? null : parseOffset(body.zone);
    if (body.zone !== undefined && offsetMinutes === null) {
      throw new RequestProblem('zone-invalid', `${body.zone} is no offset from UTC`);
    }
    const content = Buffer.from(body.content, 'utf8');
    const file = readLoggerFile(content, offsetMinutes === null ? {} : { offsetMinutes });
    return this.work.change(request, async ({ transaction }) => {
      const legs = await legsOfLogger(transaction, params.sscc, body.logger ?? file.serial);
      const sha256 = createHash('sha256').update(content).digest();
      const kept = await keepFile(transaction, {
        unitId: legs[0].unit_id,
        name: body.name,
        sha256,
        content,
        format: file.format,
        device: file.device,
        serial: file.serial,
        offsetMinutes: file.zone.offsetMinutes,
        zoneAssumed: file.zone.assumed,
        deviceRecords: deviceRecordsOf(file),
        uploadedBy: account.name,
        uploadedAt: this.clock.now(),
      });
      if (kept.offsetMinutes !== file.zone.offsetMinutes) {
        throw new RequestProblem('logger-file-other-zone', `it is read with ${kept.offsetMinutes} minutes from UTC`);
      }
      const added = await addReadings(transaction, kept.id, file, legs);
      const body_ = { repeated: kept.repeated, sha256: sha256.toString('hex'), ...answerOf(file), ...added };
      return { body: body_, status: kept.repeated ? 200 : 201 };
    });
  }
}

/**
 * The organisation's legs of a unit that a logger watched.
 * @throws RequestProblem `unit-unknown`, `logger-not-bound`, `logger-ambiguous`
 */
async function legsOfLogger(
  transaction: OrganisationTransaction,
  sscc: string,
  serial: string | null,
): Promise<readonly [OwnLegRow, ...OwnLegRow[]]> {
  const own = await ownLegsOf(transaction, sscc);
  if (own.length === 0 && !(await seesUnit(transaction, sscc))) {
    throw new RequestProblem('unit-unknown', 'no unit of this SSCC is known here');
  }
  if (serial === null && new Set(own.map((leg) => leg.logger_id)).size > 1) {
    throw new RequestProblem('logger-ambiguous', 'several loggers watched the unit: name the one of the file');
  }
  const [first, ...others] = own.filter((leg) => serial === null || leg.serial === serial);
  if (first === undefined) {
    throw new RequestProblem('logger-not-bound', `${serial ?? 'no logger'} did not watch the unit while you had it`);
  }
  return [first, ...others];
}

interface Added {
  readonly readings: Record<'inFile' | 'outside' | 'duplicates' | 'differing' | 'stored', number>;
  readonly legs: readonly { readonly leg: string; readonly stored: number }[];
}

/** Stores what the file adds to each leg. */
async function addReadings(
  transaction: OrganisationTransaction,
  fileId: number,
  file: LoggerFile,
  legs: readonly OwnLegRow[],
): Promise<Added> {
  const readings = {
    inFile: file.readings.length,
    outside: file.readings.length,
    duplicates: 0,
    differing: 0,
    stored: 0,
  };
  const stored: { leg: string; stored: number }[] = [];
  for (const leg of legs) {
    const from = leg.started_at.getTime();
    const to = leg.ended_at?.getTime() ?? Infinity;
    const inLeg = file.readings.filter(({ at }) => at >= from && at < to);
    readings.outside -= inLeg.length;
    const [first, last] = [inLeg[0], inLeg.at(-1)];
    if (first === undefined || last === undefined) continue;
    const intervalMs = Math.min(file.intervalMs ?? 60_000, leg.interval_ms ?? 60_000);
    const known = await knownReadings(transaction, leg.logger_id, first.at - intervalMs, last.at + intervalMs);
    const { fresh, duplicates, differing } = compareWithKnown(inLeg, known, intervalMs);
    await storeReadings(transaction, fileId, leg, fresh);
    readings.duplicates += duplicates;
    readings.differing += differing;
    readings.stored += fresh.length;
    stored.push({ leg: leg.leg_key, stored: fresh.length });
  }
  return { readings, legs: stored };
}

/** What the device says beside its log, kept as it stands. */
function deviceRecordsOf(file: LoggerFile): unknown {
  const { certificate, statistics, deviceAlarms, dailySummaries, mktPrinted, problems } = file;
  return { certificate, statistics, deviceAlarms, dailySummaries, mktPrinted, problems };
}

function answerOf(file: LoggerFile): Record<string, unknown> {
  const { format, device, serial, zone, problems } = file;
  const profile = deviceProfile(file) ?? presetProfile('2-8');
  return {
    format,
    device,
    serial,
    zone,
    evidence: file.readings.length > 0 ? 'readings' : file.dailySummaries.length > 0 ? 'daily-summaries' : 'none',
    certificate: file.certificate?.verification ?? 'none',
    problems,
    contradictions: contradictionsIn(file, profile.thermal),
  };
}
