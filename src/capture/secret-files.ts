/** Kinds of files that hold secrets in the first place, by the last part of their path, and folders that do. */
const KINDS: readonly [kind: string, name: RegExp][] = [
  ['env-file', /^\.env/],
  ['key-file', /\.(?:pem|key|p12|pfx|jks|keystore|ppk|kdbx)$|^id_[a-z0-9]+$/],
  ['kubeconfig', /^kubeconfig|\.kubeconfig$/],
  ['terraform-state', /\.tfstate(?:\..*)?$/],
  [
    'credentials-file',
    /^(?:\.npmrc|\.netrc|_netrc|\.pypirc|\.pgpass|\.git-credentials|\.htpasswd|shadow)$|^credentials(?:\.(?:json|ya?ml|toml|ini|db))?$/,
  ],
];
const FOLDERS: readonly [kind: string, parts: RegExp][] = [
  ['kubeconfig', /(?:^|\/)\.kube\/config$/],
  [
    'credentials-file',
    /(?:^|\/)(?:\.docker\/config\.json|\.config\/gh\/hosts\.yml|\.aws\/(?:credentials|sso\/cache\/.*))$/,
  ],
  ['key-file', /(?:^|\/)\.ssh\/(?!config$|known_hosts|authorized_keys$|.*\.pub$)[^/]+$/],
];

/** What kind of secrets the file of this path holds (`env-file`, `key-file`, …), of any system; null: none by its name. */
export function secretFileKind(path: string): string | null {
  const parts = path.replaceAll('\\', '/').toLowerCase();
  const name = parts.slice(parts.lastIndexOf('/') + 1);
  const kind = KINDS.find(([, pattern]) => pattern.test(name)) ?? FOLDERS.find(([, pattern]) => pattern.test(parts));
  return kind?.[0] ?? null;
}
