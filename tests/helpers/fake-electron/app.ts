/** `app` and its events: ready only after the entry has been evaluated, quitting that listeners can prevent. */
import { EventEmitter } from 'node:events';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { becomeReady, isReady, needEarly, note, settings } from './state.ts';

/** An event of Electron that can be prevented. */
export class FakeEvent {
  defaultPrevented = false;
  constructor(detail: object = {}) {
    Object.assign(this, detail);
  }
  preventDefault(): void {
    this.defaultPrevented = true;
  }
}

class App extends EventEmitter {
  readonly isPackaged = settings.packaged ?? false;
  readonly #ready = Promise.withResolvers<void>();
  readonly #paths = new Map<string, string>();
  readonly windows = new Set<{ close(): void }>();

  whenReady(): Promise<void> {
    return this.#ready.promise;
  }
  isReady(): boolean {
    return isReady();
  }
  setName(name: string): void {
    note('app.setName', name);
  }
  getLocale(): string {
    return settings.locale ?? 'en-GB';
  }
  setAppUserModelId(id: string): void {
    note('app.setAppUserModelId', id);
  }
  getPath(name: string): string {
    return this.#paths.get(name) ?? path.join(tmpdir(), 'fake-electron', name);
  }
  setPath(name: string, folder: string): void {
    note('app.setPath', { name, folder });
    this.#paths.set(name, folder);
  }
  enableSandbox(): void {
    needEarly('app.enableSandbox');
    note('app.enableSandbox');
  }
  requestSingleInstanceLock(): boolean {
    note('app.requestSingleInstanceLock');
    return !settings.second;
  }
  /** What Electron does by itself once the entry has been evaluated. */
  start(): void {
    becomeReady();
    note('ready');
    this.emit('ready', new FakeEvent());
    this.#ready.resolve();
  }
  quit(): void {
    note('app.quit');
    const event = new FakeEvent();
    this.emit('before-quit', event);
    if (event.defaultPrevented) return;
    for (const window of this.windows) window.close();
    this.emit('will-quit', new FakeEvent());
    this.exit(0);
  }
  exit(code: number): void {
    note('app.exit', code);
    process.disconnect?.();
    process.exit(code);
  }
}

export const app = new App();
