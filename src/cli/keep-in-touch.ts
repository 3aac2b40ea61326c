/** Enrols as soon as the portal can be reached, renews the credential in time, and sends heartbeats. */
import type { Json } from '../core/event.ts';
import { describe, Failure, systemCode } from '../core/failure.ts';
import type { Host } from '../core/host.ts';
import { type Credential, readCredential, readEnrolment, renewalDue } from '../relay/credential.ts';
import { type Device, enrol, renew } from '../relay/enrolment.ts';
import { HEARTBEAT_EVERY_MS, sendHeartbeat } from '../relay/heartbeat.ts';
import type { AskPortal } from '../relay/portal-client.ts';
import { nextDelay } from '../relay/retry.ts';

const REFUSED_WAIT_MS = 15 * 60_000;

export interface TouchNeeds {
  ask: AskPortal;
  device(): Omit<Device, 'os' | 'user'>;
  report(): { [key: string]: Json };
  later(ms: number, then: () => void): () => void;
  /** A credential has come, for the first time or anew. */
  enrolled(): void;
}

export interface EnrolmentState {
  state: 'enrolled' | 'pending' | 'none';
  /** The portal's last refusal, as long as it stands. */
  why: string | null;
}

/** Keeps the connection as the head of this file says. Looks only when it is asked to, or its own timer says so; never throws. */
export class Touch {
  readonly #host: Host;
  readonly #needs: TouchNeeds;
  #why: string | null = null;
  #attempts = 0;
  #running: Promise<void> | undefined;
  #again = false;
  #stopped = false;
  #forget = () => {};

  constructor(host: Host, needs: TouchNeeds) {
    this.#host = host;
    this.#needs = needs;
  }

  /** Look now: an enrolment may have been written, a credential replaced, or something changed that the portal shows. */
  look(): void {
    this.#again = this.#running !== undefined;
    if (this.#stopped || this.#again) return;
    this.#forget();
    this.#running = this.#touchSafely().then((waitMs) => {
      this.#running = undefined;
      if (this.#stopped) return;
      this.#forget = this.#needs.later(waitMs, () => this.look());
      if (this.#again) this.look();
    });
  }

  credential(): Credential | undefined {
    return readable(() => readCredential(this.#host.own)).value;
  }

  state(): EnrolmentState {
    const enrolment = readable(() => readEnrolment(this.#host.own));
    const credential = readable(() => readCredential(this.#host.own));
    const why = enrolment.broken ?? credential.broken ?? this.#why;
    if (enrolment.value !== undefined) return { state: 'pending', why };
    return { state: credential.value === undefined ? 'none' : 'enrolled', why };
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#forget();
    await this.#running;
  }

  async #touchSafely(): Promise<number> {
    try {
      await this.#renewInTime();
      return (await this.#enrol()) ?? (await this.#report());
    } catch (error) {
      // What was granted could not be kept, most likely: said in `status`, and tried again.
      this.#why = describe(error);
      this.#host.log.error('keeping in touch failed', { error: this.#why });
      return HEARTBEAT_EVERY_MS;
    }
  }

  /** When to try again, in ms; undefined when nothing (more) waits to be enrolled. */
  async #enrol(): Promise<number | undefined> {
    const enrolment = readable(() => readEnrolment(this.#host.own)).value;
    if (enrolment === undefined) {
      this.#why = null;
      return undefined;
    }
    const device = { ...this.#needs.device(), os: this.#host.platform, user: this.#host.user };
    const result = await enrol(this.#host, this.#needs.ask, enrolment, device);
    if ('credential' in result) return this.#welcome('enrolled', result.credential);
    this.#attempts += 1;
    this.#why = result.refused;
    this.#host.log.warn('not enrolled yet', { why: result.refused, attempts: this.#attempts });
    return result.retry ? nextDelay(this.#attempts, this.#host.random(), result.askedMs) : REFUSED_WAIT_MS;
  }

  /** Trades the credential now, due or not; whether a fresh one came. */
  async renew(): Promise<boolean> {
    const credential = this.credential();
    if (credential === undefined) return false;
    const result = await renew(this.#host, this.#needs.ask, credential);
    if ('credential' in result) this.#welcome('renewed', result.credential);
    else this.#host.log.warn('the credential was not renewed', { why: result.refused });
    return 'credential' in result;
  }

  async #renewInTime(): Promise<void> {
    const credential = this.credential();
    if (credential !== undefined && renewalDue(credential, this.#host.now())) await this.renew();
  }

  async #report(): Promise<number> {
    const credential = this.credential();
    if (credential !== undefined) {
      await sendHeartbeat(this.#needs.ask, credential, this.#needs.report());
    }
    return HEARTBEAT_EVERY_MS;
  }

  #welcome(what: string, { org, expiresAt }: Credential): undefined {
    this.#attempts = 0;
    this.#why = null;
    this.#host.log.info(what, { org, expiresAt });
    this.#needs.enrolled();
  }
}

/** A file of ours that was broken by hand, or cannot be read just now, counts as none; what is wrong is for `status`. */
function readable<T>(read: () => T): { value: T | undefined; broken: string | null } {
  try {
    return { value: read(), broken: null };
  } catch (error) {
    if (!(error instanceof Failure) && systemCode(error) === undefined) throw error;
    return { value: undefined, broken: describe(error) };
  }
}
