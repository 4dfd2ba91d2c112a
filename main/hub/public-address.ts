/**
 * Which addresses may be asked on behalf of a page. The web host may run on a server: a page must not reach through it what only that
 * server can see (itself, its network, the cloud's metadata), so names are looked up here and only public addresses are connected to.
 */
import { lookup as systemLookup } from 'node:dns/promises';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import { AppError } from '../../common/errors.ts';
import { say } from '../../common/words/language.ts';

export type Lookup = (
  name: string,
) => Promise<readonly { readonly address: string; readonly family: number }[]>;

/** IPv4 that leads nowhere public: this computer, private and shared networks, tests, multicast, reserved. */
const CLOSED_4 = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
] as const;
/** Of IPv6 only 2000::/3 is public, and in it not what carries IPv4 or is for documents. */
const CLOSED_6 = [
  ['2001::', 32],
  ['2001:db8::', 32],
  ['2002::', 16],
] as const;

const closed = new BlockList();
for (const [net, bits] of CLOSED_4) closed.addSubnet(net, bits, 'ipv4');
for (const [net, bits] of CLOSED_6) closed.addSubnet(net, bits, 'ipv6');
const open6 = new BlockList();
open6.addSubnet('2000::', 3, 'ipv6');

/** Whether anybody on the internet could ask the same address. */
export function isPublic(address: string): boolean {
  const family = isIP(address);
  if (family === 4) return !closed.check(address, 'ipv4');
  return family === 6 && open6.check(address, 'ipv6') && !closed.check(address, 'ipv6');
}

export const lookUp: Lookup = (name) => systemLookup(name, { all: true, verbatim: true });

/** Throws where the host of `url` is not public, now: what is connected to is checked again. Unknown names are the proxy's matter. */
export async function requirePublic(url: URL, lookup: Lookup = lookUp): Promise<void> {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const found = isIP(host) ? [{ address: host }] : await lookup(host).catch(() => []);
  if (!found.every(({ address }) => isPublic(address))) throw notPublic(url);
}

/** For connections: only the public addresses of a name. */
export function publicLookup(lookup: Lookup = lookUp): LookupFunction {
  return (name, { all }, done) => {
    lookup(name).then(
      (found) => {
        const usable = found.filter(({ address }) => isPublic(address));
        const [first] = usable;
        if (first === undefined)
          done(Object.assign(new Error(`no public address`), { code: 'ENOTFOUND' }), '', 0);
        else if (all) done(null, [...usable]);
        else done(null, first.address, first.family);
      },
      (error: NodeJS.ErrnoException) => done(error, '', 0),
    );
  };
}

function notPublic({ host }: URL): AppError {
  return new AppError(
    'address-not-public',
    say`${host} is in a private network.`,
    say`In the browser, Fettle opens public addresses only. Download the file yourself and drop it here.`,
  );
}
