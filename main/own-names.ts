/**
 * The names under which a server of this computer may be called. A name that a stranger's page has pointed at this computer
 * (DNS rebinding) is none of them, which the Host header tells.
 */
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import os from 'node:os';

/** Addresses that mean every network of the computer. */
const EVERYWHERE: ReadonlySet<string> = new Set(['0.0.0.0', '::', '[::]', '*']);
const LOOPBACK = ['localhost', '127.0.0.1', '[::1]'];
const PLAIN = 'http://';

/** Names with ports, as the Host header has them, of a server that listens at `port` of `host`. */
export function ownNames(host: string, port: number): ReadonlySet<string> {
  return new Set(namesFor(host).map((name) => withPort(name, port)));
}

/** Whether a request is meant for a server that has these names; one that names two hosts is meant for none. */
export function isCalledBy(
  names: ReadonlySet<string>,
  { headersDistinct }: Pick<IncomingMessage, 'headersDistinct'>,
): boolean {
  const { host = [] } = headersDistinct;
  return host.length === 1 && names.has(host[0]!.toLowerCase());
}

/** Whether the page that asks came from a server that has these names. */
export function isPageOf(names: ReadonlySet<string>, { origin = '' }: IncomingHttpHeaders): boolean {
  return origin.startsWith(PLAIN) && names.has(origin.slice(PLAIN.length));
}

/** The name that others use best for a host that listens at `host`. */
export function bestName(host: string): string {
  return EVERYWHERE.has(host) ? bracketed(networkAddresses()[0] ?? '127.0.0.1') : bracketed(host);
}

/** Whether a host at `host` can only be reached from this computer. */
export function isLocal(host: string): boolean {
  return LOOPBACK.includes(bracketed(host)) || /^127(?:\.\d{1,3}){3}$/.test(host);
}

function namesFor(host: string): string[] {
  if (!EVERYWHERE.has(host)) return [...LOOPBACK, bracketed(host.toLowerCase())];
  const name = os.hostname().toLowerCase();
  return [...LOOPBACK, ...networkAddresses().map(bracketed), name, `${name}.local`];
}

/** Addresses of this computer in its networks, those of version 4 first. */
function networkAddresses(): string[] {
  const all = Object.values(os.networkInterfaces()).flatMap((found) => found ?? []);
  const outer = all.filter(({ internal, address }) => !internal && !address.startsWith('fe80'));
  return outer.sort((a, b) => a.family.localeCompare(b.family)).map(({ address }) => address);
}

function bracketed(address: string): string {
  return address.includes(':') && !address.startsWith('[') ? `[${address}]` : address;
}

/** Browsers leave the usual port out. */
function withPort(name: string, port: number): string {
  return port === 80 ? name : `${name}:${port}`;
}
