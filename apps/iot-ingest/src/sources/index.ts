export { Watermarks } from '../acknowledge/watermarks.js';
export { BrokerSubscriber } from '../broker-subscriber/broker-subscriber.js';
export { EmbeddedBroker } from '../embedded-broker/embedded-broker.js';
export { GatewayAuthentication } from '../embedded-broker/gateway-authentication.js';
export { GatewayDirectory } from '../gateways/gateway-directory.js';
export { HttpFrames } from '../http-frames/http-frames.js';
export { JetStreamSource } from '../jetstream/jetstream-source.js';
export * from '../message-source.js';
