/** The store cannot be used at this moment; nothing of what was asked is known to have happened, and asking again is right. */
export class StoreUnavailable extends Error {
  constructor(message: string, cause: unknown) {
    super(message, { cause });
    this.name = 'StoreUnavailable';
  }
}
