/**
 * How the page reaches the app: in Electron through the port that the bridge hands over, in a browser through
 * a WebSocket to the host that served the page. Both are given out as links; a lost WebSocket is opened again
 * with a growing pause.
 */
import { createORPCClient } from '@orpc/client';
import { RPCLink as PortLink } from '@orpc/client/message-port';
import { RPCLink as SocketLink } from '@orpc/client/websocket';
import type { ContractRouterClient } from '@orpc/contract';
import type { Contract } from '../common/api/contract.ts';
import { language, rememberLanguage } from './locale.ts';
import { ConnectionLost } from './problem.ts';
import { router } from './router.svelte.ts';
import { sleep } from './streams.ts';

/** Whether the app can be reached, for the banner above every page. */
type ConnectionState = 'connecting' | 'open' | 'lost';

export class Connection {
  state = $state<ConnectionState>('connecting');
  /** How often it has been opened: state that was read before a break is read again when this grows. */
  times = $state(0);
  /** False when the host did not take the token of the address. */
  admitted = $state(true);

  opened(): void {
    this.state = 'open';
    this.times += 1;
    this.admitted = true;
  }

  closed(): void {
    this.state = 'lost';
  }
}

export const connection = new Connection();

/** What the preload script adds to an Electron window. */
interface Bridge {
  /** Asks for the port; it comes with a message, because a bridge cannot return a port. */
  port(): unknown;
  pathOf(file: File): string;
  readonly platform: string;
}

declare global {
  interface Window {
    readonly fettle?: Bridge;
  }
}

type Link = PortLink<Record<never, never>> | SocketLink<Record<never, never>>;

/** What the message says with which the port comes; preload/index.ts sends it. */
const PORT_MESSAGE = 'fettle:port';
const LONGEST_PAUSE_MS = 5000;
/** A call waits that long for a connection before it fails. */
const PATIENCE_MS = 15_000;
/** Another tab answers within that time, or there is none. */
const TABS_MS = 300;
const KEY_NAME = 'fettle-key';

export const bridge: Bridge | null = globalThis.window?.fettle ?? null;

let ready = Promise.withResolvers<Link>();
let hasBegun = false;
let tabs: BroadcastChannel | null = null;
let wake = new AbortController();

/** The link of the open connection; waits for one, and fails with ConnectionLost when none comes. */
export async function currentLink(signal?: AbortSignal): Promise<Link> {
  begin();
  const waited = sleep(PATIENCE_MS, signal).then(() => null);
  const link = await Promise.race([ready.promise, waited]);
  signal?.throwIfAborted();
  if (!link) throw new ConnectionLost();
  return link;
}

function begin(): void {
  if (hasBegun) return;
  hasBegun = true;
  void (bridge ? openPort(bridge) : openSockets());
}

/** Agrees with the app on a language before anything else is asked; the page is loaded again where another one was chosen there. */
async function opened(link: Link, isOpen = () => true): Promise<void> {
  const { host }: ContractRouterClient<Contract> = createORPCClient(link);
  const chosen = await host.speak({ language }).catch(() => null);
  if (!isOpen()) return;
  if (chosen !== null && rememberLanguage(chosen)) return window.location.reload();
  ready.resolve(link);
  connection.opened();
}

async function openPort(from: Bridge): Promise<void> {
  const port = await new Promise<MessagePort>((resolve) => {
    const take = ({ source, data, ports: [given] }: MessageEvent) => {
      if (source !== window || data !== PORT_MESSAGE || !given) return;
      window.removeEventListener('message', take);
      resolve(given);
    };
    window.addEventListener('message', take);
    from.port();
  });
  port.addEventListener('close', () => connection.closed());
  port.start();
  await opened(new PortLink({ port }));
}

async function openSockets(): Promise<void> {
  listenToTabs();
  // a new link that is pasted over the old one changes only the fragment, which loads nothing
  window.addEventListener('hashchange', () => void exchangeToken());
  await exchangeToken();
  if (sessionKey() === null) await askTabs();
  for (let pause = 300; ; pause = Math.min(LONGEST_PAUSE_MS, pause * 1.7)) {
    const key = sessionKey();
    if (key !== null && (await heldSocket(key))) pause = 300;
    else connection.admitted = key !== null && (await isAdmitted());
    connection.closed();
    await (connection.admitted ? sleep(pause) : askTabs(pause));
  }
}

/** Opens a socket and resolves when it has closed: whether it was open at all. */
function heldSocket(key: string): Promise<boolean> {
  return new Promise((resolve) => {
    const address = new URL('api', document.baseURI);
    address.protocol = address.protocol === 'https:' ? 'wss:' : 'ws:';
    // the names that main/serve/ takes; a page can set no other header of a WebSocket
    const socket = new WebSocket(address, ['fettle', `key.${key}`]);
    let wasOpen = false;
    socket.addEventListener('open', () => {
      wasOpen = true;
      void opened(new SocketLink({ websocket: socket }), () => socket.readyState === WebSocket.OPEN);
    });
    socket.addEventListener('close', () => {
      if (connection.state === 'open') ready = Promise.withResolvers<Link>();
      resolve(wasOpen);
    });
  });
}

/** Whether the host knows this browser: it refuses an upload without a name for one of two reasons. */
async function isAdmitted(): Promise<boolean> {
  try {
    const answer = await post('upload', '');
    return answer.status !== 401;
  } catch {
    return connection.admitted;
  }
}

/**
 * The token of the address is exchanged once for the two secrets of a session: a cookie that no script can
 * read, and a key that no other server at this address is sent. It leaves the address, so that it is in no
 * history or copy.
 */
async function exchangeToken(): Promise<void> {
  const token = new URLSearchParams(window.location.hash.replace(/^#\/?/, '')).get('token');
  if (!token) return;
  router.replace();
  try {
    const answer = await post('session', JSON.stringify({ token }));
    if (answer.ok) keepKey(((await answer.json()) as { key: string }).key);
  } catch {
    connection.closed();
  }
}

/** Sends something to the host besides the calls of the API, as one that it knows. */
export function post(to: URL | string, body: BodyInit): Promise<Response> {
  const headers = { authorization: `Bearer ${sessionKey()}` };
  return fetch(new URL(to, document.baseURI), { method: 'POST', headers, body });
}

/** Of this tab alone, and gone with it. */
function sessionKey(): string | null {
  return window.sessionStorage.getItem(KEY_NAME);
}

function keepKey(key: string): void {
  window.sessionStorage.setItem(KEY_NAME, key);
  wake.abort();
}

/** Tabs of this origin, port included. A tab that is connected gives its key to one that asks. */
function listenToTabs(): void {
  tabs = new BroadcastChannel(KEY_NAME);
  tabs.addEventListener('message', ({ data }: MessageEvent<{ key?: string }>) => {
    if (connection.state === 'open') {
      if (data.key === undefined) tabs?.postMessage({ key: sessionKey() });
    } else if (data.key !== undefined) keepKey(data.key);
  });
}

/** Asks other tabs for a key, and waits for one, or for a new link in this tab. */
async function askTabs(patienceMs = TABS_MS): Promise<void> {
  wake = new AbortController();
  tabs?.postMessage({});
  await sleep(patienceMs, wake.signal);
}
