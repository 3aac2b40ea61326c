import type { ComponentChildren } from 'preact';
import { useMemo } from 'preact/hooks';
import { CodeText } from './code-text.tsx';
import { languageNamed } from './language.ts';
import { type Mark, readMarkdown } from './markdown-blocks.ts';
import { Piece } from './piece.tsx';

interface MarkdownProps {
  text: string;
  rules: ReadonlySet<string>;
  /** Stands in place of a text that cannot be read as Markdown. */
  otherwise: ComponentChildren;
}

/** A text as its Markdown means it. Nothing of it is loaded from anywhere, and each link says where it leads. */
export function Markdown({ text, rules, otherwise }: MarkdownProps) {
  const marks = useMemo(() => readMarkdown(text), [text]);
  if (marks === undefined) return <>{otherwise}</>;
  return (
    <div class="prose">
      <Marks marks={marks} rules={rules} />
    </div>
  );
}

interface MarksProps {
  marks: readonly Mark[];
  rules: ReadonlySet<string>;
}

const Marks = ({ marks, rules }: MarksProps) => (
  <>
    {marks.map((mark, at) => (
      <One key={at} mark={mark} rules={rules} />
    ))}
  </>
);

function One({ mark, rules }: { mark: Mark; rules: ReadonlySet<string> }) {
  const inner = 'children' in mark ? <Marks marks={mark.children} rules={rules} /> : null;
  switch (mark.kind) {
    case 'text':
      return <Piece text={mark.text} rules={rules} />;
    case 'paragraph':
      return <p>{inner}</p>;
    case 'strong':
      return <strong>{inner}</strong>;
    case 'emphasis':
      return <em>{inner}</em>;
    case 'struck':
      return <del>{inner}</del>;
    case 'quote':
      return <blockquote>{inner}</blockquote>;
    case 'break':
      return <br />;
    case 'rule':
      return <hr />;
    case 'codespan':
      return (
        <code>
          <Piece text={mark.text} rules={rules} />
        </code>
      );
    case 'heading':
      return <Heading depth={mark.depth}>{inner}</Heading>;
    case 'code':
      return <CodeText text={mark.text} rules={rules} language={languageNamed(mark.language)} boxed />;
    case 'link':
      return <Link mark={mark}>{inner}</Link>;
    case 'image':
      return (
        <span class="image">
          [image: <Piece text={mark.alt} rules={rules} /> → <Piece text={mark.address} rules={rules} />]
        </span>
      );
    case 'list':
      return <List mark={mark} rules={rules} />;
    case 'table':
      return <Table mark={mark} rules={rules} />;
  }
}

/** Below the turn's own heading, whatever the text itself begins with. */
function Heading({ depth, children }: { depth: number; children: ComponentChildren }) {
  const Tag = (['h3', 'h4', 'h5', 'h6'] as const)[depth - 1] ?? 'h6';
  return <Tag>{children}</Tag>;
}

type MarkOf<K extends Mark['kind']> = Extract<Mark, { kind: K }>;

/** With the host behind a text that could pretend to lead elsewhere. */
const Link = ({
  mark: { href, host, children: said },
  children,
}: {
  mark: MarkOf<'link'>;
  children: ComponentChildren;
}) => {
  const [only] = said;
  const isPlain = said.length === 1 && only?.kind === 'text' && href.endsWith(only.text);
  return (
    <a href={href} target="_blank" rel="noopener noreferrer nofollow">
      {children}
      {!isPlain && <span class="link-host"> ({host})</span>}
    </a>
  );
};

function List({ mark: { ordered, start, items }, rules }: { mark: MarkOf<'list'>; rules: ReadonlySet<string> }) {
  const rows = items.map(({ done, children }, at) => (
    <li key={at} class={done === null ? undefined : 'task'}>
      {done !== null && <span class="task-box">{done ? '☑ ' : '☐ '}</span>}
      <Marks marks={children} rules={rules} />
    </li>
  ));
  return ordered ? <ol start={start}>{rows}</ol> : <ul>{rows}</ul>;
}

const Table = ({ mark: { head, rows, right }, rules }: { mark: MarkOf<'table'>; rules: ReadonlySet<string> }) => (
  // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard.
  // biome-ignore lint/a11y/useSemanticElements: a table that scrolls is no group of form fields.
  <div class="prose-table" tabIndex={0} role="group" aria-label="Table">
    <table>
      <thead>
        <tr>
          {head.map((cell, at) => (
            <th key={at} scope="col" class={right[at] ? 'count' : undefined}>
              <Marks marks={cell} rules={rules} />
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row, at) => (
          <tr key={at}>
            {row.map((cell, column) => (
              <td key={column} class={right[column] ? 'count' : undefined}>
                <Marks marks={cell} rules={rules} />
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  </div>
);
