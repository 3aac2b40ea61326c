import { useState } from 'preact/hooks';
import type { MadeStreamAnswer, StreamsAnswer } from '../../siem/stream.ts';
import { Empty, Failed, Loading } from '../notices.tsx';
import { useResource } from '../use-resource.ts';
import { useTitle } from '../use-title.ts';
import { StreamCard } from './stream-card.tsx';
import { StreamForm } from './stream-form.tsx';
import { StreamSecret } from './stream-secret.tsx';

/** What is sent to other systems, and does it arrive? */
export function StreamsPage() {
  useTitle('Streams');
  const { data, error, reload } = useResource<StreamsAnswer>('/api/siem-streams');
  const [made, setMade] = useState<MadeStreamAnswer>();
  return (
    <>
      <div class="page-head">
        <h1>Streams</h1>
      </div>
      <p class="lead">
        A stream sends what is stored to a SIEM or any other system, in order, and goes on where it was: whoever cannot
        be reached gets everything later. What was said, run and answered stays here unless you say otherwise.
      </p>
      <StreamForm
        made={(answer) => {
          setMade(answer);
          reload();
        }}
      />
      {made !== undefined && made.secret !== '' && <StreamSecret key={made.stream.id} secret={made.secret} />}
      <h2 class="section-head">Where it goes</h2>
      {error !== undefined && <Failed error={error} retry={reload} />}
      {data === undefined && error === undefined && <Loading rows={3} />}
      {data?.streams.length === 0 && (
        <Empty title="Nothing is sent">
          <p>Name a syslog server or an address above.</p>
        </Empty>
      )}
      {data?.streams.map((stream) => (
        <StreamCard key={stream.id} stream={stream} changed={reload} />
      ))}
    </>
  );
}
