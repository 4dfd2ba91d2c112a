/** The session and the protocol: handlers are kept, so that tests can ask them. */
import { EventEmitter } from 'node:events';
import { needEarly, needReady, note } from './state.ts';

type Handler = (request: Request) => Promise<Response> | Response;
type Before = (details: { url: string }, callback: (answer: { cancel: boolean }) => void) => void;

export const handlers = new Map<string, Handler>();

export const protocol = {
  registerSchemesAsPrivileged(schemes: unknown): void {
    needEarly('protocol.registerSchemesAsPrivileged');
    note('protocol.registerSchemesAsPrivileged', schemes);
  },
  handle(scheme: string, handler: Handler): void {
    needReady('protocol.handle');
    note('protocol.handle', scheme);
    handlers.set(scheme, handler);
  },
};

type Ask = (contents: null, permission: string, callback: (is: boolean) => void, details: object) => void;
type Check = (contents: null, permission: string, origin: string) => boolean;

class FakeSession extends EventEmitter {
  ask: Ask = (_, __, callback) => callback(true);
  check: Check = () => true;
  device: () => boolean = () => true;
  before: Before = (_, callback) => callback({ cancel: false });
  readonly webRequest = {
    onBeforeRequest: (listener: Before) => {
      this.before = listener;
    },
  };
  setPermissionRequestHandler(handler: Ask): void {
    this.ask = handler;
  }
  setPermissionCheckHandler(handler: Check): void {
    this.check = handler;
  }
  setDevicePermissionHandler(handler: () => boolean): void {
    this.device = handler;
  }
  setSpellCheckerEnabled(on: boolean): void {
    note('session.setSpellCheckerEnabled', on);
  }
}

const theSession = new FakeSession();

export const session = {
  get defaultSession() {
    needReady('session.defaultSession');
    return theSession;
  },
};
