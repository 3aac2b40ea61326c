/** Last words of names whose value is a secret. */
const SECRET_WORDS = new Set([
  'authorization',
  'cookie',
  'credential',
  'credentials',
  'passphrase',
  'passwd',
  'password',
  'secret',
  'secrets',
  'token',
]);
/** Last two words, where one alone would say too much: `keyboard key`, `sort key`. */
const SECRET_PAIRS = new Set(['api key', 'access key', 'private key', 'secret key', 'signing key', 'encryption key']);

/** Most names have none of it, and need not be taken apart. */
const WORTH_A_LOOK = /authorization|cookie|credential|pass|secret|token|key/i;

/** Whether a value by this name (`apiKey`, `X-Api-Key`, `db_password`) is a secret whatever it looks like. */
export function isSecretName(name: string): boolean {
  if (!WORTH_A_LOOK.test(name)) return false;
  const words = name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '');
  const last = words.at(-1) ?? '';
  return SECRET_WORDS.has(last) || last === 'apikey' || SECRET_PAIRS.has(words.slice(-2).join(' '));
}

const VARIABLE = /^\$(?:\{[^{}]*\}|[A-Za-z_]\w*)$/;

/** Whether the value only names where the secret is: `${TOKEN}`. */
export function isReference(value: string): boolean {
  return VARIABLE.test(value);
}
