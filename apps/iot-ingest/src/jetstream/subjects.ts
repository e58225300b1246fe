/**
 * The subject of a topic in NATS, and back: `/` becomes `.`, `.` becomes `//`, `+` becomes `*` (NATS documentation, "MQTT
 * topics and NATS subjects"). Only for topics without empty levels.
 */
export function subjectOf(topic: string): string {
  return topic.replaceAll(/[./+]/g, (character) => (character === '.' ? '//' : character === '/' ? '.' : '*'));
}

/** The topic of a subject without wildcards. */
export function topicOfSubject(subject: string): string {
  return subject.replaceAll(/\/\/|\./g, (part) => (part === '.' ? '/' : '.'));
}
