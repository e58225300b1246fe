/** An answer with its own status or headers; a plain value is answered with the operation's status. */
export class Reply {
  constructor(
    readonly body: unknown,
    readonly options: { readonly status?: number; readonly headers?: Readonly<Record<string, string>> } = {},
  ) {}
}
