import type { Settings } from '../core/settings.ts';
import type { Network } from '../relay/network.ts';

/** The way to the portal as the settings say it. Pure. */
export function networkIn(settings: Settings): Network {
  return {
    caFile: settings['portal.caFile'],
    proxyUrl: settings['proxy.url'],
    proxyBypass: settings['proxy.bypass'],
  };
}
