import path from 'node:path';
import { compareFacts, type FactName, factOfEvent } from '../../src/cli/demo/facts.ts';
import type { CapsuleEvent } from '../../src/core/event.ts';
import { longRunning, type Machine, until } from './machine.ts';

/** A portal as a process of its own, with its data on the machine. */
export interface RunningPortal {
  address: string;
  data: string;
  stop(): Promise<void>;
  /** Starts it again on the same port, with the same data unless they are elsewhere now. */
  again(place?: readonly string[]): Promise<void>;
  /** With a key that may read, unless another is given. */
  get(where: string, bearer?: string): Promise<{ status: number; body: Record<string, unknown> }>;
  events(sessionId?: string): Promise<CapsuleEvent[]>;
  /** Waits until every one of these facts is there, then answers what is missing and what is too many. */
  arrival(sessionId: string, expected: readonly FactName[]): Promise<ReturnType<typeof compareFacts>>;
}

export async function runPortal(machine: Machine, port = 0): Promise<RunningPortal> {
  const data = path.join(machine.folder, 'portal');
  const begin = async (at: number, place: readonly string[] = ['--data', data]) => {
    const running = longRunning(machine, ['portal', '--port', String(at), ...place]);
    return { running, address: await running.said(/http:\/\/127\.0\.0\.1:\d+/) };
  };
  let { running, address } = await begin(port);
  const key = (await machine.must(['portal', 'key', '--data', data])).trim();
  const portal: RunningPortal = {
    address,
    data,
    async stop() {
      await running.stop();
    },
    async again(place) {
      ({ running, address } = await begin(Number(new URL(address).port), place));
    },
    async get(where, bearer = key) {
      const response = await fetch(new URL(where, address), { headers: { authorization: `Bearer ${bearer}` } });
      return { status: response.status, body: (await response.json()) as Record<string, unknown> };
    },
    async events(sessionId) {
      const session = sessionId === undefined ? '' : `&session=${sessionId}`;
      const events: CapsuleEvent[] = [];
      for (let next: unknown = ''; next !== null; ) {
        const cursor = next === '' ? '' : `&cursor=${next}`;
        const { body } = await portal.get(`/api/events?limit=1000&content=full${session}${cursor}`);
        events.push(...(body.events as CapsuleEvent[]));
        next = body.next;
      }
      return events;
    },
    async arrival(sessionId, expected) {
      const look = async () => compareFacts(expected, (await portal.events(sessionId)).map(factOfEvent));
      await until(
        async () => (await look()).missing.length === 0,
        `${expected.length} facts of ${sessionId} at the portal`,
      );
      return look();
    },
  };
  return portal;
}

/** Installs the agent with a fresh code, as an administrator and a developer would. */
export async function installAt(machine: Machine, portal: RunningPortal): Promise<void> {
  const code = await machine.must(['portal', 'code', '--data', portal.data]);
  await machine.must(['config', 'set', 'kiro.appDir', path.join(machine.folder, 'no-kiro')]);
  await machine.must(['install', '--portal', portal.address, '--code-stdin', '--no-service'], code);
}
