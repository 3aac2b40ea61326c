import { useOwnDevice } from '../me.ts';

interface ExportProps {
  what: string;
  search: string;
  label?: string;
}

/**
 * The whole list as a file: exactly its rows, however many. `search` is what the list itself was asked. Only of the
 * organisation: who may see one device sees it on the page.
 */
export function ExportLinks({ what, search, label = 'Export' }: ExportProps) {
  if (useOwnDevice() !== null) return null;
  return (
    <details class="menu">
      <summary>{label}</summary>
      <ul>
        {(['jsonl', 'csv'] as const).map((format) => (
          <li key={format}>
            <a href={`/api/exports/${what}${withFormat(search, format)}`} download>
              {format === 'csv' ? 'CSV' : 'JSON Lines'}
            </a>
          </li>
        ))}
      </ul>
    </details>
  );
}

function withFormat(search: string, format: string): string {
  const query = new URLSearchParams(search);
  for (const name of ['cursor', 'limit', 'e']) query.delete(name);
  query.set('format', format);
  return `?${query}`;
}
