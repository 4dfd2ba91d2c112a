/** Connections to the web host: malformed messages, slowness, crowds. */
import { connect, type Socket } from 'node:net';
import { DOORS, headersOf, PATIENCE_MS, SHOWN, type Target, until } from './doors.ts';
import { type Case, request, send } from './raw.ts';

const frame = (
  opcode: number,
  payload: Uint8Array,
  { final = true, masked = true, length = payload.length } = {},
): Buffer => {
  const head = [(final ? 0x80 : 0) | opcode];
  const mask = masked ? 0x80 : 0;
  if (length < 126) head.push(mask | length);
  else if (length < 65536) head.push(mask | 126, length >> 8, length & 255);
  else head.push(mask | 127, ...new Uint8Array(new BigUint64Array([BigInt(length)]).buffer).reverse());
  return Buffer.concat([Buffer.from(head), masked ? Buffer.alloc(4) : Buffer.alloc(0), payload]);
};
const text = (content: string) => frame(1, Buffer.from(content));

/** What ends a connection: frames against the protocol, and messages that are none of the API. */
const MESSAGES: Readonly<Record<string, Uint8Array>> = {
  'a frame without a mask': frame(1, Buffer.from('{}'), { masked: false }),
  'an unknown opcode': frame(7, Buffer.from('{}')),
  'a reserved bit': Buffer.concat([Buffer.of(0xf1), frame(1, Buffer.from('{}')).subarray(1)]),
  'a ping that is too long': frame(9, Buffer.alloc(200)),
  'a ping in pieces': frame(9, Buffer.alloc(2), { final: false }),
  'a continuation of nothing': frame(0, Buffer.from('x')),
  'text that is no UTF-8': frame(1, Uint8Array.of(0xff, 0xfe, 0xc0)),
  'a length beyond all limits': frame(1, Buffer.from('x'), { length: 2 ** 52 }),
  'a length beyond the limit': frame(1, Buffer.from('x'), { length: 33 * 2 ** 20 }),
  'a close with a wrong code': frame(8, Uint8Array.of(0, 1)),
  'no JSON': text('hello'),
  'JSON without a call': text('{}'),
  null: text('null'),
  'a list': text('[1,2,3]'),
  'deep JSON': text('['.repeat(200_000)),
  'an address that is none': text('{"i":1,"p":{"u":"://["}}'),
  bytes: frame(2, Uint8Array.of(0, 1, 2, 255)),
};

/** Messages that are answered with a refusal. */
const CALLS: Readonly<Record<string, string>> = {
  'an unknown procedure': '{"i":"1","p":{"u":"/runs/steal","b":{"json":{}}}}',
  'a name of JavaScript': '{"i":"1","p":{"u":"/__proto__/constructor","b":{"json":{}}}}',
  'a wrong input': '{"i":"1","p":{"u":"/runs/list","b":{"json":{"limit":-1,"states":["x"]}}}}',
  'a file of the system': '{"i":"1","p":{"u":"/data/look","b":{"json":{"paths":["/etc/passwd"]}}}}',
  'the records': '{"i":"1","p":{"u":"/models/add","b":{"json":{"path":"/proc/self/environ"}}}}',
  'a polluting input':
    '{"i":"1","p":{"u":"/settings/set","b":{"json":{"__proto__":{"admin":true},"theme":"x"}}}}',
};

/** What a frame that closes begins with. */
const CLOSE = '\x88';

const hasEnded = (socket: Socket) => socket.closed || socket.readableEnded || socket.destroyed;

export function messages(target: Target): Case[] {
  const open = async () => {
    const socket = connect(target.port, '127.0.0.1');
    socket.on('error', () => {});
    const got: Buffer[] = [];
    socket.on('data', (bytes) => got.push(bytes));
    socket.write(DOORS['the socket']!(target, {}));
    const all = () => Buffer.concat(got).toString('latin1');
    await until(() => all().includes('\r\n\r\n'), 5000);
    if (!all().startsWith('HTTP/1.1 101')) throw new Error(`the socket did not open: ${all().slice(0, 40)}`);
    return { socket, after: () => all().slice(all().indexOf('\r\n\r\n') + 4) };
  };
  const ends = Object.entries(MESSAGES).map(([what, bytes]): Case => {
    return {
      what: `the message: ${what}`,
      async run() {
        const { socket, after } = await open();
        socket.write(bytes);
        // a frame that closes waits for an answer, which no attacker owes
        const isClosed = await until(() => hasEnded(socket) || after().startsWith(CLOSE), 10_000);
        socket.destroy();
        return isClosed ? null : 'the connection stays open';
      },
    };
  });
  const refusals = Object.entries(CALLS).map(([what, call]): Case => {
    return {
      what: `the call: ${what}`,
      async run() {
        const { socket, after } = await open();
        socket.write(text(call));
        await until(() => after().includes('"s":') || socket.closed, 10_000);
        const said = after();
        socket.destroy();
        if (!/"s":4\d\d/.test(said)) return `answered ${said.slice(0, 120)}`;
        return SHOWN.test(said) || ({} as { admin?: boolean }).admin ? 'was obeyed' : null;
      },
    };
  });
  return [...ends, ...refusals];
}
const IDLE = 300;

export function floods(target: Target): Case[] {
  const { port } = target;
  const slow: Readonly<Record<string, string>> = {
    'nothing is sent': '',
    'half a request line': 'GET / HT',
    'half a head': `GET / HTTP/1.1\r\nHost: ${target.page.host}\r\nX: `,
    'half a body': request('POST', '/session', [...headersOf(target), ['Content-Length', '500']], '{"tok'),
    'half an upload': request(
      'POST',
      '/upload?name=slow.csv',
      [...headersOf(target), ['Content-Length', '500']],
      'a,b',
    ),
    'half a chunk': request(
      'POST',
      '/session',
      [...headersOf(target), ['Transfer-Encoding', 'chunked']],
      'ff\r\nab',
    ),
  };
  const many = (what: string, count: number, open: (socket: Socket) => void): Case => ({
    what,
    async run() {
      const sockets = Array.from({ length: count }, () => connect(port, '127.0.0.1').on('error', () => {}));
      for (const socket of sockets) open(socket);
      const answer = await send(port, request('GET', '/', [['Host', target.page.host]])).catch(String);
      for (const socket of sockets) socket.destroy();
      return typeof answer === 'object' && answer.status === 200
        ? null
        : `nobody else is served: ${JSON.stringify(answer)}`;
    },
  });
  return [
    ...Object.entries(slow).map(([what, text]): Case => {
      return {
        what: `a slow connection: ${what}`,
        async run() {
          const socket = connect(port, '127.0.0.1').on('error', () => {});
          socket.resume();
          if (text !== '') socket.write(text);
          const isClosed = await until(() => hasEnded(socket), 20 * PATIENCE_MS);
          socket.destroy();
          return isClosed ? null : 'the connection stays open';
        },
      };
    }),
    many(`${IDLE} connections that say nothing`, IDLE, () => {}),
    many(`${IDLE} that read no answer`, IDLE, (socket) =>
      socket.pause().write(request('GET', '/', [['Host', target.page.host]]).repeat(50)),
    ),
    many(`${IDLE} guesses at a token`, IDLE, (socket) =>
      socket.write(request('POST', '/session', headersOf(target), '{"token":"x"}')),
    ),
    many('a thousand requests in one go', 1, (socket) =>
      socket.write(request('GET', '/', [['Host', target.page.host]]).repeat(1000)),
    ),
  ];
}
