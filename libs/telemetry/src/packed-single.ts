import type { Frame } from './frame.js';
import type { PackedFrame } from './packed-frame.js';
import type { FrameReading } from './reading.js';
import { type Series, SeriesOfOne } from './series-pack.js';

/**
 * A frame of one reading: everything else follows from that, and is made when it is asked for. Single readings wait for
 * their commit by ten thousands, and the collector copies each of their objects twice meanwhile (a quarter of this
 * process's time with MQTT.js). Its members are no own properties: it cannot be spread.
 */
export class PackedSingle implements PackedFrame {
  constructor(
    readonly boot: Frame['boot'],
    readonly seq: Frame['seq'],
    readonly upMs: Frame['upMs'],
    readonly signature: Frame['signature'],
    readonly single: FrameReading,
  ) {}

  get firstAt(): number {
    return this.single.at;
  }

  get lastAt(): number {
    return this.single.at;
  }

  get count(): number {
    return 1;
  }

  get series(): readonly Series[] {
    return [new SeriesOfOne(this.single.logger, this.single)];
  }

  /** It is stored by its values and its bytes. */
  get kept(): null {
    return null;
  }
}
