import { Controller, Req } from '@nestjs/common';
import { Caller, Input, type InputOf, Operation } from '../http/operation.decorator.js';
import { Reply } from '../http/reply.js';
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
    const proved = await this.passwords.proveForChange(account, body);
    if (proved === 'may-change') {
      await this.work.unkept(request, (transaction) => this.passwords.replace(transaction, account, body.password));
    }
    return new Reply({ changed: true });
  }
}
