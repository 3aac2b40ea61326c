import type { EventAnswer, FactsAnswer, ListedEvent } from '../../answers.ts';
import { CopyButton } from '../copy-button.tsx';
import { useUnlessOwn } from '../me.ts';
import { Failed, Loading } from '../notices.tsx';
import { useResource } from '../use-resource.ts';
import { Shown } from './shown.tsx';

/** An event as it is stored, and what policies see of it beside that. */
export function Inspect({ listed }: { listed: ListedEvent }) {
  const api = `/api/events/${encodeURIComponent(listed.id)}`;
  const whole = useResource<EventAnswer>(api);
  const facts = useResource<Partial<FactsAnswer>>(useUnlessOwn(`${api}/facts`));
  const json = whole.data === undefined ? undefined : JSON.stringify(whole.data.event, null, 2);
  const known = factsOf(facts.data?.facts ?? {});
  return (
    <section class="inspect" aria-label="The event as it is stored">
      {known.length > 0 && (
        <>
          <h3>Facts, as policies see them under event.facts</h3>
          <dl class="values">
            {known.map(([name, words]) => (
              <div key={name}>
                <dt>{name}</dt>
                <dd class="captured code short">
                  <Shown text={words} redactions={listed.redactions} />
                </dd>
              </div>
            ))}
          </dl>
        </>
      )}
      <h3>The event as it is stored {json !== undefined && <CopyButton text={json} what="the event as JSON" />}</h3>
      {whole.error !== undefined && <Failed error={whole.error} retry={whole.reload} />}
      {json === undefined && whole.error === undefined && <Loading rows={3} />}
      {json !== undefined && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard.
        <pre class="json" tabIndex={0}>
          <Shown text={json} redactions={listed.redactions} />
        </pre>
      )}
    </section>
  );
}

/** What stands in the event itself, word for word. */
const TEXTS = new Set(['text', 'output', 'version']);

/** The facts that say something, each in words. */
function factsOf(facts: FactsAnswer['facts']): [name: string, words: string][] {
  return Object.entries(facts).flatMap(([name, value]): [string, string][] => {
    if (TEXTS.has(name) || value === '' || value === false || value === 0 || value === null) return [];
    if (Array.isArray(value)) return value.length === 0 ? [] : [[name, value.map(inWords).join('\n')]];
    if (typeof value === 'object')
      return factsOf(value as FactsAnswer['facts']).map(([inner, words]): [string, string] => [
        `${name}.${inner}`,
        words,
      ]);
    return [[name, String(value)]];
  });
}

const inWords = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));
