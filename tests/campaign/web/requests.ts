/** Requests to the web host: names, origins, tokens, paths, uploads. */
import { existsSync, readdirSync } from 'node:fs';
import { connect } from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DOORS, headersOf, PATIENCE_MS, SHOWN, type Target, tokenOf } from './doors.ts';
import { type Case, expects, request, send, strangeHosts, strangeOrigins } from './raw.ts';

export function hosts(target: Target): Case[] {
  const { port } = target;
  const doors = Object.entries(DOORS);
  const right = ['127.0.0.1', 'localhost', 'LocalHost', '[::1]'].map((name) =>
    expects(`Host ${name}`, [200], () => send(port, request('GET', '/', [['Host', `${name}:${port}`]]))),
  );
  const wrong = doors.flatMap(([door, make]) =>
    strangeHosts(port).map((host) =>
      expects(`${door}, Host ${host}`, [0, 400, 421], () => send(port, make(target, { Host: host })), SHOWN),
    ),
  );
  const forwarded = expects('a forwarded Host', [421], () =>
    send(
      port,
      request('GET', '/', [
        ['Host', 'evil.example'],
        ['X-Forwarded-Host', target.page.host],
        ['Forwarded', `host=${target.page.host}`],
      ]),
    ),
  );
  const absolute = expects('an address of another host as the path', [404, 421], () =>
    send(port, request('GET', 'http://evil.example/secret.txt', [['Host', target.page.host]])),
  );
  return [...right, ...wrong, forwarded, absolute];
}

export function origins(target: Target): Case[] {
  const doors = Object.entries(DOORS).filter(([door]) => door !== 'a page');
  return doors.flatMap(([door, make]) => [
    ...strangeOrigins(target.port).map((origin) =>
      expects(`${door}, Origin ${origin}`, [403], () => send(target.port, make(target, { Origin: origin }))),
    ),
    expects(`${door}, no Origin`, [403], () => send(target.port, make(target, { Origin: null }))),
    ...['cross-site', 'same-site', 'none'].map((site) =>
      expects(`${door}, a hidden Origin from ${site}`, [403], () =>
        send(target.port, make(target, { Origin: 'null', 'Sec-Fetch-Site': site })),
      ),
    ),
  ]);
}

export function tokens(target: Target): Case[] {
  const { port, page } = target;
  const token = (body: string) => () => send(port, request('POST', '/session', headersOf(target), body));
  const bodies = [
    '',
    '{}',
    'null',
    '[]',
    '0',
    '"x"',
    '{"token":null}',
    '{"token":{}}',
    '{"token":[]}',
    '{"token":7}',
    '{"token":""}',
  ];
  const longer = [
    '{"token":"x"}',
    `{"token":"${'A'.repeat(43)}"}`,
    `{"token":"${'x'.repeat(5000)}"}`,
    'x'.repeat(100_000),
    '{"token":"\\u0000"}',
  ];
  const used = tokenOf(target.server);
  const twice: Case = {
    what: 'a token used twice',
    async run() {
      const [first, second] = [
        await token(JSON.stringify({ token: used }))(),
        await token(JSON.stringify({ token: used }))(),
      ];
      return first.status === 200 && second.status === 401
        ? null
        : `answered with ${first.status} and ${second.status}`;
    },
  };
  const [name] = page.cookie.split('=');
  const lacks: Readonly<Record<string, Readonly<Record<string, string | null>>>> = {
    'no cookie': { Cookie: null },
    'an empty cookie': { Cookie: `${name}=` },
    'a wrong cookie': { Cookie: `${page.cookie}x` },
    'the cookie of another port': { Cookie: page.cookie.replace(/\d+=/, '1=') },
    'no key': { Authorization: null, 'Sec-WebSocket-Protocol': 'fettle' },
    'an empty key': { Authorization: 'Bearer ', 'Sec-WebSocket-Protocol': 'fettle, key.' },
    'a wrong key': {
      Authorization: `Bearer ${page.key}x`,
      'Sec-WebSocket-Protocol': `fettle, key.${page.key}x`,
    },
    'the key as a cookie': {
      Cookie: `${name}=${page.key}`,
      Authorization: null,
      'Sec-WebSocket-Protocol': 'fettle',
    },
    'another scheme': { Authorization: `Basic ${page.key}`, 'Sec-WebSocket-Protocol': page.key },
  };
  const doors = Object.entries(DOORS).filter(([door]) => door === 'an upload' || door === 'the socket');
  return [
    ...[...bodies, ...longer].map((body) => expects(`a token like ${body.slice(0, 20)}`, [401], token(body))),
    twice,
    ...doors.flatMap(([door, make]) =>
      Object.entries(lacks).map(([what, more]) =>
        expects(`${door} with ${what}`, [401], () => send(port, make(target, more))),
      ),
    ),
  ];
}

