/** Tests reach nothing but this machine: any other address fails at once, whoever dials. */
import net from 'node:net';

const LOCAL = new Set(['localhost', '127.0.0.1', '::1', '']);
const connect = net.Socket.prototype.connect;

net.Socket.prototype.connect = function guarded(this: net.Socket, ...args: unknown[]) {
  const [first] = args.flat() as unknown[];
  const host = typeof first === 'object' && first !== null && 'host' in first ? String(first.host ?? '') : '';
  if (!LOCAL.has(host)) throw new Error(`a test tried to reach ${host}; tests may only reach this machine`);
  return Reflect.apply(connect, this, args);
} as typeof connect;
