export { MqttUplink } from './mqtt-uplink.js';
