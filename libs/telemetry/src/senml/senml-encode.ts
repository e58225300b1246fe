import { type CborInput, cborOf } from '../cbor/cbor-writer.js';
import type { Frame } from '../frame.js';
import { CBOR_LABELS } from './senml-record.js';

type EncodableFrame = Pick<Frame, 'boot' | 'seq' | 'readings'> & Partial<Pick<Frame, 'upMs'>>;
type Member = readonly [label: string, value: string | number];

/**
 * A frame as a SenML pack in JSON: base time in whole seconds, every reading with its logger's name. Loggers must have
 * names that SenML allows (RFC 8428 §4.5.1).
 */
export function encodeSenmlJson(frame: EncodableFrame): Buffer {
  return Buffer.from(JSON.stringify(recordsOf(frame).map((members) => Object.fromEntries(members))));
}

/** The same in CBOR. */
export function encodeSenmlCbor(frame: EncodableFrame): Buffer {
  return cborOf(
    recordsOf(frame).map(
      (members) =>
        new Map<number | string, CborInput>(members.map(([label, value]) => [NUMBER_OF.get(label) ?? label, value])),
    ),
  );
}

const NUMBER_OF: ReadonlyMap<string, number> = new Map([...CBOR_LABELS].map(([number, label]) => [label, number]));

function recordsOf({ boot, seq, upMs = null, readings }: EncodableFrame): Member[][] {
  const baseTime = Math.floor((readings[0]?.at ?? 0) / 1000);
  const records: Member[][] = [[['bt', baseTime]]];
  if (boot !== null)
    records.push([
      ['n', 'boot'],
      ['vs', boot],
    ]);
  if (seq !== null)
    records.push([
      ['n', 'sequence'],
      ['v', seq],
    ]);
  if (upMs !== null)
    records.push([
      ['n', 'uptime'],
      ['u', 's'],
      ['v', upMs / 1000],
    ]);
  for (const { logger, at, milliCelsius, humidityPermille, counter } of readings) {
    const offset = (at - baseTime * 1000) / 1000;
    const time: Member[] = offset === 0 ? [] : [['t', offset]];
    records.push([['n', `${logger}:temperature`], ['u', 'Cel'], ['v', milliCelsius / 1000], ...time]);
    if (humidityPermille !== null) {
      records.push([['n', `${logger}:humidity`], ['u', '%RH'], ['v', humidityPermille / 10], ...time]);
    }
    if (counter !== null) records.push([['n', `${logger}:counter`], ['u', 'count'], ['v', counter], ...time]);
  }
  return records;
}
