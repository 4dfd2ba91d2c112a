/**
 * What Windows tells of graphics cards, disk and computer, by one PowerShell script: its start alone takes a second. Windows' own figure
 * for a card's memory ends at 4 GiB, so that the driver's figure in the registry is taken. Which vector and matrix extensions the processor
 * has only a function of Windows tells, which a second script compiles: that may be forbidden or slow, and costs nobody else's facts.
 */
import { isRecord } from '../../../common/values.ts';
import {
  type Answer,
  ask,
  hexIn,
  type Json,
  jsonIn,
  numberIn,
  objectIn,
  objectsIn,
  type Question,
  textIn,
} from './answer.ts';
import type { World } from './world.ts';

export interface WindowsCard {
  readonly name: string;
  readonly vendorId: number | null;
  readonly deviceId: number | null;
  readonly driver: string | null;
  /** The registry's figure; else Windows' own, where it is below its cap. */
  readonly totalMemory: number | null;
  /** Windows' own figure where the registry has one, too, and the cap does not explain that they differ. */
  readonly otherMemory: number | null;
  readonly drivesScreen: boolean;
  /** 0: the device works; else Windows' code of what is wrong. */
  readonly problem: number;
}

interface WindowsFacts {
  readonly cards: readonly WindowsCard[];
  readonly disk: 'ssd' | 'hdd' | null;
  readonly maker: string;
}

const CLASS = 'HKLM:\\SYSTEM\\CurrentControlSet\\Control\\Class\\{4d36e968-e325-11ce-bfc1-08002be10318}';
/** The cap of a 32-bit number, less what firmware keeps for itself. */
const NEAR_CAP = 4 * 2 ** 30 - 2 ** 26;
const PATIENCE_MS = 7000;

/** The script; `drive` is the letter of the disk that counts. Numbers and names come as JSON in UTF-8, whatever the language is. */
export function windowsScript(drive: string): string {
  return [
    '$ErrorActionPreference = "SilentlyContinue"',
    '[Console]::OutputEncoding = New-Object System.Text.UTF8Encoding $false',
    '$cards = @(Get-CimInstance Win32_VideoController | Select-Object Name, AdapterRAM, DriverVersion, PNPDeviceID, ConfigManagerErrorCode, CurrentHorizontalResolution)',
    `$registry = @(Get-ItemProperty "${CLASS}\\0*" | Select-Object DriverDesc, MatchingDeviceId, DriverVersion, @{n="Memory";e={$_."HardwareInformation.qwMemorySize"}})`,
    '$system = Get-CimInstance Win32_ComputerSystem | Select-Object Manufacturer, Model',
    `$media = (Get-Partition -DriveLetter ${drive} | Get-Disk | Get-PhysicalDisk | Select-Object -First 1).MediaType`,
    '@{ cards = $cards; registry = $registry; system = $system; media = "$media" } | ConvertTo-Json -Depth 4 -Compress',
  ].join('; ');
}

/** What Windows says; `folder` is the one whose disk counts. */
export function askWindows(world: World, folder: string): Promise<Answer<WindowsFacts>> {
  const drive = /^([a-z]):/i.exec(folder)?.[1] ?? 'C';
  return askPowershell(world, { probe: 'powershell', script: windowsScript(drive), read: readWindows });
}

function askPowershell<T>(
  world: World,
  { script, ...question }: Pick<Question<T>, 'probe' | 'read'> & { readonly script: string },
): Promise<Answer<T>> {
  const args = ['-NoProfile', '-NonInteractive', '-ExecutionPolicy', 'Bypass', '-Command', script];
  return ask(world, { ...question, command: 'powershell.exe', args }, PATIENCE_MS);
}

/** Reads what the script prints; null where there is no list of cards in it. */
export function readWindows(text: string): WindowsFacts | null {
  const answer = jsonIn(text);
  if (!isRecord(answer) || !('cards' in answer)) return null;
  const registry = objectsIn(answer.registry);
  const system = objectIn(answer.system);
  return {
    cards: objectsIn(answer.cards).map((card) => cardOf(card, registry)),
    disk: diskKind(answer.media),
    maker: `${textIn(system.Manufacturer) ?? ''}\n${textIn(system.Model) ?? ''}`,
  };
}

function cardOf(card: Json, registry: readonly Json[]): WindowsCard {
  const name = (textIn(card.Name) ?? 'Graphics card').replaceAll(/\((R|TM)\)/g, '').replace(/\s+/g, ' ');
  const id = String(card.PNPDeviceID ?? '').toLowerCase();
  const entry = entryOf(card, id, registry);
  const kept = memoryIn(entry?.Memory);
  const own = numberIn(card.AdapterRAM);
  // some drivers give a 32-bit number that has become negative
  const adapter = own === null ? null : own < 0 ? own + 2 ** 32 : own;
  const isCapped = adapter !== null && adapter >= NEAR_CAP;
  return {
    name,
    vendorId: hexIn(/ven_([0-9a-f]{4})/.exec(id)?.[1]),
    deviceId: hexIn(/dev_([0-9a-f]{4})/.exec(id)?.[1]),
    driver: textIn(card.DriverVersion),
    totalMemory: kept ?? (isCapped ? null : adapter),
    otherMemory: kept === null || isCapped || kept > 4 * 2 ** 30 ? null : adapter,
    drivesScreen: numberIn(card.CurrentHorizontalResolution) !== null,
    problem: numberIn(card.ConfigManagerErrorCode) ?? 0,
  };
}

/** The entry of the same device; old drivers leave theirs behind, so that the driver's version decides between two. */
function entryOf(card: Json, id: string, registry: readonly Json[]): Json | undefined {
  const same = registry.filter((entry) => {
    const device = textIn(entry.MatchingDeviceId)?.toLowerCase();
    return (
      (device != null && id.startsWith(device)) ||
      (entry.DriverDesc === card.Name && entry.DriverDesc != null)
    );
  });
  return same.find((entry) => entry.DriverVersion === card.DriverVersion) ?? same[0];
}

/** A number of 64 bits; some drivers write it as eight bytes. */
function memoryIn(value: unknown): number | null {
  const bytes = Array.isArray(value)
    ? value.reduceRight<number>((sum, byte) => sum * 256 + Number(byte), 0)
    : numberIn(value);
  return bytes !== null && bytes > 0 ? bytes : null;
}

/** PowerShell gives the word, older ones the number behind it. */
function diskKind(media: unknown): 'ssd' | 'hdd' | null {
  if (media === 'SSD' || media === '4') return 'ssd';
  return media === 'HDD' || media === '3' ? 'hdd' : null;
}

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
  const question = { script: processorScript(), read: readWindowsProcessor };
  return askPowershell(world, { probe: 'powershell (processor)', ...question });
}

/** Reads what the script prints; null where the answer is not one, or where Windows is too old to know AVX by its number. */
export function readWindowsProcessor(text: string): readonly string[] | null {
  const answer = jsonIn(text);
  if (!isRecord(answer) || !Array.isArray(answer.features)) return null;
  const flags = answer.features
    .map((feature) => FEATURES[Number(feature)])
    .filter((flag) => flag !== undefined);
  const states = BigInt(numberIn(answer.states) ?? 0);
  const has = (bit: number) => ((states >> BigInt(bit)) & 1n) === 1n;
  // programs get the registers of AVX, and yet it is said not to be there
  if (has(STATES.avx) && !flags.includes('avx')) return null;
  return has(STATES.amx) ? [...flags, 'amx_int8'] : flags;
}
