/** Requests as no client of good faith sends them: bytes on a socket, and what came back. */
import { connect } from 'node:net';

export interface RawAnswer {
  /** 0: the connection was closed without an answer. */
  readonly status: number;
  readonly head: string;
  readonly body: string;
}

export interface Case {
  readonly what: string;
  /** What must not have happened; null where all is well. */
  run(): Promise<string | null>;
}

const PATIENCE_MS = 15_000;

/** Sends `text` and reads until the server closes, or has sent a whole answer. */
export function send(port: number, text: string | Uint8Array): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    let got = '';
    const end = () => {
      clearTimeout(late);
      socket.destroy();
      const [head = '', ...rest] = got.split('\r\n\r\n');
      resolve({
        status: Number(/^HTTP\/1\.1 (\d+)/.exec(head)?.[1] ?? 0),
        head,
        body: bodyOf(head, rest.join('\r\n\r\n')),
      });
    };
    const late = setTimeout(() => {
      socket.destroy();
      reject(
        new Error(
          `the connection stays open for ${PATIENCE_MS / 1000} s after ${JSON.stringify(got.slice(0, 80))}`,
        ),
      );
    }, PATIENCE_MS);
    socket.on('data', (bytes) => {
      got += bytes.toString('latin1');
      if (isWhole(got)) end();
    });
    socket.on('error', end);
    socket.on('close', end);
    socket.on('connect', () => socket.write(text));
  });
}

/** The body as text, its chunks joined. */
function bodyOf(head: string, body: string): string {
  let [joined, rest] = ['', body];
  if (!/transfer-encoding: chunked/i.test(head)) [joined, rest] = [body, ''];
  for (let size = Number.parseInt(rest, 16); size > 0; size = Number.parseInt(rest, 16)) {
    const start = rest.indexOf('\r\n') + 2;
    joined += rest.slice(start, start + size);
    rest = rest.slice(start + size + 2);
  }
  return Buffer.from(joined, 'latin1').toString('utf8');
}

function isWhole(text: string): boolean {
  const end = text.indexOf('\r\n\r\n');
  if (end < 0) return false;
  const length = /^content-length: (\d+)/im.exec(text.slice(0, end))?.[1];
  if (/^HTTP\/1\.1 101/.test(text)) return true;
  if (length !== undefined) return text.length >= end + 4 + Number(length);
  return /transfer-encoding: chunked/i.test(text.slice(0, end)) ? text.endsWith('0\r\n\r\n') : false;
}

/** A request by its parts; headers may come twice. */
export function request(
  method: string,
  target: string,
  headers: readonly (readonly [string, string])[],
  body = '',
): string {
  const lines = headers.map(([name, value]) => `${name}: ${value}`);
  if (body !== '' && !headers.some(([name]) => /^(content-length|transfer-encoding)$/i.test(name)))
    lines.push(`Content-Length: ${Buffer.byteLength(body)}`);
  return `${method} ${target} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n${body}`;
}

/** A case that must be answered with one of `allowed`, and must not show `secret`. */
export function expects(
  what: string,
  allowed: readonly number[],
  ask: () => Promise<RawAnswer>,
  secret?: RegExp,
): Case {
  return {
    what,
    async run() {
      const { status, head, body } = await ask();
      if (!allowed.includes(status)) return `answered with ${status}: ${body.slice(0, 100)}`;
      return secret?.test(head + body) ? `shows ${secret}` : null;
    },
  };
}

/** Names that are not those of a server at `port`: other computers', other ports', and other ways to write this one. */
export const strangeHosts = (port: number): readonly string[] => [
  ...[
    `evil.example:${port}`,
    'evil.example',
    '127.0.0.1',
    'localhost',
    '127.0.0.1:1',
    `localhost.evil.example:${port}`,
  ],
  ...[
    `127.0.0.1.nip.io:${port}`,
    `127.0.0.1:${port}.evil.example`,
    `0.0.0.0:${port}`,
    `[::]:${port}`,
    `127.1:${port}`,
  ],
  ...[
    `[::ffff:127.0.0.1]:${port}`,
    `2130706433:${port}`,
    `0x7f000001:${port}`,
    `localhost:${port}@evil.example`,
  ],
  ...[
    `evil@localhost:${port}`,
    `localhost.:${port}`,
    `localhost:${port}, evil.example`,
    `localhost:0${port}`,
    `127.0.0.1:${port}/`,
  ],
];

