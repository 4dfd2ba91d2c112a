/**
 * Whether this computer has become slower or faster since the benchmark before, and why as far as that can be told from what was
 * noted beside the figures. Pure; the reasons are a table of rules.
 */
import type { MatmulRate, Rates, RatesComparison } from '../../common/api/contract.ts';

/** Two measurements of the same computer differ by this anyway. */
const SAME = 0.05;
/** Of all cores, that other programs use more than then. */
const MORE_LOAD = 0.15;
/** Below this the system begins to move memory to the disk. */
const SCARCE_BYTES = 4e9;

/** What `now` says against `before`; null where they have no product in common. */
export function compareRates(now: Rates, before: Rates): RatesComparison | null {
  const ratio = typicalRatio(now, before);
  if (ratio === null) return null;
  const since = before.measured;
  const when = whenWords(new Date(since), new Date(now.measured));
  const change = Math.abs(ratio - 1) < SAME ? 0 : ratio - 1;
  if (change === 0) return { since, change, reasons: [], sentence: `As fast as ${when}.` };
  // what makes a computer slower is, looked at from the other side, what makes it faster
  const reasons = change < 0 ? reasonsFor(now, before) : reasonsFor(before, now, ' then');
  const share = `${Math.round(100 * Math.abs(change))} % ${change < 0 ? 'slower' : 'faster'}`;
  const why = reasons.length > 0 ? reasons.join(', ') : 'no reason for it was found';
  return { since, change, reasons, sentence: `${share} than ${when}: ${why}.` };
}

/** The middle one of the ratios of all float32 products that both have measured. */
function typicalRatio(now: Rates, before: Rates): number | null {
  const then = new Map(products(before).map((rate) => [keyOf(rate), rate.flops]));
  const ratios = products(now)
    .flatMap((rate) => {
      const flops = then.get(keyOf(rate));
      return flops === undefined || flops <= 0 ? [] : [rate.flops / flops];
    })
    .toSorted((a, b) => a - b);
  return ratios[Math.floor(ratios.length / 2)] ?? null;
}

function products({ devices }: Rates): readonly MatmulRate[] {
  const cpu = devices.find(({ device }) => device === 'cpu');
  return (cpu?.matmul ?? []).filter(({ type }) => type === 'float32');
}

function keyOf({ batch, rows, inner, columns, transposed }: MatmulRate): string {
  return [batch, rows, inner, columns, transposed ?? 'neither'].join();
}

type Rule = (slow: Rates, fast: Rates) => string | false;

/** Why the computer of `slow` may be slower than that of `fast`, the likeliest reason first. */
const RULES: readonly Rule[] = [
  (slow, fast) => slow.onBattery === true && fast.onBattery !== true && 'running on battery',
  (slow, fast) =>
    threadsOf(slow) < threadsOf(fast) &&
    `computing on ${threadsOf(slow)} threads instead of ${threadsOf(fast)}`,
  ({ otherLoad: slow = 0 }, { otherLoad: fast }) =>
    fast !== undefined &&
    slow - fast > MORE_LOAD &&
    `other programs using ${Math.round(100 * slow)} % of the processor`,
  ({ freeMemory: slow }, { freeMemory: fast }) =>
    slow !== undefined &&
    fast !== undefined &&
    slow < SCARCE_BYTES &&
    slow < fast / 2 &&
    `only ${gigabytes(slow)} of memory free instead of ${gigabytes(fast)}`,
];

/** What counts as another version, and what people call it. */
const VERSIONS: readonly (readonly [key: string, name: string])[] = [
  ['fettle', 'Fettle'],
  ['onnxruntime-node', 'onnxruntime'],
  ['node', 'Node'],
];

function reasonsFor(slow: Rates, fast: Rates, suffix = ''): string[] {
  const found = RULES.map((rule) => rule(slow, fast)).filter((reason) => reason !== false);
  const [now, before] = suffix === '' ? [slow, fast] : [fast, slow];
  const versions = VERSIONS.flatMap(([key, name]) => {
    const [newer, older] = [now.versions[key], before.versions[key]];
    const differs = newer !== undefined && older !== undefined && newer !== older;
    return differs ? [`${name} ${newer} instead of ${older}`] : [];
  });
  return [...found.map((reason) => `${reason}${suffix}`), ...versions];
}

const threadsOf = ({ devices }: Rates): number =>
  devices.find(({ device }) => device === 'cpu')?.threads ?? 0;
const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(1)} GB`;

const DAY_MS = 86_400_000;
const words = (options: Intl.DateTimeFormatOptions) => new Intl.DateTimeFormat('en-GB', options);
const MONTH = words({ month: 'long' });
const MONTH_YEAR = words({ month: 'long', year: 'numeric' });
const DAY = words({ day: 'numeric', month: 'long' });

/** "earlier today", "on 3 May", "in May", "in May 2025": as exactly as a person would say it. */
function whenWords(then: Date, now: Date): string {
  const days = (now.getTime() - then.getTime()) / DAY_MS;
  if (days < 1 && then.getDate() === now.getDate()) return 'earlier today';
  if (days < 21) return `on ${DAY.format(then)}`;
  return `in ${(days < 300 ? MONTH : MONTH_YEAR).format(then)}`;
}
