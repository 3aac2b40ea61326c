import { Empty } from '../notices.tsx';
import { INSTALL } from '../pages.ts';

/** What stands where agents would be before there is one: how to connect the first. */
export const NoAgents = () => (
  <Empty title="No agents yet">
    <p>An agent is one developer's Kiro, connected to this portal. To connect one:</p>
    <ol>
      <li>
        <a href={INSTALL}>Make an installer</a>, or an enrolment code on the machine where this portal runs:
        <pre class="command">capsule-kiro portal code</pre>
      </li>
      <li>
        On the developer's machine run the installer, or give the code on standard input:
        <pre class="command">capsule-kiro install --portal {location.origin} --code-stdin</pre>
      </li>
      <li>Open Kiro and send one prompt. The agent appears here by itself.</li>
    </ol>
  </Empty>
);
