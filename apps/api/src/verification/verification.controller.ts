import { Clock } from '@coldchain/kernel';
import { Metrics } from '@coldchain/runtime';
import { Controller, Req } from '@nestjs/common';
import { ApiOptions } from '../api-options.js';
import { Caller, Input, type InputOf, Operation } from '../http/operation.decorator.js';
import type { Account, ContextRequest } from '../http/request-context.js';
import { Work } from '../http/work.js';
import { type Collected, collectFacts } from './collect-facts.js';
import { objectKeysOf } from './object-keys.js';
import { type Subject, subjectOf } from './scanned-code.js';
import { MOST_ENTRIES, trailOf, type TrailRow } from './trail.queries.js';
import { sentenceOf } from './trail-sentence.js';
import { type Verdict, verdictOf } from './verdict.js';

/** What a code is worth: the verdict, and the trail behind it. */
@Controller()
export class VerificationController {
  private readonly verdicts;

  constructor(
    private readonly work: Work,
    private readonly clock: Clock,
    private readonly options: ApiOptions,
    metrics: Metrics,
  ) {
    this.verdicts = metrics.counter('cct_verdicts_total', 'Verdicts given', ['answer', 'reason']);
  }

  @Operation('getVerdict')
  async verdict(
    @Req() request: ContextRequest,
    @Input() { query }: InputOf<'getVerdict'>,
    @Caller() { organisation }: Account,
  ): Promise<unknown> {
    const now = this.clock.now();
    const subject = subjectOf(query.code, now);
    const question = { subject, asker: organisation.party, now, boundMs: this.options.verdictBoundMs };
    const collected = await this.work.read(request, (tx) => collectFacts(tx, question));
    const verdict = verdictOf(collected.facts);
    this.verdicts.inc({ answer: verdict.answer, reason: verdict.reason });
    return answerOf(verdict, subject, collected, now);
  }

  @Operation('getTrail')
  async trail(@Req() request: ContextRequest, @Input() { query }: InputOf<'getTrail'>): Promise<unknown> {
    const subject = subjectOf(query.code, this.clock.now());
    const rows = await this.work.read(request, async (tx) => {
      const { packKey, batchKeys, unitKeys } = await objectKeysOf(tx, subject);
      return trailOf(tx, [...(packKey === null ? [] : [packKey]), ...batchKeys, ...unitKeys], packKey);
    });
    const shown = rows.slice(0, MOST_ENTRIES).toReversed();
    return { entries: shown.map(entryOf), complete: rows.length <= MOST_ENTRIES };
  }
}

const isoOf = (instant: number | null): string | null => (instant === null ? null : new Date(instant).toISOString());

function answerOf(verdict: Verdict, subject: Subject, collected: Collected, now: number): unknown {
  const code = subject.kind === 'unit' ? { gtin: null, lot: null, sscc: subject.sscc } : { ...subject, sscc: null };
  return {
    answer: verdict.answer,
    kind: verdict.kind,
    reason: verdict.reason,
    sentence: verdict.sentence,
    nextStep: verdict.nextStep,
    warning: verdict.warning,
    asOf: isoOf(verdict.asOf),
    checkedAt: new Date(now).toISOString(),
    subject: {
      kind: subject.kind,
      link: subject.link,
      gtin: code.gtin,
      lot: code.lot ?? collected.lot,
      serial: subject.kind === 'pack' ? subject.serial : null,
      sscc: code.sscc,
      productName: collected.productName,
    },
    claims: verdict.claims.map(({ name, state, sentence, asOf }) => ({ name, state, sentence, asOf: isoOf(asOf) })),
  };
}

const entryOf = (row: TrailRow): unknown => ({
  eventTime: row.event_time.toISOString(),
  zoneOffset: row.zone_offset,
  recordedAt: row.recorded_at.toISOString(),
  organisation: row.captured_by_slug,
  organisationName: row.captured_by,
  command: row.command,
  sentence: sentenceOf(row.command, row.biz_step, row.disposition),
  bizStep: row.biz_step,
  disposition: row.disposition,
  about: row.about,
  eventHash: row.event_hash,
  digest: row.digest,
  commitment: row.commitment,
  anchor: {
    state: row.anchor_state,
    transactionId: row.transaction_id,
    block: row.block,
    anchoredAt: row.anchored_at?.toISOString() ?? null,
    refusal: row.refusal?.code ?? null,
  },
});
