import { ViewColumn, ViewEntity } from 'typeorm';

/** Thermal state of a unit: totals over the legs that the asker may see, beside the ledger's state of the unit. */
@ViewEntity({ name: 'unit_thermal', synchronize: false })
export class UnitThermal {
  @ViewColumn({ name: 'unit_id' }) unitId!: number;
  @ViewColumn({ name: 'sscc' }) sscc!: string;
  @ViewColumn({ name: 'unit_key' }) unitKey!: string;
  /** `UnitState` of the ledger protocol; null until the unit is anchored. */
  @ViewColumn({ name: 'ledger_state' }) ledgerState!: unknown;
  @ViewColumn({ name: 'ledger_block' }) ledgerBlock!: number | null;
  @ViewColumn({ name: 'holds' }) holds!: number;
  @ViewColumn({ name: 'legs' }) legs!: number;
  @ViewColumn({ name: 'evaluated_to' }) evaluatedTo!: Date | null;
  @ViewColumn({ name: 'coldest_milli_celsius' }) coldestMilliCelsius!: number | null;
  @ViewColumn({ name: 'hottest_milli_celsius' }) hottestMilliCelsius!: number | null;
  @ViewColumn({ name: 'gap_ms' }) gapMs!: number;
  @ViewColumn({ name: 'readings' }) readings!: number;
  /** A logger watches it now. */
  @ViewColumn({ name: 'watched' }) watched!: boolean;
  @ViewColumn({ name: 'open_excursions' }) openExcursions!: number;
}
