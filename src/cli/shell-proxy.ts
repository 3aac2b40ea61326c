import type { Host } from '../core/host.ts';
import type { Settings } from '../core/settings.ts';

/**
 * The proxy that the shell of whoever runs `install` names, for the portal's kind of address. A daemon that starts at login
 * sees no shell, so it is kept as a setting; what was set by hand stays. Nothing where the shell names none. Pure.
 */
export function shellProxy(
  env: Host['env'],
  settings: Pick<Settings, 'portal.url' | 'otlp.endpoint' | 'proxy.url'>,
): Partial<Pick<Settings, 'proxy.url' | 'proxy.bypass'>> {
  if (settings['proxy.url'] !== null) return {};
  const named = (name: string) => env[name.toLowerCase()] || env[name] || undefined;
  const secure = (settings['portal.url'] ?? settings['otlp.endpoint'])?.startsWith('https:') ?? true;
  const url = named(secure ? 'HTTPS_PROXY' : 'HTTP_PROXY');
  if (url === undefined || !/^https?:\/\//.test(url) || !URL.canParse(url)) return {};
  const bypass = named('NO_PROXY');
  return { 'proxy.url': url, ...(bypass !== undefined && { 'proxy.bypass': bypass }) };
}

/** An address as it may be shown: the password is the proxy's alone. Pure. */
export function withoutPassword(address: string): string {
  return address.replace(/^([a-z]+:\/\/[^:/@]*):[^/@]*@/i, '$1:***@');
}
