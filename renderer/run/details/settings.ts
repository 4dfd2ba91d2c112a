/** The settings of a run as a list, each beside its default, and whether it differs from it. */

import {
  type SettingInfo,
  settingAbout,
  settingDefault,
  settingName,
  valueWords,
} from '../../../common/settings/form.ts';
import { flattened, isRecord } from '../../../common/values.ts';
import { run as text } from '../../text/text.ts';

export interface SettingRow {
  /** As run.json has it. */
  readonly name: string;
  readonly title: string;
  readonly about: string;
  readonly value: string;
  /** The default in words; empty where there is none, as for the model. */
  readonly fallback: string;
  /** Null where a default in words cannot be compared. */
  readonly changed: boolean | null;
}

/** Settings of run.json in the order of the schema, and after them those that it does not know. */
export function settingRows(
  config: Readonly<Record<string, unknown>>,
  infos: readonly SettingInfo[],
): SettingRow[] {
  const flat = new Map(Object.entries(flattened(config)));
  const known = infos.map((info) => {
    const { name, fallback } = info;
    const value = flat.get(name);
    flat.delete(name);
    return {
      ...{ name, title: settingName(name), about: settingAbout(info), value: shown(name, value) },
      ...{ fallback: settingDefault(info), changed: differs(value, fallback, config) },
    };
  });
  const others = [...flat].map(([name, value]) => ({
    ...{ name, title: settingName(name), about: '' },
    fallback: '',
    changed: null,
    value: shown(name, value),
  }));
  return [...known, ...others];
}

function shown(name: string, value: unknown): string {
  return ['string', 'number', 'boolean'].includes(typeof value) ? valueWords(name, value) : written(value);
}

/** A value in words. */
export function written(value: unknown): string {
  if (value === undefined || value === null) return text.details.unset;
  if (typeof value === 'boolean') return value ? text.details.true : text.details.false;
  if (Array.isArray(value)) return value.map(written).join(', ');
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/**
 * Whether a value differs from a default that may be written in words: one value, "2e-4 for lora, 2e-5 for full", "2 x rank", or a value
 * and what it depends on ("1024, or --max-length where that is more").
 */
function differs(
  value: unknown,
  fallback: string,
  config: Readonly<Record<string, unknown>>,
): boolean | null {
  if (value === undefined || value === null) return false;
  if (fallback === '') return null;
  if (fallback === text.details.unset) return true;
  const wanted = defaultFor(fallback, config);
  if (wanted === null) return null;
  if (typeof value === 'number') return Number(wanted) !== value;
  if (typeof value === 'boolean')
    return !['true', 'yes', 'on', 'false', 'no', 'off'].includes(wanted)
      ? null
      : ['true', 'yes', 'on'].includes(wanted) !== value;
  return written(value) !== wanted;
}

function defaultFor(fallback: string, config: Readonly<Record<string, unknown>>): string | null {
  // adapters have the same defaults whatever the weights beside them are kept in
  const method = config.method === 'qlora' ? 'lora' : String(config.method);
  const byMethod = new RegExp(`([^\\s,]+) for ${method}\\b`).exec(fallback);
  if (byMethod) return byMethod[1]!;
  const timesRank = /^(\d+) x rank$/.exec(fallback);
  const { rank } = isRecord(config.lora) ? config.lora : {};
  if (timesRank && typeof rank === 'number') return String(Number(timesRank[1]) * rank);
  const [first = ''] = fallback.split(', or ');
  return /\s/.test(first) ? null : first;
}
