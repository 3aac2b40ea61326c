import { EXAMPLES, FIELDS } from './fields.ts';

/** What can be asked for, and expressions to begin with. */
export const RuleHelp = ({ use }: { use(expression: string): void }) => (
  <div class="rule-help">
    <details>
      <summary>Fields</summary>
      <div class="scroll">
        <table class="list help-list">
          <caption class="hidden-words">What an expression can ask for</caption>
          <thead>
            <tr>
              <th scope="col">Field</th>
              <th scope="col">Type</th>
              <th scope="col">What it says</th>
            </tr>
          </thead>
          <tbody>
            {FIELDS.map(([name, type, what]) => (
              <tr key={name}>
                <th scope="row">
                  <code>{name}</code>
                </th>
                <td data-label="Type">{type}</td>
                <td data-label="What it says">{what}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
    <details>
      <summary>Examples</summary>
      <ul class="examples">
        {EXAMPLES.map(([what, expression]) => (
          <li key={what}>
            <p>
              {what}{' '}
              <button type="button" aria-label={`Use: ${what}`} onClick={() => use(expression)}>
                Use
              </button>
            </p>
            <pre class="command">{expression}</pre>
          </li>
        ))}
      </ul>
    </details>
  </div>
);
