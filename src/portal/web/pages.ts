/** The page's addresses: which page an address means, and the address of each page. Pure. */

export type Page =
  | { name: 'home' }
  | { name: 'sign-in' }
  | { name: 'agents' }
  | { name: 'agent'; id: string }
  | { name: 'sessions' }
  | { name: 'session'; id: string }
  | { name: 'event'; id: string }
  | { name: 'install' }
  | { name: 'unknown' };

/** Which page an address means. */
export function pageOf(pathname: string): Page {
  const [first, second, third, ...rest] = pathname.replace(/^\/|\/$/g, '').split('/');
  if (rest.length > 0) return { name: 'unknown' };
  if (first === '') return { name: 'home' };
  if (first === 'sign-in' && second === undefined) return { name: 'sign-in' };
  if (first === 'events' && second && third === undefined) return { name: 'event', id: decode(second) };
  if (first === 'integrations' && second === 'kiro' && third === 'install') return { name: 'install' };
  if (first === 'inventory' && second === 'agents') {
    return third ? { name: 'agent', id: decode(third) } : { name: 'agents' };
  }
  if (first === 'observability' && second === 'sessions') {
    return third ? { name: 'session', id: decode(third) } : { name: 'sessions' };
  }
  return { name: 'unknown' };
}

export const INSTALL = '/integrations/kiro/install';
export const AGENTS = '/inventory/agents';
export const SESSIONS = '/observability/sessions';
/** Of an agent's page. */
export const agentAddress = (id: string): string => `${AGENTS}/${encodeURIComponent(id)}`;
/** Of a session's page. */
export const sessionAddress = (id: string): string => `${SESSIONS}/${encodeURIComponent(id)}`;
/** Works for ever: it finds the session by itself. */
export const eventAddress = (id: string): string => `/events/${encodeURIComponent(id)}`;
/** The session with this event in view. */
export const eventInSession = (session: string, event: string): string =>
  `${sessionAddress(session)}?e=${encodeURIComponent(event)}`;

/** The address with one part of its query set, or taken away by null. */
export function withQuery(path: string, search: string, name: string, value: string | null): string {
  const query = new URLSearchParams(search);
  if (value === null || value === '') query.delete(name);
  else query.set(name, value);
  const text = query.toString();
  return text === '' ? path : `${path}?${text}`;
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    // A lone % stands for itself; nothing has such an id.
    return part;
  }
}
