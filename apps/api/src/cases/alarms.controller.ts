import { Clock } from '@coldchain/kernel';
import { ALARM_SETTING } from '@coldchain/telemetry';
import { Controller, Req } from '@nestjs/common';
import { Caller, Input, type InputOf, Operation } from '../http/operation.decorator.js';
import { numberCursorOf, pageOf } from '../http/paging.js';
import type { Reply } from '../http/reply.js';
import type { Account, ContextRequest } from '../http/request-context.js';
import { Work } from '../http/work.js';
import { alarmAnswer, alarmsBefore, settingOf, type SettingRow, storeSetting } from './alarms.queries.js';

/** Alarms, and when an organisation is told. */
@Controller()
export class AlarmsController {
  constructor(
    private readonly work: Work,
    private readonly clock: Clock,
  ) {}

  @Operation('listAlarms')
  async list(@Req() request: ContextRequest, @Input() { query }: InputOf<'listAlarms'>): Promise<Reply> {
    const active = query.active === 'true';
    const asked = { before: numberCursorOf(query.after), active, sscc: query.sscc ?? null };
    const rows = await this.work.read(request, (tx) => alarmsBefore(tx, asked, query.limit + 1));
    return pageOf(
      'listAlarms',
      query.limit,
      rows,
      (row) => row.id,
      (shown) => ({ alarms: shown.map(alarmAnswer) }),
      { active: query.active, sscc: query.sscc },
    );
  }

  @Operation('getAlarmSetting')
  setting(@Req() request: ContextRequest): Promise<unknown> {
    return this.work.read(request, async (tx) => settingAnswer(await settingOf(tx)));
  }

  @Operation('setAlarms')
  set(
    @Req() request: ContextRequest,
    @Input() { body }: InputOf<'setAlarms'>,
    @Caller() { name }: Account,
  ): Promise<Reply> {
    return this.work.change(request, async ({ transaction }) => {
      await storeSetting(transaction, body, name, new Date(this.clock.now()));
      return { body: settingAnswer(await settingOf(transaction)) };
    });
  }
}

const settingAnswer = (row: SettingRow | undefined): Record<string, unknown> => ({
  minimumMs: row?.minimum_ms ?? ALARM_SETTING.minimumMs,
  rejoinMs: row?.rejoin_ms ?? ALARM_SETTING.rejoinMs,
  missingMs: row?.missing_ms ?? ALARM_SETTING.missingMs,
  changedBy: row?.changed_by ?? null,
  changedAt: row?.changed_at.toISOString() ?? null,
});
