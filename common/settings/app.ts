/** The settings of the application before a person has changed one. */
import type { Settings } from '../api/contract.ts';

export const DEFAULT_SETTINGS: Settings = {
  theme: 'system',
  language: 'system',
  allSettings: false,
  pricePerKwh: 0.3,
  currency: 'EUR',
  watts: null,
  cardPrices: {},
  keepAwake: true,
  notify: true,
  hubMirror: null,
  proxy: null,
  offline: false,
  checkUpdates: null,
};
