/** The host and its computer: versions and folders, free memory, measured speed, packs. */
import type {
  ComputerFacts,
  ComputerNow,
  Grid,
  HostInfo,
  PackNow,
  Updates,
} from '../../common/api/contract.ts';
import type { Measurable } from '../../common/settings/executors.ts';
import { api, follow } from '../api.ts';

class Host {
  value = $state.raw<HostInfo | null>(null);
  /** Its versions, a line each, for whoever helps with a problem. */
  readonly report = $derived(this.value ? reportOf(this.value) : '');

  async refresh(): Promise<void> {
    this.value = await api.host.info();
  }
}

function reportOf({ version, platform, kind, versions }: HostInfo): string {
  const parts = Object.entries(versions).map(([name, each]) => `${name} ${each}`);
  return [`Fettle ${version}, ${platform}, ${kind}`, ...parts].join('\n');
}

class NewVersions {
  value = $state.raw<Updates | null>(null);

  async refresh(): Promise<void> {
    this.value = await api.host.updates();
  }

  /** Until the page is loaded again. */
  dismiss(): void {
    this.value = null;
  }
}

class Machine {
  facts = $state.raw<ComputerFacts | null>(null);
  now = $state.raw<ComputerNow | null>(null);
  grid = $state.raw<Grid | null>(null);
  /** How far a measurement is; null while there is none. It goes on when another page is opened. */
  measuring = $state.raw<{ readonly fraction: number; readonly doing: string } | null>(null);
  /** The graphics card that is measured besides; null: none is. */
  measuringOn = $state<Measurable | null>(null);
  #going: Promise<boolean> | null = null;
  #controller = new AbortController();

  async refresh(): Promise<ComputerFacts> {
    const facts = await api.computer.facts();
    this.facts = facts;
    return facts;
  }

  /** What can be fine-tuned in the memory that is free now, and how fast. */
  async refreshGrid(): Promise<void> {
    this.grid = await api.computer.grid();
  }

  /** Measures the speed (10 to 20 s), of a graphics card too where one is named; false where cancelled. */
  measure(device?: Measurable): Promise<boolean> {
    this.#going ??= this.#measure(device).finally(() => {
      this.#going = null;
      this.measuring = null;
      this.measuringOn = null;
    });
    return this.#going;
  }

  /** Ends a measurement; nothing is kept of it. */
  cancel(): void {
    this.#controller.abort();
  }

  async #measure(device: Measurable | undefined): Promise<boolean> {
    this.#controller = new AbortController();
    const { signal } = this.#controller;
    this.measuring = { fraction: 0, doing: '' };
    this.measuringOn = device ?? null;
    try {
      const asked = device === undefined ? undefined : { device };
      for await (const event of await api.computer.measure(asked, { signal })) {
        if (signal.aborted) return false;
        if (event.kind === 'facts') this.facts = event.facts;
        else this.measuring = event;
      }
      return !signal.aborted;
    } catch (error) {
      if (signal.aborted) return false;
      throw error;
    }
  }

  watch(signal: AbortSignal): Promise<void> {
    return follow<ComputerNow>(
      signal,
      () => api.computer.now(undefined, { signal }),
      (now) => {
        this.now = now;
      },
    );
  }
}

export const hostInfo = new Host();
export const updates = new NewVersions();
export const machine = new Machine();

class Packs {
  found = $state.raw<Partial<Record<PackNow['name'], PackNow>>>({});

  watch(name: PackNow['name'], signal: AbortSignal): Promise<void> {
    return follow<PackNow>(
      signal,
      () => api.devices.pack({ name }, { signal }),
      (pack) => {
        const before = this.found[name]?.state;
        this.found = { ...this.found, [name]: pack };
        // what the computer can do changes with it
        if (before !== undefined && before !== pack.state) void machine.refresh().catch(() => {});
      },
    );
  }
}

export const packs = new Packs();
