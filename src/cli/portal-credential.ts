import type { Host } from '../core/host.ts';
import {
  type Issued,
  type Issuer,
  issueCode,
  issueKey,
  issueLink,
  issueOrgToken,
  linkAddress,
} from '../portal/credentials.ts';
import { ADDRESS } from '../portal/portal-address.ts';
import { loadSigningKey } from '../portal/tokens.ts';
import { DEFAULT_HOST, DEFAULT_PORT, type PortalAction, type PortalRole } from './portal-options.ts';
import type { StorePlace } from './portal-place.ts';
import { openStore } from './portal-store.ts';

export interface CredentialWish {
  action: PortalAction;
  org: string;
  role: PortalRole;
  lifeMs: number;
  /** For a code: how many devices it enrols. */
  uses: number;
}

const BY = 'command line';

/** Makes a credential in the portal's data, whether or not the portal is running. Throws `database-unusable`. */
export async function makeCredential(host: Host, place: StorePlace, wish: CredentialWish): Promise<Issued> {
  const store = await openStore(host, place);
  try {
    const issuer: Issuer = { store, key: await loadSigningKey(store), now: () => host.now() };
    const org = await store.organisation(wish.org, host.now().toISOString());
    return await make(issuer, org.id, wish);
  } finally {
    await store.close();
  }
}

async function make(issuer: Issuer, org: string, { action, role, lifeMs, uses }: CredentialWish): Promise<Issued> {
  switch (action) {
    case 'token':
      return issueOrgToken(issuer, org, lifeMs, BY);
    case 'code':
      return issueCode(issuer, org, lifeMs, uses, BY);
    case 'key':
      return issueKey(issuer, org, role, lifeMs, BY);
    case 'admin':
      return issueSignInLink(issuer, org, role, lifeMs);
  }
}

/** A one-time sign-in link; `value` is its whole address. The account is called after its role. */
export async function issueSignInLink(issuer: Issuer, org: string, role: PortalRole, lifeMs: number): Promise<Issued> {
  const address = (await issuer.store.value(ADDRESS)) ?? `http://${DEFAULT_HOST}:${DEFAULT_PORT}`;
  const link = await issueLink(issuer, org, { id: role, role }, lifeMs, BY);
  return { ...link, value: linkAddress(address, link.value) };
}
