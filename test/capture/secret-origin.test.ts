import { describe, expect, test } from '@jest/globals';
import { originOf } from '../../src/capture/secret-origin.ts';
import type { Json } from '../../src/core/event.ts';

const of = (args: Json) => originOf({ arguments: args });
const ran = (command: string) => of({ command, cwd: '/home/dev/app' });

describe('a call that reads a file of secrets', () => {
  test.each([
    ['/home/dev/app/.env', 'env-file'],
    ['.env.production', 'env-file'],
    ['C:\\Users\\Ann Lee\\app\\.env.local', 'env-file'],
    ['certs/server.pem', 'key-file'],
    ['certs/Server.KEY', 'key-file'],
    ['/home/dev/.ssh/id_ed25519', 'key-file'],
    ['/home/dev/.ssh/work', 'key-file'],
    ['~/.npmrc', 'credentials-file'],
    ['~/.netrc', 'credentials-file'],
    ['/home/dev/.aws/credentials', 'credentials-file'],
    ['~/.docker/config.json', 'credentials-file'],
    ['~/.kube/config', 'kubeconfig'],
    ['ops/kubeconfig-prod.yaml', 'kubeconfig'],
    ['infra/terraform.tfstate', 'terraform-state'],
    ['infra/terraform.tfstate.backup', 'terraform-state'],
  ])('is known by the path %s', (path, origin) => {
    expect(of({ path, offset: null })).toBe(origin);
    expect(of({ files: [{ path: 'README.md' }, { path }] })).toBe(origin);
    expect(ran(`cat "${path}"`)).toBe(origin);
  });

  test.each([
    'src/env.ts',
    'src/credentials.ts',
    'docs/keys.md',
    'src/id_generator.ts',
    '/home/dev/.ssh/config',
    '/home/dev/.ssh/id_rsa.pub',
    '/home/dev/.ssh/known_hosts',
    'main.tf',
    'monkey',
    'token.json',
  ])('is not seen in %s', (path) => {
    expect(of({ path })).toBeNull();
    expect(ran(`cat ${path}`)).toBeNull();
  });

  test('is not seen where a path is only written or spoken about', () => {
    expect(of({ path: 'notes.md', text: '.env' })).toBeNull();
    expect(of({ path: 'notes.md', explanation: 'to compare with config/.env' })).toBeNull();
  });

  test('is not looked for deeper than any arguments', () => {
    let deep: Json = '.env';
    for (let depth = 0; depth < 5_000; depth++) deep = { in: deep };
    expect(of(deep)).toBeNull();
  });
});

describe('a command that prints secrets', () => {
  test.each([
    ['cat .env', 'env-file'],
    ['cd app && sudo head -n 3 .env.local | sort', 'env-file'],
    ['grep -h TOKEN .env*', 'env-file'],
    ['diff <(sort .env) other', 'env-file'],
    ['docker ps; while read l; do echo $l; done < .env', 'env-file'],
    ['git show HEAD:.env', 'env-file'],
    ['git diff -- config/.env', 'env-file'],
    ['find . -name .env -exec cat {} +', 'env-file'],
    ['python3 -c "print(open(\'.env\').read())"', 'env-file'],
    ['Get-Content C:\\app\\.env', 'env-file'],
    ['openssl rsa -in server.key -text', 'key-file'],
    ['security find-generic-password -s github -w', 'keychain'],
    ['secret-tool lookup service github', 'keychain'],
    ['TOKEN=$(gh auth token) npm run x', 'keychain'],
    ['kubectl get secret db -o yaml', 'keychain'],
    ['aws secretsmanager get-secret-value --secret-id db', 'keychain'],
  ])('is known: %s', (command, origin) => {
    expect(ran(command)).toBe(origin);
    expect(of({ commands: ['ls', command] })).toBe(origin);
  });

  test.each([
    'npm test',
    'ls -la .env',
    'rm .env && touch .env',
    'git add .env && git commit -m x',
    'git status .env',
    'cp .env.example .env',
    'test -f .env && echo yes',
    'echo PORT=1 >> .env',
    'find . -name .env',
    'docker compose --env-file .env up -d',
    'ssh -i ~/.ssh/id_rsa dev@host uptime',
    'kubectl get secret db',
    'npm run environment',
  ])('is not seen in: %s', (command) => {
    expect(ran(command)).toBeNull();
  });
});
