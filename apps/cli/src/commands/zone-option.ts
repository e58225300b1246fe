/** Option of commands that read a file with times. */
export const ZONE = {
  kind: 'text',
  value: 'OFFSET',
  doc: 'offset of the times in the file from UTC, as Z or +02:00',
} as const;
