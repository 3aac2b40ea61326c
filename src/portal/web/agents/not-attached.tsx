import type { Heartbeat } from '../../device-schema.ts';
import { counted } from '../format.ts';

const STATES = {
  'not-attached': 'Not attached',
  remote: 'On another machine',
  missing: 'Not there',
  skipped: 'Left alone',
} as const;

/** The workspaces of a machine that its hook is not in, each with the reason. */
export function NotAttached({ heartbeat }: { heartbeat: Heartbeat | null }) {
  const named = heartbeat?.workspaces ?? [];
  if (heartbeat === null) return null;
  const { known, attached, excluded } = heartbeat.attachments;
  const unnamed = known - attached - named.length;
  if (unnamed <= 0 && named.length === 0) return null;
  return (
    <>
      <h2>Workspaces that are not attached</h2>
      {named.length > 0 && (
        <table class="list">
          <caption class="hidden-words">Workspaces without the hook, and why</caption>
          <thead>
            <tr>
              <th scope="col">Folder</th>
              <th scope="col">State</th>
              <th scope="col">Why</th>
            </tr>
          </thead>
          <tbody>
            {named.map(({ path, state, reason }) => (
              <tr key={path}>
                <th scope="row" class="mono what">
                  <bdi>{path}</bdi>
                </th>
                <td data-label="State">
                  {state === 'not-attached' ? <span class="warn">{STATES[state]}</span> : STATES[state]}
                </td>
                <td data-label="Why">{reason}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {unnamed > 0 && (
        <p class="meta">
          {counted(unnamed, 'workspace')} more {unnamed === 1 ? 'is' : 'are'} not named here
          {excluded > 0 && ': what a developer excluded is counted and never named'}.
        </p>
      )}
      <p class="meta">
        Without the hook what Kiro records on that machine is read all the same, only later: at the next look at
        everything, which is every 15 minutes.
      </p>
    </>
  );
}
