/** The page's addresses: which page an address means, and the address of each page. Pure. */

export const AGENT_TABS = ['overview', 'inventory', 'changes', 'sessions', 'activity'] as const;
export type AgentTab = (typeof AGENT_TABS)[number];

export type Page =
  | { name: 'home' }
  | { name: 'sign-in' }
  | { name: 'agents' }
  | { name: 'agent'; id: string; tab: AgentTab }
  | { name: 'held'; part: keyof typeof HELD }
  | { name: 'upgrades' }
  | { name: 'audit' }
  | { name: 'acts' }
  | { name: 'search' }
  | { name: 'charts' }
  | { name: 'sessions' }
  | { name: 'session'; id: string }
  | { name: 'event'; id: string }
  | { name: 'install' }
  | { name: 'settings' }
  | { name: 'policies' }
  /** `id` is `new` for one that is not stored yet. */
  | { name: 'policy'; id: string; run?: string }
  | { name: 'policy-version'; id: string; version: string }
  | { name: 'detections' }
  | { name: 'detection'; id: string }
  | { name: 'notifications' }
  | { name: 'streams' }
  | { name: 'retention' }
  | { name: 'unknown' };

/** By the parts of an address; `:name` stands for any part that is not empty. */
const ROUTES: readonly (readonly [string, (parts: Record<string, string>) => Page])[] = [
  ['', () => ({ name: 'home' })],
  ['sign-in', () => ({ name: 'sign-in' })],
  ['events/:id', ({ id = '' }) => ({ name: 'event', id })],
  ['integrations/kiro/install', () => ({ name: 'install' })],
  ['inventory/agents', () => ({ name: 'agents' })],
  ['inventory/agents/:id', ({ id = '' }) => ({ name: 'agent', id, tab: 'overview' })],
  ['inventory/agents/:id/:tab', agentTab],
  ['inventory/mcp-servers', () => ({ name: 'held', part: 'mcpServer' })],
  ['inventory/skills', () => ({ name: 'held', part: 'skill' })],
  ['inventory/steering', () => ({ name: 'held', part: 'steering' })],
  ['inventory/upgrades', () => ({ name: 'upgrades' })],
  ['audit', () => ({ name: 'audit' })],
  ['audit/administration', () => ({ name: 'acts' })],
  ['observability/search', () => ({ name: 'search' })],
  ['observability/charts', () => ({ name: 'charts' })],
  ['observability/sessions', () => ({ name: 'sessions' })],
  ['observability/sessions/:id', ({ id = '' }) => ({ name: 'session', id })],
  ['policies', () => ({ name: 'policies' })],
  ['policies/:id', ({ id = '' }) => ({ name: 'policy', id })],
  ['policies/:id/dry-run/:run', ({ id = '', run = '' }) => ({ name: 'policy', id, run })],
  ['policies/:id/versions/:version', ({ id = '', version = '' }) => ({ name: 'policy-version', id, version })],
  ['detections', () => ({ name: 'detections' })],
  ['detections/:id', ({ id = '' }) => ({ name: 'detection', id })],
  ['settings/access', () => ({ name: 'settings' })],
  ['settings/notifications', () => ({ name: 'notifications' })],
  ['settings/streams', () => ({ name: 'streams' })],
  ['settings/retention', () => ({ name: 'retention' })],
];

function agentTab({ id = '', tab }: Record<string, string>): Page {
  const known = AGENT_TABS.find((name) => name === tab && name !== 'overview');
  return known === undefined ? { name: 'unknown' } : { name: 'agent', id, tab: known };
}

/** Which page an address means. */
export function pageOf(pathname: string): Page {
  const given = pathname.replace(/^\/|\/$/g, '').split('/');
  for (const [route, page] of ROUTES) {
    const parts = match(route.split('/'), given);
    if (parts !== undefined) return page(parts);
  }
  return { name: 'unknown' };
}

function match(wanted: readonly string[], given: readonly string[]): Record<string, string> | undefined {
  if (wanted.length !== given.length) return undefined;
  const parts: Record<string, string> = {};
  for (const [at, part] of given.entries()) {
    const name = wanted[at] ?? '';
    if (name.startsWith(':') && part !== '') parts[name.slice(1)] = decode(part);
    else if (name !== part) return undefined;
  }
  return parts;
}

export const SETTINGS = '/settings/access';
export const INSTALL = '/integrations/kiro/install';
export const AGENTS = '/inventory/agents';
/** What agents have, by the part of the inventory. */
export const HELD = {
  mcpServer: '/inventory/mcp-servers',
  skill: '/inventory/skills',
  steering: '/inventory/steering',
} as const;
export const UPGRADES = '/inventory/upgrades';
export const AUDIT = '/audit';
export const ADMINISTRATION = '/audit/administration';
export const SEARCH = '/observability/search';
export const CHARTS = '/observability/charts';
export const OVERVIEW = '/';
export const SESSIONS = '/observability/sessions';
export const POLICIES = '/policies';
export const DETECTIONS = '/detections';
export const NOTIFICATIONS = '/settings/notifications';
export const STREAMS = '/settings/streams';
export const RETENTION = '/settings/retention';
/** Of a policy's page. */
export const policyAddress = (id: string): string => `${POLICIES}/${encodeURIComponent(id)}`;
/** Of a policy's editor with an event to test it on; `new` for a policy that begins with that event. */
export const testAddress = (policy: string, event: string): string =>
  `${policyAddress(policy)}?event=${encodeURIComponent(event)}`;
/** Of a look back by a policy, or by a change of it. */
export const runAddress = (policy: string, run: string): string =>
  `${policyAddress(policy)}/dry-run/${encodeURIComponent(run)}`;
/** Of what a policy was at some time. */
export const versionAddress = (policy: string, version: number): string =>
  `${policyAddress(policy)}/versions/${version}`;
/** Of a detection's page; `search` is the list that it is looked at from. */
export const detectionAddress = (id: string, search = ''): string => `${DETECTIONS}/${encodeURIComponent(id)}${search}`;
/** Of an agent's page. */
export const agentAddress = (id: string): string => `${AGENTS}/${encodeURIComponent(id)}`;
/** Of one tab of an agent's page. */
export const agentTabAddress = (id: string, tab: AgentTab): string =>
  tab === 'overview' ? agentAddress(id) : `${agentAddress(id)}/${tab}`;
/** Of a session's page; `list` is the query of the list that it is looked at from. */
export const sessionAddress = (id: string, list?: string): string =>
  `${SESSIONS}/${encodeURIComponent(id)}${list === undefined ? '' : `?list=${encodeURIComponent(list.replace(/^\?/, ''))}`}`;
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
