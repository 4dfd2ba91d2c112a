/** Names of devices on the PCI bus, for cards whose own tool is not installed: the kernel knows only numbers. */
import { type Answer, ask } from './answer.ts';
import { pciAddress } from './values.ts';
import type { World } from './world.ts';

/** Names of display devices by their address. */
export function askLspci(world: World): Promise<Answer<ReadonlyMap<string, string>>> {
  return ask(world, { probe: 'lspci', command: 'lspci', args: ['-D', '-mm', '-nn'], read: readLspci });
}

/** Reads `lspci -D -mm -nn`; null where no line is of its form. */
export function readLspci(text: string): ReadonlyMap<string, string> | null {
  const rows = text
    .split('\n')
    .map((line) => [line.split(' ', 1)[0], ...[...line.matchAll(/"([^"]*)"/g)].map(([, cell]) => cell!)]);
  const whole = rows.filter(([address, , , device]) => pciAddress(address) !== null && device !== undefined);
  if (whole.length === 0) return null;
  const shown = whole.filter(([, kind]) => /\[(03|12)[0-9a-f]{2}\]$/i.test(kind ?? ''));
  return new Map(shown.map(([address, , maker, device]) => [pciAddress(address)!, nameOf(maker!, device!)]));
}

/** "GA102 [GeForce RTX 3090] [2204]" of "NVIDIA Corporation [10de]" -> "NVIDIA GeForce RTX 3090". */
function nameOf(maker: string, device: string): string {
  const known = device.replace(/\s*\[[0-9a-f]{4}\]$/i, '');
  const sold = /\[(.+)\]$/.exec(known)?.[1] ?? known;
  const short = makerName(maker);
  return sold.toLowerCase().startsWith(short.toLowerCase()) || short === '' ? sold : `${short} ${sold}`;
}

function makerName(maker: string): string {
  if (/nvidia/i.test(maker)) return 'NVIDIA';
  if (/\bamd\b|\bati\b/i.test(maker)) return 'AMD';
  return maker
    .replace(/\s*\[.*$/, '')
    .replace(/,?\s+(Corporation|Inc\.?|Co\.?,? Ltd\.?|Technology)\b.*$/i, '');
}
