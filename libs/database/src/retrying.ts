/** serialization_failure and deadlock_detected (PostgreSQL appendix A): the transaction did nothing and may run again. */
const REPEATABLE = new Set(['40001', '40P01']);
const ATTEMPTS = 4;

/** Runs a whole transaction, and again when the server chose it as the victim of a deadlock or conflict. */
export async function retrying<Result>(transaction: () => Promise<Result>): Promise<Result> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await transaction();
    } catch (error) {
      if (attempt === ATTEMPTS || !REPEATABLE.has(sqlState(error))) throw error;
    }
  }
}

/** SQLSTATE of a driver error, looked for in its causes as well (TypeORM wraps); empty when there is none. */
function sqlState(error: unknown): string {
  for (let cause = error; cause instanceof Error; cause = cause.cause ?? Reflect.get(cause, 'driverError')) {
    const code: unknown = Reflect.get(cause, 'code');
    if (typeof code === 'string') return code;
  }
  return '';
}
