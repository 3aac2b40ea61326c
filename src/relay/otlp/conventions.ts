/** The names that everything here is written by: OpenTelemetry's for GenAI, which still move. */

/** The one state of the conventions whose names these are. */
export const CONVENTIONS = 'open-telemetry/semantic-conventions-genai@002c8a6ea1c8a42b14a4527db83b3cabcded610a';

export const SCOPE = 'capsule-kiro';
/** The agent that is told of. What the conventions have no name for has one that begins with it. */
export const AGENT = 'kiro';
/** Which provider's model answers, Kiro does not say: the one that is asked is Kiro. */
export const PROVIDER = 'kiro';

/** `SPAN_KIND_…`: a part of the agent's own work, or a call of a model elsewhere. */
export const INTERNAL = 1;
export const CLIENT = 3;
/** `STATUS_CODE_…` */
export const UNSET = 0;
export const FAILED = 2;
/** `SEVERITY_NUMBER_…` */
export const INFO = 9;
export const WARN = 13;
