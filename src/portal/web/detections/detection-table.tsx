import { useState } from 'preact/hooks';
import type { ListedDetection } from '../../policies/records.ts';
import { counted } from '../format.ts';
import { Heads, HiddenHead } from '../heads.tsx';
import { moveFocus, useKeys } from '../keys.ts';
import { useAccount, useMay } from '../me.ts';
import { DETECTIONS, detectionAddress } from '../pages.ts';
import { toggled } from '../selection.ts';
import { Severity } from '../severity.tsx';
import { Ago } from '../time.tsx';
import { useNow } from '../use-now.ts';
import type { Change } from './change.ts';
import { CloseDialog } from './close-dialog.tsx';
import { STATE_WORDS } from './states.ts';
import { UndoToast } from './undo-toast.tsx';
import { useChanges } from './use-changes.ts';

export interface Row {
  detection: ListedDetection;
  /** How many of the same policy and session it stands for. */
  count: number;
}

interface TableProps {
  rows: Row[];
  search: string;
  reload(): void;
}

/** Detections, a row each, to be worked through with the mouse or without. */
export function DetectionTable({ rows, search, reload }: TableProps) {
  const now = useNow();
  const account = useAccount();
  const mayChange = useMay('analyst');
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const [closing, setClosing] = useState<ListedDetection[]>();
  const changes = useChanges(reload);
  const detections = rows.map(({ detection }) => detection);
  const toggle = (id: string) => setSelected((before) => toggled(before, id));
  const focused = () => document.activeElement?.id.replace(/^detection-/, '');
  /** What is selected, else the row that has the focus. */
  const meant = () => detections.filter(({ id }) => (selected.size > 0 ? selected.has(id) : id === focused()));
  const change = (wanted: Change) => void changes.change(meant(), wanted).then(() => setSelected(new Set()));
  const close = () => {
    const which = meant();
    if (which.length > 0) setClosing(which);
  };
  useKeys({
    j: () => moveFocus('.row-link', 1),
    k: () => moveFocus('.row-link', -1),
    ...(mayChange && {
      x: () => toggle(focused() ?? ''),
      a: () => change({ assignee: account }),
      r: () => change({ state: 'in_review' }),
      c: close,
      u: () => changes.done?.undo(),
    }),
  });
  return (
    <>
      {changes.problem !== undefined && (
        <p class="attention" role="alert">
          {changes.problem}
        </p>
      )}
      {mayChange && (
        <div class="bulk">
          <label class="choice-option">
            <input
              type="checkbox"
              checked={selected.size === rows.length}
              onChange={({ currentTarget }) =>
                setSelected(new Set(currentTarget.checked ? detections.map(({ id }) => id) : []))
              }
            />
            {selected.size === 0 ? 'Select all shown' : counted(selected.size, 'selected', 'selected')}
          </label>
          {selected.size > 0 && (
            <>
              <button type="button" onClick={close}>
                Close {selected.size}
              </button>
              <button type="button" onClick={() => change({ state: 'in_review' })}>
                In review
              </button>
              <button type="button" onClick={() => change({ assignee: account })}>
                Assign to me
              </button>
            </>
          )}
        </div>
      )}
      <table class="list detection-list">
        <caption class="hidden-words">Detections, the worst first</caption>
        <thead>
          <tr>
            {mayChange && <HiddenHead name="Select" />}
            <Heads names={['Severity', 'Policy', 'User', 'State', 'Assignee', 'Seen']} />
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <DetectionRow
              key={row.detection.id}
              row={row}
              search={search}
              now={now}
              selected={mayChange ? selected.has(row.detection.id) : undefined}
              toggle={() => toggle(row.detection.id)}
            />
          ))}
        </tbody>
      </table>
      {closing !== undefined && (
        <CloseDialog
          count={closing.length}
          exclude={undefined}
          close={() => setClosing(undefined)}
          decide={(wanted) => {
            setClosing(undefined);
            void changes.change(closing, wanted).then(() => setSelected(new Set()));
          }}
        />
      )}
      <UndoToast done={changes.done} forget={changes.forget} />
    </>
  );
}

interface RowProps {
  row: Row;
  search: string;
  now: number;
  /** Undefined for who may only look. */
  selected: boolean | undefined;
  toggle(): void;
}

function DetectionRow({ row: { detection, count }, search, now, selected, toggle }: RowProps) {
  const group = `${DETECTIONS}?policy=${encodeURIComponent(detection.policy)}&session=${encodeURIComponent(detection.session)}`;
  return (
    <tr>
      {selected !== undefined && (
        <td>
          <input
            type="checkbox"
            class="above-row"
            checked={selected}
            aria-label={`Select ${detection.policyName}`}
            onChange={toggle}
          />
        </td>
      )}
      <td data-label="Severity">
        <Severity severity={detection.severity} />
      </td>
      <th scope="row" class="wide">
        <a class="row-link" id={`detection-${detection.id}`} href={detectionAddress(detection.id, search)}>
          {detection.policyName}
        </a>{' '}
        {count > 1 && (
          <a class="above-row tag" href={group}>
            ×{count}
          </a>
        )}
        {detection.excerpt !== null && <bdi class="excerpt mono">{detection.excerpt}</bdi>}
      </th>
      <td data-label="User">{detection.user}</td>
      <td data-label="State">
        {STATE_WORDS[detection.state]}
        {detection.retrospective && <span class="meta"> retrospective</span>}
      </td>
      <td data-label="Assignee">{detection.assignee ?? <span class="meta">–</span>}</td>
      <td data-label="Seen">
        <Ago iso={detection.time} now={now} />
      </td>
    </tr>
  );
}
