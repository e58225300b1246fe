import { Gateway, hashGatewayPassword, newGatewayPassword } from '@coldchain/database';
import { Random } from '@coldchain/kernel';
import { Controller, Req } from '@nestjs/common';
import { MoreThan } from 'typeorm';
import { Caller, Input, type InputOf, Operation } from '../http/operation.decorator.js';
import { numberCursorOf, pageOf } from '../http/paging.js';
import type { Reply } from '../http/reply.js';
import type { Account, ContextRequest } from '../http/request-context.js';
import { RequestProblem } from '../http/request-problem.js';
import { Work } from '../http/work.js';
import { insertGateway, loggerOf, type LoggerRow, loggersAfter, registerLogger } from './devices.queries.js';

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
    const passwordHash = await hashGatewayPassword(password, this.random);
    return this.work.change(request, async ({ transaction }) => {
      if (!(await insertGateway(transaction, { ...body, passwordHash }))) {
        throw new RequestProblem('gateway-exists', 'choose another name');
      }
      const gateway = {
        name: body.name,
        user: `${slug}/${body.name}`,
        topic: `coldchain/v1/${slug}/${body.name}/readings`,
      };
      return { body: { ...gateway, password }, repeatedBody: { ...gateway, password: null } };
    });
  }

  @Operation('listGateways')
  async listGateways(@Req() request: ContextRequest, @Input() { query }: InputOf<'listGateways'>): Promise<Reply> {
    const rows = await this.work.read(request, (tx) =>
      tx.manager.find(Gateway, {
        where: { id: MoreThan(numberCursorOf(query.after) ?? 0) },
        order: { id: 'ASC' },
        take: query.limit + 1,
      }),
    );
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
        })),
      }),
    );
  }

  @Operation('registerLogger')
  async registerLogger(@Req() request: ContextRequest, @Input() { body }: InputOf<'registerLogger'>): Promise<Reply> {
    return this.work.change(request, async ({ transaction }) => {
      const before = await loggerOf(transaction, body.serial);
      await registerLogger(transaction, body.serial, body.intervalMs);
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

const loggerAnswer = (row: LoggerRow): Record<string, unknown> => ({
  serial: row.serial,
  intervalMs: row.interval_ms,
  registered: row.registered,
  boundTo: row.bound_to,
});
