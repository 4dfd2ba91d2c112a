/** Whatever else must outlive the process, as JSON by key. */
import type { Store } from '../api/parts.ts';
import type { Base } from './base.ts';
import { readValue, writeValue } from './values.ts';

export function openKept(base: Base): Store['kept'] {
  return {
    get: (key) => readValue(base, 'kept', key),
    set: (key, value) => writeValue(base, 'kept', key, value),
  };
}
