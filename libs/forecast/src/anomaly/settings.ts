import type { AnomalyDetector } from './anomaly.js';
import { ColdChainDetector } from './cold-chain-detector.js';
import { GeneralDetector } from './general-detector.js';

/** What is known of a series: that it is the temperature of a store or transport, or nothing. */
export const ANOMALY_SETTINGS = ['cold-chain', 'general'] as const;
export type AnomalySetting = (typeof ANOMALY_SETTINGS)[number];

/** A new detector for one series. */
export function anomalyDetector(setting: AnomalySetting): AnomalyDetector {
  switch (setting) {
    case 'cold-chain':
      return new ColdChainDetector();
    case 'general':
      return new GeneralDetector();
  }
}
