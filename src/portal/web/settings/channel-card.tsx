import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { ApiError, changeJson, postJson } from '../api.ts';
import { ConfirmDialog } from '../dialog.tsx';
import { Icon } from '../icon.tsx';

interface CardProps {
  /** Where it goes, in words. */
  place: string;
  /** Its address in the API, which takes PATCH, DELETE and `/test`. */
  api: string;
  enabled: boolean;
  /** Why it does not get through, in words; null while it does. */
  trouble: string | null;
  /** What is said when it was switched off or on. */
  turned: { off: string; on: string };
  removal: { title: string; words: string };
  changed(): void;
  /** Further buttons of its own. */
  buttons?: ComponentChildren;
  children: ComponentChildren;
}

/** Something the portal sends to: it can be tested, switched off and on, and removed. */
export function ChannelCard({ place, api, enabled, trouble, turned, removal, changed, buttons, children }: CardProps) {
  const [said, setSaid] = useState('');
  const [removing, setRemoving] = useState(false);
  const act = async (work: () => Promise<string>) => {
    try {
      setSaid(await work());
    } catch (failure) {
      setSaid(failure instanceof ApiError ? failure.message : String(failure));
    }
    changed();
  };
  const test = () =>
    act(async () => {
      setSaid('Sending …');
      const { trouble } = await postJson<{ trouble: string | null }>(`${api}/test`, {});
      return trouble === null ? 'The test arrived.' : `The test did not arrive: ${trouble}.`;
    });
  const turn = () =>
    act(async () => {
      await changeJson('PATCH', api, { body: { enabled: !enabled } });
      return enabled ? turned.off : turned.on;
    });
  const remove = () =>
    act(async () => {
      await changeJson('DELETE', api);
      return '';
    });
  return (
    <article class="webhook" aria-label={place}>
      <div class="webhook-head">
        <h3 class="mono">{place}</h3>
        <State enabled={enabled} trouble={trouble} />
        <div class="webhook-buttons">
          <button type="button" onClick={test}>
            Send a test
          </button>
          {buttons}
          <button type="button" onClick={turn}>
            {enabled ? 'Switch off' : 'Switch on'}
          </button>
          <button type="button" class="quiet" onClick={() => setRemoving(true)}>
            Remove
          </button>
        </div>
      </div>
      <p role="status">{said}</p>
      {children}
      {removing && (
        <ConfirmDialog title={removal.title} act="Remove" confirm={remove} close={() => setRemoving(false)}>
          <p>{removal.words}</p>
        </ConfirmDialog>
      )}
    </article>
  );
}

const State = ({ enabled, trouble }: Pick<CardProps, 'enabled' | 'trouble'>) => {
  if (!enabled) {
    return (
      <span class="state">
        <Icon name="missing" /> Off
      </span>
    );
  }
  return trouble === null ? (
    <span class="state state-reporting">
      <Icon name="reporting" /> On
    </span>
  ) : (
    <span class="state state-needs-attention">
      <Icon name="needs-attention" /> {trouble}
    </span>
  );
};
