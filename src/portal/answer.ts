import type { ServerResponse } from 'node:http';

/** What a route gives back; `portal.ts` writes it. */
export type Answer =
  | { status: number; json: object; headers?: Readonly<Record<string, string>> }
  | { status: number; bytes: Buffer; headers: Readonly<Record<string, string>> }
  /** Keeps the connection: the route writes to it for as long as it is open. */
  | { stream: (response: ServerResponse) => void };

/** 200 with this JSON. */
export const ok = (json: object): Answer => ({ status: 200, json });

/** A request that is refused. The caller sees `{ "error": { code, message } }`, so the message holds nothing secret. */
export class Refusal extends Error {
  readonly status: number;
  readonly code: string;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, code: string, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.name = 'Refusal';
    this.status = status;
    this.code = code;
    this.headers = headers;
  }
}

/** For what is not there and, word for word the same, for what belongs to another organisation. */
export const notFound = (what: string): Refusal => new Refusal(404, 'not-found', `There is no such ${what}`);
