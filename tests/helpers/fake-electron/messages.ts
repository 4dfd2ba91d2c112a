/** Ports and messages between processes. */
import { EventEmitter } from 'node:events';
import type { WebSocket } from 'ws';

/** The main process's end of a channel: what comes waits until `start`. */
export class MessagePortMain extends EventEmitter {
  readonly #post: (data: unknown) => void;
  readonly #waiting: unknown[] = [];
  #started = false;
  isClosed = false;

  constructor(post: (data: unknown) => void) {
    super();
    this.#post = post;
  }
  postMessage(data: unknown): void {
    if (!this.isClosed) this.#post(data);
  }
  start(): void {
    this.#started = true;
    for (const data of this.#waiting.splice(0)) this.emit('message', { data, ports: [] });
  }
  close(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.emit('close');
  }
  /** What the other end sends. */
  receive(data: unknown): void {
    if (this.#started) this.emit('message', { data, ports: [] });
    else this.#waiting.push(data);
  }
}

/** A port whose other end is a page that is reached through a socket. */
export function portOver(socket: WebSocket): MessagePortMain {
  const port = new MessagePortMain((data) => socket.send(data as string | Uint8Array));
  socket.on('message', (data: Buffer, isBinary: boolean) =>
    port.receive(isBinary ? new Uint8Array(data) : data.toString('utf8')),
  );
  socket.on('close', () => port.close());
  port.on('close', () => socket.close());
  return port;
}

/** The frame that a message comes from. */
export interface Frame {
  readonly url: string;
  readonly parent: Frame | null;
}

class IpcMain extends EventEmitter {
  /** A message of a page, as Electron hands it on. */
  deliver(channel: string, senderFrame: Frame | null, ports: readonly MessagePortMain[]): void {
    this.emit(channel, { senderFrame, ports }, null);
  }
}

export const ipcMain = new IpcMain();
