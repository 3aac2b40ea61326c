/**
 * A person at the portal while a fleet storms it: asks whether it is well every 200 ms and for the list of agents every second.
 * A thread of its own, so that the simulated agents' own work is not taken for the portal's.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';

export interface Seen {
  /** ms to each answer of `GET /api/health`, and of `GET /api/agents`. */
  health: number[];
  list: number[];
  /** Answers that were no 200, and none. */
  failed: number;
}

/** Looks until it is asked what it saw. */
export function lookOn(address: string, key: string): () => Promise<Seen> {
  const worker = new Worker(new URL(import.meta.url), { workerData: { address, key } });
  const seen = new Promise<Seen>((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
  });
  return () => {
    worker.postMessage('enough');
    return seen;
  };
}

async function look(address: string, key: string, enough: () => boolean): Promise<Seen> {
  const seen: Seen = { health: [], list: [], failed: 0 };
  const ask = async (path: string, times: number[]): Promise<void> => {
    const begun = performance.now();
    const answer = await fetch(new URL(path, address), { headers: { authorization: `Bearer ${key}` } }).catch(
      () => undefined,
    );
    await answer?.arrayBuffer();
    if (answer?.status === 200) times.push(performance.now() - begun);
    else seen.failed++;
  };
  const every = async (ms: number, path: string, times: number[]): Promise<void> => {
    while (!enough()) {
      await ask(path, times);
      await wait(ms);
    }
  };
  await Promise.all([every(200, '/api/health', seen.health), every(1_000, '/api/agents?limit=50', seen.list)]);
  return seen;
}

if (!isMainThread) {
  const { address, key } = workerData as { address: string; key: string };
  let told = false;
  parentPort?.once('message', () => {
    told = true;
  });
  parentPort?.postMessage(await look(address, key, () => told));
}
