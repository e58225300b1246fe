import { Controller, Req } from '@nestjs/common';
import { Caller, Input, type InputOf, Operation } from '../http/operation.decorator.js';
import type { Reply } from '../http/reply.js';
import type { Account, ContextRequest } from '../http/request-context.js';
import { Work } from '../http/work.js';
import { Passwords } from './passwords.js';

/** A person changes the password that he signs with. */
@Controller()
export class PasswordsController {
  constructor(
    private readonly work: Work,
    private readonly passwords: Passwords,
  ) {}

  @Operation('changePassword')
  async change(
    @Req() request: ContextRequest,
    @Input() { body }: InputOf<'changePassword'>,
    @Caller() account: Account,
  ): Promise<Reply> {
    await this.passwords.prove(account, body.current);
    return this.work.change(request, async ({ transaction }) => {
      await this.passwords.replace(transaction, account, body.password);
      return { body: { changed: true } };
    });
  }
}
