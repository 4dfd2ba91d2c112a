/** Loaded into an engine with `--import`: the side of the line that Electron gives to a utility process. */
import { EventEmitter } from 'node:events';

const port = new EventEmitter();
const waiting: unknown[] = [];
const send = process.send?.bind(process);

process.on('message', (data) => {
  // messages wait until somebody listens
  if (port.listenerCount('message') > 0) port.emit('message', { data, ports: [] });
  else waiting.push(data);
});
process.on('disconnect', () => port.emit('close'));
port.on('newListener', (event) => {
  if (event !== 'message') return;
  queueMicrotask(() => {
    for (const data of waiting.splice(0)) port.emit('message', { data, ports: [] });
  });
});
Object.assign(process, {
  parentPort: Object.assign(port, { postMessage: (message: unknown) => void send?.(message) }),
});
// a utility process has no such line
delete process.send;
