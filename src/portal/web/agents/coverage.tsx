import type { Heartbeat } from '../../device-schema.ts';
import { counted, number } from '../format.ts';

/** Whether everything that Kiro recorded arrived, by day and folder; and what the agent could not read. */
export function Coverage({ heartbeat }: { heartbeat: Heartbeat | null }) {
  if (heartbeat === null) return null;
  const days = (heartbeat.coverage ?? []).toSorted((a, b) => (a.day < b.day ? 1 : -1));
  const skipped = heartbeat.skipped ?? 0;
  const unknown = Object.entries(heartbeat.unknown ?? {}).sort(([, a], [, b]) => b - a);
  return (
    <>
      <h2>Coverage</h2>
      <p class="meta">
        What Kiro recorded on that machine, against what came here. Fewer rings than turns means that the hook did not
        run for some, which costs time only: they are found all the same. Fewer arrived than recorded means that
        something waits, was refused, or was lost; what happened a moment ago may still be on its way.
      </p>
      {days.length === 0 ? (
        <p class="meta">Not reported yet: turns that Kiro recorded in the last week, against what arrived here.</p>
      ) : (
        <table class="list">
          <caption class="hidden-words">Turns by day and folder, as the agent counts them</caption>
          <thead>
            <tr>
              <th scope="col">Day</th>
              <th scope="col">Folder</th>
              <th scope="col" class="count">
                Turns Kiro recorded
              </th>
              <th scope="col" class="count">
                Hook rang
              </th>
              <th scope="col" class="count">
                Arrived
              </th>
            </tr>
          </thead>
          <tbody>
            {days.map(({ day, workspace, seen, rings, delivered }) => (
              <tr key={`${day} ${workspace}`}>
                <th scope="row">{day}</th>
                <td data-label="Folder" class="mono what">
                  {workspace ?? 'no folder'}
                </td>
                <td data-label="Recorded" class="count">
                  {number(seen)}
                </td>
                <td data-label="Rang" class="count">
                  {number(rings)}
                </td>
                <td data-label="Arrived" class="count">
                  {delivered < seen ? <span class="warn">{number(delivered)}</span> : number(delivered)}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {skipped > 0 && (
        <p class="warn">{counted(skipped, 'record')} of Kiro could not be read: malformed, or too long.</p>
      )}
      {unknown.length > 0 && (
        <>
          <h2>Not known to the agent</h2>
          <p class="meta">Record types, fields and files of this Kiro that Capsule does not read, by name.</p>
          <ul class="unknown">
            {unknown.map(([name, count]) => (
              <li key={name}>
                <span class="mono">{name}</span> <span class="meta">{number(count)}</span>
              </li>
            ))}
          </ul>
        </>
      )}
    </>
  );
}
