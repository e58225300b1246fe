import { z } from 'zod';

/** An RFC 9457 problem as it is sent (`application/problem+json`). */
export const Problem = z.strictObject({
  type: z.string().meta({ description: 'Where the code is explained' }),
  title: z.string(),
  status: z.int(),
  code: z.string().meta({ description: 'Stable; programs decide by it' }),
  detail: z.string().optional().meta({ description: 'What it was this time' }),
  nextStep: z.string().optional().meta({ description: 'What helps, where another request does not' }),
  instance: z.string().meta({ description: 'Names this occurrence; also in the log of the server' }),
  details: z.record(z.string(), z.unknown()).optional().meta({ description: 'What the refusal was about' }),
  errors: z
    .array(z.strictObject({ pointer: z.string(), code: z.string(), detail: z.string() }))
    .optional()
    .meta({ description: 'Each wrong member: JSON pointer into the body, or the name of a parameter' }),
});
export type Problem = z.output<typeof Problem>;
