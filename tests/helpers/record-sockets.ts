/**
 * Loaded into every process of a Fettle under test: writes each connection, name look-up and datagram to the file that FETTLE_SOCKETS
 * names, before it is made. Unlike what the application itself counts, it sees what any library does.
 */
import dgram from 'node:dgram';
import dns from 'node:dns';
import { appendFileSync } from 'node:fs';
import net from 'node:net';

const file = process.env.FETTLE_SOCKETS;

/** A process that may write nothing can't record either: its connections fail with that, so none goes unseen. */
function note(what: string, host: unknown): void {
  if (file && typeof host === 'string')
    appendFileSync(file, `${JSON.stringify({ what, host, program: process.argv[1] })}\n`);
}

type Method = (this: unknown, ...args: unknown[]) => unknown;

function watch(holder: object, name: string, hostOf: (args: readonly unknown[]) => unknown): void {
  const methods = holder as Record<string, Method>;
  const real = methods[name]!;
  methods[name] = function (this: unknown, ...args: unknown[]) {
    note(name, hostOf(args));
    return real.apply(this, args);
  };
}

/** The host of `connect(options)` or `connect(port, host)`; null for a path of this computer. */
function hostOfConnect([first, second]: readonly unknown[]): unknown {
  const options = Array.isArray(first) ? first[0] : first;
  if (typeof options === 'object' && options !== null) {
    const { path, host = 'localhost' } = options as { readonly path?: string; readonly host?: string };
    return path ? null : host;
  }
  return typeof options === 'number' ? (typeof second === 'string' ? second : 'localhost') : null;
}

if (file) {
  if (process.permission?.has('fs.write', file) ?? true) note('start', 'localhost');
  watch(net.Socket.prototype, 'connect', hostOfConnect);
  watch(dgram.Socket.prototype, 'connect', ([, host]) => host ?? 'localhost');
  watch(
    dgram.Socket.prototype,
    'send',
    (args) => args.findLast((arg) => typeof arg === 'string') ?? 'localhost',
  );
  for (const name of ['lookup', 'resolve', 'resolve4', 'resolve6']) watch(dns, name, ([host]) => host);
}
