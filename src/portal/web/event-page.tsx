import { useEffect } from 'preact/hooks';
import type { EventAnswer } from '../answers.ts';
import { Empty, Failed, Loading } from './notices.tsx';
import { eventInSession, SESSIONS } from './pages.ts';
import { go } from './router.ts';
import { useResource } from './use-resource.ts';

/** A link to one event leads to its session, with the event in view. */
export function EventPage({ id }: { id: string }) {
  const { data, error, reload } = useResource<EventAnswer>(`/api/events/${encodeURIComponent(id)}`);
  useEffect(() => {
    if (data !== undefined) go(eventInSession(data.event.session.id, data.event.id), { replace: true });
  }, [data]);
  if (error?.status === 404) {
    return (
      <Empty title="There is no such event">
        <p>It may belong to another organisation, or the link was not copied whole.</p>
        <a href={SESSIONS}>Go to the sessions</a>
      </Empty>
    );
  }
  if (error !== undefined) return <Failed error={error} retry={reload} />;
  return <Loading />;
}
