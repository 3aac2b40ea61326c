import type { StreamMessage } from './answers.ts';
import type { Replicas } from './store/replicas.ts';
import { collectChanges } from './stream.ts';

/** Tells open pages that something changed. It carries ids and counts, never content. */
export interface Announcer {
  announce(org: string, message: StreamMessage): void;
  /** Returns how to stop listening. `end` is called when the portal stops. */
  listen(org: string, listener: (message: StreamMessage) => void, end: () => void): () => void;
  end(): void;
}

/** Tells an organisation's open pages, in this process, that something new has been stored. */
export function createAnnouncer(): Announcer {
  const listeners = new Map<string, Set<(message: StreamMessage) => void>>();
  const ends = new Set<() => void>();
  return {
    announce(org, message) {
      for (const listener of listeners.get(org) ?? []) listener(message);
    },
    listen(org, listener, end) {
      const ofOrg = listeners.get(org) ?? new Set();
      listeners.set(org, ofOrg.add(listener));
      ends.add(end);
      return () => {
        ofOrg.delete(listener);
        ends.delete(end);
        if (ofOrg.size === 0) listeners.delete(org);
      };
    },
    end() {
      for (const end of ends) end();
    },
  };
}

/**
 * The same for pages that are open at other replicas. They are told at most once a second of an organisation. Who may have missed
 * something has its pages ask anew.
 */
export function shareAnnouncer(own: Announcer, replicas: Replicas | undefined): Announcer {
  if (replicas === undefined) return own;
  const waiting = new Map<string, ReturnType<typeof collectChanges>>();
  const collectorOf = (org: string) => {
    const known = waiting.get(org) ?? collectChanges((message) => replicas.tell({ what: 'stored', org, message }));
    waiting.set(org, known);
    return known;
  };
  replicas.hear((signal) => {
    if (signal === 'missed') own.end();
    else if (signal.what === 'stored') own.announce(signal.org, signal.message);
  });
  return {
    ...own,
    announce(org, message) {
      own.announce(org, message);
      collectorOf(org).add(message);
    },
  };
}
