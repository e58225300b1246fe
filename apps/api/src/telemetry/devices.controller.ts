import type { AnswerOf } from '@coldchain/api-contract';
import { Gateway, hashPassword, newGatewayPassword } from '@coldchain/database';
import { Random } from '@coldchain/kernel';
import { dayOf } from '@coldchain/telemetry';
import { Controller, Req } from '@nestjs/common';
import { MoreThan } from 'typeorm';
import { Caller, Input, type InputOf, Operation } from '../http/operation.decorator.js';
import { numberCursorOf, pageOf } from '../http/paging.js';
import type { Reply } from '../http/reply.js';
import type { Account, ContextRequest } from '../http/request-context.js';
import { RequestProblem } from '../http/request-problem.js';
import { Work } from '../http/work.js';
import { gatewayKeyOf, mappingOf } from './device-input.js';
import {
  type GatewayKeyRow,
  gatewayKeysOf,
  insertGateway,
  insertGatewayKey,
  loggerOf,
  type LoggerRow,
  loggersAfter,
  registerLogger,
  revokeGatewayKey,
} from './devices.queries.js';
import { conditionsOf } from './gateways.queries.js';

/** Gateways and loggers of the organisation. */
@Controller()
export class DevicesController {
  constructor(
    private readonly work: Work,
    private readonly random: Random,
  ) {}

  @Operation('createGateway')
  async createGateway(
    @Req() request: ContextRequest,
    @Input() { body }: InputOf<'createGateway'>,
    @Caller() account: Account,
  ): Promise<Reply> {
    const { slug } = account.organisation;
    const password = newGatewayPassword(this.random);
    const passwordHash = await hashPassword(password, this.random);
    const { name, acceptsUnsequenced, model = null } = body;
    const keys = body.keys.map(gatewayKeyOf);
    const mapping = mappingOf(model, body.mapping);
    // A foreign system numbers nothing for us.
    const made = { name, passwordHash, acceptsUnsequenced: acceptsUnsequenced || model !== null, model, mapping };
    return this.work.change(request, async ({ transaction }) => {
      if (!(await insertGateway(transaction, made))) {
        throw new RequestProblem('gateway-exists', 'choose another name');
      }
      for (const key of keys) {
        if ((await insertGatewayKey(transaction, name, key)) !== 'added') {
          throw new RequestProblem('gateway-key-exists', `${key.kid} stands twice`);
        }
      }
      const gateway = {
        name: body.name,
        user: `${slug}/${body.name}`,
        topic: `coldchain/v1/${slug}/${body.name}/readings`,
      };
      return { body: { ...gateway, password }, repeatedBody: { ...gateway, password: null } };
    });
  }

  @Operation('addGatewayKey')
  async addGatewayKey(
    @Req() request: ContextRequest,
    @Input() { params, body }: InputOf<'addGatewayKey'>,
  ): Promise<Reply> {
    const key = gatewayKeyOf(body);
    return this.work.change(request, async ({ transaction }) => {
      switch (await insertGatewayKey(transaction, params.name, key)) {
        case 'unknown':
          throw new RequestProblem('not-found', 'there is no such gateway');
        case 'exists':
          throw new RequestProblem('gateway-key-exists', 'choose another key id');
        case 'added':
          return { body: { kid: key.kid, algorithm: key.algorithm } };
      }
    });
  }

  @Operation('listGatewayKeys')
  async listGatewayKeys(
    @Req() request: ContextRequest,
    @Input() { params }: InputOf<'listGatewayKeys'>,
  ): Promise<AnswerOf<'listGatewayKeys'>> {
    const keys = await this.work.read(request, (tx) => gatewayKeysOf(tx, params.name));
    if (keys === undefined) throw new RequestProblem('not-found', 'there is no such gateway');
    return { keys: keys.map(keyAnswer) };
  }

