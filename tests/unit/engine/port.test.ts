import { EventEmitter } from 'node:events';
import { describe, expect, it, vi } from 'vitest';
import { openPort, type PortHost } from '../../../main/engine/port.ts';

/** As in a utility process: messages come as events with `data`, and the process goes on until it exits. */
class ParentPort extends EventEmitter {
  readonly posted: unknown[] = [];

  postMessage(message: unknown): void {
    this.posted.push(message);
  }
}

function electronHost() {
  const parentPort = new ParentPort();
  const exit = vi.fn();
  const host = Object.assign(new EventEmitter(), { parentPort, exit });
  return { host: host as unknown as PortHost, parentPort, exit };
}

describe('the line to an Electron parent', () => {
  it('unpacks what comes and posts what goes', async () => {
    const { host, parentPort } = electronHost();
    const port = openPort(host)!;
    const heard: unknown[] = [];
    port.onMessage((message) => heard.push(message));
    parentPort.emit('message', { data: { command: 'stop' }, ports: [] });
    expect(heard).toEqual([{ command: 'stop' }]);
    await port.send({ event: 'x' });
    expect(parentPort.posted).toEqual([{ event: 'x' }]);
  });

  it('tells when the parent is gone', () => {
    const { host, parentPort } = electronHost();
    const gone = vi.fn();
    openPort(host)!.onClose(gone);
    expect(gone).not.toHaveBeenCalled();
    parentPort.emit('close');
    expect(gone).toHaveBeenCalledOnce();
  });

  it('ends the process when it hangs up, and not before the last message is out', () => {
    vi.useFakeTimers();
    try {
      const { host, exit } = electronHost();
      openPort(host)!.close();
      expect(exit).not.toHaveBeenCalled();
      vi.runAllTimers();
      expect(exit).toHaveBeenCalledWith(0);
    } finally {
      vi.useRealTimers();
    }
  });
});

describe('the line to a parent in Node', () => {
  function nodeHost(connected = true) {
    const sent: unknown[] = [];
    const host = Object.assign(new EventEmitter(), {
      connected,
      exit: vi.fn(),
      disconnect: vi.fn(),
      send: (message: unknown, _: undefined, __: undefined, done: () => void) => {
        sent.push(message);
        setImmediate(done);
      },
    });
    return { host: host as EventEmitter & typeof host & PortHost, sent };
  }

  it('sends, hears, and hangs up without ending the process', async () => {
    const { host, sent } = nodeHost();
    const port = openPort(host)!;
    const heard: unknown[] = [];
    const gone = vi.fn();
    port.onMessage((message) => heard.push(message));
    port.onClose(gone);
    host.emit('message', { command: 'finish' });
    host.emit('disconnect');
    await port.send({ beat: {} });
    port.close();
    expect([heard, sent]).toEqual([[{ command: 'finish' }], [{ beat: {} }]]);
    expect(gone).toHaveBeenCalledOnce();
    expect(host.disconnect).toHaveBeenCalledOnce();
    expect(host.exit).not.toHaveBeenCalled();
  });

  it('loses what it says to a parent that is gone, and waits for nobody', async () => {
    const { host, sent } = nodeHost(false);
    const port = openPort(host)!;
    await port.send({ beat: {} });
    port.close();
    expect(sent).toEqual([]);
    expect(host.disconnect).not.toHaveBeenCalled();
  });
});

it('is not there in a process that nobody has started as an engine', () => {
  expect(openPort(Object.assign(new EventEmitter(), { exit: vi.fn() }) as never)).toBeNull();
});
