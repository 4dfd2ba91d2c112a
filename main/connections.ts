/** What Fettle connects to, when and why: the one list of it, and what this process has really asked since it started. */
import { subscribe } from 'node:diagnostics_channel';
import { say } from '../common/words/language.ts';

interface Destination {
  /** Hosts; those that begin with a dot mean all below. None: an address that the person has entered. */
  readonly hosts: readonly string[];
  readonly what: string;
  readonly when: string;
  readonly why: string;
}

/** All that Fettle connects to, in the language that is spoken now; addresses that the person has entered stand last. */
export function destinations(): readonly Destination[] {
  return [
    {
      hosts: ['huggingface.co', '.huggingface.co', '.hf.co'],
      what: say`Hugging Face`,
      when: say`You search, look at or download a model or a data set`,
      why: say`To fetch it`,
    },
    {
      hosts: ['files.pythonhosted.org'],
      what: say`Python Package Index`,
      when: say`You install the speed pack`,
      why: say`To fetch it`,
    },
    {
      hosts: ['registry.npmjs.org'],
      what: say`The registry of npm`,
      when: say`You install the Vulkan pack`,
      why: say`To fetch it`,
    },
    {
      hosts: ['api.github.com'],
      what: say`GitHub`,
      when: say`Once a day, if you allow it`,
      why: say`To learn the latest version number`,
    },
    {
      // ssh is a program of its own, whose connections are not counted here
      hosts: ['ssh'],
      what: say`Other computers you add`,
      when: say`You test one, or train there`,
      why: say`To send your rows and fetch the result`,
    },
    {
      hosts: [],
      what: say`Addresses you enter`,
      when: say`You add data from a link or train on a cluster at an address, or set a mirror or a proxy`,
      why: say`To fetch what you ask for`,
    },
  ];
}

/** A destination, and what was asked of it. */
export interface DestinationUse extends Destination {
  /** Requests since Fettle started. */
  readonly requests: number;
  /** When the last one was sent (ISO 8601); null: there was none. */
  readonly last: string | null;
}

const asked = new Map<string, { readonly requests: number; readonly last: Date }>();
let isWatching = false;

/** Counts from now on every request that leaves this process, whatever sends it. */
export function watchConnections(): void {
  if (isWatching) return;
  isWatching = true;
  const count = (host: string) =>
    asked.set(host, { requests: (asked.get(host)?.requests ?? 0) + 1, last: new Date() });
  subscribe('undici:client:sendHeaders', (message) => {
    const { request } = message as { readonly request: { readonly origin?: string | URL } };
    count(URL.parse(String(request.origin))?.hostname ?? '');
  });
  // node:http, which calls of some targets go through
  subscribe('http.client.request.start', (message) =>
    count((message as { readonly request: { readonly host: string } }).request.host),
  );
}

/** The list, with what was asked; hosts that none of it names are among the addresses that the person has entered. */
export function connections(): readonly DestinationUse[] {
  const all = destinations();
  const found = [...asked].map(([host, figures]) => ({ host, figures, index: indexOf(all, host) }));
  return all.map((destination, index) => {
    const own = found.filter((one) => one.index === index);
    const last = Math.max(...own.map(({ figures }) => figures.last.getTime()));
    const hosts = destination.hosts.length > 0 ? destination.hosts : own.map(({ host }) => host).sort();
    return {
      ...destination,
      hosts,
      requests: own.reduce((sum, { figures }) => sum + figures.requests, 0),
      last: own.length === 0 ? null : new Date(last).toISOString(),
    };
  });
}

/** Whether the list names `host`, by which nothing is meant that a person has entered. */
export function isListed(host: string): boolean {
  const all = destinations();
  return indexOf(all, host) < all.length - 1;
}

function indexOf(all: readonly Destination[], host: string): number {
  const isOf = (name: string) => (name.startsWith('.') ? host.endsWith(name) : host === name);
  const index = all.findIndex(({ hosts }) => hosts.some(isOf));
  return index < 0 ? all.length - 1 : index;
}
