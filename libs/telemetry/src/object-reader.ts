/** Reports a member that is not as it should be; does not return. */
export type Fail = (member: string, problem: string) => never;

/** Reads an object of a JSON file member by member, each at most once asked for, and knows which were not. */
export class ObjectReader {
  private readonly asked = new Set<string>();
  private readonly members: Readonly<Record<string, unknown>>;

  /** `path` names the object in problems: empty for the root, else with a trailing point. */
  constructor(
    value: unknown,
    private readonly path: string,
    private readonly failure: Fail,
  ) {
    this.members =
      typeof value === 'object' && value !== null
        ? (value as Readonly<Record<string, unknown>>)
        : this.fail('', 'not an object');
  }

  fail(member: string, problem: string): never {
    return this.failure(this.path + member, problem);
  }

  has(member: string): boolean {
    return Object.hasOwn(this.members, member);
  }

  text(member: string, form: RegExp): string {
    const value = this.take(member);
    return typeof value === 'string' && form.test(value) ? value : this.fail(member, `not of the form ${form.source}`);
  }

  number(member: string, lowest: number, highest: number): number {
    const value = this.take(member);
    if (typeof value === 'number' && value >= lowest && value <= highest) return value;
    return this.fail(member, `not a number from ${lowest} to ${highest}`);
  }

  integer(member: string, lowest: number, highest = Number.MAX_SAFE_INTEGER): number {
    const value = this.number(member, lowest, highest);
    return Number.isSafeInteger(value) ? value : this.fail(member, 'not a whole number');
  }

  choice<Choice extends string>(member: string, choices: readonly Choice[]): Choice {
    const value = this.take(member);
    return choices.find((choice) => choice === value) ?? this.fail(member, `not one of ${choices.join(', ')}`);
  }

  flag(member: string): boolean {
    const value = this.take(member);
    return typeof value === 'boolean' ? value : this.fail(member, 'not true or false');
  }

  object<Output>(member: string, read: (reader: ObjectReader) => Output): Output {
    return this.nested(this.take(member), member, read);
  }

  /** Null where the member is null. */
  optional<Output>(member: string, read: (reader: ObjectReader) => Output): Output | null {
    return this.members[member] === null ? this.skip(member) : this.object(member, read);
  }

  /** An integer, or null where the member is null. */
  optionalInteger(member: string, lowest: number): number | null {
    return this.members[member] === null ? this.skip(member) : this.integer(member, lowest);
  }

  /** A list of objects. */
  objects<Output>(member: string, most: number, read: (reader: ObjectReader) => Output): readonly Output[] {
    return this.list(member, most).map((item, index) => this.nested(item, `${member}.${index}`, read));
  }

  /** A list of plain values, each of which must pass. */
  values<Value>(member: string, most: number, passes: (item: unknown) => item is Value): readonly Value[] {
    return this.list(member, most).map((item, index) =>
      passes(item) ? item : this.fail(`${member}.${index}`, 'not allowed here'),
    );
  }

  /** Reports a member that was never asked for. */
  end(): void {
    for (const member of Object.keys(this.members)) if (!this.asked.has(member)) this.fail(member, 'unknown');
  }

  private take(member: string): unknown {
    this.asked.add(member);
    return this.has(member) ? this.members[member] : this.fail(member, 'missing');
  }

  private skip(member: string): null {
    this.asked.add(member);
    return null;
  }

  private list(member: string, most: number): readonly unknown[] {
    const value = this.take(member);
    if (!Array.isArray(value)) return this.fail(member, 'not a list');
    return value.length > most ? this.fail(member, `more than ${most} entries`) : (value as readonly unknown[]);
  }

  private nested<Output>(value: unknown, member: string, read: (reader: ObjectReader) => Output): Output {
    const reader = new ObjectReader(value, `${this.path}${member}.`, this.failure);
    const output = read(reader);
    reader.end();
    return output;
  }
}
