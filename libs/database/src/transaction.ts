/**
 * One open transaction. Everything that an act changes goes through one of these, so that state, custody event and
 * outbox row are written together or not at all.
 */
export abstract class Transaction {
  /**
   * Runs one statement; parameters as `pg` takes them (`$1` …). `name`: the connection may keep its plan under it; one
   * name is one text.
   */
  abstract query<Row>(sql: string, parameters?: readonly unknown[], name?: string): Promise<Row[]>;
}

/** A transaction in the name of one organisation: row-level security shows and accepts that organisation's rows only. */
export abstract class OrganisationTransaction extends Transaction {
  abstract readonly organisationId: number;
}
