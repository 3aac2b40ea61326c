import { useRef } from 'preact/hooks';
import type { Problem } from './draft.ts';

interface ExpressionProps {
  id: string;
  label: string;
  value: string;
  /** Undefined while they are not known. */
  problems: readonly Problem[] | undefined;
  readOnly: boolean;
  set(text: string): void;
}

/** A CEL expression, with what is wrong with it by line and column. Tab leaves the field. */
export function ExpressionField({ id, label, value, problems = [], readOnly, set }: ExpressionProps) {
  const field = useRef<HTMLTextAreaElement>(null);
  const lines = value.split('\n').length;
  const show = ({ start, end }: Problem) => {
    field.current?.focus();
    field.current?.setSelectionRange(start, end);
  };
  return (
    <div class="field expression-field">
      <label for={id}>{label}</label>
      <div class="expression">
        <div class="line-numbers" aria-hidden="true">
          {Array.from({ length: lines }, (_, line) => (
            <span key={line} class={problems.some((problem) => problem.line === line + 1) ? 'bad' : ''}>
              {line + 1}
            </span>
          ))}
        </div>
        <textarea
          ref={field}
          id={id}
          class="mono"
          wrap="off"
          rows={Math.max(3, lines)}
          spellcheck={false}
          autocapitalize="off"
          readOnly={readOnly}
          value={value}
          aria-invalid={problems.length > 0}
          aria-describedby={`${id}-problems`}
          onInput={({ currentTarget }) => set(currentTarget.value)}
        />
      </div>
      <ul id={`${id}-problems`} class="problems" role="status">
        {problems.map((problem) => (
          <li key={`${problem.start} ${problem.message}`}>
            <button type="button" class="as-link" onClick={() => show(problem)}>
              line {problem.line}, column {problem.column}
            </button>
            : {problem.message}
          </li>
        ))}
      </ul>
    </div>
  );
}
