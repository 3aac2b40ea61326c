import type { ToldEvent } from './sent-journal.ts';

/** What happened to events: taken in, or answered for by the portal. */
export type OutboxListener = (what: 'captured' | 'answered', events: readonly ToldEvent[]) => void;

/** Who wants to know at once. What is told is only made when somebody does. */
export class OutboxListeners {
  readonly #listeners = new Set<OutboxListener>();

  /** Answers a function that ends it. */
  add(listener: OutboxListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  get anybody(): boolean {
    return this.#listeners.size > 0;
  }

  tell(what: 'captured' | 'answered', make: () => readonly ToldEvent[]): void {
    if (this.#listeners.size === 0) return;
    const events = make();
    if (events.length === 0) return;
    for (const listener of this.#listeners) listener(what, events);
  }
}
