import type { FrameRefusal } from './frame.js';

/** Why a message is set aside besides what its payload breaks: by what is registered, or where it was published. */
type RegistryRefusal =
  | 'signature-missing'
  | 'signature-key-unknown'
  | 'signature-invalid'
  | 'topic-not-allowed'
  | 'gateway-unknown'
  | 'status-too-large'
  | 'packet-too-large'
  | 'model-unusable'
  | 'sequence-clash'
  | 'sequence-detached'
  | 'storage-refused'
  | 'decoder-failed';

/** Every code under which a message is set aside. */
export type SetAsideCode = FrameRefusal | RegistryRefusal;

/** What to do about a message that was set aside, by its code. Its bytes are kept; nothing of it is counted. */
export const SET_ASIDE_STEPS: Readonly<Record<SetAsideCode, string>> = {
  'frame-too-large': 'send fewer readings in a frame: at most 256 KiB',
  'utf8-invalid': 'send UTF-8',
  'json-invalid': 'send one JSON value; look for a cut message or a trailing comma',
  'cbor-invalid': 'send one CBOR item of definite values; look for a cut message',
  'member-repeated': 'write each member once',
  'shape-invalid': 'send {"boot","seq","r":[…]}, one reading, or a SenML pack',
  'member-unknown': 'leave out the member that the details name',
  'member-missing': 'add the member that the details name',
  'member-invalid': 'correct the member that the details name',
  'sequence-missing': 'number the frames, or register the gateway as unsequenced',
  'frame-empty': 'send at least one reading in a frame',
  'too-many-readings': 'send at most 1,000 readings in a frame',
  'temperature-implausible': 'look at the sensor: it says what no place is like, or another unit',
  'humidity-implausible': 'look at the sensor: relative humidity is 0 to 100 %',
  'unit-invalid': 'send degrees Celsius (Cel) and per cent (%RH); nothing is converted',
  'time-relative': 'send absolute times: a relative one changes when the frame is sent again',
  'time-in-future': 'set the clock, or send "up" and tell the boot clock on status, so that it can be re-dated',
  'time-too-old': 'set the clock, or send "up" and tell the boot clock on status, so that it can be re-dated',
  'span-too-long': 'send readings of at most 24 hours in a frame',
  'signature-malformed': 'put the signature last, base64url over the bytes before ,"sig":',
  'signature-missing': 'sign the frames: the organisation takes no others',
  'signature-key-unknown': 'register the public key (coldchain gateway key add), or sign with one that is not revoked',
  'signature-invalid': 'look for a changed byte or another private key; if neither, somebody forges frames',
  'topic-not-allowed': 'publish on coldchain/v1/ORGANISATION/GATEWAY/readings or …/status of this gateway only',
  'gateway-unknown': 'register the gateway (coldchain gateway add), or correct the topic',
  'status-too-large': 'send a status of at most 4 KiB',
  'packet-too-large': 'send frames of at most 256 KiB; of a message above 8 MiB only the beginning is kept',
  'model-unusable': 'correct the model or the mapping that the gateway is registered with',
  'sequence-clash': 'begin a new boot: the number was used for other bytes, by a restored disk or by somebody else',
  'sequence-detached':
    'nothing if it was sent before: its number is stored, and the day was detached and moved away; to compare, attach it',
  'storage-refused': 'tell who runs the platform; the SQLSTATE is in the details',
  'decoder-failed': 'tell who runs the platform: this is a defect, the bytes are kept',
};

/** What to do about a code; one that a newer version wrote has no step here. */
export function stepAfter(code: string): string {
  const steps: Readonly<Record<string, string>> = SET_ASIDE_STEPS;
  return steps[code] ?? 'see the README of iot-ingest of the version that wrote it';
}
