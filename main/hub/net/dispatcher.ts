/**
 * The way to the network: straight, or through the proxy of Settings or of the environment. Node's own fetch knows no proxy that
 * changes while it runs, so connections are made by undici, the library behind it. This computer itself is always reached straight.
 */
import { Agent, type Dispatcher, EnvHttpProxyAgent, ProxyAgent } from 'undici';
import type { Tuning } from '../tuning.ts';

export interface Dispatchers {
  for(url: URL, proxy: string | null): Dispatcher;
  close(): Promise<void>;
}

const LOCAL = /^(localhost|127(\.\d+){3}|\[::1\])$/;

/** Whether nobody on the way can change what comes from there: it is encrypted, or comes from this computer. */
export function isSafeAddress({ protocol, hostname }: URL): boolean {
  return protocol === 'https:' || (protocol === 'http:' && LOCAL.test(hostname));
}

export function openDispatchers({ stallMs }: Tuning): Dispatchers {
  const times = { headersTimeout: stallMs, bodyTimeout: stallMs, connectTimeout: stallMs };
  const open = new Map<string, Dispatcher>();
  const get = (key: string, make: () => Dispatcher) => {
    const found = open.get(key) ?? make();
    open.set(key, found);
    return found;
  };
  return {
    for(url, proxy) {
      if (LOCAL.test(url.hostname)) return get('local', () => new Agent(times));
      // proxies take plain requests as such, and tunnel only encrypted ones
      if (proxy) return get(proxy, () => new ProxyAgent({ uri: proxy, proxyTunnel: false, ...times }));
      return get('environment', () => new EnvHttpProxyAgent(times));
    },
    async close() {
      await Promise.all([...open.values()].map((dispatcher) => dispatcher.destroy()));
      open.clear();
    },
  };
}
