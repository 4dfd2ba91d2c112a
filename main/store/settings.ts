/** What the person has set, over what holds as long as nobody says otherwise. */
import type { Settings } from '../../preload/contract.ts';
import type { Store } from '../api/parts.ts';
import type { Base } from './base.ts';
import { build } from './connection.ts';
import { writeValue } from './values.ts';

export const DEFAULT_SETTINGS: Settings = {
  theme: 'system',
  allSettings: false,
  pricePerKwh: 0.3,
  currency: 'EUR',
  watts: null,
  keepAwake: true,
  notify: true,
  hubMirror: null,
  proxy: null,
  offline: false,
};

export function openSettings(base: Base): Store['settings'] {
  return {
    get: () => current(base),
    set(change) {
      // null is the default of every setting that may be null, and taking the value away says the same
      base.on.transaction(() => {
        for (const [name, value] of Object.entries(change))
          if (value !== undefined) writeValue(base, 'settings', name, value);
      });
      return current(base);
    },
  };
}

/** Names that this Fettle does not know, from a newer one, stay in the table and are not shown. */
function current(base: Base): Settings {
  const rows = base.on.all(build.selectFrom('settings').selectAll());
  const known = rows.filter(({ name }) => Object.hasOwn(DEFAULT_SETTINGS, name));
  const given = Object.fromEntries(known.map(({ name, valueJson }) => [name, base.parse(valueJson)]));
  return { ...DEFAULT_SETTINGS, ...given };
}
