/** The `fettle train` that makes a run: with what would be another run if it were left out. */
import { changedSettings } from '../../api/run-config.ts';
import { parseRunConfig, type RunConfig } from '../../engine/config/config.ts';
import { RunFields } from '../../engine/config/schemas.ts';
import { nestedSettings } from '../../engine/session/app-settings.ts';
import { type Flag, flagsOf } from '../flags.ts';
import type { Settings } from '../settings.ts';
import { plain, typed } from '../words.ts';

/** Named as the person has named them, not by their full paths. */
const AS_NAMED = [
  ...['model', 'data', 'evalData', 'replayData', 'map', 'promptTemplate', 'system', 'sheet', 'samplePrompts'],
];
/** Where the run would be: the person's own choice, so a place that says what it is. */
const OUT = 'runs/first';

/** The command for `config`, whose files are called as in `named`. */
export async function trainCommand(config: RunConfig, named: Settings): Promise<string> {
  const { replayData: _, ...others } = config;
  const settings = await changedSettings(
    { parseRun: async (given) => parseRunConfig(nestedSettings(given)) },
    others,
  );
  const files = AS_NAMED.filter((name) => named[name] !== undefined).map((name) => [name, named[name]]);
  const all = { ...Object.fromEntries(files), out: OUT, ...settings } as Settings;
  const flags = flagsOf(RunFields);
  const words = Object.entries(all).flatMap(([name, value]) =>
    wordsOf(flags.find(({ field }) => field?.path === name)!, value),
  );
  return ['npx fettle train', ...words].join(' ');
}

/** `--rank 8`, `--no-packing`, or a flag several times. */
function wordsOf({ name, value: placeholder, repeats }: Flag, value: unknown): string[] {
  if (placeholder === undefined) return [value === false ? `--no-${name}` : `--${name}`];
  const values = Array.isArray(value) ? (repeats ? value : [value.join(',')]) : [value];
  return values.map((one) => `--${name} ${typed(typeof one === 'number' ? plain(one) : String(one))}`);
}
