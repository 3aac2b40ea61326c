import type { StoredPolicy } from '../../policies/records.ts';
import { actorWords } from '../actor.ts';
import { counted, number } from '../format.ts';
import { Heads } from '../heads.tsx';
import { Icon } from '../icon.tsx';
import { DETECTIONS, policyAddress } from '../pages.ts';
import { Severity } from '../severity.tsx';
import { Ago } from '../time.tsx';
import { useNow } from '../use-now.ts';
import { targetWords } from './target-words.ts';

const HOUR_MS = 3_600_000;

/** Whether the portal switched it off, or it failed within the last day. */
export const isFailing = ({ trouble, failures }: StoredPolicy): boolean =>
  trouble !== null || (failures !== null && Date.now() - Date.parse(failures.hour) < 24 * HOUR_MS);

/** What finds more than this in 7 days is looked at by nobody. */
const NOISY = 500;

interface TableProps {
  policies: StoredPolicy[];
  /** Undefined for who may only look. */
  turn: ((policy: StoredPolicy) => void) | undefined;
}

/** Policies, a row each. */
export function PolicyTable({ policies, turn }: TableProps) {
  const now = useNow();
  return (
    <table class="list policy-list">
      <caption class="hidden-words">Policies by name</caption>
      <thead>
        <tr>
          <Heads names={['State', 'Policy', 'Severity', 'For']} />
          {['Version', 'Found, 7 d', 'To do'].map((name) => (
            <th key={name} scope="col" class="count">
              {name}
            </th>
          ))}
          <th scope="col">Changed</th>
        </tr>
      </thead>
      <tbody>
        {policies.map((policy) => (
          <tr key={policy.id}>
            <td data-label="State">
              <State policy={policy} turn={turn} />
            </td>
            <th scope="row" class="wide">
              <a class="row-link" id={`policy-${policy.id}`} href={policyAddress(policy.id)}>
                {policy.name}
              </a>
              <Notes policy={policy} />
            </th>
            <td data-label="Severity">
              <Severity severity={policy.severity} />
            </td>
            <td data-label="For">{targetWords(policy.targets)}</td>
            <td data-label="Version" class="count">
              {policy.version}
            </td>
            <td data-label="Found, 7 d" class="count">
              <Found count={policy.matches} href={`${DETECTIONS}?policy=${policy.id}&state=all&range=7d`} />
            </td>
            <td data-label="To do" class="count">
              <Found count={policy.open} href={`${DETECTIONS}?policy=${policy.id}`} />
            </td>
            <td data-label="Changed">
              <Ago iso={policy.changedAt} now={now} /> <span class="meta">{actorWords(policy.changedBy)}</span>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

const Found = ({ count, href }: { count: number; href: string }) =>
  count === 0 ? (
    <span class="meta">0</span>
  ) : (
    <a class="above-row" href={href}>
      {number(count)}
    </a>
  );

function State({ policy, turn }: { policy: StoredPolicy; turn: TableProps['turn'] }) {
  const words = policy.enabled ? 'On' : 'Off';
  if (turn === undefined) return <span class="state">{words}</span>;
  return (
    <button
      type="button"
      role="switch"
      class="switch above-row"
      aria-checked={policy.enabled}
      aria-label={policy.name}
      onClick={() => turn(policy)}
    >
      <span class="switch-knob" />
      <span aria-hidden="true">{words}</span>
    </button>
  );
}

const Notes = ({ policy }: { policy: StoredPolicy }) => (
  <>
    <div class="row-tags">
      {policy.packVersion !== null && <span class="tag">built-in{policy.edited && ', changed here'}</span>}
      {policy.sequence !== null && <span class="tag">sequence</span>}
      {policy.matches > NOISY && (
        <span class="tag tag-warn" title={`It found more than ${NOISY} in 7 days`}>
          noisy: over {NOISY} in 7 days
        </span>
      )}
    </div>
    {policy.trouble !== null && (
      <div class="row-note">
        <Icon name="needs-attention" /> Switched off by the portal: {policy.trouble}
      </div>
    )}
    {policy.trouble === null && policy.failures !== null && isFailing(policy) && (
      <div class="row-note">
        <Icon name="needs-attention" /> Failing: {counted(policy.failures.count, 'event')} in an hour,{' '}
        {policy.failures.message}
      </div>
    )}
  </>
);
