/** The program that shows this page and the computer under it: versions and folders, and what is free at the moment. */
import type { ComputerFacts, ComputerNow, HostInfo } from '../../preload/contract.ts';
import { api, follow } from '../api.ts';

class Host {
  value = $state.raw<HostInfo | null>(null);

  async refresh(): Promise<HostInfo> {
    const info = await api.host.info();
    this.value = info;
    return info;
  }
}

class Machine {
  facts = $state.raw<ComputerFacts | null>(null);
  now = $state.raw<ComputerNow | null>(null);

  async refresh(): Promise<ComputerFacts> {
    const facts = await api.computer.facts();
    this.facts = facts;
    return facts;
  }

  /** Measures the speed (about a second) and keeps the new facts. */
  async measure(): Promise<ComputerFacts> {
    const facts = await api.computer.measure();
    this.facts = facts;
    return facts;
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
export const machine = new Machine();
