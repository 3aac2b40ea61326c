import { portalClient } from '../../src/relay/portal-client.ts';

export const DIRECT = { caFile: null, proxyUrl: null, proxyBypass: null };

/** Asks over real HTTP, without a proxy or authorities of its own. */
export const directly = portalClient({ network: () => DIRECT });