  @Operation('revokeGatewayKey')
  async revokeGatewayKey(
    @Req() request: ContextRequest,
    @Input() { params }: InputOf<'revokeGatewayKey'>,
  ): Promise<Reply> {
    return this.work.change(request, async ({ transaction }) => {
      const key = await revokeGatewayKey(transaction, params.name, params.kid);
      if (key === undefined) throw new RequestProblem('not-found', 'there is no such gateway or key');
      return { body: keyAnswer(key) };
    });
  }

  @Operation('listGateways')
  async listGateways(@Req() request: ContextRequest, @Input() { query }: InputOf<'listGateways'>): Promise<Reply> {
    const rows = await this.work.read(request, async (tx) => {
      const gateways = await tx.manager.find(Gateway, {
        where: { id: MoreThan(numberCursorOf(query.after) ?? 0) },
        order: { id: 'ASC' },
        take: query.limit + 1,
      });
      const conditions = await conditionsOf(
        tx,
        gateways.map(({ id }) => id),
      );
      return gateways.map((gateway) => ({ ...gateway, condition: conditions.get(gateway.id) }));
    });
    return pageOf(
      'listGateways',
      query.limit,
      rows,
      (row) => row.id,
      (shown) => ({
        gateways: shown.map((row) => ({
          name: row.name,
          acceptsUnsequenced: row.acceptsUnsequenced,
          createdAt: row.createdAt.toISOString(),
          lastSeenAt: row.lastSeenAt?.toISOString() ?? null,
          model: row.model,
          status: row.status,
          statusAt: row.statusAt?.toISOString() ?? null,
          clockOffsetMs: row.clockOffsetMs === null ? null : Number(row.clockOffsetMs),
          batteryPercent: row.condition?.battery_percent ?? null,
          missing: row.condition?.missing ?? 0,
          rejected: row.condition?.rejected ?? 0,
        })),
      }),
    );
  }

  @Operation('registerLogger')
  async registerLogger(@Req() request: ContextRequest, @Input() { body }: InputOf<'registerLogger'>): Promise<Reply> {
    return this.work.change(request, async ({ transaction, clock }) => {
      const before = await loggerOf(transaction, body.serial);
      await registerLogger(transaction, body, dayOf(clock.now()));
      const logger = await loggerOf(transaction, body.serial);
      if (logger?.interval_ms !== body.intervalMs) {
        throw new RequestProblem('logger-exists', 'the declared interval of a registered logger does not change');
      }
      return { body: loggerAnswer(logger), status: before?.registered === true ? 200 : 201 };
    });
  }

  @Operation('listLoggers')
  async listLoggers(@Req() request: ContextRequest, @Input() { query }: InputOf<'listLoggers'>): Promise<Reply> {
    const rows = await this.work.read(request, (tx) => loggersAfter(tx, numberCursorOf(query.after), query.limit + 1));
    return pageOf(
      'listLoggers',
      query.limit,
      rows,
      (row) => row.id,
      (shown) => ({ loggers: shown.map(loggerAnswer) }),
    );
  }
}

const keyAnswer = (row: GatewayKeyRow): AnswerOf<'revokeGatewayKey'> => ({
  kid: row.kid,
  algorithm: row.algorithm,
  createdAt: row.created_at.toISOString(),
  revokedAt: row.revoked_at?.toISOString() ?? null,
});

const loggerAnswer = (row: LoggerRow): Record<string, unknown> => ({
  serial: row.serial,
  intervalMs: row.interval_ms,
  registered: row.registered,
  boundTo: row.bound_to,
  place: row.place,
  model: row.model,
  calibrationDue: row.calibration_due,
  calibrationCertificate: row.calibration_certificate,
  accuracyMilliCelsius: row.accuracy_milli_celsius,
  lastReadingAt: row.last_reading_at?.toISOString() ?? null,
  clockOffsetMs: row.clock_offset_ms,
  silentSince: row.silent_since?.toISOString() ?? null,
  silentCause: row.silent_cause,
  batteryPercent: row.battery_percent,
});
