import { AsyncLocalStorage } from 'node:async_hooks';

/** Where the request that is being answered came from. */
export interface RequestOrigin {
  /** On the answer, in its error and in the log: who complains of one can name it. */
  requestId: string;
  /** The sender's IP address. */
  from: string;
  /** As `clientKind` names it. */
  client: string;
}

const current = new AsyncLocalStorage<RequestOrigin>();

/** Does the work of one request; whatever it leads to can ask where it came from. */
export const answerFrom = <T>(origin: RequestOrigin, work: () => T): T => current.run(origin, work);

/** Of the request that is being answered; undefined on the command line and in what the portal does by itself. */
export const requestOrigin = (): RequestOrigin | undefined => current.getStore();