const PATHS = [
  ...[
    '/../secret.txt',
    '/../../etc/passwd',
    '/%2e%2e/secret.txt',
    '/..%2fsecret.txt',
    '/..%5csecret.txt',
    '/%2e%2e%2fsecret.txt',
  ],
  ...[
    '/%252e%252e/secret.txt',
    '/....//secret.txt',
    '/assets/../../secret.txt',
    '/assets/..%00/secret.txt',
    '/.%2e/secret.txt',
    '/secret.txt',
  ],
  ...[
    '//etc/passwd',
    '///etc/passwd',
    '/\\..\\secret.txt',
    '/C:/Windows/win.ini',
    '/%',
    '/%zz',
    '/%c0%ae%c0%ae/secret.txt',
    '/%00',
  ],
  ...[
    '/index.html/../../secret.txt',
    '/assets/',
    '/assets',
    'http://[',
    '*',
    '/api',
    '/uploads',
    '/downloads/x',
    '/download/../secret.txt',
  ],
];

export function paths(target: Target): Case[] {
  const read = PATHS.map((wanted) =>
    expects(
      `the path ${wanted}`,
      [400, 404],
      () =>
        send(
          target.port,
          request('GET', wanted, [
            ['Host', target.page.host],
            ['Connection', 'close'],
          ]),
        ),
      SHOWN,
    ),
  );
  const methods = ['PUT', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE', 'PROPFIND'].map((method) =>
    expects(`the method ${method}`, [405], () => send(target.port, request(method, '/', headersOf(target)))),
  );
  return [...read, ...methods];
}
const NAMES = [
  '../../../evil.sh',
  'a\0b.csv',
  'CON',
  'a'.repeat(300),
  '.',
  '..',
  '/',
  '\\',
  '/etc/passwd',
  'a/b.csv',
  'a\\b.csv',
  '.hidden',
  '🙂.csv',
  'a\u202egpj.exe',
  ' ',
  'x\r\nSet-Cookie: a=b',
];

export function uploads(target: Target): Case[] {
  const folder = path.join(target.opened.folder, 'uploads');
  const outside = () => readdirSync(target.opened.folder).sort().join();
  const named = NAMES.map((name): Case => {
    return {
      what: `an upload called ${JSON.stringify(name.slice(0, 30))}`,
      async run() {
        const before = outside();
        const answer = await send(
          target.port,
          request('POST', `/upload?name=${encodeURIComponent(name)}`, headersOf(target), 'x'),
        );
        if (answer.status === 200) {
          const kept = (JSON.parse(answer.body) as { path: string }).path;
          if (!kept.startsWith(folder + path.sep) || !existsSync(kept)) return `was kept at ${kept}`;
        } else if (![400, 422].includes(answer.status)) return `answered with ${answer.status}`;
        if (/set-cookie/i.test(answer.head)) return 'set a cookie';
        const after = outside();
        return after === before || after.replace(/,?uploads/, '') === before
          ? null
          : `made ${after} of ${before}`;
      },
    };
  });
  const short: Case = {
    what: 'an upload that ends too early',
    async run() {
      const socket = connect(target.port, '127.0.0.1');
      socket.on('error', () => {});
      socket.write(
        request('POST', '/upload?name=short.csv', [...headersOf(target), ['Content-Length', '1000']], 'half'),
      );
      await sleep(PATIENCE_MS / 2);
      socket.destroy();
      await sleep(PATIENCE_MS);
      const left = readdirSync(folder, { recursive: true }).map(String);
      return left.some((name) => /short|\.part$/.test(name)) ? `left ${left}` : null;
    },
  };
  return [...named, short];
}
