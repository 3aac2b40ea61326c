import { useState } from 'preact/hooks';
import type { MadeStreamAnswer, Stream } from '../../siem/stream.ts';
import { ApiError, changeJson, postJson } from '../api.ts';
import { StreamFields } from './stream-fields.tsx';
import { bodyOf, FIRST_WISH, type StreamWish, wishOf } from './stream-wish.ts';

/** A stream to be: where it goes, what it sends, and in which format. */
export function StreamForm({ made }: { made(answer: MadeStreamAnswer): void }) {
  const [wish, setWish] = useState(FIRST_WISH);
  const send = async () => {
    made(await postJson('/api/siem-streams', { ...bodyOf(wish), from: wish.texts.from }));
    setWish(FIRST_WISH);
  };
  return <WishForm id="stream" isNew wish={wish} change={setWish} send={send} act="Send there" />;
}

interface EditProps {
  stream: Stream;
  api: string;
  saved(): void;
  close(): void;
}

/** The same of a stream that is there: it goes on where it was. */
export function StreamEdit({ stream, api, saved, close }: EditProps) {
  const [wish, setWish] = useState(() => wishOf(stream));
  const send = async () => {
    await changeJson('PATCH', api, { body: bodyOf(wish) });
    saved();
  };
  return <WishForm id={stream.id} isNew={false} wish={wish} change={setWish} send={send} act="Save" cancel={close} />;
}

interface WishFormProps {
  id: string;
  isNew: boolean;
  wish: StreamWish;
  change(wish: StreamWish): void;
  send(): Promise<void>;
  act: string;
  cancel?: () => void;
}

function WishForm({ id, isNew, wish, change, send, act, cancel }: WishFormProps) {
  const [problem, setProblem] = useState<string>();
  const submit = async (event: Event) => {
    event.preventDefault();
    try {
      await send();
      setProblem(undefined);
    } catch (failure) {
      if (!(failure instanceof ApiError)) throw failure;
      setProblem(failure.message);
      document.getElementById(`${id}-${wish.texts.kind === 'http' ? 'url' : 'host'}`)?.focus();
    }
  };
  return (
    <form class="webhook-form" onSubmit={submit} noValidate>
      <StreamFields {...{ id, wish, change, isNew }} />
      <p id={`${id}-problem`} class="bad" role="alert">
        {problem}
      </p>
      <div class="form-buttons">
        <button type="submit" class="primary">
          {act}
        </button>
        {cancel !== undefined && (
          <button type="button" class="quiet" onClick={cancel}>
            Cancel
          </button>
        )}
      </div>
    </form>
  );
}