/** Origins that are not the one of a server at 127.0.0.1 and `port`. */
export const strangeOrigins = (port: number): readonly string[] => [
  ...[
    'null',
    'https://evil.example',
    `http://evil.example:${port}`,
    `https://127.0.0.1:${port}`,
    'http://127.0.0.1',
  ],
  ...[
    `http://127.0.0.1:${port}.evil.example`,
    `http://127.0.0.1:${port}1`,
    `HTTP://127.0.0.1:${port}`,
    'file://',
    '',
  ],
  ...[
    `http://user@127.0.0.1:${port}`,
    `http://127.0.0.1:${port}/`,
    `127.0.0.1:${port}`,
    `http://127.0.0.1:${port}, http://evil.example`,
  ],
];

/** What is no request at all, or more than one; the server may answer with a refusal or close. */
export const MALFORMED: Readonly<Record<string, string | Uint8Array>> = {
  'a length and chunks':
    'POST /session HTTP/1.1\r\nHost: HOST\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
  'two lengths':
    'POST /session HTTP/1.1\r\nHost: HOST\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\nabcde',
  'a negative length': 'POST /session HTTP/1.1\r\nHost: HOST\r\nContent-Length: -1\r\n\r\n',
  'a length that is no number': 'POST /session HTTP/1.1\r\nHost: HOST\r\nContent-Length: 0x10\r\n\r\n',
  'a chunk without a size':
    'POST /session HTTP/1.1\r\nHost: HOST\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n',
  'an endless chunk':
    'POST /session HTTP/1.1\r\nHost: HOST\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFF\r\n',
  'an unknown encoding': 'POST /session HTTP/1.1\r\nHost: HOST\r\nTransfer-Encoding: gzip\r\n\r\n',
  'a long header': `GET / HTTP/1.1\r\nHost: HOST\r\nX: ${'x'.repeat(200_000)}\r\n\r\n`,
  'many headers': `GET / HTTP/1.1\r\nHost: HOST\r\n${'X: y\r\n'.repeat(20_000)}\r\n`,
  'a long path': `GET /${'a'.repeat(200_000)} HTTP/1.1\r\nHost: HOST\r\n\r\n`,
  'no Host': 'GET / HTTP/1.1\r\n\r\n',
  'two Hosts': 'GET / HTTP/1.1\r\nHost: HOST\r\nHost: evil.example\r\n\r\n',
  'an unknown method': 'STEAL / HTTP/1.1\r\nHost: HOST\r\n\r\n',
  'a zero in a header': 'GET / HTTP/1.1\r\nHost: HOST\r\nX: a\0b\r\n\r\n',
  'a space before the colon': 'GET / HTTP/1.1\r\nHost : HOST\r\n\r\n',
  'a folded header': 'GET / HTTP/1.1\r\nHost: HOST\r\n evil\r\n\r\n',
  'an unknown version': 'GET / HTTP/9.9\r\nHost: HOST\r\n\r\n',
  'the beginning of HTTP/2': 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
  'a hello of TLS': Uint8Array.of(0x16, 3, 1, 0, 200, 1, 0, 0, 196, 3, 3, ...Array(195).fill(7)),
  'bytes that are nothing': Uint8Array.from({ length: 500 }, (_, i) => (i * 37) % 256),
  'a proxy’s CONNECT': 'CONNECT evil.example:443 HTTP/1.1\r\nHost: HOST\r\n\r\n',
};

/** The cases of MALFORMED for a server at `port`: refused or closed, never served. */
export function malformedCases(port: number): Case[] {
  return Object.entries(MALFORMED).map(([what, text]) =>
    expects(what, [0, ...Array.from({ length: 200 }, (_, i) => 400 + i)], () =>
      send(port, typeof text === 'string' ? text.replace('HOST', `127.0.0.1:${port}`) : text),
    ),
  );
}

/** Runs `cases` one after the other; gives what failed. */
export async function failuresOf(cases: readonly Case[]): Promise<string[]> {
  const failures: string[] = [];
  for (const { what, run } of cases) {
    const failure = await run().catch((error: unknown) => String(error));
    if (failure !== null) failures.push(`${what}: ${failure}`);
  }
  return failures;
}
