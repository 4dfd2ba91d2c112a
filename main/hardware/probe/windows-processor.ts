/**
 * Which vector and matrix extensions the processor has, on Windows. Only a function of Windows itself tells, so PowerShell compiles a few
 * lines that call it. That may be forbidden or slow, so it is a command of its own and costs nobody else's facts.
 */
import { type Answer, ask } from './answer.ts';
import { isObject, jsonIn, numberIn } from './values.ts';
import type { World } from './world.ts';

/** Numbers of `IsProcessorFeaturePresent` in Windows' headers, and the flags that Linux has for the same. */
const FEATURES: Readonly<Record<number, string>> = {
  39: 'avx',
  40: 'avx2',
  41: 'avx512f',
  19: 'neon',
  43: 'asimddp',
  66: 'i8mm',
  68: 'bf16',
  46: 'sve',
  47: 'sve2',
  70: 'sme',
};

/** Bits of `GetEnabledXStateFeatures`: which registers Windows saves for programs. */
const STATES = { avx: 2, amx: 18 } as const;
const PATIENCE_MS = 7000;

/** The script. Windows on ARM may lack the second function, and then says no states. */
export function processorScript(): string {
  const functions =
    '[DllImport("kernel32.dll")] public static extern bool IsProcessorFeaturePresent(uint feature); ' +
    '[DllImport("kernel32.dll")] public static extern ulong GetEnabledXStateFeatures();';
  return [
    `Add-Type -Namespace Fettle -Name Processor -MemberDefinition '${functions}' -ErrorAction Stop`,
    `$features = @(${Object.keys(FEATURES).join(', ')} | Where-Object { [Fettle.Processor]::IsProcessorFeaturePresent($_) })`,
    '$states = $null',
    'try { $states = [Fettle.Processor]::GetEnabledXStateFeatures() } catch { }',
    '@{ features = $features; states = $states } | ConvertTo-Json -Compress',
  ].join('; ');
}

/** Flags of the processor as Linux calls them; FMA and the finer parts of AVX-512 Windows has no numbers for. */
export function askWindowsProcessor(world: World): Promise<Answer<readonly string[]>> {
  const args = ['-NoProfile', '-NonInteractive', '-ExecutionPolicy', 'Bypass', '-Command', processorScript()];
  const question = { command: 'powershell.exe', args, read: readWindowsProcessor };
  return ask(world, { probe: 'powershell (processor)', ...question }, PATIENCE_MS);
}

/** Reads what the script prints; null where the answer is not one, or where Windows is too old to know AVX by its number. */
export function readWindowsProcessor(text: string): readonly string[] | null {
  const answer = jsonIn(text);
  if (!isObject(answer) || !Array.isArray(answer.features)) return null;
  const flags = answer.features
    .map((feature) => FEATURES[Number(feature)])
    .filter((flag) => flag !== undefined);
  const states = BigInt(numberIn(answer.states) ?? 0);
  const has = (bit: number) => ((states >> BigInt(bit)) & 1n) === 1n;
  // programs get the registers of AVX, and yet it is said not to be there
  if (has(STATES.avx) && !flags.includes('avx')) return null;
  return has(STATES.amx) ? [...flags, 'amx_int8'] : flags;
}
